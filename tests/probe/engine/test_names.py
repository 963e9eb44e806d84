"""Looking names up: what comes back, what does not, and who shares whose lookup."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence

import pytest

from flows.outcomes import Outcome, Stage
from probe.engine.ended import Ended
from probe.engine.names import Lookup, Resolver, system_lookup
from probe.platforms import linux, windows
from probe.platforms.evidence import Platform, SocketAddress

SOON = 5.0


def resolver(lookup: Lookup, platform: Platform = linux, most: int = 8) -> Resolver:
    return Resolver(platform, lambda: asyncio.get_running_loop().time(), lookup, most)


def moment(seconds: float = SOON) -> float:
    return asyncio.get_running_loop().time() + seconds


def raising(error: Exception) -> Lookup:
    def lookup(_: str) -> Sequence[SocketAddress]:
        raise error

    return lookup


async def test_every_address_comes_once_in_the_resolvers_order() -> None:
    found: list[SocketAddress] = [("fd00::1", 0, 0, 0), ("10.1.0.11", 0), ("fd00::1", 0, 0, 0)]

    targets = await resolver(lambda _: found).addresses("be-01", moment())

    assert [target.literal for target in targets] == ["fd00::1", "10.1.0.11"]


@pytest.mark.parametrize("written", ["fe80::1", "fe80::1%lo"])
async def test_a_link_local_address_keeps_its_link(written: str) -> None:
    found: list[SocketAddress] = [(written, 0, 0, 7)]

    (target,) = await resolver(lambda _: found).addresses("be-01", moment())

    assert (target.literal, target.zone) == ("fe80::1%7", 7)


async def test_the_hosts_own_resolver_is_asked() -> None:
    targets = await resolver(system_lookup).addresses("localhost", moment())

    assert {target.literal for target in targets} <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("platform", "code", "detail"),
    [
        (linux, socket.EAI_NONAME, "nxdomain: the name does not exist"),
        (linux, socket.EAI_NODATA, "nxdomain: the name exists and has no address"),
        (linux, socket.EAI_FAIL, "servfail: the name servers refuse to answer"),
        (
            linux,
            socket.EAI_AGAIN,
            "servfail: the name servers failed, or none could be reached",
        ),
        (windows, 11001, "nxdomain: the name does not exist"),
        (windows, 11002, "servfail: the name servers failed, or did not answer"),
    ],
)
async def test_what_does_not_resolve_says_why(platform: Platform, code: int, detail: str) -> None:
    names = resolver(raising(socket.gaierror(code, "as the system says it")), platform)

    with pytest.raises(Ended) as ended:
        await names.addresses("be-01", moment())

    assert (ended.value.outcome, ended.value.stage) == (Outcome.UNRESOLVED, Stage.RESOLVE)
    assert ended.value.detail == detail


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_MEMORY, "Memory allocation failure"),
        OSError(24, "Too many open files"),
    ],
)
async def test_what_is_no_fault_of_the_name_is_ours(error: OSError) -> None:
    with pytest.raises(Ended) as ended:
        await resolver(raising(error)).addresses("be-01", moment())

    assert ended.value.outcome is Outcome.FAULT
    assert ended.value.detail == f"this host could not look the name up: {error.strerror}"


@pytest.mark.parametrize("name", [f"{'x' * 64}.example", "be..example", ".be.example"])
async def test_what_cannot_be_a_name_does_not_resolve(name: str) -> None:
    with pytest.raises(Ended) as ended:
        await resolver(system_lookup).addresses(name, moment())

    assert ended.value.outcome is Outcome.UNRESOLVED
    assert ended.value.detail == f"nxdomain: '{name}' cannot be a DNS name"


async def test_a_name_without_a_usable_address_does_not_resolve() -> None:
    with pytest.raises(Ended) as ended:
        await resolver(lambda _: []).addresses("be-01", moment())

    assert ended.value.outcome is Outcome.UNRESOLVED
    assert ended.value.detail == "nxdomain: the name exists and has no address"


class Slow:
    """A resolver that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()

    def __call__(self, name: str) -> Sequence[SocketAddress]:
        self.asked.append(name)
        assert self.may_answer.wait(SOON)
        return [("10.1.0.11", 0)]


@pytest.fixture
def slow() -> Iterator[Slow]:
    lookup = Slow()
    yield lookup
    lookup.may_answer.set()


async def test_silence_is_a_timeout(slow: Slow) -> None:
    with pytest.raises(Ended) as ended:
        await resolver(slow).addresses("be-01", moment(0.05))

    assert ended.value.outcome is Outcome.UNRESOLVED
    assert ended.value.detail.startswith("timeout: no answer from the name servers within 0.")


async def test_checks_of_one_name_share_a_lookup(slow: Slow) -> None:
    names = resolver(slow)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(names.addresses("be-01", moment())) for _ in range(3)]
        await asyncio.sleep(0)
        slow.may_answer.set()

    assert slow.asked == ["be-01"]
    assert len({task.result() for task in tasks}) == 1


async def test_one_that_stops_waiting_leaves_the_lookup_to_the_others(slow: Slow) -> None:
    names = resolver(slow)
    async with asyncio.TaskGroup() as group:
        impatient = group.create_task(names.addresses("be-01", moment()))
        patient = group.create_task(names.addresses("be-01", moment()))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.sleep(0)
        slow.may_answer.set()

    assert impatient.cancelled()
    assert [target.literal for target in patient.result()] == ["10.1.0.11"]


async def test_a_name_is_asked_for_anew_once_its_lookup_is_over(
    slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    names = resolver(slow)
    slow.may_answer.set()

    await names.addresses("be-01", moment())
    await names.addresses("be-01", moment())

    assert slow.asked == ["be-01", "be-01"]
    assert not caplog.records


async def test_a_failure_that_nobody_waits_for_any_more_is_no_news(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, may_fail = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def lookup(_: str) -> Sequence[SocketAddress]:
        threads.append(threading.current_thread())
        begun.set()
        assert may_fail.wait(SOON)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(Ended):
        await resolver(lookup).addresses("be-01", moment(0.05))
    assert begun.wait(SOON)
    may_fail.set()
    threads[0].join(SOON)
    await asyncio.sleep(0)

    assert not caplog.records


class Threads:
    """Lookups that end when the test says so, in place of threads."""

    def __init__(self) -> None:
        self.begun: list[asyncio.Future[Sequence[SocketAddress]]] = []

    def begin(self, _: object) -> asyncio.Future[Sequence[SocketAddress]]:
        self.begun.append(asyncio.get_running_loop().create_future())
        return self.begun[-1]

    async def end(self, *numbers: int) -> None:
        """Let some find an address, and whoever waited for them go on."""
        for number in numbers:
            self.begun[number].set_result([("10.1.0.11", 0)])
        for _ in range(3):
            await asyncio.sleep(0)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    made = Threads()
    monkeypatch.setattr("probe.engine.names.in_thread", made.begin)
    return made


async def test_no_more_names_than_the_limit_are_looked_up_at_a_time(threads: Threads) -> None:
    names = resolver(system_lookup, most=2)
    async with asyncio.TaskGroup() as group:
        for name in ("be-01", "be-02", "be-03", "be-01"):
            group.create_task(names.addresses(name, moment()))
        await asyncio.sleep(0)
        at_first = len(threads.begun)
        await threads.end(0)
        later = len(threads.begun)
        await threads.end(1, 2)

    assert (at_first, later) == (2, 3)


async def test_two_that_wait_for_a_thread_for_the_same_name_share_it(threads: Threads) -> None:
    names = resolver(system_lookup, most=2)
    async with asyncio.TaskGroup() as group:
        for name in ("be-01", "be-02", "be-03", "be-03"):
            group.create_task(names.addresses(name, moment()))
        await asyncio.sleep(0)
        await threads.end(0, 1)
        await threads.end(2)

    assert len(threads.begun) == 3


async def test_a_name_that_no_thread_was_left_for_is_a_fault_and_not_unresolved(
    slow: Slow,
) -> None:
    names = resolver(slow, most=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(names.addresses("be-01", moment()))
        await asyncio.sleep(0)
        with pytest.raises(Ended) as ended:
            await names.addresses("be-02", moment(0.05))
        slow.may_answer.set()
    found = await names.addresses("be-02", moment())

    assert ended.value.outcome is Outcome.FAULT
    assert ended.value.detail == "not looked up: 1 other lookups hang (limits.lookups)"
    assert [target.literal for target in found] == ["10.1.0.11"]


async def test_a_thread_that_cannot_be_had_holds_no_place(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = resolver(slow, most=1)

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    slow.may_answer.set()
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        with pytest.raises(RuntimeError):
            await names.addresses("be-01", moment())

    assert len(await names.addresses("be-01", moment())) == 1

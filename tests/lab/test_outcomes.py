"""What a real kernel, a router and their firewalls do to a check, and the word for each of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from flows.messages import Check
from flows.outcomes import Observation, Outcome, Stage
from tests.lab.lab import Lab
from tests.lab.tasks import Rules, Task, tcp_check, udp_check
from tests.lab.topology import (
    DEAD_HOST,
    DEAD_HOST6,
    DEAD_NEIGHBOUR,
    DEAD_NEIGHBOUR6,
    DESTINATION,
    DESTINATION6,
    LOOPED,
    LOOPED6,
    MUTE,
    MUTE6,
    ROUTER,
    ROUTER6,
    SOURCE,
    SOURCE6,
    UNROUTED,
    UNROUTED6,
)

pytestmark = pytest.mark.needs("ip", "nft")

OPEN = 80
CLOSED = 81
DROPPED = 1001
RESET_BY_ROUTER = 1009
ANSWER_LOST = 1010
DROPPED_HERE = 1020
REFUSED_HERE = 1021
PROHIBITED_HERE = 1022
UNREACHABLE_HERE = 1023
RESET_HERE = 1024
REJECTED_THERE = 1030
RESET_THERE = 1031
DROPPED_THERE = 1032
SECONDS_OF_A_DEAD_NEIGHBOUR = 4.0
SECONDS_OF_A_REPEATED_SYN = 1.5

IPV4_KINDS = {
    1101: ("net-unreachable", 0, "network unreachable"),
    1102: ("host-unreachable", 1, "host unreachable"),
    1103: ("prot-unreachable", 2, "protocol unreachable"),
    1104: ("port-unreachable", 3, "port unreachable"),
    1105: ("net-prohibited", 9, "network prohibited"),
    1106: ("host-prohibited", 10, "host prohibited"),
    1107: ("admin-prohibited", 13, "administratively prohibited"),
}
IPV6_KINDS = {
    1201: ("no-route", 0, "no route to destination"),
    1202: ("admin-prohibited", 1, "administratively prohibited"),
    1203: ("addr-unreachable", 3, "address unreachable"),
    1204: ("port-unreachable", 4, "port unreachable"),
    1205: ("policy-fail", 5, "source address failed the policy"),
    1206: ("reject-route", 6, "route rejected"),
}


def chain(hook: str, *rules: str) -> str:
    """Write a table with one chain."""
    lines = "\n".join(rules)
    return (
        f"table inet lab {{\nchain {hook} {{\ntype filter hook {hook} priority 0\n{lines}\n}}\n}}"
    )


def rejecting(kinds: dict[int, tuple[str, int, str]], family: str, icmp: str) -> Iterator[str]:
    """Write a rule for each kind of ICMP error, by port."""
    for port, (kind, _, _) in kinds.items():
        with_kind = f"reject with {icmp} type {kind}"
        yield f"meta nfproto {family} meta l4proto {{tcp,udp}} th dport {port} {with_kind}"


BOTH = "meta l4proto {tcp,udp} th"
RULES = Rules(
    source=chain(
        "output",
        f"{BOTH} dport {DROPPED_HERE} drop",
        f"{BOTH} dport {REFUSED_HERE} reject",
        f"{BOTH} dport {PROHIBITED_HERE} reject with icmpx type admin-prohibited",
        f"{BOTH} dport {UNREACHABLE_HERE} reject with icmpx type host-unreachable",
        f"tcp dport {RESET_HERE} reject with tcp reset",
    ),
    router=chain(
        "forward",
        f"{BOTH} dport {DROPPED} drop",
        f"tcp dport {RESET_BY_ROUTER} reject with tcp reset",
        f"{BOTH} sport {ANSWER_LOST} drop",
        *rejecting(IPV4_KINDS, "ipv4", "icmp"),
        *rejecting(IPV6_KINDS, "ipv6", "icmpv6"),
    ),
    destination=chain(
        "input",
        f"{BOTH} dport {REJECTED_THERE} reject with icmpx type admin-prohibited",
        f"tcp dport {RESET_THERE} reject with tcp reset",
        f"{BOTH} dport {DROPPED_THERE} drop",
    ),
)


@dataclass(frozen=True)
class Case:
    """Where a check goes, and what comes of it."""

    check: Check
    outcome: Outcome
    stage: Stage
    detail: str | None = None
    sender: str | None = None
    icmp: tuple[int, int] | None = None
    routed: bool = True

    @property
    def key(self) -> str:
        return f"{self.check.proto}-{self.check.address}-{self.check.port}"


def by_icmp(check: Check, outcome: Outcome, sender: str, icmp: tuple[int, int], say: str) -> Case:
    stage = Stage.CONNECT if check.proto == "tcp" else Stage.PROTOCOL
    return Case(check, outcome, stage, say, sender, icmp)


def kinds_of_rejection() -> Iterator[Case]:
    for port, (_, code, say) in IPV4_KINDS.items():
        for check in (tcp_check(DESTINATION, port), udp_check(DESTINATION, port)):
            yield by_icmp(check, Outcome.REJECTED, ROUTER, (3, code), say)
    for port, (_, code, say) in IPV6_KINDS.items():
        for check in (tcp_check(DESTINATION6, port), udp_check(DESTINATION6, port)):
            yield by_icmp(check, Outcome.REJECTED, ROUTER6, (1, code), say)


def of_tcp() -> Iterator[Case]:
    connect = Stage.CONNECT
    for address in (DESTINATION, DESTINATION6):
        yield Case(tcp_check(address, OPEN), Outcome.OPEN, connect)
        for port in (CLOSED, RESET_BY_ROUTER, RESET_THERE, RESET_HERE):
            yield Case(tcp_check(address, port), Outcome.REFUSED, connect)
        for port in (DROPPED, DROPPED_THERE, ANSWER_LOST):
            check = tcp_check(address, port, SECONDS_OF_A_REPEATED_SYN)
            yield Case(check, Outcome.FILTERED, connect, "no answer within 1.5 s")
        check = tcp_check(address, DROPPED_HERE, SECONDS_OF_A_REPEATED_SYN)
        yield Case(check, Outcome.DENIED, connect, "this host's own firewall dropped it")
    for address in (MUTE, MUTE6):
        yield Case(tcp_check(address, OPEN), Outcome.FILTERED, connect)


def of_udp() -> Iterator[Case]:
    exchange = Stage.PROTOCOL
    for address, icmp in ((DESTINATION, (3, 3)), (DESTINATION6, (1, 4))):
        yield Case(udp_check(address, OPEN), Outcome.ANSWERED, exchange, "answered with 5 bytes")
        yield by_icmp(
            udp_check(address, CLOSED), Outcome.REFUSED, address, icmp, "port unreachable"
        )
        for port in (DROPPED, DROPPED_THERE, ANSWER_LOST):
            yield Case(udp_check(address, port), Outcome.SILENT, exchange, "no answer within 1 s")
        dropped = udp_check(address, DROPPED_HERE)
        yield Case(dropped, Outcome.DENIED, exchange, "this host's own firewall dropped it")
    for address in (MUTE, MUTE6):
        yield Case(udp_check(address, OPEN), Outcome.SILENT, exchange)


def of_both() -> Iterator[Case]:
    """Errors that a check of either protocol shows in the same way."""
    late = SECONDS_OF_A_DEAD_NEIGHBOUR
    for ask in (tcp_check, udp_check):
        prohibited = "administratively prohibited"
        there = ask(DESTINATION, REJECTED_THERE), ask(DESTINATION6, REJECTED_THERE)
        yield by_icmp(there[0], Outcome.REJECTED, DESTINATION, (3, 13), prohibited)
        yield by_icmp(there[1], Outcome.REJECTED, DESTINATION6, (1, 1), prohibited)
        yield by_icmp(ask(LOOPED, OPEN), Outcome.REJECTED, DESTINATION, (11, 0), "loop")
        yield by_icmp(ask(LOOPED6, OPEN), Outcome.REJECTED, DESTINATION6, (3, 0), "loop")
        silent = "this host's neighbour on the way is silent"
        neighbours = ask(DEAD_NEIGHBOUR, OPEN, late), ask(DEAD_NEIGHBOUR6, OPEN, late)
        yield by_icmp(neighbours[0], Outcome.UNREACHABLE, SOURCE, (3, 1), silent)
        yield by_icmp(neighbours[1], Outcome.UNREACHABLE, SOURCE6, (1, 3), silent)
        hosts = ask(DEAD_HOST, OPEN, late), ask(DEAD_HOST6, OPEN, late)
        yield by_icmp(hosts[0], Outcome.REJECTED, ROUTER, (3, 1), "host unreachable")
        yield by_icmp(hosts[1], Outcome.REJECTED, ROUTER6, (1, 3), "address unreachable")


def of_this_host() -> Iterator[Case]:
    """What the source's own rules and routes do."""
    prohibited = "administratively prohibited"
    codes = {
        REFUSED_HERE: ((3, 3), (1, 4), "port unreachable", "port unreachable"),
        PROHIBITED_HERE: ((3, 13), (1, 1), prohibited, prohibited),
        UNREACHABLE_HERE: ((3, 1), (1, 3), "host unreachable", "address unreachable"),
    }
    own = "this host's own firewall said: "
    connect = Stage.CONNECT
    for ask in (tcp_check, udp_check):
        for port, (icmp, icmp6, say, say6) in codes.items():
            check, check6 = ask(DESTINATION, port), ask(DESTINATION6, port)
            yield by_icmp(check, Outcome.DENIED, SOURCE, icmp, own + say)
            yield by_icmp(check6, Outcome.DENIED, SOURCE6, icmp6, own + say6)
        for address in (UNROUTED, UNROUTED6):
            yield Case(
                ask(address, OPEN),
                Outcome.UNREACHABLE,
                connect,
                "this host has no route to it",
                routed=False,
            )
        for address in ("10.98.1.1", "fd98:1::1"):
            say = "this host's own route discards it"
            yield Case(ask(address, OPEN), Outcome.UNREACHABLE, connect, say)
        for address in ("10.98.2.1", "fd98:2::1"):
            say = "this host's own rules prohibit it"
            yield Case(ask(address, OPEN), Outcome.DENIED, connect, say)
        for address in ("10.98.3.1", "fd98:3::1"):
            yield Case(ask(address, OPEN), Outcome.UNREACHABLE, connect)


CASES = [*kinds_of_rejection(), *of_tcp(), *of_udp(), *of_both(), *of_this_host()]
QUICK = [case for case in CASES if case.check.deadline < SECONDS_OF_A_DEAD_NEIGHBOUR]


def task(cases: list[Case], *, uvloop: bool = False, loop_sockets: bool = False) -> Task:
    return Task(
        rules=RULES,
        checks=tuple(case.check for case in cases),
        tcp=(OPEN, ANSWER_LOST),
        udp_answering=(OPEN, ANSWER_LOST),
        uvloop=uvloop,
        loop_sockets=loop_sockets,
    )


def wrong(case: Case, seen: Observation) -> str:
    """Say what is not as it should be; empty if all is well."""
    fields = ("outcome", "stage", "sender", "icmp", "routed")
    expected = {name: getattr(case, name) for name in fields}
    found = {name: getattr(seen, name) for name in fields}
    said = case.detail is None or case.detail == seen.detail
    return "" if found == expected and said else f"{case.key}: {seen}, not {case}"


@pytest.fixture(scope="module")
def seen(lab: Lab) -> dict[str, Observation]:
    """Everything, measured at the same time."""
    observations = lab.measure(task(CASES))
    return {case.key: seen for case, seen in zip(CASES, observations, strict=True)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_each_deed_of_the_network_has_its_word(case: Case, seen: dict[str, Observation]) -> None:
    assert not wrong(case, seen[case.key])


@pytest.mark.parametrize(
    ("uvloop", "loop_sockets"),
    [(True, False), (False, True), (True, True)],
    ids=["uvloop", "the loop's own calls", "uvloop's own calls"],
)
def test_every_loop_sees_the_same(lab: Lab, uvloop: bool, loop_sockets: bool) -> None:
    observations = lab.measure(task(QUICK, uvloop=uvloop, loop_sockets=loop_sockets))

    faults = [wrong(case, seen) for case, seen in zip(QUICK, observations, strict=True)]
    assert not "\n".join(filter(None, faults))


def test_silence_shows_its_repeated_packets(seen: dict[str, Observation]) -> None:
    dropped = seen[f"tcp-{DESTINATION}-{DROPPED}"]

    assert dropped.syn_retransmits == 1
    assert dropped.rtt_seconds is None


def test_a_connection_shows_the_kernels_round_trip(seen: dict[str, Observation]) -> None:
    opened = seen[f"tcp-{DESTINATION}-{OPEN}"]

    assert opened.rtt_seconds is not None
    assert 0 < opened.rtt_seconds < 0.1
    assert opened.syn_retransmits == 0


def test_a_silent_neighbour_is_reported_before_the_deadline(seen: dict[str, Observation]) -> None:
    assert 2.9 < seen[f"tcp-{DEAD_NEIGHBOUR}-{OPEN}"].seconds < SECONDS_OF_A_DEAD_NEIGHBOUR

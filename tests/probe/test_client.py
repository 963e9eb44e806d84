import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from flows.errors import GatewatchError
from flows.messages import Report, rfc3339, to_json
from probe.client import Access, Client, open_client, tls_context
from probe.collector_errors import CollectorError
from probe.limits import Limits
from probe.runner import whole_milliseconds
from tests.fakes.clock import START
from tests.fakes.collector import (
    FakeCollector,
    Reply,
    a_check,
    an_assignment,
    problem,
    serving,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def collector() -> AsyncIterator[FakeCollector]:
    async with serving() as running:
        yield running


@asynccontextmanager
async def client_of(*urls: str, **access: object) -> AsyncIterator[Client]:
    settings = Access(urls, **access)  # type: ignore[arg-type] # a test names what it changes
    async with open_client(settings, lambda: START) as client:
        yield client


@asynccontextmanager
async def answering(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve one handler for every call; yields the URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    scheme = "https" if context else "http"
    try:
        yield f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def a_report(seq: int = 1) -> bytes:
    sent = rfc3339(whole_milliseconds(START))
    body = {"host": "con-01", "stream": "s", "seq": seq, "sent": sent, "probe": {"version": "0"}}
    return to_json(body)


async def test_it_pulls_the_assignment_at_once_the_first_time(collector: FakeCollector) -> None:
    collector.assignment = an_assignment(a_check(1), a_check(2))

    async with client_of(collector.url) as client:
        assignment = await client.assignment("con-01", None)

    assert assignment == collector.assignment
    assert "wait" not in collector.polls[0].query
    assert "If-None-Match" not in collector.polls[0].headers


async def test_an_unchanged_assignment_is_nothing_new(collector: FakeCollector) -> None:
    collector.holds_polls = False

    async with client_of(collector.url) as client:
        assignment = await client.assignment("con-01", "r1")

    assert assignment is None
    assert collector.polls[0].query["wait"] == "55"
    assert collector.polls[0].headers["If-None-Match"] == '"r1"'


async def test_a_held_poll_is_answered_at_once_when_something_changes(
    collector: FakeCollector,
) -> None:
    changed = an_assignment(a_check(9), revision="r2")

    async with client_of(collector.url) as client, asyncio.TaskGroup() as group:
        poll = group.create_task(client.assignment("con-01", "r1"))
        await collector.until(lambda: len(collector.polls) == 1)
        collector.assign(changed)

    assert poll.result() == changed


async def test_an_assignment_of_another_host_is_refused(collector: FakeCollector) -> None:
    collector.assignment = an_assignment(host="con-02")

    async with client_of(collector.url) as client:
        with pytest.raises(CollectorError) as caught:
            await client.assignment("con-01", None)

    assert str(caught.value) == "the collector sent the assignment of 'con-02', not of 'con-01'"


async def test_a_report_is_acknowledged_by_its_number(collector: FakeCollector) -> None:
    async with client_of(collector.url) as client:
        accepted = await client.report(a_report(seq=812))

    assert accepted.seq == 812
    assert [type(report) for report in collector.reports] == [Report]
    assert collector.authorizations == [None]


async def test_the_token_is_read_anew_for_each_call(
    collector: FakeCollector, tmp_path: Path
) -> None:
    token = tmp_path / "token"

    async with client_of(collector.url, token_file=token) as client:
        for text in ("first\n", "second"):
            token.write_text(text, encoding="ascii")
            await client.report(a_report())

    assert collector.authorizations == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("content", ["", "\n", "two\nlines", "clé"])
async def test_a_file_without_a_token_is_named(
    collector: FakeCollector, tmp_path: Path, content: str
) -> None:
    token = tmp_path / "token"
    token.write_text(content, encoding="utf-8")

    async with client_of(collector.url, token_file=token) as client:
        with pytest.raises(CollectorError, match="token"):
            await client.report(a_report())

    assert collector.reports == []


async def test_a_missing_token_is_no_reason_to_give_up(
    collector: FakeCollector, tmp_path: Path
) -> None:
    async with client_of(collector.url, token_file=tmp_path / "token") as client:
        with pytest.raises(CollectorError) as caught:
            await client.report(a_report())

    assert caught.value.is_final is False


async def test_a_refusal_carries_the_collectors_own_sentence(collector: FakeCollector) -> None:
    collector.report_replies.append(problem(403, "con-02 reports for con-01"))

    async with client_of(collector.url) as client:
        with pytest.raises(CollectorError) as caught:
            await client.report(a_report())

    assert str(caught.value) == f"{collector.url} answered 403: con-02 reports for con-01"
    assert caught.value.is_final is True


async def test_a_busy_collector_says_when_to_come_back(collector: FakeCollector) -> None:
    collector.report_replies.append(problem(503, "no room", Retry_After="7"))

    async with client_of(collector.url) as client:
        with pytest.raises(CollectorError) as caught:
            await client.report(a_report())

    assert (caught.value.is_final, caught.value.retry_after) == (False, 7.0)


async def test_redirects_are_not_followed(collector: FakeCollector) -> None:
    elsewhere = Reply(307, headers={"Location": f"{collector.url}/api/v1/reports"})
    collector.report_replies.append(elsewhere)

    async with client_of(collector.url) as client:
        with pytest.raises(CollectorError, match="307; redirects are not followed"):
            await client.report(a_report())

    assert len(collector.reports) == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", "sent no assignment"),
        (b'{"revision": 3}', "sent no assignment"),
        (b"\xff", "sent no"),
    ],
)
async def test_a_body_that_is_no_message_is_named(
    collector: FakeCollector, body: bytes, sentence: str
) -> None:
    collector.poll_replies.append(Reply(200, body))

    async with client_of(collector.url) as client:
        with pytest.raises(CollectorError, match=sentence):
            await client.assignment("con-01", None)


async def test_an_endless_body_is_not_read_to_its_end() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(1 << 16))

    async with answering(endless) as url, client_of(url) as client:
        with pytest.raises(CollectorError, match=f"a body of more than {Limits().body} bytes"):
            await client.assignment("con-01", None)


async def test_a_body_that_says_it_is_too_long_is_not_read_at_all() -> None:
    forever = asyncio.Event()

    async def announcing(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(Limits().body + 1)})
        await response.prepare(request)
        await forever.wait()
        return response

    async with answering(announcing) as url, client_of(url) as client:
        with pytest.raises(CollectorError, match=f"a body of more than {Limits().body} bytes"):
            await client.assignment("con-01", None)
        forever.set()


@pytest.mark.parametrize("revision", ["", "two\r\nlines", '"', "a" * 129, "é", "a b"])
async def test_a_revision_that_could_not_be_asked_for_again_is_refused(
    collector: FakeCollector, revision: str
) -> None:
    body = to_json(an_assignment(revision=revision))
    collector.poll_replies.append(Reply(200, body))

    async with client_of(collector.url) as client:
        with pytest.raises(CollectorError, match="cannot stand in an ETag"):
            await client.assignment("con-01", None)


async def test_what_a_probe_does_not_follow_may_be_anything(collector: FakeCollector) -> None:
    body = b'{"revision": "r1", "host": "con-01", "checks": [], "watch": {"a": [[], [{}]]}}'
    collector.poll_replies.append(Reply(200, body))

    async with client_of(collector.url) as client:
        assignment = await client.assignment("con-01", None)

    assert assignment == an_assignment()


async def test_a_silent_collector_is_given_up() -> None:
    forever = asyncio.Event()

    async def silent(_: web.Request) -> web.StreamResponse:
        await forever.wait()
        return web.Response()

    async with answering(silent) as url, client_of(url, answer_seconds=0.1) as client:
        with pytest.raises(CollectorError) as caught:
            await client.report(a_report())
        forever.set()

    assert str(caught.value) == f"{url} did not answer within 0.1 s"


async def test_after_a_failure_the_next_collector_has_its_turn(collector: FakeCollector) -> None:
    async with serving() as gone:
        away = gone.url

    async with client_of(away, collector.url) as client:
        with pytest.raises(CollectorError, match=f"{away} cannot be reached: Connection refused"):
            await client.report(a_report())
        first = await client.report(a_report(1))
        second = await client.report(a_report(2))

    assert [first.seq, second.seq] == [1, 2]


async def test_a_final_refusal_is_not_taken_elsewhere(collector: FakeCollector) -> None:
    collector.report_replies.append(problem(403, "no"))

    async with client_of(collector.url, "http://127.0.0.1:1") as client:
        with pytest.raises(CollectorError):
            await client.report(a_report(1))
        accepted = await client.report(a_report(2))

    assert accepted.seq == 2


async def test_304_is_no_answer_to_a_report(collector: FakeCollector) -> None:
    collector.report_replies.append(Reply(304))

    async with client_of(collector.url) as client:
        with pytest.raises(CollectorError, match="answered 304 to a report"):
            await client.report(a_report())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def server_context(authority: trustme.CA, *, client_ca: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def accept(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=b'{"seq": 1}')


async def test_a_collector_whose_ca_is_named_is_trusted(authority: trustme.CA, ca: Path) -> None:
    context = server_context(authority)

    async with answering(accept, context) as url, client_of(url, ca=ca) as client:
        accepted = await client.report(a_report())

    assert accepted.seq == 1


async def test_a_stranger_is_not_trusted(ca: Path) -> None:
    context = server_context(trustme.CA())

    async with answering(accept, context) as url, client_of(url, ca=ca) as client:
        with pytest.raises(CollectorError, match=r"is not trusted: .*certificate"):
            await client.report(a_report())


async def test_a_collector_without_tls_is_not_talked_to_in_the_clear(
    collector: FakeCollector,
) -> None:
    secure = collector.url.replace("http:", "https:")

    async with client_of(secure) as client:
        with pytest.raises(CollectorError, match=r"cannot be reached: TLS failed \(\w+\)$"):
            await client.report(a_report())

    assert collector.reports == []


async def test_a_certificate_of_our_own_is_shown(
    authority: trustme.CA, ca: Path, tmp_path: Path
) -> None:
    mine = authority.issue_cert("con-01")
    certificate, key = tmp_path / "con-01.pem", tmp_path / "con-01.key"
    mine.cert_chain_pems[0].write_to_path(str(certificate))
    mine.private_key_pem.write_to_path(str(key))

    context = server_context(authority, client_ca=ca)
    async with answering(accept, context) as url:
        access = Access((url,), ca=ca, certificate=certificate, key=key)
        async with open_client(access, lambda: START) as client:
            accepted = await client.report(a_report())

    assert accepted.seq == 1


def test_an_unfit_ca_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.touch()

    for file in (empty, tmp_path / "missing.pem"):
        with pytest.raises(GatewatchError, match=f"{file.name} does not hold the certificates"):
            tls_context(Access(("https://x",), ca=file))


def test_an_unfit_certificate_is_named(ca: Path) -> None:
    with pytest.raises(GatewatchError, match="do not hold a certificate and its key in PEM"):
        tls_context(Access(("https://x",), ca=ca, certificate=ca, key=ca))

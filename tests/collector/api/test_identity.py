"""Who may call what: every call by every right, and by nobody."""

import asyncio
import dataclasses
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import trustme

from collector.api.identity import FAILURES_AT_ONCE
from collector.api.openapi import Call
from collector.api.routes import CALLS
from collector.credentials import Right
from collector.program import serving
from collector.settings import Limits, Listen, Tls
from tests.collector.api.guarded import NAMES, TOKENS, Guarded, guarded_settings, guarding
from tests.collector.samples import CONSOLE, HTTPS, NOW, result_of
from tests.collector.serving import a_report, calling, settings_in

MAY = {
    Right.PROBE: {Right.PROBE},
    Right.VIEWER: {Right.VIEWER, Right.OPERATOR},
    Right.OPERATOR: {Right.OPERATOR},
    Right.SCRAPER: {Right.SCRAPER, Right.VIEWER, Right.OPERATOR},
}
OPEN = {"/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/enrol", "/api/v1/session"}


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarding(guarded_settings(tmp_path)) as guarded:
        yield guarded


def address_of(call: Call) -> str:
    """Fill in an address; its stream would never end, and a probe asks for its own."""
    return (
        call.path.replace("{host}", "con-01")
        .replace("{id}", "none")
        .replace("{phase}", "baseline")
        .replace("/events/stream", "/events/stream?after=x")
    )


async def statuses(guarded: Guarded, call: Call, right: Right | None) -> int:
    body = b"{}" if call.body else None
    headers = {} if right is None else {"Authorization": f"Bearer {TOKENS[right]}"}
    reply = await guarded.caller.call(call.method, address_of(call), data=body, headers=headers)
    return reply.status


def test_what_is_open_to_anybody_is_known() -> None:
    assert {call.path for call in CALLS if call.needs is None} == OPEN


async def test_every_call_asks_for_its_right(guarded: Guarded) -> None:
    found: list[str] = []
    for call in CALLS:
        if call.needs is None:
            continue
        for right in (None, *Right):
            status = await statuses(guarded, call, right)
            expected = (
                status == 401
                if right is None
                else (status == 403) is (right not in MAY[call.needs])
            )
            if not expected or status >= 500:
                found.append(f"{call.method} {call.path} by {right}: {status}")

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ("Bearer gwt_wrong", "the token is not known, was revoked or is too old"),
        ("Bearer ", "the token is not known, was revoked or is too old"),
        ("Basic b2xhZjpvbGFm", "the header Authorization must be: Bearer TOKEN"),
    ],
)
async def test_a_wrong_credential_is_declined(guarded: Guarded, said: str, detail: str) -> None:
    reply = await guarded.caller.call("GET", "phase", headers={"Authorization": said})

    assert reply.problem[:2] == (401, "unauthenticated")
    assert reply.problem[2].startswith(detail)
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_a_probe_reports_for_its_own_host_only(guarded: Guarded) -> None:
    check = (await guarded.call(Right.VIEWER, "GET", f"path?path={CONSOLE}")).body["check"]
    own = a_report("con-01", [result_of(check, HTTPS, NOW)])

    taken = await guarded.call(Right.PROBE, "POST", "reports", own)
    foreign = await guarded.call(Right.PROBE, "POST", "reports", a_report("con-02", []))

    assert taken.status == 200
    assert foreign.problem == (
        403,
        "foreign-host",
        "this credential is of con-01, and says nothing for con-02",
    )


async def test_a_probe_reads_its_own_assignment_only(guarded: Guarded) -> None:
    own = await guarded.call(Right.PROBE, "GET", "assignments/con-01")
    foreign = await guarded.call(Right.PROBE, "GET", "assignments/con-02")

    assert (own.status, foreign.problem[:2]) == (200, (403, "foreign-host"))


async def test_whoever_changes_something_is_named(guarded: Guarded) -> None:
    order = {"phase": "prepare", "force": True, "reason": "a test"}

    await guarded.call(Right.OPERATOR, "PUT", "phase", order)

    events = (await guarded.call(Right.VIEWER, "GET", "events")).body
    assert [one["by"] for one in events if one["kind"] == "phase"] == [NAMES[Right.OPERATOR]]


async def test_a_revoked_credential_is_good_no_more(guarded: Guarded) -> None:
    assert (await guarded.call(Right.VIEWER, "GET", "phase")).status == 200

    gone = await guarded.call(Right.OPERATOR, "DELETE", f"credentials/{NAMES[Right.VIEWER]}")

    assert [one["name"] for one in gone.body] == [NAMES[Right.VIEWER]]
    assert (await guarded.call(Right.VIEWER, "GET", "phase")).status == 401


async def test_an_address_that_guesses_is_stopped(guarded: Guarded) -> None:
    wrong = {"Authorization": "Bearer gwt_guess"}

    replies = [
        await guarded.caller.call("GET", "phase", headers=wrong)
        for _ in range(int(FAILURES_AT_ONCE) + 1)
    ]

    assert {one.status for one in replies[:-1]} == {401}
    assert replies[-1].problem[:2] == (429, "too-many-calls")
    assert int(replies[-1].headers["Retry-After"]) > 0
    assert (await guarded.call(Right.VIEWER, "GET", "phase")).status == 200
    page = (await guarded.call(Right.SCRAPER, "GET", "/metrics/self")).content
    assert b"gatewatch_collector_failed_authentications_total 10" in page


async def test_one_credential_may_not_call_without_end(tmp_path: Path) -> None:
    limits = Limits(requests_per_credential=2)
    async with guarding(guarded_settings(tmp_path, limits)) as guarded:
        replies = [await guarded.call(Right.VIEWER, "GET", "phase") for _ in range(8)]
        other = await guarded.call(Right.OPERATOR, "GET", "phase")

    assert 429 in {one.status for one in replies}
    assert other.status == 200


async def test_a_body_that_trickles_is_not_waited_for(tmp_path: Path) -> None:
    async with guarding(guarded_settings(tmp_path, Limits(slow_client=0.2))) as guarded:
        host, port = guarded.caller.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = (
            "POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
            f"Authorization: Bearer {TOKENS[Right.PROBE]}\r\n\r\n{{"
        )
        writer.write(head.encode())

        status = await reader.readline()
        writer.close()

    assert status.split()[1] == b"408"


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def secure_url(tmp_path: Path, authority: trustme.CA) -> AsyncIterator[str]:
    """Serve over TLS, for clients with certificates of an authority."""
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    (tmp_path / "cert.pem").write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = Tls(tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem")
    settings = dataclasses.replace(
        settings_in(tmp_path), auth_required=True, tls=tls, listen=Listen("127.0.0.1", 0)
    )
    async with serving(settings) as url:
        yield url


async def asked_with(url: str, trusted: trustme.CA, name: str | None, issuer: trustme.CA) -> int:
    """Ask for the assignment of con-01 with a client certificate in a name."""
    context = ssl.create_default_context()
    trusted.configure_trust(context)
    if name is not None:
        issuer.issue_cert(name).configure_cert(context)
    connector = aiohttp.TCPConnector(ssl=context)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(f"{url}/api/v1/assignments/con-01") as answer,
    ):
        return answer.status


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("con-01", 200),
        ("con-01.acme.example", 200),
        ("con-02", 403),
        ("sql-01", 401),
        ("stranger.example", 401),
        (None, 401),
    ],
)
async def test_a_client_certificate_names_its_host(
    secure_url: str, authority: trustme.CA, name: str | None, status: int
) -> None:
    assert await asked_with(secure_url, authority, name, authority) == status


async def test_a_certificate_of_a_stranger_is_no_use(
    secure_url: str, authority: trustme.CA
) -> None:
    with pytest.raises(aiohttp.ClientError):
        await asked_with(secure_url, authority, "con-01", trustme.CA())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://elsewhere.example", "X-Gatewatch": "page"}, 200),
        ({}, 200),
    ],
    ids=["another site", "a file", "the page itself", "no browser"],
)
async def test_another_site_changes_nothing_where_no_credential_is_asked_for(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    order = {"path": "sql:*", "reason": "a test", "until": "2099-01-01"}
    async with calling(settings_in(tmp_path)) as caller:
        reply = await caller.call("POST", "waivers", order, headers=headers)
        read = await caller.call("GET", "waivers", headers=headers)

    assert (reply.status, read.status) == (status, 200)


@pytest.mark.parametrize(
    ("right", "method", "where", "sentence"),
    [
        (Right.VIEWER, "PUT", "phase", "is for an operator; vera is a viewer"),
        (Right.PROBE, "GET", "matrix", "is for a viewer; con-01 is a probe"),
        (Right.SCRAPER, "GET", "hosts", "is for a viewer; sam is a scraper"),
        (Right.OPERATOR, "POST", "reports", "is for a probe; olaf is an operator"),
    ],
)
async def test_who_may_not_is_told_who_may(
    guarded: Guarded, right: Right, method: str, where: str, sentence: str
) -> None:
    reply = await guarded.call(right, method, where, {} if method != "GET" else None)

    assert reply.problem == (403, "no-right", f"/api/v1/{where} {sentence}")

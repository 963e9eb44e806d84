import argparse
import ssl
from pathlib import Path

import msgspec
import pytest
import trustme
from aiohttp import web

from flows.errors import UsageError
from gatewatch.api_client import (
    Connection,
    DeclinedError,
    NoCollectorError,
    connection_of,
    decoded,
    open_api,
)
from tests.fakes.api import Answer, FakeApi, problem
from tests.fakes.streams import Address
from tests.fakes.tcp import ClosedPort, TcpServer


def said(**arguments: str | None) -> argparse.Namespace:
    return argparse.Namespace(**{"collector": None, "token_file": None, "ca": None} | arguments)


def url_of(address: Address) -> str:
    return f"http://{address.host}:{address.port}"


@pytest.mark.parametrize(
    ("option", "variable", "url"),
    [
        ("https://c.example:1/", "http://other:2", "https://c.example:1"),
        (None, "http://other:2", "http://other:2"),
        (None, None, "http://127.0.0.1:8642"),
        (None, "", "http://127.0.0.1:8642"),
    ],
)
def test_the_option_wins_over_the_variable_and_that_over_the_default(
    option: str | None, variable: str | None, url: str
) -> None:
    environment = {} if variable is None else {"GATEWATCH_COLLECTOR": variable}

    assert connection_of(said(collector=option), environment).url == url


@pytest.mark.parametrize(
    "url", ["watch:8642", "ftp://watch", "https://", "127.0.0.1", "http://[::1", "http://w:port"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no collector's URL, such as https://"):
        connection_of(said(collector=url), {})


def test_the_token_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret\n")
    (tmp_path / "empty").write_text("\n")

    assert connection_of(said(token_file=str(tmp_path / "token")), {}).token == "secret"
    with pytest.raises(UsageError, match="holds no token"):
        connection_of(said(token_file=str(tmp_path / "empty")), {})


@pytest.mark.parametrize("token", ["two words", "a\nb", "é"])
def test_a_token_that_no_header_can_carry_is_refused(token: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(token, encoding="utf-8")

    with pytest.raises(UsageError, match="holds no token"):
        connection_of(said(token_file=str(tmp_path / "token")), {})


async def test_a_question_carries_its_query_and_the_token() -> None:
    api = FakeApi({("GET", "path"): {"path": "x"}})
    async with api as url, open_api(Connection(url, token="secret")) as client:
        content = await client.get("path", path="agent:pc-001>ah-01:tcp/443")

    (call,) = api.calls
    assert content == b'{"path":"x"}'
    assert call.query == {"path": "agent:pc-001>ah-01:tcp/443"}
    assert call.token == "Bearer secret"


async def test_an_order_carries_its_body() -> None:
    api = FakeApi({("PUT", "phase"): {"phase": "prepare"}})
    async with api as url, open_api(Connection(url)) as client:
        await client.send("PUT", "phase", {"phase": "prepare", "reason": None})

    (call,) = api.calls
    assert (call.method, call.body) == ("PUT", {"phase": "prepare", "reason": None})
    assert call.token is None


async def test_a_problem_document_becomes_its_detail() -> None:
    answers = {("GET", "hosts"): problem(409, "not now", gate={"state": "NOT_READY"})}
    async with FakeApi(answers) as url, open_api(Connection(url)) as client:
        with pytest.raises(DeclinedError, match=r"^not now$") as declined:
            await client.get("hosts")

    assert declined.value.status == 409
    assert b'"gate"' in declined.value.body


@pytest.mark.parametrize(
    "answer",
    [Answer(b"<h1>Not found</h1>", 404, "text/html"), Answer(b"[]", 500), Answer(b"", 301)],
)
async def test_whoever_answers_otherwise_is_no_collector(answer: Answer) -> None:
    async with FakeApi({("GET", "hosts"): answer}) as url, open_api(Connection(url)) as client:
        with pytest.raises(NoCollectorError, match=f"answers {answer.status}, but not as a Gate"):
            await client.get("hosts")


async def test_nobody_there_is_said_with_what_to_do() -> None:
    async with ClosedPort.tcp() as address, open_api(Connection(url_of(address))) as client:
        with pytest.raises(NoCollectorError) as absent:
            await client.get("hosts")

    assert str(absent.value) == (
        f"no collector answers at {url_of(address)} (Connection refused):"
        " start one with 'gatewatch collector', or name it with --collector"
    )


async def test_what_hangs_up_is_no_collector() -> None:
    async with TcpServer.closing() as address, open_api(Connection(url_of(address))) as client:
        with pytest.raises(NoCollectorError, match="no collector answers at"):
            await client.get("hosts")


async def test_a_collector_is_trusted_by_the_ca_that_is_named(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def hosts(_: web.BaseRequest) -> web.Response:
        return web.json_response([])

    runner = web.ServerRunner(web.Server(hosts), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}"

    async with open_api(Connection(url, ca=str(tmp_path / "ca.pem"))) as client:
        content = await client.get("hosts")
    async with open_api(Connection(url)) as stranger:
        with pytest.raises(NoCollectorError, match="its certificate is not trusted"):
            await stranger.get("hosts")
    await runner.cleanup()

    assert content == b"[]"


@pytest.mark.parametrize("content", [None, b"no certificate"])
async def test_a_ca_file_must_hold_certificates(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)

    with pytest.raises(UsageError, match="cannot read CA certificates from"):
        async with open_api(Connection("https://127.0.0.1:1", ca=str(tmp_path / "ca.pem"))):
            pass


def test_a_body_of_another_shape_is_said_to_be_of_another_release() -> None:
    class Body(msgspec.Struct):
        word: str

    assert decoded(b'{"word":"x","more":1}', Body).word == "x"
    for content in (b"{", b'{"word":1}', b"\xff"):
        with pytest.raises(NoCollectorError, match="of another release"):
            decoded(content, Body)

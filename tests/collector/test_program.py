"""The program serves until it is asked to end, or says in one sentence why it cannot."""

import re
import signal
import socket
import ssl
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import aiohttp
import pytest
import trustme

from collector.program import main, serving, utc_now
from collector.settings import Listen, Settings, Tls
from flows.errors import GatewatchError
from flows.log_lines import Log
from tests.collector.processes import running
from tests.collector.samples import INVENTORY
from tests.collector.serving import Moments, calling, settings_in


def say_nothing(_log: Log) -> None:
    """Leave the log of this process as it is."""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    file = tmp_path / "collector.yaml"
    file.write_text(f"listen: 127.0.0.1:0\nstore: sqlite://{tmp_path}/gatewatch.db\n")
    return file


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_0_when_it_is_asked_to(config: Path, number: signal.Signals) -> None:
    with running(config) as (process, _):
        process.send_signal(number)

        assert process.wait(10) == 0


def test_it_ends_at_once_although_a_probe_waits(config: Path) -> None:
    with (
        running(config) as (process, url),
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as probe,
    ):
        probe.sendall(b"GET /api/v1/assignments/con-01 HTTP/1.1\r\nHost: x\r\n\r\n")
        tag = re.search(rb'ETag: ("\w+")', probe.recv(4096))
        assert tag
        probe.sendall(
            b"GET /api/v1/assignments/con-01?wait=55 HTTP/1.1\r\nHost: x\r\n"
            b"If-None-Match: " + tag[1] + b"\r\n\r\n"
        )

        process.send_signal(signal.SIGTERM)

        assert process.wait(4) == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("lisen: 1\n", "{file}:1: lisen: unknown key (did you mean 'listen'?)\n"),
        (
            "listen: 0.0.0.0:8642\n",
            "{file}:1: listen: 0.0.0.0 is not loopback: give tls: {{certificate, key}},"
            " or insecure: true\n",
        ),
        (
            "listen: 127.0.0.1:0\nstore: sqlite://{folder}/nowhere/g.db\n",
            "gatewatch: the store {folder}/nowhere/g.db cannot be opened: No such file or"
            " directory; it needs a folder we may use\n",
        ),
        (
            "listen: 127.0.0.1:0\nstore: sqlite://{folder}/g.db\ninventory: other.yaml\n",
            "gatewatch: the store is empty, and the inventory {folder}/other.yaml cannot be read:"
            " No such file or directory\n",
        ),
        (
            "listen: 127.0.0.1:0\nstore: sqlite://{folder}/g.db\ninventory: bad.yaml\n",
            "bad.yaml:1: the file is empty\n",
        ),
    ],
)
def test_what_it_cannot_do_is_one_sentence_and_3(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    sentence: str,
) -> None:
    file = tmp_path / "collector.yaml"
    file.write_text(content.format(folder=tmp_path))
    (tmp_path / "bad.yaml").touch()

    assert main(file, say_nothing) == 3
    assert sentence.format(file=file, folder=tmp_path) in capsys.readouterr().err


def test_a_settings_file_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tmp_path / "collector.yaml", say_nothing) == 3
    assert capsys.readouterr().err == (
        f"gatewatch: {tmp_path}/collector.yaml cannot be read: No such file or directory\n"
    )


async def refusal(settings: Settings) -> str:
    with pytest.raises(GatewatchError) as refused:
        async with serving(settings, Moments()):
            pass
    return str(refused.value)


async def test_a_port_in_use_is_said_and_the_store_is_let_go(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        sentence = await refusal(replace(settings, listen=Listen("127.0.0.1", port)))

    assert sentence == (
        f"cannot listen on 127.0.0.1, port {port}: Address already in use;"
        " end what holds it, or listen elsewhere"
    )
    async with calling(settings) as caller:
        assert (await caller.get("/healthz")).status == 200


async def test_a_name_to_listen_on_that_does_not_resolve_is_said(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), listen=Listen("nowhere.invalid", 0))

    sentence = await refusal(settings)

    assert sentence.startswith("cannot listen on nowhere.invalid, port 0: ")


async def test_a_store_in_use_is_said(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with calling(settings) as caller:
        sentence = await refusal(settings)

        assert sentence == (
            f"the store {caller.file} is in use by another collector: stop it, or name another file"
        )
        assert (await caller.get("/readyz")).status == 200


async def test_a_certificate_that_is_none_is_said(tmp_path: Path) -> None:
    file = tmp_path / "server.pem"
    tls = Tls(file, file)

    assert (await refusal(replace(settings_in(tmp_path), tls=tls))) == (
        f"{file} and {file} hold no certificate and its key in PEM:"
        " [Errno 2] No such file or directory"
    )


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Tls, ssl.SSLContext]:
    """A certificate for 127.0.0.1, and whom to trust."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    tls = Tls(tmp_path / "server.pem", tmp_path / "server.key")
    tls.certificate.write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
    tls.key.write_bytes(issued.private_key_pem.bytes())
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return tls, context


async def test_it_serves_https_with_a_certificate(
    tmp_path: Path, certified: tuple[Tls, ssl.SSLContext]
) -> None:
    tls, trust = certified
    settings = replace(settings_in(tmp_path), tls=tls)

    async with (
        serving(settings, Moments()) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/healthz", ssl=trust) as answer,
    ):
        assert (url[:6], answer.status) == ("https:", 200)


async def warnings_of(settings: Settings, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Start, and list what the program warned of itself."""
    async with serving(settings, Moments()):
        return [one.getMessage() for one in caplog.records if one.name == "collector.program"]


@pytest.mark.parametrize("required", [True, False])
async def test_certificates_that_nobody_needs_are_warned_of(
    tmp_path: Path,
    certified: tuple[Tls, ssl.SSLContext],
    caplog: pytest.LogCaptureFixture,
    *,
    required: bool,
) -> None:
    tls = replace(certified[0], client_ca=tmp_path / "server.pem")
    settings = replace(settings_in(tmp_path), tls=tls, auth_required=required)

    warned = await warnings_of(settings, caplog)

    text = "nobody needs a certificate of tls.client_ca without auth: {required: true}"
    assert warned == ([] if required else [text])


async def test_it_serves_ipv6(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), listen=Listen("::1", 0))

    async with calling(settings) as caller:
        assert caller.url.startswith("http://[::1]:")
        assert (await caller.get("/healthz")).status == 200


def test_its_clock_is_utc() -> None:
    assert utc_now().tzinfo is UTC

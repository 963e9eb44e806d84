"""Certificates are taken up when their files change; unfit ones change nothing."""

import asyncio
import logging
import ssl
from pathlib import Path

import pytest
import trustme

from collector.settings import Tls
from collector.tls import LOOK_SECONDS, Renewed, context_of
from flows.errors import GatewatchError


class Hands:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def write(folder: Path, ca: trustme.CA, name: str = "watch.example") -> Tls:
    issued = ca.issue_cert(name)
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    (folder / "cert.pem").write_bytes(chain)
    return Tls(folder / "cert.pem", folder / "key.pem")


async def shown(context: ssl.SSLContext) -> bytes:
    """Shake hands, and give the certificate that was shown."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
        der: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        await writer.wait_closed()
        return der


async def test_another_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    ca, clock = trustme.CA(), Hands()
    renewed = Renewed(write(tmp_path, ca), clock)
    before = await shown(renewed.context)
    write(tmp_path, ca)

    clock.now = LOOK_SECONDS / 2
    meanwhile = await shown(renewed.context)
    clock.now = LOOK_SECONDS
    after = await shown(renewed.context)

    assert before == meanwhile
    assert after != before


async def test_an_unfit_certificate_leaves_the_old_one_in_use(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Hands()
    renewed = Renewed(write(tmp_path, trustme.CA()), clock)
    before = await shown(renewed.context)
    (tmp_path / "cert.pem").write_text("half a certificate")

    with caplog.at_level(logging.ERROR):
        for seconds in (LOOK_SECONDS, 3 * LOOK_SECONDS):
            clock.now = seconds
            assert await shown(renewed.context) == before

    said = [one.message for one in caplog.records if one.name == "collector.tls"]
    assert [one[:34] for one in said] == ["the old certificate stays in use: "]


def test_a_ca_that_is_none_is_refused_with_one_sentence(tmp_path: Path) -> None:
    tls = write(tmp_path, trustme.CA())
    (tmp_path / "ca.pem").write_text("nothing")

    with pytest.raises(GatewatchError, match=r"ca\.pem holds no CA certificates in PEM"):
        context_of(Tls(tls.certificate, tls.key, tmp_path / "ca.pem"))

"""The certificates of the fakes, judged by OpenSSL."""

import ssl
from hashlib import sha256

import pytest

from tests.fakes.certificates import Certificate, Tls, authority_pem, der, present, trusting
from tests.fakes.clients import asked, connected
from tests.fakes.streams import Stream, StreamServer


async def greet(stream: Stream) -> None:
    await stream.send(b"hello")


async def test_a_trusted_certificate_is_accepted_and_known() -> None:
    async with (
        StreamServer(greet, tls=Tls()) as address,
        connected(address, trusting()) as (reader, writer),
    ):
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        assert await reader.read() == b"hello"

    assert sha256(shown).digest() == sha256(der()).digest()


# The verify codes of OpenSSL: 10 expired, 20 unknown issuer, 62 wrong name.
@pytest.mark.parametrize(
    ("certificate", "code"),
    [(Certificate.EXPIRED, 10), (Certificate.UNTRUSTED, 20), (Certificate.WRONG_NAME, 62)],
)
async def test_a_wrong_certificate_is_refused_for_what_it_is(
    certificate: Certificate, code: int
) -> None:
    async with StreamServer(greet, tls=Tls(certificate)) as address:
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            await asked(address, b"", trusting())

    assert refused.value.verify_code == code


async def test_a_certificate_may_name_other_hosts() -> None:
    tls = Tls(names=("be-01.acme.example", "127.0.0.1"))
    async with StreamServer(greet, tls=tls) as address:
        with pytest.raises(ssl.SSLCertVerificationError):
            await asked(address, b"", trusting())


async def test_a_demanded_client_certificate_can_be_shown() -> None:
    client = trusting()
    present(client)
    async with StreamServer(greet, tls=Tls(client_certificate=True)) as address:
        assert await asked(address, b"", client) == b"hello"


def test_the_authority_can_be_given_to_other_programs() -> None:
    context = ssl.create_default_context(cadata=authority_pem().decode())

    assert any(
        ("organizationName", "Gatewatch tests") in part
        for authority in context.get_ca_certs()
        for part in authority["subject"]
    )

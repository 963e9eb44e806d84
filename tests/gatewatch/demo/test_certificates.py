import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gatewatch.demo.certificates import Authority
from gatewatch.demo.estate import ISSUER


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def shaken(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """Shake hands in memory; gives the client's side."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for end in [*ends, *ends]:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return ends[0]


def trusting(authority: Authority) -> ssl.SSLContext:
    pem = authority.certificate.public_bytes(Encoding.PEM).decode()
    return ssl.create_default_context(cadata=pem)


def test_who_trusts_the_authority_trusts_its_leaves_by_their_address(authority: Authority) -> None:
    server = authority.context("127.80.1.11", ("http/1.1",))

    client = shaken(server, trusting(authority), "127.80.1.11")

    leaf = x509.load_der_x509_certificate(client.getpeercert(binary_form=True) or b"")
    assert leaf.issuer.rfc4514_string() == ISSUER
    assert leaf.subject.rfc4514_string() == "CN=127.80.1.11"


def test_a_leaf_is_of_no_use_at_another_address(authority: Authority) -> None:
    server = authority.context("127.80.1.11", ())

    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        shaken(server, trusting(authority), "127.80.1.12")


def test_it_offers_the_protocols_asked_for(authority: Authority) -> None:
    client = trusting(authority)
    client.set_alpn_protocols(["h2", "http/1.1"])

    agreed = [
        shaken(authority.context("127.80.1.11", (alpn,)), client, "127.80.1.11")
        for alpn in ("h2", "http/1.1")
    ]

    assert [one.selected_alpn_protocol() for one in agreed] == ["h2", "http/1.1"]


def test_an_address_keeps_its_leaf_whatever_listens_there(
    authority: Authority, tmp_path: Path
) -> None:
    authority.context("127.80.1.11", ("http/1.1",))
    first = (tmp_path / "127.80.1.11.pem").read_bytes()

    authority.context("127.80.1.11", ("h2",))

    assert (tmp_path / "127.80.1.11.pem").read_bytes() == first

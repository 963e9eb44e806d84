"""TLS over a carrier that brings it a byte at a time, or in other packets' payload."""

import ssl

import pytest

from probe.engine.tls import Tls
from tests.fakes import certificates


class Peer:
    """A server at the other end of a carrier that has no network between."""

    def __init__(self, tls: certificates.Tls, *, at_most: int = 1 << 20) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = tls.context().wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.at_most = at_most
        self.said: list[bytes] = []
        self.gone = False
        self.told: str | None = None
        """By which alert the client ended it."""
        self._shaken = False

    async def send(self, data: bytes) -> None:
        """Take what the client sends."""
        self._incoming.write(data)
        try:
            if not self._shaken:
                self.session.do_handshake()
                self._shaken = True
            while data := self.session.read():
                self.said.append(data)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.told = error.reason

    async def receive(self, at_most: int) -> bytes:
        """Hand out what the server has to say."""
        return b"" if self.gone else self._outgoing.read(min(at_most, self.at_most))


@pytest.mark.parametrize("at_most", [1, 1 << 20])
async def test_both_sides_understand_each_other(at_most: int) -> None:
    peer = Peer(certificates.Tls(alpn=("h2",)), at_most=at_most)
    context = certificates.trusting()
    context.set_alpn_protocols(["h2", "http/1.1"])
    tls = Tls(peer, context, "localhost")

    await tls.handshake()
    await tls.send(b"ping")
    peer.session.write(b"pong")

    assert await tls.receive(100) == b"pong"
    assert peer.said == [b"ping"]
    assert tls.session.selected_alpn_protocol() == "h2"
    assert tls.session.getpeercert(binary_form=True) == certificates.der()


async def test_a_certificate_that_is_not_trusted_is_told_to_the_peer() -> None:
    peer = Peer(certificates.Tls(certificates.Certificate.UNTRUSTED))

    with pytest.raises(ssl.SSLCertVerificationError):
        await Tls(peer, certificates.trusting(), "localhost").handshake()

    assert peer.told == "TLSV1_ALERT_UNKNOWN_CA"


async def test_a_peer_that_goes_away_in_the_handshake_ends_it() -> None:
    peer = Peer(certificates.Tls())
    peer.gone = True

    with pytest.raises((ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        await Tls(peer, certificates.trusting(), "localhost").handshake()


async def test_a_peer_that_speaks_no_tls_is_an_error_of_tls() -> None:
    class Plain:
        async def send(self, data: bytes) -> None:
            """Take it."""

        async def receive(self, at_most: int) -> bytes:
            return b"HTTP/1.1 400 Bad Request\r\n\r\n"[:at_most]

    with pytest.raises(ssl.SSLError) as raised:
        await Tls(Plain(), certificates.trusting(), "localhost").handshake()

    assert raised.value.reason == "WRONG_VERSION_NUMBER"


@pytest.mark.parametrize("in_order", [True, False])
async def test_the_end_is_empty_whether_it_was_announced_or_not(in_order: bool) -> None:
    peer = Peer(certificates.Tls())
    tls = Tls(peer, certificates.trusting(), "localhost")
    await tls.handshake()

    if in_order:
        with pytest.raises(ssl.SSLWantReadError):
            peer.session.unwrap()
    else:
        peer.gone = True

    assert await tls.receive(100) == b""


async def test_closing_says_close_notify() -> None:
    peer = Peer(certificates.Tls())
    tls = Tls(peer, certificates.trusting(), "localhost")
    await tls.handshake()

    await tls.close()

    assert peer.session.read() == b""

"""TLS sessions in memory."""

import ssl
from collections.abc import Callable
from contextlib import suppress

from probe.exchange.handshake import measuring_context


def client_session(
    server: ssl.SSLContext, client: ssl.SSLContext | None = None, name: str | None = None
) -> ssl.SSLObject:
    """Shake hands with a server, by default as a check does, and give the client's end."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client or measuring_context(())
    session = ours.wrap_bio(to_client, to_server, server_hostname=name)
    other = server.wrap_bio(to_server, to_client, server_side=True)
    done = False
    while not done:
        at_client, at_server = _shaken(session.do_handshake), _shaken(other.do_handshake)
        done = at_client and at_server
    return session


def _shaken(handshake: Callable[[], None]) -> bool:
    with suppress(ssl.SSLWantReadError):
        handshake()
        return True
    return False

"""What the collector shows to those who call it over TLS, made anew when its files change."""

import logging
import ssl
import time
from collections.abc import Callable

from collector.settings import Tls
from flows.errors import GatewatchError

LOOK_SECONDS = 5.0
"""Between two looks at the files, which a handshake takes."""
_log = logging.getLogger(__name__)


def context_of(tls: Tls) -> ssl.SSLContext:
    """Make a context of the files; raises GatewatchError where they are unfit."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:  # an unfit key is an ssl.SSLError, which is one too
        text = f"{tls.certificate} and {tls.key} hold no certificate and its key in PEM: {error}"
        raise GatewatchError(text) from error
    if tls.client_ca is not None:
        context.verify_mode = ssl.CERT_OPTIONAL  # people come with a token instead
        try:
            context.load_verify_locations(tls.client_ca)
        except OSError as error:
            text = f"{tls.client_ca} holds no CA certificates in PEM: {error}"
            raise GatewatchError(text) from error
    return context


class Renewed:
    """A context whose certificate, key and CAs are those of the files, also after they change."""

    def __init__(self, tls: Tls, clock: Callable[[], float] = time.monotonic) -> None:
        self._tls = tls
        self._clock = clock
        self._next_look = clock() + LOOK_SECONDS
        self._seen = self._stamps()
        self._current = context_of(tls)
        self.context = self._current
        """For listening: every handshake is handed on to the newest one."""
        self.context.sni_callback = self._hand_on

    def look(self) -> None:
        """Take up files that changed; unfit ones are told to the log once, and change nothing."""
        stamps = self._stamps()
        if stamps == self._seen:
            return
        self._seen = stamps
        try:
            self._current = context_of(self._tls)
        except GatewatchError as error:
            _log.error("the old certificate stays in use: %s", error)
        else:
            _log.info("another certificate is in use: %s", self._tls.certificate)

    def _hand_on(self, connection: ssl.SSLObject, _name: str, _context: ssl.SSLContext) -> None:
        if self._clock() >= self._next_look:
            self._next_look = self._clock() + LOOK_SECONDS
            self.look()
        connection.context = self._current

    def _stamps(self) -> tuple[object, ...]:
        files = (self._tls.certificate, self._tls.key, self._tls.client_ca)
        return tuple(_stamp(file.stat) for file in files if file is not None)


def _stamp(stat: Callable[[], object]) -> object:
    try:
        found = stat()
    except OSError:
        return None
    return getattr(found, "st_mtime_ns", 0), getattr(found, "st_ino", 0)

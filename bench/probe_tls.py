"""What a TLS check costs: our engine beside open_connection and C with OpenSSL; nobody verifies.

Everybody but open_connection hears the server's close_notify out. The engine reads the certificate
and what was agreed on besides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from bench.contenders import ADDRESSES, Sample, built, free_ports, listening, own_account, worker
from bench.report import Contest

NEEDED = ("cc", "taskset")
LIMIT, ENGINE = "C and OpenSSL", "this engine"


class TlsBench:
    """A server of TLS, and everybody's way to check."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._limit = built(folder, "tls_limit.c", "-lssl", "-lcrypto")
        self._port = free_ports("127.1.0.1", 1)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Have something to shake hands with."""
        certificate, key = self._folder / "certificate.pem", self._folder / "key.pem"
        issued = trustme.CA().issue_cert("localhost")
        issued.cert_chain_pems[0].write_to_path(str(certificate))
        issued.private_key_pem.write_to_path(str(key))
        where = map(str, (ADDRESSES, self._port))
        with listening(self._limit, "listen", *where, certificate, key):
            yield

    def contest(self) -> Contest:
        """Name the contenders, the cheapest first, and what the engine is to reach."""
        return Contest(
            contenders={
                LIMIT: self._c_limit,
                ENGINE: lambda load, seconds: self._worker("engine", load, seconds),
                "asyncio.open_connection": lambda load, seconds: self._worker(
                    "open_connection", load, seconds
                ),
            },
            engine=ENGINE,
            at_most={LIMIT: 1.4},
        )

    def _c_limit(self, in_flight: int, seconds: float) -> Sample:
        arguments = map(str, (ADDRESSES, self._port, in_flight, seconds))
        return own_account(self._limit, "check", *arguments)

    def _worker(self, kind: str, in_flight: int, seconds: float) -> Sample:
        return worker(kind, "tls", in_flight, seconds, self._port)

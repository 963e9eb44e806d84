"""Exchanging an enrolment token for this host's own credential, once.

The probe makes the token of its credential itself and sends its hash alone. It writes the token
down first: should the answer be lost on the way, the same exchange is asked for again.
"""

import hashlib
import os
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from flows.errors import GatewatchError
from flows.messages import Enrol, Enrolled
from probe.client import open_client
from probe.settings import Settings

PREFIX = "gwt_"
"""What every token of a credential begins with."""


async def enrol(settings: Settings, token: str, chance: Callable[[], str]) -> Enrolled:
    """Exchange an enrolment token; then the file `token_file` holds the credential's own.

    `chance` gives at least 256 random bits as URL-safe text. Raises GatewatchError where the
    collector does not let this host in or does not answer, and where the file cannot be written.
    """
    access = settings.access
    if access.token_file is None:
        raise GatewatchError("probe.yaml names no token_file: say where the credential belongs")
    pending = access.token_file.with_name(f"{access.token_file.name}.new")
    own = _kept(pending, PREFIX + chance())
    order = Enrol(
        token=token,
        host=settings.host,
        sha256=hashlib.sha256(own.encode()).hexdigest(),
        address=settings.source_address.ipv4 or address_towards(access.urls[0]),
    )
    async with open_client(replace(access, token_file=None), lambda: 0.0) as client:
        enrolled = await client.enrol(order)
    pending.replace(access.token_file)
    return enrolled


def _kept(file: Path, token: str) -> str:
    """Write a token down, for its owner's eyes only; one that is there already is taken instead."""
    try:
        if file.exists() and (known := file.read_text(encoding="ascii").strip()).startswith(PREFIX):
            return known
        with os.fdopen(os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as made:
            made.write(f"{token}\n")
            made.flush()
            os.fsync(made.fileno())
    except OSError as error:
        text = f"the credential cannot be kept in {file}: {error.strerror}"
        raise GatewatchError(f"{text}; make its folder, or name another token_file") from error
    return token


def address_towards(url: str) -> str | None:
    """Tell which of this machine's addresses leads to a collector; None where none does."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_DGRAM)
        family, kind, proto, _, there = found[0]
        # Connecting a datagram socket sends nothing: it only asks for the route.
        with closing(socket.socket(family, kind, proto)) as asking:
            asking.connect(there)
            address: str = asking.getsockname()[0]
            return address
    except OSError:
        return None

"""Address literals as sockets take them."""

import socket
from typing import NamedTuple

from probe.platforms.evidence import SocketAddress

_MAPPED = bytes(10) + b"\xff\xff"
"""What an IPv4 address inside an IPv6 one begins with (RFC 4291 2.5.5.2)."""


class Target(NamedTuple):
    """One address to dial."""

    family: socket.AddressFamily
    literal: str
    """As it is shown, with its zone."""
    host: str
    """As it is dialled, without its zone."""
    zone: int = 0
    """Index of the interface of a link-local address."""

    @property
    def lacks_zone(self) -> bool:
        """Whether it is link-local and nobody said on which link."""
        return self.family == socket.AF_INET6 and self.host.startswith("fe80:") and not self.zone

    def with_port(self, port: int) -> SocketAddress:
        """Write it as the socket module does."""
        if self.family == socket.AF_INET:
            return (self.host, port)
        return (self.host, port, 0, self.zone)


def read_literal(text: str) -> Target | None:
    """Read an IP literal, with or without brackets and zone; None for anything else.

    An IPv4 address inside an IPv6 one is the IPv4 address: it is dialled, and permitted, as that.
    """
    try:
        socket.inet_pton(socket.AF_INET, text)
    except (OSError, ValueError):
        return _read_ipv6(text)
    return Target(socket.AF_INET, text, text)


def _read_ipv6(text: str) -> Target | None:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    host, percent, zone = bare.partition("%")
    try:
        packed = socket.inet_pton(socket.AF_INET6, host)
        index = _zone(zone) if percent else 0
    except (OSError, ValueError):
        return None
    if packed.startswith(_MAPPED):
        return read_literal(socket.inet_ntop(socket.AF_INET, packed[len(_MAPPED) :]))
    plain = socket.inet_ntop(socket.AF_INET6, packed)
    return Target(socket.AF_INET6, f"{plain}%{zone}" if percent else plain, plain, index)


def _zone(zone: str) -> int:
    return int(zone) if zone.isdecimal() else socket.if_nametoindex(zone)

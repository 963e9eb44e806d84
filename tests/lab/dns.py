"""A name server of a few names, for the labs (RFC 1035 4.1): no other name exists."""

import asyncio
import ipaddress
import socket
import struct
from typing import cast

PORT = 53
RECORDS = {
    "both.test": ("10.77.2.10", "fd77:2::10"),
    "partly.test": ("10.77.2.10", "fd99::1"),
    "split.test": ("10.77.2.10", "10.99.0.1"),
    "bare.test": (),
    "one.test": ("10.77.2.10",),
}
FAILING = "failing.test"
SILENT = "silent.test"

_HEADER = struct.Struct("!HHHHHH")
_ANSWER = 0x8180
"""Response, recursion desired and available."""
_SERVFAIL = 2
_NXDOMAIN = 3
_A, _AAAA = 1, 28
_POINTER_TO_QUESTION = b"\xc0\x0c"
_SECONDS_TO_LIVE = 60


def answer(query: bytes) -> bytes | None:
    """Answer one query of one question; None where silence is wanted."""
    identity, *_ = _HEADER.unpack_from(query)
    name, end = _name(query, _HEADER.size)
    kind, _ = struct.unpack_from("!HH", query, end)
    question = query[_HEADER.size : end + 4]
    if name == SILENT:
        return None
    if name == FAILING:
        return _HEADER.pack(identity, _ANSWER | _SERVFAIL, 1, 0, 0, 0) + question
    if name not in RECORDS:
        return _HEADER.pack(identity, _ANSWER | _NXDOMAIN, 1, 0, 0, 0) + question
    records = [_record(address) for address in RECORDS[name] if _kind(address) == kind]
    return _HEADER.pack(identity, _ANSWER, 1, len(records), 0, 0) + question + b"".join(records)


def _name(query: bytes, at: int) -> tuple[str, int]:
    labels = []
    while size := query[at]:
        labels.append(query[at + 1 : at + 1 + size].decode("ascii"))
        at += 1 + size
    return ".".join(labels).lower(), at + 1


def _kind(address: str) -> int:
    return _AAAA if ":" in address else _A


def _record(address: str) -> bytes:
    packed = ipaddress.ip_address(address).packed
    fixed = struct.pack("!HHIH", _kind(address), 1, _SECONDS_TO_LIVE, len(packed))
    return _POINTER_TO_QUESTION + fixed + packed


class NameServer(asyncio.DatagramProtocol):
    """Answers on a socket that the lab made."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to answer on."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Answer, unless silence is wanted."""
        if (said := answer(data)) is not None:
            self._transport.sendto(said, addr)


def name_server_socket(address: str) -> socket.socket:
    """Make the socket of a name server in the namespace that this process is in."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, PORT))
    return made

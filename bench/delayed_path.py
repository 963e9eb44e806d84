"""A path with a delay between two networks of our own: netem is not in every kernel, TUN is.

    this process 10.79.0.1 --- tun --- tun_delay.c --- tun --- destination, all of 10.78.0.0/16

To be used by a process that is in a network namespace of its own and may change it.
"""

import fcntl
import itertools
import os
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.contenders import SERVING, built, pinned
from tests.lab.namespaces import Namespace, current, new

TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
DEVICE = "path"
BACKLOG = 4096
EACH_WAY_SECONDS = 0.010
PORT = 8443
_SOURCE = f"""
link set lo up
addr add 10.79.0.1/32 dev {DEVICE}
link set {DEVICE} up txqueuelen 5000
route add 10.78.0.0/16 dev {DEVICE} src 10.79.0.1
"""
_DESTINATION = f"""
link set lo up
link set {DEVICE} up txqueuelen 5000
route add default dev {DEVICE}
route add local 10.78.0.0/16 dev lo
"""


class NoPathError(Exception):
    """The kernel gives no TUN device."""


class Listener:
    """Accepts nobody itself, as the kernel completes handshakes; emptied between measurements."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((address, PORT))
        self._socket.listen(BACKLOG)
        self._socket.settimeout(0)

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()

    def empty(self) -> None:
        """Close what has come in."""
        while True:
            try:
                self._socket.accept()[0].close()
            except BlockingIOError:
                return


@dataclass(slots=True)
class DelayedPath:
    """Two namespaces and what delays every packet between them."""

    relay: "subprocess.Popen[str]"
    listener: Listener
    addresses: Iterator[str]
    """Each is dialled once, by which the relay's figures are told apart."""
    seconds: dict[str, float] = field(default_factory=dict)
    """The true round trip by address, once the path has ended."""


@contextmanager
def delayed_path(folder: Path) -> Iterator[DelayedPath]:
    """Have the path for as long as the block lasts."""
    program = built(folder, "tun_delay.c")
    source, destination = current(), new()
    here, there = tun(source), tun(destination)
    source.ip(_SOURCE)
    destination.ip(_DESTINATION)
    with destination.entered():
        listener = Listener("0.0.0.0")
    command = pinned(SERVING, program, str(here), str(there), f"{EACH_WAY_SECONDS * 1e6:.0f}")
    with (
        closing(listener),
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=(here, there),
        ) as relay,
    ):
        numbers = itertools.product(range(256), range(1, 255))
        path = DelayedPath(relay, listener, (f"10.78.{high}.{low}" for high, low in numbers))
        yield path
        said, _ = relay.communicate()
        for line in said.splitlines():
            number, nanoseconds = map(int, line.split())
            path.seconds[f"10.78.{number >> 8}.{number & 255}"] = nanoseconds / 1e9
    os.close(here)
    os.close(there)


def tun(namespace: Namespace) -> int:
    """Make a TUN device; raises NoPathError where the kernel has none to give."""
    request = struct.pack("16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI)
    with namespace.entered():
        try:
            device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            fcntl.ioctl(device, TUNSETIFF, request)
        except OSError as error:
            raise NoPathError(f"this kernel gives no TUN device: {error}") from error
    return device

"""Network namespaces held by a descriptor: no name on the machine, gone with the process."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A network of its own. Sockets belong for ever to the namespace that they were made in."""

    descriptor: int

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make sockets, run commands and change settings in it."""
        back = current()
        _enter(self.descriptor)
        try:
            yield
        finally:
            _enter(back.descriptor)
            os.close(back.descriptor)

    @property
    def path(self) -> str:
        """Name it to `ip`, in any namespace of this process."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def ip(self, batch: str, family: int = 0) -> None:
        """Run a batch of `ip` commands, one a line; some need to be told the family."""
        self._run(["ip", *([f"-{family}"] if family else []), "-batch", "-"], batch)

    def nft(self, rules: str) -> None:
        """Load rules in one transaction, in place of all that were there."""
        self._run(["nft", "-f", "-"], f"flush ruleset\n{rules}\n")

    def set(self, **settings: str) -> None:
        """Change settings below net: dots of their names are written as two underscores."""
        with self.entered():
            for name, value in settings.items():
                Path("/proc/sys/net", *name.split("__")).write_text(value, encoding="ascii")

    def _run(self, command: list[str], text: str) -> None:
        with self.entered():
            done = subprocess.run(
                command, input=text, text=True, capture_output=True, check=False, timeout=30
            )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}\n{text}")


def current() -> Namespace:
    """Hold the namespace that this thread is in."""
    return Namespace(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))


def new() -> Namespace:
    """Make a namespace and stay where we are."""
    back = current()
    if _LIBC.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    made = current()
    _enter(back.descriptor)
    os.close(back.descriptor)
    return made


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")

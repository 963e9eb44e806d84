"""Servers of other people, started for a test on an address of its own and ended with it."""

import asyncio
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme

LONGEST_SECONDS = 120
"""No program outlives that, even if the tests are killed."""
READY_SECONDS = 30


def own_address() -> str:
    """Give an address of loopback that no other test process uses at the time."""
    return f"127.77.{os.getpid() >> 8 & 0xFF}.{os.getpid() & 0xFF}"


class Program:
    """A program in the foreground; what it prints is read line by line."""

    def __init__(self, *command: str | Path, **variables: str) -> None:
        self._command = ("timeout", "--kill-after=5", str(LONGEST_SECONDS), *map(str, command))
        self._variables = variables
        self.printed: list[str] = []
        """Every line that was read so far; all of them once it has ended."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env={**os.environ, **self._variables},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.returncode is None:
            self._process.terminate()
        rest, _ = await self._process.communicate()
        self.printed += rest.decode(errors="replace").splitlines()

    async def line(self, containing: str) -> str:
        """Wait for a line with these words; raises EOFError where the program ends before."""
        output = self._process.stdout
        assert output is not None
        async with asyncio.timeout(READY_SECONDS):
            while line := (await output.readline()).decode(errors="replace").rstrip("\n"):
                self.printed.append(line)
                if containing in line:
                    return line
        raise EOFError("\n".join((f"it ended without '{containing}':", *self.printed)))


class Certificates:
    """An authority, and a server's certificate and key as files."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA(organization_name="Gatewatch peers")
        leaf = authority.issue_cert("localhost", own_address())
        self.authority = folder / "authority.pem"
        self.chain = folder / "chain.pem"
        self.key = folder / "key.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        self.key.write_bytes(leaf.private_key_pem.bytes())
        self.chain.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))

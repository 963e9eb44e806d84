"""A real PostgreSQL on loopback, made for the tests and gone with them."""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg

NEEDED = "/usr/lib/postgresql/*/bin/initdb"
"""As tools/system-packages.txt names it."""
_QUICK = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB")


def programs() -> Path:
    """Find the folder of the newest installed release."""
    return max(Path("/").glob(NEEDED.removeprefix("/"))).parent


def _user() -> str | None:
    """Name the user to run it as: PostgreSQL refuses root."""
    return None if os.geteuid() else "postgres"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Server:
    """A server that can be stopped, started again, frozen and thawed."""

    folder: Path
    port: int
    settings: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = [part for one in self.settings for part in ("-c", one)]
        command = [
            str(programs() / "postgres"),
            *("-D", str(self.folder / "data"), "-h", "127.0.0.1", "-p", str(self.port)),
            *("-k", str(self.folder), *options),
        ]
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                command, user=_user(), stdout=log, stderr=log, start_new_session=True
            )
        ready = [str(programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert self.process.poll() is None, (self.folder / "log").read_text()

    def stop(self) -> None:
        """End it at once, as a power cut would, but for the disk."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let none of its processes do anything while the block runs."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    @property
    def processes(self) -> list[int]:
        """List its processes as they are now."""
        assert self.process is not None
        return [self.process.pid, *_children(self.process.pid)]

    def _signal(self, number: signal.Signals) -> None:
        for child in self.processes:
            with suppress(ProcessLookupError):
                os.kill(child, number)

    def run(self, statement: str, database: str = "postgres") -> str:
        """Run one statement; gives what psql prints of it."""
        command = [str(programs() / "psql"), "-qAtX", "-c", statement, self.url(database)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make a database of its own; gives its URL."""
        name = f"gatewatch_{uuid.uuid4().hex[:8]}"
        self.run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(word) for word in listed.split()]


@contextmanager
def serving(*settings: str) -> Iterator[Server]:
    """Make a server with these settings, `name=value`, and take it away again."""
    folder = Path(tempfile.mkdtemp(prefix="gatewatch-postgres-"))
    user = _user()
    if user is not None:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    initdb = [str(programs() / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-N"]
    made = subprocess.run(
        [*initdb, "-A", "trust", "-E", "UTF8", "--locale=C"],
        user=user,
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    server = Server(folder, _free_port(), settings or _QUICK)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@asynccontextmanager
async def held(server: Server, database: str, seconds: float) -> AsyncIterator[None]:
    """Hold the lock of all writers for at most so long, as a collector that hangs would."""
    name = database.rpartition("/")[2]
    connection = await asyncpg.connect(server.url(name))
    try:
        async with asyncio.timeout(seconds), connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({0x6761_7465})")
            yield
    finally:
        await connection.close()

"""The file that holds a probe's spool: appended to, or written anew, and on the disk on return."""

import os
from pathlib import Path
from typing import BinaryIO

from flows.errors import GatewatchError
from probe.platforms.file_locks import lock

NAME = "spool.journal"
_LOCK_NAME = "spool.lock"


class SpoolFile:
    """One file in the probe's folder, for one process alone; blocks, so call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self.size = 0
        """Bytes."""
        self._folder = folder
        self._path = folder / NAME
        self._lock: BinaryIO | None = None
        self._file: BinaryIO | None = None

    def open(self) -> bytes:
        """Make what is not there, and read what is; raises OSError where that cannot be.

        Raises GatewatchError where another probe has the folder.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = self._locked()
        self._file = os.fdopen(os.open(self._path, os.O_CREAT | os.O_RDWR | _BINARY, 0o600), "r+b")
        content = self._file.read()
        self.size = len(content)
        return content

    def append(self, content: bytes) -> None:
        """Write behind what is there; raises OSError where not all of it is on the disk then."""
        if self._file is None:
            raise OSError("the file is not open")
        self._file.seek(self.size)
        self._file.write(content)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.size += len(content)

    def replace(self, content: bytes) -> None:
        """Write this in place of all that is there, or leave that as it is; raises OSError."""
        new = self._path.with_suffix(".new")
        with os.fdopen(os.open(new, _ANEW, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._let_go()  # Windows replaces no file that is open
        new.replace(self._path)
        _sync_folder(self._folder)
        self._file = self._path.open("r+b")
        self.size = len(content)

    def close(self) -> None:
        """Let go of the file, and of the folder."""
        self._let_go()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _let_go(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _locked(self) -> BinaryIO:
        path = self._folder / _LOCK_NAME
        file = os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR | _BINARY, 0o600), "r+b")
        try:
            lock(file)
        except OSError as error:
            file.close()
            text = f"another probe keeps its results in {self._folder}: stop it, or name another"
            raise GatewatchError(f"{text} folder (data:)") from error
        return file


_BINARY = getattr(os, "O_BINARY", 0)
"""Only Windows tells text from bytes."""
_ANEW = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | _BINARY


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too; Windows opens no folders, and needs none."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

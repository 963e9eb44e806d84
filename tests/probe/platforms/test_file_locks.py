"""A file is one process's until that process ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from probe.platforms.file_locks import lock

HOLD = """\
import sys
from pathlib import Path
from probe.platforms.file_locks import lock
file = Path(sys.argv[1]).open("r+b")
lock(file)
print("held", flush=True)
sys.stdin.read()
"""


def test_the_system_keeps_others_out_and_lets_go_with_the_process(tmp_path: Path) -> None:
    path = tmp_path / "spool.lock"
    path.touch()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with path.open("r+b") as file, pytest.raises(OSError):  # noqa: PT011 - the system's words
            lock(file)
        holder.kill()

    with path.open("r+b") as file:
        lock(file)

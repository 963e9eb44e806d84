"""A lab as tests use it: a process in network namespaces of its own, which end with it."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from flows.outcomes import Observation
from tests.lab.tasks import Answer, Task

ROOT = Path(__file__).parent.parent.parent
ENDING_SECONDS = 10


class Lab:
    """Measures inside the namespaces; use it by `with`."""

    def __init__(self, *, as_user: bool | None = None) -> None:
        self._as_user = os.geteuid() != 0 if as_user is None else as_user
        """Whether a user namespace has to give the rights that only root has."""

    def __enter__(self) -> Self:
        """Start the process; it builds the lab while the test goes on."""
        self._child = subprocess.Popen(
            [
                "unshare",
                "--net",
                "--mount",
                *(["--map-root-user"] if self._as_user else []),
                sys.executable,
                "-m",
                "tests.lab.child",
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._child.communicate(timeout=ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.communicate()

    @property
    def process(self) -> int:
        """The number of the process that holds the namespaces."""
        return self._child.pid

    def measure(self, task: Task) -> tuple[Observation, ...]:
        """Do a task and wait for its observations."""
        stdin, stdout = self._child.stdin, self._child.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(msgspec.json.encode(task) + b"\n")
        stdin.flush()
        answer = msgspec.json.decode(stdout.readline(), type=Answer)
        assert not answer.error, answer.error
        return answer.observations

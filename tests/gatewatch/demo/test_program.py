"""The demo as a newcomer runs it: a process of its own, and nothing of it left behind."""

import os
import pty
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from flows.errors import GatewatchError
from gatewatch.demo import program
from gatewatch.demo.onlooker import nobody
from gatewatch.demo.program import Show, first_of
from tests.gatewatch.running import COMMAND, environment

SECONDS = 100
"""A walk takes ten on an idle machine."""


@contextmanager
def demo(folder: Path, *words: str, terminal: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """Start the demo, with nowhere to leave files but a folder; end what is left of it."""
    with subprocess.Popen(
        [*COMMAND, "demo", *words],
        stdin=terminal if terminal is not None else subprocess.DEVNULL,
        stdout=terminal if terminal is not None else subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(folder)),
        start_new_session=True,
    ) as running:
        try:
            yield running
        finally:
            if is_anybody_left(running):
                os.killpg(running.pid, signal.SIGKILL)


def is_anybody_left(running: subprocess.Popen[str]) -> bool:
    """Decide whether a process of its session still runs."""
    try:
        os.killpg(running.pid, 0)
    except ProcessLookupError:
        return False
    return True


def read_until(leader: int, text: str) -> str:
    """Read what stands on a terminal until some text does."""
    shown = b""
    while text.encode() not in shown:
        shown += os.read(leader, 65536)
    return shown.decode()


def test_once_it_plays_every_phase_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with demo(tmp_path, "--once") as running:
        out, err = running.communicate(timeout=SECONDS)

        assert (running.returncode, err) == (0, "")
        assert not is_anybody_left(running)
    gates = re.findall(r"^gate (\S+)(?: (--done))?: (\w+) ", out, re.MULTILINE)
    assert gates == [
        ("baseline", "", "READY"),
        ("prepare", "", "READY"),
        ("prepare", "--done", "READY"),
        ("backoffice", "", "READY"),
        ("agents", "", "NOT_READY"),
        ("agents", "", "READY"),
        ("complete", "", "READY"),
        ("complete", "--done", "NOT_READY"),
        ("complete", "--done", "READY"),
    ]
    assert re.search(
        r"^public-api:siem>be-02:tcp/10443: broken: 127\.\d+\.1\.12 refused the connection$",
        out,
        re.MULTILINE,
    )
    assert "it must be closed" in out
    assert list(tmp_path.iterdir()) == []


def test_a_page_whose_port_is_taken_exits_3_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo(tmp_path, "--once", "--port", str(port)) as running:
            out, err = running.communicate(timeout=SECONDS)

    assert (running.returncode, out) == (3, "")
    assert err.startswith(f"gatewatch: cannot listen on 127.0.0.1, port {port}: ")
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_two_demos_play_at_the_same_time_each_in_a_network_of_its_own(tmp_path: Path) -> None:
    with demo(tmp_path, "--auto", "--port", "0") as one, demo(tmp_path, "--once") as other:
        assert one.stdout is not None
        next(line for line in one.stdout if line.startswith("In 8 s: start prepare"))

        other.communicate(timeout=SECONDS)
        os.killpg(one.pid, signal.SIGINT)
        one.communicate(timeout=SECONDS)

    assert other.returncode == 0


async def test_without_a_free_network_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(program, "NETWORKS", ("127.78", "127.77"))
    with (
        socket.create_server(("127.77.1.12", 4443)),
        socket.create_server(("127.78.1.30", 5614)),
        pytest.raises(GatewatchError) as refused,
    ):
        await program.play(Show(0, nobody, linger=False))

    assert str(refused.value) == (
        "the demo found its ports taken in every network from 127.78.0.0/16 to 127.77.0.0/16:"
        " end what holds them, other demos perhaps"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_it_quietly_and_leave_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    with demo(tmp_path, "--auto", "--port", "0") as running:
        assert running.stdout is not None
        next(line for line in running.stdout if line.startswith("In 8 s: start prepare"))
        os.killpg(running.pid, number)

        _, err = running.communicate(timeout=SECONDS)

        assert (running.returncode, err) == (130, "")
    assert list(tmp_path.iterdir()) == []


def test_on_a_terminal_it_goes_on_with_enter_and_stays_at_the_end(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    with demo(tmp_path, "--port", "0", terminal=follower) as running:
        os.close(follower)
        first = read_until(leader, "[Enter] start prepare")
        os.write(leader, b"\n" * 20)
        rest = read_until(leader, "until Ctrl-C")
        os.killpg(running.pid, signal.SIGINT)

        _, err = running.communicate(timeout=SECONDS)

        assert (running.returncode, err) == (130, "")
    os.close(leader)
    assert "Watch it at http://127.0.0.1:" in first
    assert "gate complete --done: READY" in rest


def test_of_what_tasks_raised_together_the_first_sentence_is_told() -> None:
    first, second = GatewatchError("one"), GatewatchError("other")
    nested = BaseExceptionGroup("", [BaseExceptionGroup("", [first]), second])

    assert first_of(cast("BaseExceptionGroup[GatewatchError]", nested)) is first

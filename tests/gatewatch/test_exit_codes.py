"""Real processes: what a shell and the next program of a pipe get to see."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gatewatch.exit_codes import ExitCode
from tests.gatewatch.running import COMMAND, DESIGN, environment, run


def test_the_codes_are_those_of_the_contract() -> None:
    assert [ExitCode.OK, ExitCode.BROKEN, ExitCode.UNPROVEN, ExitCode.USAGE] == [0, 1, 2, 3]


def test_a_plan_exits_0() -> None:
    assert run("plan", "-i", DESIGN).returncode == ExitCode.OK


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("plna",),
        ("plan",),
        ("plan", "-i", "inventory.yaml", "--phase", "later"),
        ("plan", "-i", "inventory.yaml", "--form", "json"),
        ("plan", "-i", "there-is-none.yaml"),
        ("--verbose",),
    ],
    ids=lambda words: " ".join(words) or "nothing",
)
def test_wrong_usage_exits_3_with_words_and_without_a_traceback(words: tuple[str, ...]) -> None:
    ran = run(*words)

    assert ran.returncode == ExitCode.USAGE
    assert ran.stdout == ""
    assert ran.stderr.strip()
    assert "Traceback" not in ran.stderr


def test_a_refused_inventory_exits_3_and_names_every_problem(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        'migration: {name: t, from: "2.6", to: "2.7.1"}\n'
        "hosts:\n"
        "  pc-001: {address: 10.0.0.1, roles: [agnet]}\n"
        "  pc-002: {address: 10.0.0.2, roles: [agent], colour: red}\n"
    )

    ran = run("plan", "-i", "bad.yaml", cwd=tmp_path)

    assert ran.returncode == ExitCode.USAGE
    assert ran.stderr.splitlines() == [
        "bad.yaml:3: hosts.pc-001.roles[0]: unknown role 'agnet' (did you mean 'agent'?)",
        "bad.yaml:4: hosts.pc-002.colour: unknown key",
    ]


def test_a_reader_that_leaves_ends_the_command_without_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as gone:
        ran = subprocess.run(
            [*COMMAND, "plan", "-i", str(DESIGN), "--format", "csv"],
            stdout=gone,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=60,
            check=False,
        )

    assert ran.returncode == ExitCode.BROKEN_PIPE
    assert ran.stderr == b""


def test_an_encoding_that_lacks_our_symbols_is_no_reason_to_fail() -> None:
    ran = run("plan", "-i", DESIGN, "--agents", env=environment(PYTHONIOENCODING="ascii"))

    assert ran.returncode == ExitCode.OK
    assert ran.stdout.isascii()


def test_ctrl_c_ends_the_command_with_130_and_without_a_word(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "inventory.yaml")
    waiting = subprocess.Popen(
        [*COMMAND, "plan", "-i", "inventory.yaml"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )

    with (tmp_path / "inventory.yaml").open("w"):  # opens once the command reads the other end
        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=60)

    assert (waiting.returncode, out, err) == (ExitCode.INTERRUPTED, b"", b"")


def test_the_installed_script_is_the_same_command() -> None:
    script = Path(sys.executable).with_name("gatewatch")

    ran = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)

    assert ran.stdout.startswith("gatewatch ")


def test_help_comes_on_stdout_and_exits_0() -> None:
    ran = run("check", "--help")

    assert ran.returncode == ExitCode.OK
    assert "exit codes:" in ran.stdout
    assert "examples:" in ran.stdout

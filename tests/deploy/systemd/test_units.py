"""The units are what systemd understands, keep the services in, and name whom they run as."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from gatewatch.cli import build_parser

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
NAMES = ("gatewatch-collector.service", "gatewatch-probe.service")
EXPOSURE = 1.1
"""Of 10. What is left: the network, the socket families that it needs, and the host's own files."""
ANY_UNIT = pytest.mark.parametrize("name", NAMES)


def settings(name: str) -> list[str]:
    lines = (UNITS / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "["))]


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.needs("systemd-analyze")
@ANY_UNIT
def test_systemd_has_nothing_to_say_of_a_unit(name: str, tmp_path: Path) -> None:
    text = (UNITS / name).read_text("utf-8")
    # It looks for the program, which is not installed here.
    (tmp_path / name).write_text(text.replace("/opt/gatewatch/bin/gatewatch", "/bin/true"), "utf-8")

    verified = ran("systemd-analyze", "verify", "--man=no", str(tmp_path / name))

    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


@pytest.mark.needs("systemd-analyze")
@ANY_UNIT
def test_a_service_is_kept_in(name: str) -> None:
    said = ran("systemd-analyze", "security", "--offline=true", "--no-pager", str(UNITS / name))

    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    assert level, said.stdout + said.stderr
    assert float(level[1]) <= EXPOSURE


@ANY_UNIT
def test_a_service_has_no_capability_and_is_not_root(name: str) -> None:
    assert {
        "User=gatewatch",
        "CapabilityBoundingSet=",
        "AmbientCapabilities=",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
    } <= set(settings(name))


@ANY_UNIT
def test_a_service_runs_a_command_that_there_is(name: str) -> None:
    [line] = [one for one in settings(name) if one.startswith("ExecStart=")]
    program, command, *words = shlex.split(line.removeprefix("ExecStart="))

    assert program == "/opt/gatewatch/bin/gatewatch"
    assert build_parser(command).parse_args([command, *words]).command == command


@ANY_UNIT
def test_nothing_ends_a_service_for_good(name: str) -> None:
    assert {"Restart=always", "StartLimitIntervalSec=0"} <= set(settings(name))


def test_both_are_kept_in_alike_but_for_proc() -> None:
    """The collector tells when it began, which it reads in /proc/stat."""
    walls = ("Protect", "Private", "Restrict", "Proc")
    collector, probe = ({one for one in settings(name) if one.startswith(walls)} for name in NAMES)

    assert collector ^ probe == {"ProcSubset=pid"}


@pytest.mark.needs("systemd-sysusers")
def test_their_user_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()

    made = ran("systemd-sysusers", f"--root={tmp_path}", str(UNITS / "gatewatch.sysusers.conf"))

    assert made.returncode == 0, made.stderr
    [line] = (tmp_path / "etc" / "passwd").read_text("utf-8").splitlines()
    name, _, uid, _, _, home, shell = line.split(":")
    assert (name, home) == ("gatewatch", "/var/lib/gatewatch")
    assert 0 < int(uid) < 1000
    assert shell.endswith("nologin")

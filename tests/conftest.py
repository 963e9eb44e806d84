"""What holds for every test: it names what it needs of the system, and CI skips nothing."""

import os
import shutil
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

SYSTEM_PACKAGES = Path(__file__).parent.parent / "tools" / "system-packages.txt"
IN_CI = os.environ.get("CI") == "true"
LONG = (
    "end_to_end/test_alerts_arrive.py",
    "collector/web/test_page.py",
    "gatewatch/demo/test_program.py",
    "collector/api/test_schemathesis.py",
    "collector/web/test_places.py",
    "peers/test_independent_sql_clients.py",
    "collector/web/test_firewalled.py",
    "gatewatch/test_command_line_page.py",
    "deploy/grafana/test_generate.py",
    "probe/checks/test_bad_peers.py",
    "probe/checks/test_wrong_services.py",
    "collector/web/test_themes.py",
    "probe/test_program.py",
)
"""Files that run first, longest first, so that the other worker is not kept waiting for them."""


def package_of(command: str) -> str:
    """Look up which system package brings a command."""
    for line in SYSTEM_PACKAGES.read_text(encoding="utf-8").splitlines():
        match line.split():
            case [package, provided, *_] if provided == command:
                return package
    raise LookupError(f"{command} is not in tools/system-packages.txt: add it with its package")


def is_there(command: str) -> bool:
    """Look a command up on the PATH; a path, which may be a pattern, where it says."""
    if command.startswith("/"):
        return any(Path("/").glob(command.removeprefix("/")))
    return shutil.which(command) is not None


def pytest_configure() -> None:
    """Let no test depend on who started it.

    Debian keeps commands from the PATH of those who are not root; a shell has what it runs in the
    background ignore Ctrl-C, and so would every process that a test starts and interrupts.
    """
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files run first; the others keep their order."""
    turns = {Path(__file__).parent / name: turn for turn, name in enumerate(LONG)}
    items.sort(key=lambda item: turns.get(item.path, len(LONG)))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose `needs` names a command that this machine lacks."""
    for mark in item.iter_markers("needs"):
        for command in mark.args:
            package = package_of(command)
            if not is_there(command):
                pytest.skip(f"needs {command} (package {package})")


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Say why a test was skipped."""
    match report.longrepr:
        case (_, _, str(reason)):
            return reason.removeprefix("Skipped: ")
        case _:
            return str(getattr(report, "wasxfail", report.longrepr))


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip or an expected failure into a failure where nothing may be left out."""
    if IN_CI and report.skipped:
        report.longrepr = f"left out, and CI leaves nothing out: {reason_of(report)}"
        report.outcome = "failed"
        vars(report).pop("wasxfail", None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge each test once pytest's own skips and expected failures are in."""
    report = yield
    refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Judge each module: one may skip itself as a whole."""
    report = yield
    refuse_skip(report)
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:  # pytest exports no type for it
    """Name what was left out, just above the closing line."""
    left_out = [
        report
        for outcome in ("skipped", "xfailed")
        for report in terminalreporter.stats.get(outcome, [])
    ]
    if left_out:
        terminalreporter.section("left out")
    for report in left_out:
        terminalreporter.line(f"{report.nodeid}: {reason_of(report)}")

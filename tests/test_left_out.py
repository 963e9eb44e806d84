"""What may be left out of a run, where, and how it is said."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOWHERE = "gatewatch-no-such-command"
NEEDS = f"""\
import pytest

@pytest.mark.needs("{NOWHERE}")
def test_of_a_missing_command():
    raise AssertionError("it ran")

@pytest.mark.needs("sh")
def test_of_a_present_command():
    pass
"""
EXPECTED_FAILURE = """\
import pytest

@pytest.mark.xfail(reason="known to be wrong")
def test_of_something_wrong():
    raise AssertionError
"""
SKIPPED_MODULE = """\
import pytest

pytest.skip("not today", allow_module_level=True)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with our rules and one system package that does not exist."""
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tools" / "system-packages.txt").write_text(
        f"# package command what needs it\n"
        f"no-package {NOWHERE} the test of a test\n"
        f"dash sh shells\n"
    )
    return tmp_path


def run(tree: Path, *command: str, ci: bool = False, **variables: str) -> tuple[int, str]:
    """Run a command there; answers its exit code and what it printed."""
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    environment |= {"CI": "true" if ci else "", **variables}
    done = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def run_pytest(tree: Path, source: str, *options: str, ci: bool) -> tuple[int, str]:
    """Run pytest there over one test module."""
    (tree / "tests" / "test_it.py").write_text(source)
    return run(tree, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, ci=ci)


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_missing_command_leaves_its_test_out_by_name(
    tree: Path, options: tuple[str, ...]
) -> None:
    code, printed = run_pytest(tree, NEEDS, *options, ci=False)

    assert code == 0
    assert f"::test_of_a_missing_command: needs {NOWHERE} (package no-package)" in printed
    assert "1 passed, 1 skipped" in printed.splitlines()[-1]


@pytest.mark.parametrize(
    ("source", "reason", "closing"),
    [
        (NEEDS, f"needs {NOWHERE} (package no-package)", "1 passed, 1 error"),
        (EXPECTED_FAILURE, "known to be wrong", "1 failed"),
        (SKIPPED_MODULE, "not today", "1 error"),
    ],
    ids=["command", "xfail", "module"],
)
def test_ci_fails_for_what_is_left_out(tree: Path, source: str, reason: str, closing: str) -> None:
    code, printed = run_pytest(tree, source, "-n", "1", ci=True)

    assert code != 0
    assert f"left out, and CI leaves nothing out: {reason}" in printed
    assert closing in printed.splitlines()[-1]


def test_a_command_that_no_package_brings_is_an_error(tree: Path) -> None:
    source = NEEDS.replace(f'"{NOWHERE}"', '"gatewatch-unlisted-command"')

    code, printed = run_pytest(tree, source, ci=False)

    assert code == 1
    assert "gatewatch-unlisted-command is not in tools/system-packages.txt" in printed


@pytest.mark.parametrize(("ci", "expected"), [(False, 0), (True, 1)], ids=["at home", "CI"])
def test_the_closing_step_names_the_package_and_what_needs_it(
    tree: Path, ci: bool, expected: int
) -> None:
    code, printed = run(tree, "tools/system_packages.sh", "left-out", ci=ci)

    assert code == expected
    assert printed.splitlines() == [
        "Left out, for want of a system package:",
        f"  the test of a test: install no-package (it brings {NOWHERE})",
    ]


def test_a_file_may_stand_for_a_package_and_be_a_pattern(tree: Path) -> None:
    there, missing = f"{tree}/*/test_it.py", f"{tree}/*/no-such-file"
    source = "\n".join(
        f"import pytest\n@pytest.mark.needs({path!r})\ndef test_of_{name}(): pass"
        for name, path in (("one", there), ("the_other", missing))
    )
    (tree / "tools" / "system-packages.txt").write_text(
        f"brings-it {there} this\nno-package {missing} the other\n"
    )

    _, printed = run_pytest(tree, source, ci=False)
    _, said = run(tree, "tools/system_packages.sh", "left-out")

    assert "1 passed, 1 skipped" in printed.splitlines()[-1]
    assert said.splitlines()[1:] == [f"  the other: install no-package (it brings {missing})"]


@pytest.mark.parametrize("ci", [False, True], ids=["at home", "CI"])
def test_nothing_is_said_when_nothing_is_missing(tree: Path, ci: bool) -> None:
    (tree / "tools" / "system-packages.txt").write_text("dash sh shells\n")

    assert run(tree, "tools/system_packages.sh", "left-out", ci=ci) == (0, "")
    assert run(tree, "tools/system_packages.sh", "install", ci=ci) == (0, "")


def test_who_may_not_install_is_told_what_to_install(tree: Path) -> None:
    (tree / "bin").mkdir()
    for command, body in {"id": "echo 1000", "sudo": "exit 1", "apt-get": "exit 99"}.items():
        (tree / "bin" / command).write_text(f"#!/bin/sh\n{body}\n")
        (tree / "bin" / command).chmod(0o755)

    code, printed = run(
        tree, "tools/system_packages.sh", "install", PATH=f"{tree}/bin:{os.environ['PATH']}"
    )

    assert code == 0
    assert printed.splitlines() == [
        "gatewatch: may not install no-package (neither root nor sudo without a password)"
    ]


def test_a_python_that_is_too_old_is_refused(tree: Path) -> None:
    code, printed = run(tree, "tools/venv.sh", "runtime", PYTHON="false")

    assert code == 1
    assert printed.splitlines() == [
        "gatewatch: PYTHON=false is not a Python of 3.11 or later: name one that is"
    ]
    assert not (tree / ".venv").exists()

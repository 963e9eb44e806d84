"""The locks hold every dependency of pyproject.toml, with hashes and without a registry's name."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
GROUPS = PYPROJECT["dependency-groups"]
EXTRAS = PROJECT["optional-dependencies"]
RUNTIME = [*PROJECT["dependencies"], *EXTRAS["collector"], *PYPROJECT["build-system"]["requires"]]
EVERYTHING = [
    *RUNTIME,
    *(requirement for extra in EXTRAS.values() for requirement in extra),
    *(requirement for group in GROUPS.values() for requirement in group),
]
OF_OUR_OWN = "gatewatch"


def read(lock: str) -> str:
    """Read one of the locks."""
    return (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")


def entries(lock: str) -> list[str]:
    """Split a lock in its entries, each a requirement followed by its hashes."""
    lines = [line for line in read(lock).splitlines() if line and not line.lstrip().startswith("#")]
    return "\n".join(lines).replace("\\\n", " ").splitlines()


def locked(lock: str) -> dict[str, set[str]]:
    """List the versions of every package of a lock; one that differs by platform has several."""
    versions: dict[str, set[str]] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.split("--hash", 1)[0].strip())
        [exact] = requirement.specifier
        assert exact.operator == "=="
        versions.setdefault(canonicalize_name(requirement.name), set()).add(exact.version)
    return versions


def unsatisfied(named: list[Any], lock: str) -> list[str]:
    """List the requirements that a lock does not hold, or at another version."""
    versions = locked(lock)

    def is_satisfied(requirement: Requirement) -> bool:
        held = versions.get(canonicalize_name(requirement.name))
        return held is not None and all(map(requirement.specifier.contains, held))

    requirements = [Requirement(text) for text in named if isinstance(text, str)]
    return [
        str(requirement)
        for requirement in requirements
        if requirement.name != OF_OUR_OWN and not is_satisfied(requirement)
    ]


def test_the_runtime_lock_holds_what_the_demo_needs() -> None:
    assert unsatisfied(RUNTIME, "runtime") == []


def test_the_dev_lock_holds_every_dependency_that_is_named() -> None:
    assert unsatisfied(EVERYTHING, "dev") == []


def test_a_dependency_that_is_not_locked_is_noticed() -> None:
    assert unsatisfied(["aiohttp>=1000", "gatewatch-missing"], "dev") == [
        "aiohttp>=1000",
        "gatewatch-missing",
    ]


def test_the_lock_of_the_image_holds_what_a_collector_over_postgresql_needs() -> None:
    assert unsatisfied([*RUNTIME, *EXTRAS["postgres"]], "image") == []


def test_the_dev_lock_holds_the_others() -> None:
    assert locked("runtime").items() <= locked("image").items() <= locked("dev").items()


@pytest.mark.parametrize("lock", ["runtime", "dev", "image"])
def test_every_entry_has_hashes(lock: str) -> None:
    assert [entry for entry in entries(lock) if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", ["runtime", "dev", "image"])
def test_a_lock_names_no_registry(lock: str) -> None:
    assert re.findall(r"\S*://\S*|^\s*--(?!hash).*", read(lock), re.MULTILINE) == []


def test_a_lock_serves_linux_and_windows() -> None:
    only_linux = [entry for entry in entries("runtime") if entry.startswith("uvloop==")]
    only_windows = [entry for entry in entries("dev") if entry.startswith("colorama==")]

    assert ["; sys_platform != 'win32' " in entry for entry in only_linux] == [True]
    assert ["; sys_platform == 'win32' " in entry for entry in only_windows] == [True]


def test_the_wheel_holds_the_four_packages_and_the_command() -> None:
    assert PROJECT["scripts"] == {"gatewatch": "gatewatch.cli:main"}
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [
        "flows",
        "probe",
        "collector",
        "gatewatch",
    ]
    assert "The Gatewatch authors" in (ROOT / "LICENSE").read_text(encoding="utf-8")

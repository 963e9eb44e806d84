"""The import contracts of pyproject.toml hold, and each kind of them notices what it forbids."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("flows", "probe", "collector", "gatewatch")
ARROWS = "Arrows point downwards, and probe and collector never meet"

HEAVY = (
    "aiohttp.web",
    "aiosqlite",
    "alembic",
    "asyncpg",
    "cryptography",
    "jinja2",
    "prometheus_client",
    "scapy",
    "sqlalchemy",
)
IMPORT_THE_PROBE = """\
import importlib, pkgutil, sys
import probe
for module in pkgutil.walk_packages(probe.__path__, "probe."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(*sorted(sys.modules))
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Our sources and their contracts, to be spoilt."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(tree: Path) -> list[str]:
    """Name the contracts that the sources of a tree break."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=tree,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    verdicts = [line.rsplit(" ", 1) for line in done.stdout.splitlines()]
    broken = [verdict[0] for verdict in verdicts if verdict[-1] == "BROKEN"]
    assert done.returncode == bool(broken), done.stdout + done.stderr
    return broken


def test_the_sources_keep_every_contract(copied: Path) -> None:
    assert broken_contracts(copied) == []


@pytest.mark.parametrize(
    ("files", "contract"),
    [
        ({"flows/spoilt.py": "import asyncio"}, "The domain is pure"),
        ({"flows/spoilt.py": "import probe"}, ARROWS),
        ({"probe/spoilt.py": "import collector"}, ARROWS),
        ({"collector/spoilt.py": "import probe"}, ARROWS),
        ({"collector/spoilt.py": "import gatewatch"}, ARROWS),
        ({"probe/wire/spoilt.py": "import ssl"}, "Bytes are read and written without sockets"),
        ({"probe/spoilt.py": "import cryptography"}, "A probe stays light"),
        ({"probe/spoilt.py": "import scapy.all"}, "Only probe.raw knows scapy"),
        (
            {"probe/checks/one.py": "import probe.checks.other", "probe/checks/other.py": ""},
            "Checks do not know each other",
        ),
    ],
)
def test_a_forbidden_import_breaks_its_contract(
    copied: Path, files: dict[str, str], contract: str
) -> None:
    for name, source in files.items():
        (copied / name).write_text(source)

    assert contract in broken_contracts(copied)


def test_a_probe_loads_nothing_of_a_server() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_THE_PROBE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    loaded = done.stdout.split()

    assert done.stderr == ""
    assert "probe" in loaded
    assert [name for name in HEAVY if name in loaded] == []

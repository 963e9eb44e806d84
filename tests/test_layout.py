"""The tree keeps its house rules: every module has its twin test, and nothing grows too long."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePath

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("flows", "probe", "collector", "gatewatch")
PLACES = (*PACKAGES, "tests", "tools", "bench", "deploy")
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60
NOTE_TO_SELF = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")

WITHOUT_TWIN = {
    "flows/errors.py": "exceptions: each is seen by the test of what raises it",
}


def modules(*places: str) -> Iterator[PurePath]:
    """List every module below folders of the tree, by its path in it."""
    for place in places:
        for path in sorted((ROOT / place).rglob("*.py")):
            yield path.relative_to(ROOT)


def twin(module: PurePath) -> PurePath:
    """Say where the test of a module stands."""
    return PurePath("tests", module.parent, f"test_{module.name}")


def functions(module: PurePath) -> Iterator[tuple[str, int]]:
    """List the functions of a module by place and name, with their lines."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{module}:{node.lineno}: {node.name}", (node.end_lineno or 0) - node.lineno + 1


def listed(lines: Iterator[str]) -> str:
    """Write what was found one below the other; empty where nothing was."""
    return "\n".join(lines)


def test_every_module_has_its_twin() -> None:
    alone = listed(
        f"{module}: write its test in {twin(module)}"
        for module in modules(*PACKAGES)
        if not module.stem.startswith("__")
        and str(module) not in WITHOUT_TWIN
        and not (ROOT / twin(module)).exists()
    )

    assert not alone, alone


def test_every_exception_to_the_twins_still_stands() -> None:
    stale = [name for name in WITHOUT_TWIN if not (ROOT / name).exists()]
    unneeded = [name for name in WITHOUT_TWIN if (ROOT / twin(PurePath(name))).exists()]

    assert (stale, unneeded) == ([], [])


def test_mypy_reads_every_folder_that_holds_python() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]

    holding = [place for place in PLACES if next(modules(place), None) is not None]

    assert set(settings["files"]) == set(holding)


def test_no_module_is_longer_than_anyone_reads() -> None:
    lengths = {
        m: len((ROOT / m).read_text(encoding="utf-8").splitlines()) for m in modules(*PLACES)
    }
    long = listed(
        f"{module}: {length} lines, split it (at most {MOST_LINES})"
        for module, length in lengths.items()
        if length > MOST_LINES
    )

    assert not long, long


def test_no_function_is_longer_than_a_glance() -> None:
    long = listed(
        f"{where}: {length} lines, split it (at most {MOST_LINES_OF_A_FUNCTION})"
        for module in modules(*PLACES)
        for where, length in functions(module)
        if length > MOST_LINES_OF_A_FUNCTION
    )

    assert not long, long


def test_no_note_to_self_is_left() -> None:
    notes = listed(
        f"{module}:{number}: do it, or open an issue: {line.strip()}"
        for module in modules(*PLACES)
        for number, line in enumerate((ROOT / module).read_text(encoding="utf-8").splitlines(), 1)
        if NOTE_TO_SELF.search(line)
    )

    assert not notes, notes


@pytest.mark.parametrize(
    ("line", "found"),
    [("# TO" + "DO later", True), ("# FIX" + "ME", True), ("mastodon = 1", False)],
)
def test_a_note_to_self_is_recognised(line: str, found: bool) -> None:
    assert bool(NOTE_TO_SELF.search(line)) is found

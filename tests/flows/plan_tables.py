"""Plans written by hand: `tests/data/design-plan.txt` and `tests/data/plans/*.txt`.

A line is a path with its cells between bars; `#` begins a remark, `-` is a phase that asks nothing.
A table that begins with `flows:` speaks of these flows only, one with `paths:` of the paths that
match these globs only.
"""

from fnmatch import fnmatchcase
from pathlib import Path as File

from flows.hosts import Version
from flows.inventory import Inventory
from flows.inventory_reading import read_inventory
from flows.phases import PHASES
from flows.plan import Path, Plan
from flows.versions import Versions

DATA = File(__file__).parent.parent / "data"
PLANS = DATA / "plans"
Table = dict[str, tuple[str, ...]]


def inventory_of(file: File) -> Inventory:
    """Read an inventory of the test data."""
    return read_inventory(file.read_text(encoding="utf-8"), file.name)


def lines_of(file: File) -> list[str]:
    """List the lines of a table that say something."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def by_hand(file: File) -> Table:
    """Read a table: path to its service, scope, groups, five phases and row of the guide."""
    table: Table = {}
    for line in lines_of(file):
        if "|" in line:
            path, *cells = (cell.strip() for cell in line.split("|"))
            assert path not in table, f"{file.name} has {path} twice"
            assert len(cells) == 9, line
            table[path] = tuple(cells)
    return table


def patterns_of(file: File) -> list[str]:
    """List the globs of path ids that a table speaks of; it may be the whole plan."""
    for line in lines_of(file):
        match line.split():
            case ["flows:", *flows]:
                return [f"{flow}:*" for flow in flows]
            case ["paths:", *globs]:
                return globs
            case _:
                pass
    return ["*"]


def by_program(plan: Plan, patterns: list[str]) -> Table:
    """Write a plan in the same way."""
    return {
        path.id: cells_of(path)
        for path in plan
        if any(fnmatchcase(path.id, pattern) for pattern in patterns)
    }


def cells_of(path: Path) -> tuple[str, ...]:
    """Write the cells of one path."""
    phases = (str(path.expect.get(phase, "-")) for phase in PHASES)
    return (path.service, path.scope, " ".join(path.groups), *phases, path.guide)


def versions_of(file: File, inventory: Inventory) -> Versions:
    """Read what a table says was set and shown at run time, as in `set: be-01=2.7.1`."""
    said: dict[str, dict[str, Version]] = {"set:": {}, "shown:": {}}
    for line in lines_of(file):
        kind, *pairs = line.split()
        if kind in said:
            split = (pair.split("=") for pair in pairs)
            said[kind].update((host, Version(version)) for host, version in split)
    return Versions(inventory, said["set:"], said["shown:"])

"""The operator's inventory file, and which of its paths a command is about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path as File

from flows.errors import UsageError
from flows.inventory import Inventory
from flows.inventory_reading import read_inventory
from flows.phases import Phase
from flows.plan import Path


def read_text(file: str) -> str:
    """Read a text file; raises UsageError where it cannot be read."""
    try:
        return File(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file} is not UTF-8 text (byte {error.start + 1}); save it as UTF-8"
        ) from None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from None


def read_estate(file: str) -> Inventory:
    """Read an inventory file.

    Raises Refused with every problem of the file, UsageError where it cannot be read.
    """
    return read_inventory(read_text(file), file)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which paths are asked for: globs over names, any of each kind; none of a kind is all."""

    flows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()

    def of(self, paths: Iterable[Path], phase: Phase | None = None) -> Iterator[Path]:
        """Walk the paths that match and, if a phase is named, that it expects anything of."""
        for path in paths:
            if (phase is None or phase in path.expect) and self._takes(path):
                yield path

    def _takes(self, path: Path) -> bool:
        return (
            _any(self.flows, path.flow)
            and _any(self.sources, path.src)
            and _any(self.destinations, path.dst)
        )


def _any(globs: tuple[str, ...], name: str) -> bool:
    return not globs or any(fnmatchcase(name, glob) for glob in globs)

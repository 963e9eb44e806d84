"""What the programs cannot do, said to the operator in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass


class GatewatchError(Exception):
    """Root of what our programs cannot do; its text is one sentence for the operator."""


class UsageError(GatewatchError):
    """The command or a call asks for something that does not exist or makes no sense."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a file: where it stands and what to do about it."""

    file: str
    line: int
    """Counted from 1."""
    path: str
    """Keys down to the value, as in `hosts.pc-001.roles[0]`; empty for the whole file."""
    text: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}: {where}{self.text}"


class Refused(GatewatchError):  # noqa: N818 - the operator's word: a file is refused
    """A file that was refused, with every problem that it has."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

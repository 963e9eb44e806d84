"""From nodes to values: every problem of a file in one pass, each with its line and a remedy.

A reader takes a `Value` and returns what it means, or raises `Unfit`; `Fields` turns that into a
Problem, goes on with a fallback, and the file is refused as a whole at the end.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar, assert_never

from flows.errors import Problem, Refused
from flows.yamltext import Mapping, Node, Scalar, Sequence, compose

T = TypeVar("T")

NULL = re.compile(r"~|null|Null|NULL|")
"""What YAML takes for null when it is not quoted."""
_SUGGESTED = 50
"""Problems of a file up to which names are suggested."""


class Unfit(Exception):  # noqa: N818 - it never leaves a file's reading, and is no error of ours
    """A value does not mean what its place asks for."""


@dataclass(slots=True)
class Reading:
    """The problems of one file, so far."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, path: str, text: str) -> None:
        """Note a problem and go on."""
        self.problems.append(Problem(self.file, line, path, text))

    def did_you_mean(self, word: str, names: Iterable[str]) -> str:
        """Suggest one of the operator's own names, while the problems are few.

        Each suggestion among 20,000 hosts takes 40 ms; for thousands of them nobody would wait.
        """
        return did_you_mean(word, names) if len(self.problems) < _SUGGESTED else ""

    def finish(self) -> None:
        """Raise Refused if anything was wrong."""
        if self.problems:
            raise Refused(self.problems)


@dataclass(frozen=True, slots=True)
class Value:
    """A node and where it stands."""

    node: Node
    path: str
    reading: Reading

    def refuse(self, text: str) -> None:
        """Note a problem with this value and go on."""
        self.reading.refuse(self.node.line, self.path, text)

    def refuse_key(self, key: str, text: str) -> None:
        """Note a problem with a key of a mapping, on the key's own line, and go on."""
        line = self.node.key_lines[key] if isinstance(self.node, Mapping) else self.node.line
        self.reading.refuse(line, f"{self.path}.{key}" if self.path else key, text)

    def fields(self, known: Iterable[str]) -> "Fields":
        """See the value as a mapping with these keys; others are noted as unknown."""
        return Fields(self, known)

    def items(self) -> "Iterator[Value]":
        """Walk the items of a list."""
        if not isinstance(self.node, Sequence):
            raise Unfit(f"a list is needed, not {kind_of(self.node)}")
        for index, item in enumerate(self.node.items):
            yield Value(item, f"{self.path}[{index}]", self.reading)

    def entries(self) -> "Iterator[tuple[str, Value]]":
        """Walk the entries of a mapping whose keys are the operator's own."""
        if not isinstance(self.node, Mapping):
            raise Unfit(f"a mapping is needed, not {kind_of(self.node)}")
        prefix = f"{self.path}." if self.path else ""
        for key, item in self.node.entries.items():
            yield key, Value(item, prefix + key, self.reading)


class Fields:
    """A mapping with known keys."""

    def __init__(self, value: Value, known: Iterable[str]) -> None:
        self.value = value
        self._reading = value.reading
        self._prefix = f"{value.path}." if value.path else ""
        self._mapping = Mapping(value.node.line, {}, {})
        if not isinstance(value.node, Mapping):
            value.refuse(f"a mapping is needed, not {kind_of(value.node)}")
            return
        self._mapping = value.node
        for key in value.node.entries:
            if key not in known:
                line = value.node.key_lines[key]
                hint = did_you_mean(key, known)
                self._reading.refuse(line, self._prefix + key, f"unknown key{hint}")

    def __contains__(self, key: str) -> bool:
        return key in self._mapping.entries

    def at(self, key: str) -> Value:
        """Find the value of a key that is there."""
        return Value(self._mapping.entries[key], self._prefix + key, self._reading)

    def refuse(self, key: str, text: str) -> None:
        """Note a problem with a key that is there, on the key's own line."""
        self._reading.refuse(self._mapping.key_lines[key], self._prefix + key, text)

    def items(self, key: str) -> Iterator[Value]:
        """Walk a list that was read before; what is no list was refused then."""
        value = self.at(key)
        return value.items() if isinstance(value.node, Sequence) else iter(())

    def optional(self, key: str, read: Callable[[Value], T], default: T) -> T:
        """Read a key that may be absent."""
        node = self._mapping.entries.get(key)
        if node is None:
            return default
        return attempt(Value(node, self._prefix + key, self._reading), read, default)

    def required(self, key: str, read: Callable[[Value], T], fallback: T) -> T:
        """Read a key that must be there; the fallback only serves to find further problems."""
        if key not in self._mapping.entries:
            if isinstance(self.value.node, Mapping):
                self._reading.refuse(self.value.node.line, self._prefix + key, "is required")
            return fallback
        return self.optional(key, read, fallback)


def attempt(value: Value, read: Callable[[Value], T], fallback: T) -> T:
    """Read a value; note what is wrong with it and go on with the fallback."""
    try:
        return read(value)
    except Unfit as unfit:
        value.refuse(str(unfit))
        return fallback


def open_text(text: str, file: str) -> Value:
    """Compose a file's text, with what is wrong with it so far; raises Refused if it is no YAML."""
    root, problems = compose(text, file)
    return Value(root, "", Reading(file, problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word, in brackets; nothing when none is near."""
    near = nearest(word, known)
    return f" (did you mean '{near}'?)" if near else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that a misspelt one most likely stands for; None when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else None


def kind_of(node: Node) -> str:
    """Name what stands there, for a message."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(text=text, quoted=False) if NULL.fullmatch(text):
            return "null"
        case Scalar(text=text):
            return f"'{text}'"
        case _:
            assert_never(node)

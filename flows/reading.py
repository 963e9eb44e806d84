"""From nodes to values: every problem of a file in one pass, each with its line and a remedy.

A reader takes a `Value` and returns what it means, or raises `Unfit`; `Fields` turns that into a
Problem, goes on with a fallback, and the file is refused as a whole at the end.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import TypeVar

from flows.errors import Problem, Refused
from flows.yamltext import Mapping, Node, Scalar, Sequence, compose

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)

_NULL = re.compile(r"~|null|Null|NULL|")
_NOT_TEXT = re.compile(
    r"true|false|yes|no|on|off|y|n|[-+]?(0x[0-9a-f_]+|[\d_]+(:[0-5]?\d)*(\.[\d_]*)?(e[-+]?\d+)?)"
    r"|[-+]?\.(\d+|inf|nan)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZES = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


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

    def fields(self, known: Iterable[str]) -> "Fields":
        """See the value as a mapping with these keys; others are noted as unknown."""
        return Fields(self, known)

    def items(self) -> "Iterator[Value]":
        """Walk the items of a list."""
        if not isinstance(self.node, Sequence):
            raise Unfit(f"a list is needed, not {_kind(self.node)}")
        for index, item in enumerate(self.node.items):
            yield Value(item, f"{self.path}[{index}]", self.reading)

    def entries(self) -> "Iterator[tuple[str, Value]]":
        """Walk the entries of a mapping whose keys are the operator's own."""
        if not isinstance(self.node, Mapping):
            raise Unfit(f"a mapping is needed, not {_kind(self.node)}")
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
            value.refuse(f"a mapping is needed, not {_kind(value.node)}")
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
    """Compose a file's text; raises Refused when it is no YAML."""
    return Value(compose(text, file), "", Reading(file))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word, in brackets; nothing when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _kind(node: Node) -> str:
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(text=text, quoted=False) if _NULL.fullmatch(text):
            return "null"
        case Scalar(text=text):
            return f"'{text}'"


def word_of(value: Value) -> str:
    """Read one scalar as it was typed, quoted or not; null is refused."""
    node = value.node
    if not isinstance(node, Scalar):
        raise Unfit(f"one value is needed, not {_kind(node)}")
    if not node.quoted and _NULL.fullmatch(node.text):
        raise Unfit("null is refused; give a value or remove the key")
    return node.text


def text(value: Value) -> str:
    """Read text; what YAML would take for a number or a truth value must be quoted."""
    word = word_of(value)
    assert isinstance(value.node, Scalar)  # noqa: S101 - word_of saw to it
    if not value.node.quoted and _NOT_TEXT.fullmatch(word):
        raise Unfit(f'text is needed; quote it: "{word}"')
    if not word.strip():
        raise Unfit("text is needed, not an empty string")
    return word


def name(value: Value) -> str:
    """Read a name of a host, group or flow."""
    word = word_of(value)
    if not _NAME.fullmatch(word):
        raise Unfit(f"'{word}' is not a name (letters, digits and inner hyphens, at most 63)")
    return word


def flag(value: Value) -> bool:
    """Read true or false."""
    word = word_of(value)
    if word not in {"true", "false"} or (isinstance(value.node, Scalar) and value.node.quoted):
        raise Unfit(f"true or false is needed, not '{word}'")
    return word == "true"


def number(low: int, high: int) -> Callable[[Value], int]:
    """Make a reader of whole numbers in a range."""

    def read(value: Value) -> int:
        word = word_of(value)
        quoted = isinstance(value.node, Scalar) and value.node.quoted
        if quoted or not re.fullmatch(r"-?\d{1,18}", word):
            raise Unfit(f"a whole number is needed, not '{word}'")
        if not low <= int(word) <= high:
            raise Unfit(f"{int(word)} is not between {low} and {high}")
        return int(word)

    return read


def port(value: Value) -> int:
    """Read a TCP or UDP port."""
    word = word_of(value)
    quoted = isinstance(value.node, Scalar) and value.node.quoted
    if quoted or not re.fullmatch(r"\d{1,9}", word) or not 1 <= int(word) <= 65535:
        raise Unfit(f"'{word}' is not a port (1 to 65535)")
    return int(word)


def one_of(words: type[Word], what: str) -> Callable[[Value], Word]:
    """Make a reader of a closed vocabulary; `what` names it in the message."""

    def read(value: Value) -> Word:
        word = word_of(value)
        try:
            return words(word)
        except ValueError:
            known = [member.value for member in words]
            hint = did_you_mean(word, known) or f" (one of {', '.join(known)})"
            raise Unfit(f"unknown {what} '{word}'{hint}") from None

    return read


def address(value: Value) -> str:
    """Read an IP literal (brackets are taken off) or a DNS name."""
    word = word_of(value)
    literal = word[1:-1] if word.startswith("[") and word.endswith("]") else word
    try:
        return str(ip_address(literal))
    except ValueError:
        pass
    labels = word.removesuffix(".").split(".")
    if len(word) > 253 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        raise Unfit(f"'{word}' is neither an IP address nor a DNS name")
    return word


def duration(value: Value) -> float:
    """Read a duration such as 15s, 500ms or 24h, in seconds."""
    word = word_of(value)
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)", word)
    if not found:
        raise Unfit(f"'{word}' is not a duration such as 15s or 24h")
    return float(found[1]) * _UNITS[found[2]]


def size(value: Value) -> int:
    """Read a size such as 64MiB, in bytes."""
    word = word_of(value)
    found = re.fullmatch(r"(\d{1,12})(B|KiB|MiB|GiB|)", word)
    if not found:
        raise Unfit(f"'{word}' is not a size such as 64MiB")
    return int(found[1]) * _SIZES[found[2]]


def list_of(read: Callable[[Value], T]) -> Callable[[Value], tuple[T, ...]]:
    """Make a reader of lists; a bad item is noted and left out."""

    def read_all(value: Value) -> tuple[T, ...]:
        missing = object()
        items: list[T] = []
        for item in value.items():
            got: T | object = attempt(item, read, missing)
            if got is not missing:
                items.append(got)  # type: ignore[arg-type] # the sentinel was just ruled out
        return tuple(items)

    return read_all

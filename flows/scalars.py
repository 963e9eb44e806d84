"""Readers of single values: what a text in a file means, or one sentence why it means nothing."""

import re
from collections.abc import Callable
from enum import StrEnum
from ipaddress import ip_address
from typing import TypeVar

from flows.names import NAME
from flows.reading import NULL, Unfit, Value, attempt, did_you_mean, kind_of
from flows.yamltext import Scalar

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)

_NOT_TEXT = re.compile(
    r"true|false|yes|no|on|off|y|n|[-+]?(0x[0-9a-f_]+|[0-9_]+(:[0-5]?[0-9])*(\.[0-9_]*)?(e[-+]?[0-9]+)?)"
    r"|[-+]?\.([0-9]+|inf|nan)",
    re.IGNORECASE,
)
LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZES = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def word_of(value: Value) -> str:
    """Read one scalar as it was typed, quoted or not; null is refused."""
    node = value.node
    if not isinstance(node, Scalar):
        raise Unfit(f"one value is needed, not {kind_of(node)}")
    if not node.quoted and NULL.fullmatch(node.text):
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
    return named(word_of(value))


def named(word: str) -> str:
    """Check a name that stands as a key."""
    if not NAME.fullmatch(word):
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
        if quoted or not re.fullmatch(r"-?[0-9]{1,18}", word):
            raise Unfit(f"a whole number is needed, not '{word}'")
        if not low <= int(word) <= high:
            raise Unfit(f"{int(word)} is not between {low} and {high}")
        return int(word)

    return read


def port(value: Value) -> int:
    """Read a TCP or UDP port."""
    word = word_of(value)
    quoted = isinstance(value.node, Scalar) and value.node.quoted
    if quoted or not re.fullmatch(r"[0-9]{1,9}", word) or not 1 <= int(word) <= 65535:
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
    """Read an IP literal (brackets are taken off) or a DNS name; names know no case."""
    return addressed(word_of(value))


def addressed(word: str) -> str:
    """Check an address that is not in a file."""
    literal = word[1:-1] if word.startswith("[") and word.endswith("]") else word
    try:
        return str(ip_address(literal))
    except ValueError:
        pass
    labels = word.removesuffix(".").split(".")
    if len(word) > 253 or labels[-1].isdigit() or not all(map(LABEL.fullmatch, labels)):
        raise Unfit(f"'{word}' is neither an IP address nor a DNS name")
    return word.lower()


def duration(value: Value) -> float:
    """Read a duration such as 15s, 500ms or 24h, in seconds."""
    word = word_of(value)
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h|d)", word)
    if not found:
        raise Unfit(f"'{word}' is not a duration such as 15s or 24h")
    return float(found[1]) * _UNITS[found[2]]


def size(value: Value) -> int:
    """Read a size such as 64MiB, in bytes."""
    word = word_of(value)
    found = re.fullmatch(r"([0-9]{1,12})(B|KiB|MiB|GiB|)", word)
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

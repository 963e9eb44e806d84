"""YAML as its author typed it: every node with its line, scalars not yet interpreted.

Interpreting late keeps `2.10` from becoming 2.1 and `no` from becoming false, names duplicate keys,
and reads a 20,000-host inventory in a fraction of what building YAML's own nodes costs.
"""

from collections.abc import Iterator

import msgspec
import yaml

from flows.errors import Problem, Refused

_DEEPEST = 24
_UNTAGGED = frozenset({None, "!"})
_TAGGED = "a YAML tag has no meaning here; remove it"
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where the wheel carries it; the same events otherwise, ten times slower."""


class Scalar(msgspec.Struct, frozen=True):
    """One value; `quoted` tells text from what YAML would interpret."""

    line: int
    text: str
    quoted: bool


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    line: int
    items: list["Node"]


class Mapping(msgspec.Struct, frozen=True):
    """Keys and values, in the order of the file, with the line of each key."""

    line: int
    entries: dict[str, "Node"]
    key_lines: dict[str, int]


Node = Scalar | Sequence | Mapping


def compose(text: str, file: str) -> tuple[Node, list[Problem]]:
    """Build the nodes of the one document in a text, and list what is wrong with them.

    That is: tags, keys that are repeated or no words, further documents.
    Raises Refused for what is no YAML, is empty or too deep.
    """
    composer = _Composer(file)
    try:
        root = composer.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Refused([Problem(file, line, "", f"not YAML: {error.problem}")]) from error
    except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
        raise Refused([_unfit_character(text, error, file)]) from error
    return root, composer.problems


def _unfit_character(
    text: str, error: yaml.reader.ReaderError | UnicodeEncodeError, file: str
) -> Problem:
    """Say where a character stands that YAML does not allow; libyaml counts bytes of UTF-8."""
    if isinstance(error, UnicodeEncodeError):
        line, character = text.count("\n", 0, error.start) + 1, ord(text[error.start])
    else:
        line, character = text.encode().count(b"\n", 0, error.position) + 1, error.character
    return Problem(file, line, "", f"not YAML: the character U+{character:04X} has no place in it")


class _Composer:
    """Turns parser events into nodes, and remembers what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._anchors: dict[str, Node] = {}

    def document(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    self._refuse(event, "", "a second document; one file holds one")
                    return root
                root = self._node(event, events, "", 0)
        if root is None:
            raise Refused([Problem(self.file, 1, "", "the file is empty")])
        return root

    def _refuse(self, event: yaml.Event, path: str, text: str) -> None:
        self.problems.append(Problem(self.file, _line(event), path, text))

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: str, depth: int) -> Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if depth > _DEEPEST:
            problem = Problem(self.file, line, path, f"nested deeper than {_DEEPEST} levels")
            raise Refused([*self.problems, problem])
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(line, event.value, quoted=bool(event.style))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Sequence(line, self._items(events, path, depth))
        else:
            node = self._mapping(line, events, path, depth)
        if getattr(event, "tag", None) not in _UNTAGGED:
            self._refuse(event, path, _TAGGED)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, event: yaml.AliasEvent, path: str) -> Node:
        node = self._anchors.get(event.anchor or "")
        if node is None:
            problem = Problem(self.file, _line(event), path, f"unknown alias '*{event.anchor}'")
            raise Refused([*self.problems, problem])
        return node

    def _items(self, events: Iterator[yaml.Event], path: str, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, f"{path}[{len(items)}]", depth + 1))
        return items

    def _mapping(self, line: int, events: Iterator[yaml.Event], path: str, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        prefix = f"{path}." if path else ""
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, path, "a key must be a plain word")
                self._node(event, events, path, depth + 1)
                self._node(next(events), events, path, depth + 1)
                continue
            key = event.value
            if event.tag not in _UNTAGGED:
                self._refuse(event, prefix + key, _TAGGED)
            node = self._node(next(events), events, prefix + key, depth + 1)
            if key in entries:
                self._refuse(event, prefix + key, f"duplicate key, first on line {lines[key]}")
                continue
            entries[key] = node
            lines[key] = _line(event)
        return Mapping(line, entries, lines)


def _line(event: yaml.Event) -> int:
    """Lines count from 1; an event without a mark does not come from a parser."""
    return event.start_mark.line + 1 if event.start_mark else 1

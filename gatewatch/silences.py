"""What operators say of paths for a time: giving, listing and taking back, whatever its kind."""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import msgspec

from flows.errors import UsageError
from gatewatch.api_client import ask, connection_of, decoded, show_json, tell
from gatewatch.arguments import add_connection
from gatewatch.exit_codes import ExitCode
from gatewatch.moments import end_of
from gatewatch.terminal import FAINT, console, moment, printable, styled, table


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver, an attestation or a maintenance window, as the collector tells of it."""

    until: datetime
    id: str | None = None
    """None: it stands in the inventory."""
    path: str | None = None
    hosts: str | None = None
    site: str | None = None
    reason: str = ""
    evidence: str = ""
    begins: datetime | None = msgspec.field(default=None, name="from")
    in_force: bool = True
    by: str | None = None

    @property
    def about(self) -> str:
        """What it is about."""
        return self.path or self.hosts or f"site {self.site}"


@dataclass(frozen=True, slots=True)
class Face:
    """A kind that is said of paths by a pattern."""

    call: str
    """Of the API."""
    word: str
    """What the collector calls the words that go with it."""


def add_face(parser: argparse.ArgumentParser, face: Face, meaning: str) -> None:
    """Add the arguments that give one, list all, or take one back."""
    parser.add_argument("glob", nargs="?", metavar="GLOB", help="whole path ids, case-sensitive")
    parser.add_argument(f"--{face.word}", dest="words", metavar="TEXT", help=meaning)
    add_until(parser, required=False)
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--list", action="store_true", help="show those that there are")
    other.add_argument("--remove", metavar="ID", help="take one back")
    add_connection(parser)


def add_until(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add `--until`."""
    text = "a day (the last one, UTC), a time, or from now on: 90m, 4h, 7d"
    parser.add_argument("--until", type=end_of, required=required, metavar="WHEN", help=text)


def run_face(arguments: argparse.Namespace, face: Face) -> int:
    """Do what was asked for; raises UsageError where that is not one thing."""
    given = {"GLOB": arguments.glob, f"--{face.word}": arguments.words, "--until": arguments.until}
    if arguments.list or arguments.remove is not None:
        if any(value is not None for value in given.values()):
            raise UsageError(f"--list and --remove go without {', '.join(given)}")
        if arguments.list:
            return show_all(arguments, face.call)
        return take_back(arguments, face.call, arguments.remove)
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise UsageError(f"{', '.join(missing)} must be said too, or --list, or --remove ID")
    order = {"path": arguments.glob, face.word: arguments.words, "until": arguments.until}
    return give(arguments, face.call, order)


def give(arguments: argparse.Namespace, call: str, order: Mapping[str, object]) -> int:
    """Say it to the collector."""
    content = tell(connection_of(arguments), "POST", call, order)
    if arguments.format == "json":
        show_json(content)
    else:
        said = decoded(content, Said)
        begins = f" from {moment(said.begins)}" if said.begins else ""
        print(f"{said.id}: {printable(said.about)}{begins} until {moment(said.until)}")
    return ExitCode.OK


def take_back(arguments: argparse.Namespace, call: str, name: str) -> int:
    """Take one back by its id."""
    content = tell(connection_of(arguments), "DELETE", f"{call}/{quote(name, safe='')}", None)
    if arguments.format == "json":
        show_json(content)
    else:
        said = decoded(content, Said)
        print(f"{said.id}: {printable(said.about)} taken back")
    return ExitCode.OK


def show_all(arguments: argparse.Namespace, call: str) -> int:
    """List all of a kind."""
    content = ask(connection_of(arguments), call)
    if arguments.format == "json":
        show_json(content)
    else:
        _show(decoded(content, list[Said]))
    return ExitCode.OK


def _show(every: Iterable[Said]) -> None:
    made = table(("id", "what", "from", "until", "why", "by"), folding=("what", "why"))
    for said in every:
        words = (
            said.id or "inventory",
            said.about,
            moment(said.begins),
            moment(said.until),
            said.reason or said.evidence,
            said.by or "-",
        )
        made.add_row(*(styled(word, "" if said.in_force else FAINT) for word in words))
    console().print(made)

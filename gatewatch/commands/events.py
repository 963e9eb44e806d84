"""`gatewatch events`: what changed, or what changes from now on."""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from http import HTTPStatus

import msgspec

from flows.errors import GatewatchError
from gatewatch.answers import Event
from gatewatch.api_client import (
    Api,
    DeclinedError,
    NoCollectorError,
    connection_of,
    decoded,
    open_api,
    show_json,
)
from gatewatch.arguments import add_connection
from gatewatch.exit_codes import ExitCode
from gatewatch.terminal import console, moment, printable, table, write

EPILOG = """\
exit codes:
  0  shown
  3  no collector; --follow that has begun waits for it to come back, and ends with Ctrl-C

examples:
  gatewatch events --limit 20
  gatewatch events --path 'public-api:*>be-02:*'
  gatewatch events --kind probe --follow
"""
PAUSE_SECONDS = 2.0
"""Before a stream that ended is opened again."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--follow", action="store_true", help="go on with what changes from now on")
    parser.add_argument(
        "--limit", type=_limit, default=50, metavar="N", help="the newest N; default: 50"
    )
    parser.add_argument("--kind", metavar="KIND", help="only those of a kind, such as probe")
    parser.add_argument("--path", metavar="GLOB", help="only those of paths whose ids match")
    parser.add_argument("--host", metavar="NAME", help="only those of this host and its paths")
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and show; then go on asking."""
    asyncio.run(_run(arguments))
    return ExitCode.OK


async def _run(arguments: argparse.Namespace) -> None:
    filters = ((name, getattr(arguments, name)) for name in ("kind", "path", "host"))
    about = {name: value for name, value in filters if value}
    async with open_api(connection_of(arguments)) as api:
        content = await api.get("events", limit=str(arguments.limit), **about)
        newest_first = decoded(content, list[Event])
        if arguments.follow:
            events = newest_first[::-1]
            _print_lines(events, as_json=arguments.format == "json")
            await _follow(api, about, events, as_json=arguments.format == "json")
        elif arguments.format == "json":
            show_json(content)
        else:
            _show(newest_first[::-1])


def _show(events: Iterable[Event]) -> None:
    made = table(("at", "kind", "what", "change", "reason", "by"), folding=("what", "reason"))
    for event in events:
        words = (event.kind, event.subject, _change(event), event.reason, event.by or "")
        made.add_row(moment(event.at), *map(printable, words))
    console().print(made)


async def _follow(api: Api, about: dict[str, str], seen: Sequence[Event], *, as_json: bool) -> None:
    """Print what comes after the events already seen, for ever; a collector may go and come."""
    newest = max((event.id or 0 for event in seen), default=0)
    is_there = True
    while True:
        try:
            async with api.follow("events/stream", after=str(newest), **about) as coming:
                is_there = True
                async for content in coming:
                    event = decoded(content, Event)
                    _print_lines([event], as_json=as_json)
                    newest = event.id or newest
        except (NoCollectorError, DeclinedError) as error:
            if not _passes(error):
                raise
            if is_there:
                print(f"gatewatch: {printable(str(error))}", file=sys.stderr)
            is_there = False
        await asyncio.sleep(PAUSE_SECONDS)


def _passes(error: GatewatchError) -> bool:
    """Decide whether it may go well later: the collector is away, full, or without its store."""
    if not isinstance(error, DeclinedError):
        return True
    full = error.status == HTTPStatus.TOO_MANY_REQUESTS
    return full or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _print_lines(events: Iterable[Event], *, as_json: bool) -> None:
    """Print events one a line, as they come."""
    for event in events:
        line = msgspec.json.encode(event) if as_json else _line(event).encode()
        write([line, b"\n"])


def _line(event: Event) -> str:
    words = (moment(event.at), event.kind, event.subject, _change(event), event.reason)
    return printable("  ".join(word for word in words if word))


def _change(event: Event) -> str:
    if event.before is None or event.after is None:
        return event.after or event.before or ""
    return f"{event.before} -> {event.after}"


def _limit(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 1000:
        raise argparse.ArgumentTypeError(f"'{word}' is not a number of events (1 to 1000)")
    return int(word)

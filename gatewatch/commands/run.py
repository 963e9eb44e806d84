"""`gatewatch run`: have paths measured now, list runs, and compare what two of them found."""

import argparse
import asyncio
import sys
from urllib.parse import quote

import msgspec

from gatewatch.api_client import (
    Api,
    Connection,
    ask,
    connection_of,
    decoded,
    open_api,
    show_json,
)
from gatewatch.arguments import add_connection, add_glob, add_phase
from gatewatch.exit_codes import ExitCode
from gatewatch.progress import Progress
from gatewatch.run_table import show_differences, show_run, show_runs, summary
from gatewatch.runs import RUNNING, Run, differences
from gatewatch.terminal import console, printable

EPILOG = """\
exit codes:
  0  begun, listed, shown or cancelled; with --wait: every binding path is ok, waived, attested,
     pending or unverifiable
  1  with --wait: a binding path is broken
  2  with --wait: a binding path is unproven, or its probe did not answer
  3  no path matches, too many runs, there is no such run, or no collector

examples:
  gatewatch run --wait
  gatewatch run --phase prepare --flow 'agent*' --dst ah-02 --wait
  gatewatch run list
  gatewatch run show 01KAXXXXXXXXXXXXXXXXXXXXXX
  gatewatch run diff 01KAXXXXXXXXXXXXXXXXXXXXXX 01KBXXXXXXXXXXXXXXXXXXXXXX
"""
_CALL = "runs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_phase(parser, "measure what this phase asks for, and judge by it; default: the current one")
    for option, what in (("--flow", "flows"), ("--src", "sources"), ("--dst", "destinations")):
        add_glob(parser, option, what)
    parser.add_argument(
        "--wait", action="store_true", help="until all is measured, and answer with the exit code"
    )
    add_connection(parser)
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB")
    every = verbs.add_parser("list", help="show the last hundred runs, the newest first")
    add_connection(every, nested=True)
    for verb, sentence in (("show", "Show what a run found."), ("cancel", "Cancel a run.")):
        one = verbs.add_parser(verb, help=sentence, description=sentence)
        one.add_argument("id", metavar="ID")
        add_connection(one, nested=True)
    diff = verbs.add_parser(
        "diff",
        help="compare two runs",
        description="Say what broke, was fixed or changed between two runs.",
    )
    diff.add_argument("first", metavar="A")
    diff.add_argument("second", metavar="B")
    add_connection(diff, nested=True)


def run(arguments: argparse.Namespace) -> int:
    """Begin a run, list all, show or cancel one, or compare two."""
    connection, as_json = connection_of(arguments), arguments.format == "json"
    match arguments.verb:
        case "list":
            return _list(ask(connection, _CALL), as_json=as_json)
        case "show":
            return _show(asyncio.run(_get(connection, arguments.id)), as_json=as_json)
        case "cancel":
            return _say(asyncio.run(_cancel(connection, arguments.id)), as_json=as_json)
        case "diff":
            return _compare(connection, arguments.first, arguments.second, as_json=as_json)
        case _:
            return _measure(connection, arguments, as_json=as_json)


def _measure(connection: Connection, arguments: argparse.Namespace, *, as_json: bool) -> int:
    """Begin a run, and wait for it where that is asked for."""
    begun = asyncio.run(_begin(connection, arguments))
    if not arguments.wait:
        return _say(begun, as_json=as_json)
    name = decoded(begun, Run).id
    try:
        found = asyncio.run(_wait(connection, name))
    except KeyboardInterrupt:
        text = f"run {name} goes on; to cancel it: gatewatch run cancel {name}"
        print(printable(text), file=sys.stderr)
        raise
    _show(found, as_json=as_json)
    return decoded(found, Run).exit_code


async def _begin(connection: Connection, arguments: argparse.Namespace) -> bytes:
    globs = {"flow": arguments.flow, "src": arguments.src, "dst": arguments.dst}
    order = {"phase": arguments.phase, **{name: said for name, said in globs.items() if said}}
    async with open_api(connection) as api:
        return await api.send("POST", _CALL, order)


async def _wait(connection: Connection, name: str) -> bytes:
    """Follow a run to its end, with a bar; returns what it found."""
    async with open_api(connection) as api:
        begun = decoded(await _one(api, name), Run)
        with Progress(f"run {name}", begun.checks, eta=True) as progress:
            state, done = begun.state, 0
            while state == RUNNING:
                async with api.follow(f"{_CALL}/{quote(name, safe='')}/events") as told:
                    async for data in told:
                        now = decoded(data, Run)
                        progress.step(now.done - done)
                        state, done = now.state, now.done
        return await _one(api, name)


async def _get(connection: Connection, name: str) -> bytes:
    async with open_api(connection) as api:
        return await _one(api, name)


async def _one(api: Api, name: str) -> bytes:
    return await api.get(f"{_CALL}/{quote(name, safe='')}")


async def _cancel(connection: Connection, name: str) -> bytes:
    async with open_api(connection) as api:
        return await api.send("DELETE", f"{_CALL}/{quote(name, safe='')}", None)


def _say(content: bytes, *, as_json: bool) -> int:
    if as_json:
        show_json(content)
    else:
        print(printable(summary(decoded(content, Run))))
    return ExitCode.OK


def _list(content: bytes, *, as_json: bool) -> int:
    if as_json:
        show_json(content)
    elif runs := decoded(content, list[Run]):
        show_runs(runs, console())
    else:
        print("no run is kept")
    return ExitCode.OK


def _show(content: bytes, *, as_json: bool) -> int:
    if as_json:
        show_json(content)
    else:
        show_run(decoded(content, Run), console())
    return ExitCode.OK


def _compare(connection: Connection, first: str, second: str, *, as_json: bool) -> int:
    async def both() -> tuple[bytes, bytes]:
        async with open_api(connection) as api:
            return await _one(api, first), await _one(api, second)

    before, after = (decoded(content, Run) for content in asyncio.run(both()))
    found = differences(before, after)
    if as_json:
        show_json(msgspec.json.encode(found))
    elif found:
        show_differences(found, console())
    else:
        print("both say the same of every path")
    return ExitCode.OK

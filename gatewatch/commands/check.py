"""`gatewatch check`: measure this host's paths once, without a collector."""

import argparse
import asyncio
import sys
from collections.abc import Iterable
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from flows.expansion import expand
from flows.warnings import warnings
from gatewatch import certificates
from gatewatch.arguments import add_format, add_glob, add_inventory, add_phase
from gatewatch.check_rows import Row
from gatewatch.check_run import Asked, Run, ask, in_order, source_of
from gatewatch.check_table import show_judged, show_seen
from gatewatch.estate import Selection, read_estate
from gatewatch.one_shot import measure_once
from gatewatch.progress import Progress
from gatewatch.terminal import console, warn, write

EPILOG = """\
exit codes:
  0  with --phase: every binding path is ok, waived or unverifiable; without: measured
  1  with --phase: a binding path is broken
  2  with --phase: a binding path is unproven; without: something could not be measured
  3  the inventory was refused, or this host has nothing to measure

examples:
  gatewatch check -i inventory.yaml --host con-01
  gatewatch check -i inventory.yaml --host con-01 --phase prepare
  gatewatch check -i inventory.yaml --host be-01 --flow 'sql*' --format jsonl
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_inventory(parser)
    parser.add_argument(
        "--host", required=True, metavar="NAME", help="this machine, by its name in the inventory"
    )
    add_phase(parser, "judge what is seen by what this phase expects")
    add_format(parser, ("table", "json", "jsonl"))
    add_glob(parser, "--flow", "flows")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print, and answer."""
    inventory = read_estate(arguments.inventory)
    host = source_of(inventory, arguments.host)
    for sentence in warnings(inventory, arguments.phase):
        warn(sentence)
    selection = Selection(flows=tuple(arguments.flow))
    today = datetime.now(UTC).date()
    asked = ask(expand(inventory), host, selection, arguments.phase, today)
    if certificates.claims_an_issuer(asked.paths, inventory) and not certificates.can_read():
        warn(certificates.NOT_COMPARED)
    run = Run(asked)
    rows = asyncio.run(_measure(asked, run, as_they_come=arguments.format == "jsonl"))
    if arguments.format == "json":
        write(_as_json(in_order(rows, asked)))
    elif arguments.format == "table":
        _show(in_order(rows, asked), asked)
    return run.exit_code


async def _measure(asked: Asked, run: Run, *, as_they_come: bool) -> dict[str, Row]:
    """Measure everything; returns the rows by path id."""
    rows: dict[str, Row] = {}
    hidden = as_they_come and sys.stdout.isatty()
    with Progress(f"{asked.host} measures", len(asked.endpoints), hidden=hidden) as progress:
        async with aclosing(measure_once(asked)) as measured:
            async for endpoint, observation in measured:
                complete = list(run.take(endpoint, certificates.read(observation)))
                rows.update((row.path, row) for row in complete)
                if as_they_come:
                    write(msgspec.json.encode(row) + b"\n" for row in complete)
                progress.step()
    return rows


def _as_json(rows: Iterable[Row]) -> Iterable[bytes]:
    yield b"[\n"
    yield b",\n".join(map(msgspec.json.encode, rows))
    yield b"\n]\n"


def _show(rows: list[Row], asked: Asked) -> None:
    if asked.phase is None:
        show_seen(rows, console())
    else:
        show_judged(rows, asked.paths, asked.phase, console())

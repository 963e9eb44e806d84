"""`gatewatch inventory apply`: give the collector a new inventory."""

import argparse
from pathlib import Path as File
from typing import TYPE_CHECKING

from flows.inventory_reading import read_inventory
from gatewatch.answers import Applied
from gatewatch.api_client import connection_of, decoded, show_json, tell
from gatewatch.arguments import add_connection
from gatewatch.estate import read_text
from gatewatch.exit_codes import ExitCode
from gatewatch.terminal import BAD, GOOD, UNSURE, console, styled, warn

if TYPE_CHECKING:
    from rich.console import Console

EPILOG = """\
exit codes:
  0  applied, or shown with --dry-run
  3  the inventory was refused, which changes nothing; or no collector

examples:
  gatewatch inventory apply inventory.yaml --dry-run
  gatewatch inventory apply inventory.yaml
"""
_MOST_NAMED = 20
"""Names of each kind before the others are counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB", required=True)
    apply = verbs.add_parser(
        "apply",
        help="follow another inventory",
        description="Let the collector follow another inventory, and show what that changes.",
        epilog=EPILOG,
    )
    apply.add_argument("file", metavar="FILE", help="the inventory (YAML)")
    apply.add_argument("--dry-run", action="store_true", help="only show what would change")
    add_connection(apply)


def run(arguments: argparse.Namespace) -> int:
    """Read the file here first: every problem with its line; then tell the collector."""
    text = read_text(arguments.file)
    read_inventory(text, arguments.file)
    name = File(arguments.file).name
    order = {"inventory": text, "name": name, "dry_run": arguments.dry_run}
    content = tell(connection_of(arguments), "PUT", "inventory", order)
    done = decoded(content, Applied)
    for sentence in done.warnings:
        warn(sentence)
    if arguments.format == "json":
        show_json(content)
    else:
        printer = console()
        _show(done, printer)
        printer.print("applied" if done.applied else "nothing was changed (--dry-run)")
    return ExitCode.OK


def _show(done: Applied, printer: "Console") -> None:
    """Print what changes: a sign, hosts or paths, and their names."""
    is_same = True
    signs = (("+", "added", GOOD), ("-", "removed", BAD), ("~", "changed", UNSURE))
    for what in ("hosts", "paths"):
        for sign, verb, style in signs:
            names: tuple[str, ...] = getattr(done, f"{what}_{verb}")
            is_same &= not names
            for name in names[:_MOST_NAMED]:
                printer.print(styled(f"{sign} {what.removesuffix('s')} {name}", style))
            if len(names) > _MOST_NAMED:
                rest = f"{sign} and {len(names) - _MOST_NAMED} more {what} {verb}"
                printer.print(styled(rest, style))
    for section in done.sections:
        printer.print(styled(f"~ {section}", UNSURE))
    if is_same and not done.sections:
        printer.print("it means the same as the inventory that holds")

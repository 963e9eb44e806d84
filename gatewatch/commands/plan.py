"""`gatewatch plan`: every path that an inventory asks for."""

import argparse
from collections.abc import Iterable, Iterator

from flows.expansion import expand
from flows.inventory import Inventory
from flows.phases import Phase
from flows.plan import Path, Scope
from flows.warnings import warnings
from gatewatch.arguments import add_format, add_glob, add_inventory, add_phase
from gatewatch.estate import Selection, read_estate
from gatewatch.exit_codes import ExitCode
from gatewatch.plan_formats import as_csv, as_json, as_markdown
from gatewatch.plan_table import Line, rolled_up, show_all_phases, show_phase, summary
from gatewatch.terminal import console, warn, write

EPILOG = """\
exit codes:
  0  the plan was made; warnings on stderr change nothing
  3  the inventory was refused or cannot be read

examples:
  gatewatch plan -i inventory.yaml
  gatewatch plan -i inventory.yaml --phase prepare --format csv > firewall-request.csv
  gatewatch plan -i inventory.yaml --format json --flow 'syslog-*' --dst log-01
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_inventory(parser)
    add_phase(parser, "only the paths that this phase expects anything of")
    add_format(parser, ("table", "json", "csv", "markdown"))
    add_glob(parser, "--flow", "flows")
    add_glob(parser, "--src", "sources")
    add_glob(parser, "--dst", "destinations")
    parser.add_argument(
        "--local", action="store_true", help="csv and markdown: paths within one machine as well"
    )
    parser.add_argument(
        "--agents", action="store_true", help="table: a row for every agent, not one for a group"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    inventory = read_estate(arguments.inventory)
    phase: Phase | None = arguments.phase
    for sentence in warnings(inventory, phase):
        warn(sentence)
    selection = Selection(tuple(arguments.flow), tuple(arguments.src), tuple(arguments.dst))
    paths = selection.of(expand(inventory), phase)
    if arguments.format == "table":
        _show(list(paths), phase, agents=arguments.agents)
    else:
        write(_written(arguments.format, paths, inventory, arguments))
    return ExitCode.OK


def _written(
    wanted: str, paths: Iterable[Path], inventory: Inventory, arguments: argparse.Namespace
) -> Iterator[bytes]:
    if wanted == "json":
        return as_json(paths, arguments.phase)
    asked = (path for path in paths if arguments.local or path.scope is Scope.NETWORK)
    return as_csv(asked, inventory) if wanted == "csv" else as_markdown(asked, inventory)


def _show(paths: list[Path], phase: Phase | None, *, agents: bool) -> None:
    lines = [Line(path) for path in paths] if agents else rolled_up(paths)
    printer = console()
    if phase is None:
        show_all_phases(lines, printer)
    else:
        show_phase(lines, phase, printer)
    printer.print(summary(paths, phase))

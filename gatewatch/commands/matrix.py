"""`gatewatch matrix`: who reaches whom now."""

import argparse

from gatewatch.answers import Matrix
from gatewatch.api_client import ask, connection_of, decoded, show_json
from gatewatch.arguments import add_connection, add_phase
from gatewatch.exit_codes import ExitCode
from gatewatch.matrix_cells import arranged
from gatewatch.matrix_table import show_findings, show_matrix
from gatewatch.terminal import console

EACH, ROLLED_UP = "each", "rolled-up"
EPILOG = """\
exit codes:
  0  shown; 'gatewatch gate' gives a verdict
  3  no collector

examples:
  gatewatch matrix
  gatewatch matrix --phase agents --agents each
  gatewatch matrix --format json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_phase(parser, "judge by what this phase expects; default: the current one")
    parser.add_argument(
        "--agents",
        nargs="?",
        choices=(EACH, ROLLED_UP),
        const=EACH,
        help="a row for each agent, or one for a group; default: one for a group, and each in JSON",
    )
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and show."""
    as_json = arguments.format == "json"
    query = {"agents": arguments.agents or (EACH if as_json else ROLLED_UP)}
    if arguments.phase:
        query["phase"] = str(arguments.phase)
    content = ask(connection_of(arguments), "matrix", **query)
    if as_json:
        show_json(content)
        return ExitCode.OK
    matrix = decoded(content, Matrix)
    cells = arranged(matrix)
    printer = console()
    printer.print(f"{matrix.phase}: who reaches whom")
    printer.print()
    show_matrix(cells, printer)
    show_findings(cells, printer)
    return ExitCode.OK

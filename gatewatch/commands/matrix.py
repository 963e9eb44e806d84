"""`gatewatch matrix`: who reaches whom now."""

import argparse
import asyncio

from gatewatch.answers import Grouped, Matrix
from gatewatch.api_client import Connection, connection_of, decoded, open_api, show_json
from gatewatch.arguments import add_connection, add_phase
from gatewatch.exit_codes import ExitCode
from gatewatch.matrix_cells import Groups, arranged
from gatewatch.matrix_table import show_findings, show_matrix
from gatewatch.terminal import console

EPILOG = """\
exit codes:
  0  shown; 'gatewatch gate' gives a verdict
  3  no collector

examples:
  gatewatch matrix
  gatewatch matrix --phase agents --agents
  gatewatch matrix --format json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_phase(parser, "judge by what this phase expects; default: the current one")
    parser.add_argument(
        "--agents", action="store_true", help="a row for every agent, not one for a group"
    )
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and show."""
    query = {"phase": str(arguments.phase)} if arguments.phase else {}
    with_groups = arguments.format == "table" and not arguments.agents
    content, groups = asyncio.run(_ask(connection_of(arguments), query, with_groups=with_groups))
    if arguments.format == "json":
        show_json(content)
        return ExitCode.OK
    matrix = decoded(content, Matrix)
    cells = arranged(matrix.rows, groups)
    printer = console()
    printer.print(f"{matrix.phase}: who reaches whom")
    printer.print()
    show_matrix(cells, printer)
    show_findings(cells, printer)
    return ExitCode.OK


async def _ask(
    connection: Connection, query: dict[str, str], *, with_groups: bool
) -> tuple[bytes, Groups]:
    async with open_api(connection) as api:
        content = await api.get("matrix", **query)
        if not with_groups:
            return content, {}
        plan = decoded(await api.get("plan"), list[Grouped])
    return content, {path.path: path.groups for path in plan}

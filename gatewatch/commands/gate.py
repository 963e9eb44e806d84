"""`gatewatch gate`: whether a phase may start, or has reached its goal."""

import argparse

from flows.errors import GatewatchError
from gatewatch.answers import Gate
from gatewatch.api_client import ask, connection_of, decoded, show_json
from gatewatch.arguments import add_connection, phase_of
from gatewatch.gate_table import EXIT_CODES, show_gate
from gatewatch.terminal import console

EPILOG = """\
exit codes:
  0  READY
  1  NOT_READY: something is broken
  2  INCONCLUSIVE: nothing is broken, something is unproven
  3  no collector, or nothing to judge

examples:
  gatewatch gate backoffice
  gatewatch gate complete --done
  gatewatch gate agents --format json --collector https://watch.acme.example:8642
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("phase", type=phase_of, metavar="PHASE", help="the phase to start")
    parser.add_argument(
        "--done", action="store_true", help="ask whether the phase has reached its goal"
    )
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and answer with the exit code."""
    query = {"done": "true"} if arguments.done else {}
    content = ask(connection_of(arguments), f"gates/{arguments.phase}", **query)
    gate = decoded(content, Gate)
    if arguments.format == "json":
        show_json(content)
    else:
        show_gate(gate, console())
    if gate.state not in EXIT_CODES:
        raise GatewatchError(f"the collector answers '{gate.state}': is it of another release?")
    return EXIT_CODES[gate.state]

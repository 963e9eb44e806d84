"""`gatewatch collector`: the server."""

import argparse
from pathlib import Path

from gatewatch.extras import needed_by
from gatewatch.logs import start_log

EPILOG = """\
exit codes:
  0  ended when the system asked it to, or the token is printed
  3  its settings or the inventory were refused, or its port is in use

examples:
  gatewatch collector -c /etc/gatewatch/collector.yaml
  gatewatch collector -c /etc/gatewatch/collector.yaml --new-operator alice
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("-c", "--config", required=True, metavar="FILE", help="collector.yaml")
    parser.add_argument(
        "--new-operator",
        metavar="NAME",
        help="print a token for a new operator, and end; stop a collector that keeps SQLite first",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run until it is told to end."""
    with needed_by("gatewatch collector", extra="collector"):
        from collector.program import (  # noqa: PLC0415 - needs the extra `collector`
            give_operator,
            main,
        )

    if arguments.new_operator is not None:
        return give_operator(Path(arguments.config), arguments.new_operator)
    return main(Path(arguments.config), start_log)

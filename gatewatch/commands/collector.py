"""`gatewatch collector`: the server."""

import argparse
from pathlib import Path

from gatewatch.extras import needed_by

EPILOG = """\
exit codes:
  0  ended when the system asked it to
  3  its settings or the inventory were refused, or its port is in use

examples:
  gatewatch collector -c /etc/gatewatch/collector.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("-c", "--config", required=True, metavar="FILE", help="collector.yaml")


def run(arguments: argparse.Namespace) -> int:
    """Run until it is told to end."""
    with needed_by("gatewatch collector", extra="collector"):
        from collector.program import main  # noqa: PLC0415 - needs the extra `collector`

    return main(Path(arguments.config))

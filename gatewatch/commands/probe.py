"""`gatewatch probe`: the probe of this host."""

import argparse
from pathlib import Path

EPILOG = """\
exit codes:
  0  ended when the system asked it to
  3  its settings were refused; a collector that is not there is tried for ever

examples:
  gatewatch probe -c /etc/gatewatch/probe.yaml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("-c", "--config", required=True, metavar="FILE", help="probe.yaml")


def run(arguments: argparse.Namespace) -> int:
    """Run until it is told to end."""
    from probe.program import main  # noqa: PLC0415 - its help needs no probe

    return main(Path(arguments.config))

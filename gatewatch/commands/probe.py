"""`gatewatch probe`: the probe of this host."""

import argparse
import sys
from pathlib import Path

from gatewatch.estate import read_text
from gatewatch.logs import start_log

EPILOG = """\
exit codes:
  0  ended when the system asked it to, or enrolled
  3  its settings or the enrolment token were refused; a collector that is away is tried for ever

examples:
  gatewatch probe -c /etc/gatewatch/probe.yaml
  gatewatch probe -c /etc/gatewatch/probe.yaml --enroll /etc/gatewatch/enrolment-token
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("-c", "--config", required=True, metavar="FILE", help="probe.yaml")
    parser.add_argument(
        "--enroll",
        metavar="FILE",
        help="exchange the enrolment token in FILE (- is stdin) for a credential, and end",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run until it is told to end."""
    from probe.program import enroll, main  # noqa: PLC0415 - its help needs no probe

    if arguments.enroll is None:
        return main(Path(arguments.config), start_log)
    said = sys.stdin.readline() if arguments.enroll == "-" else read_text(arguments.enroll)
    return enroll(Path(arguments.config), said.strip())

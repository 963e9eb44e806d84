"""`gatewatch waive`: accept for a time that paths are not ok."""

import argparse

from gatewatch.silences import Face, add_face, run_face

EPILOG = """\
exit codes:
  0  waived, listed, or taken back
  3  no path matches, the end lies in the past, there is no such id, or no collector

examples:
  gatewatch waive 'sql-dac:*' --reason 'remote DAC is off by policy' --until 2027-01-31
  gatewatch waive --list
  gatewatch waive --remove 1a2b3c4d
"""
FACE = Face("waivers", "reason")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_face(parser, FACE, "why it may be as it is")


def run(arguments: argparse.Namespace) -> int:
    """Waive, list, or take back."""
    return run_face(arguments, FACE)

"""`gatewatch attest`: say how it was proven that the network lets paths through."""

import argparse

from gatewatch.silences import Face, add_face, run_face

EPILOG = """\
It counts where a phase only asks for a permit and no measurement can prove one; what is broken
stays broken.

exit codes:
  0  attested, listed, or taken back
  3  no path matches, the end lies in the past, there is no such id, or no collector

examples:
  gatewatch attest 'agent:*>ah-02:tcp/443' --evidence 'rule 88, seen in the log' --until 30d
  gatewatch attest --list
  gatewatch attest --remove 1a2b3c4d
"""
FACE = Face("attestations", "evidence")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_face(parser, FACE, "how it was proven")


def run(arguments: argparse.Namespace) -> int:
    """Attest, list, or take back."""
    return run_face(arguments, FACE)

"""The words of the command line: a parser whose own errors exit 3, and arguments that recur."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from flows.phases import PHASES, Phase
from flows.reading import did_you_mean
from gatewatch.exit_codes import ExitCode

COLLECTOR = "http://127.0.0.1:8642"


class Parser(argparse.ArgumentParser):
    """Takes no abbreviated options, and exits 3 on a wrong command line: 2 means unproven."""

    def __init__(
        self,
        **settings: Any,  # noqa: ANN401 - argparse hands its own settings through
    ) -> None:
        settings.setdefault("allow_abbrev", False)
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(**settings)

    def error(self, message: str) -> NoReturn:
        """Say how it is used and what was wrong."""
        self.print_usage(sys.stderr)
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\n")


def phase_of(word: str) -> Phase:
    """Read the name of a phase."""
    try:
        return Phase(word)
    except ValueError:
        hint = did_you_mean(word, PHASES) or f" (one of {', '.join(PHASES)})"
        raise argparse.ArgumentTypeError(f"unknown phase '{word}'{hint}") from None


def add_inventory(parser: argparse.ArgumentParser) -> None:
    """Add `-i FILE`."""
    parser.add_argument(
        "-i", "--inventory", required=True, metavar="FILE", help="the inventory (YAML)"
    )


def add_phase(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Add `--phase P`."""
    parser.add_argument("--phase", type=phase_of, metavar="P", help=meaning)


def add_glob(parser: argparse.ArgumentParser, option: str, what: str) -> None:
    """Add an option that keeps what matches; given several times, any may match."""
    parser.add_argument(
        option,
        action="append",
        default=[],
        metavar="GLOB",
        help=f"only {what} that match, case-sensitive; may be repeated",
    )


def add_format(parser: argparse.ArgumentParser, formats: Sequence[str]) -> None:
    """Add `--format`, the first one is the default."""
    parser.add_argument(
        "--format", choices=formats, default=formats[0], help=f"default: {formats[0]}"
    )


def add_connection(parser: argparse.ArgumentParser, *, nested: bool = False) -> None:
    """Add how to reach a collector; below another command's options, those keep their values."""
    absent = argparse.SUPPRESS if nested else None
    group = parser.add_argument_group("the collector")
    group.add_argument(
        "--collector",
        metavar="URL",
        default=absent,
        help=f"default: the variable GATEWATCH_COLLECTOR, else {COLLECTOR}",
    )
    group.add_argument(
        "--token-file", metavar="FILE", default=absent, help="file that holds the bearer token"
    )
    group.add_argument(
        "--ca", metavar="FILE", default=absent, help="CA certificates to trust (PEM)"
    )
    group.add_argument(
        "--format",
        choices=("table", "json"),
        default=argparse.SUPPRESS if nested else "table",
        help="default: table",
    )

"""The front door: `gatewatch COMMAND`. Only the chosen command is loaded: each stays light."""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Protocol, TextIO, cast

from flows.errors import GatewatchError, Refused
from flows.reading import did_you_mean
from gatewatch.arguments import Parser
from gatewatch.exit_codes import ExitCode
from gatewatch.terminal import printable

COMMANDS = {
    "demo": "Show Gatewatch at work: an estate on loopback walks through its migration.",
    "plan": "List every path that an inventory asks for, with what each phase expects of it.",
    "check": "Measure the paths of this host once, without a collector.",
    "collector": "Run the collector: it plans, judges, and answers probes and operators.",
    "probe": "Run the probe of this host: it measures what the collector asks for.",
    "gate": "Ask whether a phase may start, or has reached its goal.",
    "matrix": "Show who reaches whom now, judged for a phase.",
    "path": "Show all that is known of one path.",
    "hosts": "List the hosts, their versions, and how their probes fare.",
    "events": "List what changed, or follow what changes.",
    "phase": "Show the current phase, or set it.",
    "host": "Say which version hosts run, or let one go that joined.",
    "waive": "Accept for a time that paths are not ok.",
    "attest": "Say how it was proven that the network lets paths through.",
    "maintenance": "Keep hosts that are worked on out of alerts, for a time.",
    "run": "Have paths measured now, and compare what two runs found.",
    "enroll": "Let the probe of a host in, or agents that join at run time.",
    "credential": "List, give and revoke what lets people, scrapers and probes in.",
    "inventory": "Give the collector a new inventory.",
}
"""In the order of their use. Each is a module of `gatewatch.commands`."""

EPILOG = """\
exit codes:
  0  all ok, waived, attested or unverifiable; READY; or no verdict was asked for
  1  something is broken; NOT_READY
  2  something is unproven; INCONCLUSIVE
  3  wrong usage or configuration, or no collector

'gatewatch COMMAND --help' says more, with examples.
"""


class Command(Protocol):
    """A module of `gatewatch.commands`."""

    EPILOG: str
    """The exit codes that matter, and examples."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what the command takes."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; returns the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (DESIGN 5).

    What stands in the way is said in a sentence on stderr; a traceback is always our own fault.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _print_anything()
    try:
        code = _run(words)
        sys.stdout.flush()
    except GatewatchError as error:
        _say(error)
        return ExitCode.USAGE
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _let_go(sys.stdout)
        return ExitCode.BROKEN_PIPE
    except SystemExit as left:  # argparse has said what there was to say
        return left.code if isinstance(left.code, int) else ExitCode.OK
    return code


def build_parser(chosen: str | None) -> Parser:
    """Make the parser of all commands, with the arguments of the chosen one."""
    parser = Parser(
        prog="gatewatch",
        description="Is every network path of an SES Evolution migration open, or closed, now?",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"gatewatch {version('gatewatch')}")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    for name, sentence in COMMANDS.items():
        one = commands.add_parser(name, help=sentence, description=sentence)
        if name == chosen:
            command = _load(name)
            one.epilog = command.EPILOG
            command.add_arguments(one)
    return parser


def _run(words: list[str]) -> int:
    chosen = next((word for word in words if not word.startswith("-")), None)
    if not words:
        build_parser(None).print_help(sys.stderr)
        return ExitCode.USAGE
    parser = build_parser(chosen)
    if chosen is not None and chosen not in COMMANDS:
        parser.error(f"unknown command '{chosen}'{did_you_mean(chosen, COMMANDS)}")
    arguments = parser.parse_args(words)
    return _load(arguments.command).run(arguments)


def _print_anything() -> None:
    """Escape what an encoding such as Windows' cp1252 cannot print, rather than fail at it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _load(name: str) -> Command:
    return cast("Command", importlib.import_module(f"gatewatch.commands.{name}"))


def _say(error: GatewatchError) -> None:
    """Print the sentences of an error; those of a refused file begin with their place in it."""
    prefix = "" if isinstance(error, Refused) else "gatewatch: "
    for sentence in str(error).splitlines():
        print(prefix + printable(sentence), file=sys.stderr)


def _let_go(stream: TextIO) -> None:
    """Keep Python from complaining at its end about a reader that left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)

"""`gatewatch phase`: the current phase, or another one from now on."""

import argparse
import sys

from flows.errors import UsageError
from gatewatch.answers import CurrentPhase, Gate, NotReady
from gatewatch.api_client import DeclinedError, ask, connection_of, decoded, show_json, tell
from gatewatch.arguments import add_connection, phase_of
from gatewatch.exit_codes import ExitCode
from gatewatch.gate_table import show_blockers
from gatewatch.terminal import console, moment, printable

EPILOG = """\
exit codes:
  0  shown, or set
  1  set: the gate of that phase is not ready; nothing was changed
  3  no collector, or the phase has nothing to judge

examples:
  gatewatch phase
  gatewatch phase set prepare
  gatewatch phase set agents --force --reason 'be-02 is out of service until Monday'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_connection(parser)
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB")
    set_ = verbs.add_parser(
        "set",
        help="let another phase hold",
        description="Let another phase hold from now on, if its gate is ready.",
        epilog=EPILOG,
    )
    set_.add_argument("phase", type=phase_of, metavar="PHASE", help="the phase to start")
    set_.add_argument(
        "--force", action="store_true", help="even if its gate is not ready; needs a reason"
    )
    set_.add_argument("--reason", metavar="TEXT", help="why, for the events")
    add_connection(set_, nested=True)


def run(arguments: argparse.Namespace) -> int:
    """Show the phase, or set it."""
    if arguments.verb is None:
        content = ask(connection_of(arguments), "phase")
    else:
        try:
            content = _set(arguments)
        except DeclinedError as declined:
            return _not_ready(declined, as_json=arguments.format == "json")
    if arguments.format == "json":
        show_json(content)
    else:
        current = decoded(content, CurrentPhase)
        since = f", since {moment(current.since)}" if current.since else ""
        print(f"{printable(current.phase)}{since}")
    return ExitCode.OK


def _set(arguments: argparse.Namespace) -> bytes:
    if arguments.force and not (arguments.reason or "").strip():
        raise UsageError("--force needs --reason TEXT: say why the gate may be passed over")
    order = {"phase": arguments.phase, "force": arguments.force, "reason": arguments.reason}
    return tell(connection_of(arguments), "PUT", "phase", order)


def _not_ready(declined: DeclinedError, *, as_json: bool) -> int:
    """Show what keeps the phase from starting; raises what was declined for another reason."""
    gate = bytes(decoded(declined.body, NotReady).gate)
    if not gate:
        raise declined
    print(f"gatewatch: {printable(str(declined))}", file=sys.stderr)
    if as_json:
        show_json(gate)
    else:
        show_blockers(decoded(gate, Gate), console())
    return ExitCode.BROKEN

"""`gatewatch path`: all that is known of one path."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gatewatch.answers import PathView, PhaseView, Seen
from gatewatch.api_client import ask, connection_of, decoded, show_json
from gatewatch.arguments import add_connection
from gatewatch.exit_codes import ExitCode
from gatewatch.terminal import (
    EXPECTATION_STYLES,
    VERDICT_STYLES,
    VERDICT_SYMBOLS,
    console,
    moment,
    printable,
    styled,
    table,
)

if TYPE_CHECKING:
    from rich.console import Console

EPILOG = """\
exit codes:
  0  shown
  3  no such path in the plan, or no collector

examples:
  gatewatch path 'agent:pc-001>ah-01:tcp/443'      (quoted: a shell takes > for itself)
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("path", metavar="ID", help="as in 'flow:src>dst:proto/port'")
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and show."""
    content = ask(connection_of(arguments), "path", path=arguments.path)
    if arguments.format == "json":
        show_json(content)
        return ExitCode.OK
    view = decoded(content, PathView)
    printer = console()
    _show_facts(view, printer)
    printer.print()
    _show_phases(view, printer)
    return ExitCode.OK


def _show_facts(view: PathView, printer: "Console") -> None:
    printer.print(styled(view.path, "bold"))
    for name, value in (*_planned(view), *_seen(view)):
        printer.print(f"  {name:<12}{printable(value)}")


def _planned(view: PathView) -> Iterator[tuple[str, str]]:
    yield "for", view.purpose
    yield "guide", view.guide
    yield "address", view.dst_address
    yield "service", view.service
    if view.scope == "local":
        yield "scope", "local: it proves no rule of the network"


def _seen(view: PathView) -> Iterator[tuple[str, str]]:
    if view.observation is None:
        yield "outcome", "never measured"
        return
    yield "outcome", _words(view.observation)
    yield "since", moment(view.since)
    yield "observed", f"{moment(view.observed_at)}, every {view.interval:g} s"
    for one in view.observation.addresses:
        yield "at", _words(one)
    stages = (
        f"{name} {seconds * 1000:.1f} ms" for name, seconds in view.observation.stages.items()
    )
    yield "stages", ", ".join(stages) or "-"
    if view.observation.rtt_seconds is not None:
        yield "round trip", f"{view.observation.rtt_seconds * 1000:.2f} ms"
    if view.candidate is not None:
        yield "suspect", f"{_words(view.candidate)}, seen once"
    if view.flapping:
        yield "flapping", "three turns in ten minutes"
    if view.silenced is not None:
        yield "silenced", f"by {view.silenced}"
    if view.loss_at is not None:
        yield "logs lost", f"from {moment(view.loss_at)}"


def _words(seen: Seen) -> str:
    parts = (seen.outcome, seen.address, seen.detail, f"from {seen.sender}" if seen.sender else "")
    return ", ".join(part for part in parts if part)


def _show_phases(view: PathView, printer: "Console") -> None:
    made = table(("", "phase", "expected", "reason"), folding=("reason",))
    for phase, judged in view.phases.items():
        state = _state(judged)
        made.add_row(
            styled(VERDICT_SYMBOLS.get(state, "!"), VERDICT_STYLES.get(state, "bold")),
            printable(phase),
            styled(judged.expect, EXPECTATION_STYLES.get(judged.expect, "")),
            printable(judged.reason),
        )
    printer.print(made)
    for advice in dict.fromkeys(text for one in view.phases.values() for text in one.advice):
        printer.print(f"advice: {printable(advice)}")


def _state(judged: PhaseView) -> str:
    if not judged.binding:
        return "advised"
    return "pending" if judged.pending else judged.verdict

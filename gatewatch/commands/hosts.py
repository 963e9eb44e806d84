"""`gatewatch hosts`: the hosts, their versions, and how their probes fare."""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gatewatch.answers import Host, Probe
from gatewatch.api_client import ask, connection_of, decoded, show_json
from gatewatch.arguments import add_connection
from gatewatch.exit_codes import ExitCode
from gatewatch.terminal import BAD, FAINT, GOOD, UNSURE, console, moment, printable, styled, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

EPILOG = """\
exit codes:
  0  shown
  3  no collector

examples:
  gatewatch hosts
  gatewatch hosts --agents
"""
_AGENT = ("agent",)
_SKEW_SHOWN_SECONDS = 5.0
"""A report may be as long on its way, whatever the clock."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "--agents", action="store_true", help="a row for every agent, not only their number"
    )
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and show."""
    content = ask(connection_of(arguments), "hosts")
    if arguments.format == "json":
        show_json(content)
        return ExitCode.OK
    hosts = decoded(content, list[Host])
    shown = [host for host in hosts if arguments.agents or host.roles != _AGENT]
    printer = console()
    _show(shown, printer)
    if len(shown) < len(hosts):
        printer.print()
        _count([host for host in hosts if host.roles == _AGENT], printer)
    return ExitCode.OK


def _show(hosts: Sequence[Host], printer: "Console") -> None:
    headings = ("host", "address", "roles", "site", "version", "probe", "last seen")
    made = table(headings, folding=("address", "roles"))
    for host in hosts:
        made.add_row(
            printable(host.host),
            printable(host.address),
            printable(", ".join(host.roles)),
            printable(host.site or "-"),
            _version(host),
            _state(host),
            moment(host.probe.last_seen) if host.probe else "",
        )
    printer.print(made)


def _count(agents: Sequence[Host], printer: "Console") -> None:
    """Print how many agents of each version there are, by site."""
    made = table(("site", "version", "agents", "probes up"))
    kinds = Counter((host.site or "-", host.version or "unknown") for host in agents)
    up = Counter(
        (host.site or "-", host.version or "unknown")
        for host in agents
        if host.probe and host.probe.up
    )
    for (site, version), number in sorted(kinds.items()):
        made.add_row(printable(site), printable(version), str(number), str(up[site, version]))
    printer.print(made)


def _version(host: Host) -> str:
    if host.version is None:
        return "-"
    return printable(f"{host.version} ({host.version_source})")


def _state(host: Host) -> "Text":
    probe = host.probe
    if probe is None:
        return styled("virtual" if host.virtual else "none", FAINT)
    if probe.last_seen is None:
        return styled("never seen", BAD)
    if not probe.up:
        return styled("down", BAD)
    state = "away" if probe.away else "up"
    complaints = [*_complaints(probe)]
    sound = not (probe.away or complaints)
    return styled(", ".join([state, *complaints]), GOOD if sound else UNSURE)


def _complaints(probe: Probe) -> Iterator[str]:
    skew = probe.skew or 0.0
    if abs(skew) > _SKEW_SHOWN_SECONDS:
        yield f"clock {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    if probe.durable is False:
        yield "spool in memory"

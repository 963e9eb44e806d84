"""`gatewatch enroll`: let the probe of a host in, or agents that no inventory names."""

import argparse
from datetime import datetime

import msgspec

from flows.errors import UsageError
from gatewatch.api_client import connection_of, decoded, show_json, tell
from gatewatch.arguments import add_connection
from gatewatch.exit_codes import ExitCode
from gatewatch.silences import add_until
from gatewatch.terminal import moment, printable

EPILOG = """\
exit codes:
  0  the token is printed
  3  no such host or group, no right to do it, or no collector

examples:
  gatewatch enroll con-01
  gatewatch enroll --group hq --site paris --count 500 --until 7d

Whoever holds the token may exchange it once for each host it is for:
  gatewatch probe -c probe.yaml --enroll TOKEN_FILE
"""


class _Allow(msgspec.Struct, frozen=True):
    networks: list[str]
    names: list[str]
    ports: list[int]


class _Invited(msgspec.Struct, frozen=True, kw_only=True):
    token: str
    host: str | None
    group: str | None
    left: int
    until: datetime
    allow: _Allow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("host", nargs="?", metavar="HOST", help="a host of the inventory")
    parser.add_argument("--group", metavar="G", help="agents that join this handler group instead")
    parser.add_argument("--role", choices=("agent",), default="agent", help="of those who join")
    parser.add_argument("--site", metavar="S", help="of those who join")
    parser.add_argument("--count", type=int, default=1, metavar="N", help="how many; default 1")
    add_until(parser, required=False)
    add_connection(parser)


def run(arguments: argparse.Namespace) -> int:
    """Ask for the token and print it, with what probe.yaml has to allow."""
    if (arguments.host is None) == (arguments.group is None):
        raise UsageError("name a host of the inventory, or --group for agents that join")
    order = {
        "host": arguments.host,
        "group": arguments.group,
        "site": arguments.site,
        "count": arguments.count,
        "until": arguments.until,
    }
    content = tell(connection_of(arguments), "POST", "enrolments", order)
    if arguments.format == "json":
        show_json(content)
    else:
        print(_said(decoded(content, _Invited)))
    return ExitCode.OK


def _said(invited: _Invited) -> str:
    whom = invited.host or f"{invited.left} agents of the group {invited.group}"
    lines = [
        invited.token,
        "",
        f"This enrolment token is for {printable(whom)}, until {moment(invited.until)}. There:",
        "  gatewatch probe -c probe.yaml --enroll TOKEN_FILE",
        "probe.yaml has to allow what the plan needs:",
        "allow:",
        f"  networks: [{', '.join(invited.allow.networks)}]",
        f"  names: [{', '.join(invited.allow.names)}]",
        f"  ports: [{', '.join(map(str, invited.allow.ports))}]",
    ]
    return "\n".join(lines)

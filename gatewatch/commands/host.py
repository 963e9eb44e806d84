"""`gatewatch host`: say which version hosts run, and let hosts go that joined at run time."""

import argparse
from urllib.parse import quote

from flows.hosts import Version
from gatewatch.answers import VersionsSet
from gatewatch.api_client import connection_of, decoded, show_json, tell
from gatewatch.arguments import add_connection
from gatewatch.exit_codes import ExitCode
from gatewatch.terminal import printable

EPILOG = """\
exit codes:
  0  set, or removed
  3  no host has such a name, or it did not join at run time, or no collector

examples:
  gatewatch host set be-01 --version 2.7.1
  gatewatch host set 'pc-*' --version 2.7.1
  gatewatch host set be-01 --unset
  gatewatch host remove pc-0815
"""
_MOST_NAMED = 20
"""Hosts that are listed before they are only counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB", required=True)
    set_ = verbs.add_parser(
        "set",
        help="set the version",
        description="Set the version of every host that matches.",
        epilog=EPILOG,
    )
    set_.add_argument("glob", metavar="GLOB", help="names of hosts, case-sensitive")
    release = set_.add_mutually_exclusive_group(required=True)
    release.add_argument(
        "--version", dest="release", type=_release, metavar="V", help="as in 2.7.1"
    )
    release.add_argument("--unset", action="store_true", help="take back what was set")
    add_connection(set_)
    remove = verbs.add_parser(
        "remove",
        help="let a host go that joined at run time",
        description="Let a host go that joined with a group's enrolment token.",
        epilog=EPILOG,
    )
    remove.add_argument("host", metavar="HOST")
    add_connection(remove)


def run(arguments: argparse.Namespace) -> int:
    """Tell the collector."""
    if arguments.verb == "remove":
        return _remove(arguments)
    order = {"glob": arguments.glob, "version": arguments.release}
    content = tell(connection_of(arguments), "PATCH", "hosts", order)
    if arguments.format == "json":
        show_json(content)
        return ExitCode.OK
    done = decoded(content, VersionsSet)
    named = done.hosts if len(done.hosts) <= _MOST_NAMED else (f"{len(done.hosts)} hosts",)
    for host in named:
        print(f"{printable(host)}: {printable(done.version or 'no longer set')}")
    return ExitCode.OK


def _remove(arguments: argparse.Namespace) -> int:
    content = tell(
        connection_of(arguments), "DELETE", f"hosts/{quote(arguments.host, safe='')}", None
    )
    if arguments.format == "json":
        show_json(content)
    else:
        print(f"{printable(arguments.host)}: removed, and its credentials revoked")
    return ExitCode.OK


def _release(word: str) -> str:
    try:
        return Version(word).text
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None

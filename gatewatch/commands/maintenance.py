"""`gatewatch maintenance`: keep hosts that are worked on out of alerts, for a time."""

import argparse

from gatewatch.arguments import add_connection
from gatewatch.moments import moment_of
from gatewatch.silences import add_until, give, show_all, take_back

EPILOG = """\
Verdicts and gates go on as ever; what is broken at the end of a window is an event then.

exit codes:
  0  added, listed, or removed
  3  no host or site has that name, the end lies in the past, there is no such id, or no collector

examples:
  gatewatch maintenance add --hosts 'be-*' --until 2h --reason 'upgrade to 2.7.1'
  gatewatch maintenance add --site dc1 --from 2027-01-31T22:00 --until 2027-02-01T04:00 \\
      --reason 'new core switch'
  gatewatch maintenance list
  gatewatch maintenance remove 1a2b3c4d
"""
_CALL = "maintenance"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="begin or plan a window", description="Add a window.")
    whom = add.add_mutually_exclusive_group(required=True)
    whom.add_argument("--hosts", metavar="GLOB", help="names of hosts, case-sensitive")
    whom.add_argument("--site", metavar="GLOB", help="names of sites: all of their hosts")
    add.add_argument(
        "--from", dest="begins", type=moment_of, metavar="WHEN", help="a time; default: at once"
    )
    add_until(add)
    add.add_argument("--reason", required=True, metavar="TEXT", help="why, for the events")
    add_connection(add)
    every = verbs.add_parser("list", help="show the windows", description="Show the windows.")
    add_connection(every)
    remove = verbs.add_parser(
        "remove", help="end a window", description="End a window, or call it off."
    )
    remove.add_argument("id", metavar="ID")
    add_connection(remove)


def run(arguments: argparse.Namespace) -> int:
    """Add, list, or remove."""
    if arguments.verb == "list":
        return show_all(arguments, _CALL)
    if arguments.verb == "remove":
        return take_back(arguments, _CALL, arguments.id)
    order = {
        "hosts": arguments.hosts,
        "site": arguments.site,
        "reason": arguments.reason,
        "from": arguments.begins,
        "until": arguments.until,
    }
    return give(arguments, _CALL, order)

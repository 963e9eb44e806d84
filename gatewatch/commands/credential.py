"""`gatewatch credential`: list, give and revoke what lets people, scrapers and probes in."""

import argparse
from datetime import datetime
from urllib.parse import quote

import msgspec

from gatewatch.api_client import ask, connection_of, decoded, show_json, tell
from gatewatch.arguments import add_connection
from gatewatch.exit_codes import ExitCode
from gatewatch.silences import add_until
from gatewatch.terminal import console, moment, printable, table

EPILOG = """\
exit codes:
  0  listed, given or revoked
  3  no such credential, no right to do it, or no collector

examples:
  gatewatch credential list
  gatewatch credential create prometheus --role scraper
  gatewatch credential create alice --role operator --until 2027-06-30
  gatewatch credential revoke alice

To rotate, create a second one of the same name, put it in place, and revoke the first by its id.
"""
ROLES = ("viewer", "operator", "scraper", "probe")


class _Credential(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    role: str
    created: datetime
    by: str | None
    until: datetime | None
    session: bool
    token: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB", required=True)
    add_connection(verbs.add_parser("list", help="show those that are good", epilog=EPILOG))
    create = verbs.add_parser("create", help="give one, and print its token once", epilog=EPILOG)
    create.add_argument("name", metavar="NAME", help="of its holder; of the host, for a probe")
    create.add_argument("--role", choices=ROLES, required=True)
    add_until(create, required=False)
    add_connection(create)
    revoke = verbs.add_parser("revoke", help="take one back at once", epilog=EPILOG)
    revoke.add_argument("name", metavar="ID|NAME", help="one by its id, or all of a name")
    add_connection(revoke)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for."""
    connection = connection_of(arguments)
    match arguments.verb:
        case "create":
            order = {
                "name": arguments.name,
                "role": arguments.role,
                "until": arguments.until,
            }
            content = tell(connection, "POST", "credentials", order)
            text = decoded(content, _Credential).token or "" if arguments.format != "json" else ""
        case "revoke":
            content = tell(
                connection, "DELETE", f"credentials/{quote(arguments.name, safe='')}", None
            )
            gone = decoded(content, list[_Credential])
            text = "\n".join(f"revoked: {printable(one.name)} ({one.id})" for one in gone)
        case _:
            content = ask(connection, "credentials")
            text = ""
            if arguments.format != "json":
                _show(decoded(content, list[_Credential]))
    if arguments.format == "json":
        show_json(content)
    elif text:
        print(text)
    return ExitCode.OK


def _show(held: list[_Credential]) -> None:
    shown = table(("id", "name", "role", "created", "until", "by"), folding=("name", "by"))
    for one in held:
        role = f"{one.role} (page)" if one.session else one.role
        shown.add_row(
            one.id,
            printable(one.name),
            role,
            moment(one.created),
            moment(one.until),
            printable(one.by or "-"),
        )
    console().print(shown)

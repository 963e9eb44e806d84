"""Reading a whole inventory: all of its problems at once, or a frozen estate (DESIGN 2)."""

import re
from datetime import date

from flows.group_reading import everybody, read_extra_flows, read_groups
from flows.host_reading import read_hosts, version
from flows.hosts import FIRST_NEW, Host, Need, Role, Version
from flows.inventory import HandlerGroup, Inventory, Migration, Ports, Waiver
from flows.reading import Fields, Unfit, Value, open_text
from flows.scalars import list_of, one_of, port, text, word_of

ROOT_KEYS = (
    "migration",
    "hosts",
    "handler_groups",
    "ports",
    "options",
    "extra_flows",
    "waivers",
)
MIGRATION_KEYS = ("name", "from", "to")
PORT_KEYS = (
    "agent",
    "agent-legacy",
    "backend",
    "backend-colocated",
    "public-api",
    "policy-update",
    "gatewatch",
)
OPTION_KEYS = ("separate_backend_8443",)
WAIVER_KEYS = ("path", "reason", "until")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OLD = Version("2.6")
_NOWHERE = Migration("", _OLD, FIRST_NEW)


def read_inventory(content: str, file: str) -> Inventory:
    """Read the text of an inventory file; `file` is its name in messages.

    Raises Refused with every problem found.
    """
    root = open_text(content, file)
    fields = root.fields(ROOT_KEYS)
    migration = fields.required("migration", _migration, _NOWHERE)
    hosts: dict[str, Host] = fields.required("hosts", read_hosts, {})
    none: dict[str, HandlerGroup] = {}
    groups = fields.optional("handler_groups", lambda value: read_groups(value, hosts), none)
    if groups and hosts:
        _check_all_grouped(fields, hosts, groups)
    inventory = Inventory(
        migration=migration,
        hosts=hosts,
        groups=groups or {"default": everybody(hosts)},
        ports=fields.optional("ports", _ports, Ports()),
        separate_backend_8443=fields.optional("options", _separate_backend_8443, Need.ADVISE),
        extra_flows=fields.optional(
            "extra_flows", lambda value: read_extra_flows(value, hosts), ()
        ),
        waivers=fields.optional("waivers", list_of(_waiver), ()),
    )
    root.reading.finish()
    return inventory


def _migration(value: Value) -> Migration:
    fields = value.fields(MIGRATION_KEYS)
    migration = Migration(
        name=fields.required("name", text, ""),
        old=fields.required("from", version, _OLD),
        new=fields.required("to", version, FIRST_NEW),
    )
    if migration.old.is_new or not migration.new.is_new:
        raise Unfit(
            f"from must be below {FIRST_NEW} and to {FIRST_NEW} or above;"
            " no other step changes the ports"
        )
    return migration


def _check_all_grouped(
    fields: Fields, hosts: dict[str, Host], groups: dict[str, HandlerGroup]
) -> None:
    members = {
        Role.AGENT_HANDLER: {name for group in groups.values() for name in group.handlers},
        Role.AGENT: {name for group in groups.values() for name in group.agents},
    }
    every_host = fields.at("hosts")
    for name, _ in every_host.entries():
        for role, grouped in members.items():
            if role in hosts[name].roles and name not in grouped:
                every_host.refuse_key(name, f"has the role '{role}' but is in no handler group")


def _ports(value: Value) -> Ports:
    fields = value.fields(PORT_KEYS)
    default = Ports()
    words = {key.replace("-", "_"): key for key in PORT_KEYS}
    return Ports(
        **{word: fields.optional(key, port, getattr(default, word)) for word, key in words.items()}
    )


def _separate_backend_8443(value: Value) -> Need:
    fields = value.fields(OPTION_KEYS)
    return fields.optional("separate_backend_8443", one_of(Need, "need"), Need.ADVISE)


def _waiver(value: Value) -> Waiver:
    fields = value.fields(WAIVER_KEYS)
    return Waiver(
        path=fields.required("path", text, ""),
        reason=fields.required("reason", text, ""),
        until=fields.required("until", _day, date.max),
    )


def _day(value: Value) -> date:
    word = word_of(value)
    try:
        if DAY.fullmatch(word):
            return date.fromisoformat(word)
    except ValueError:
        pass
    raise Unfit(f"'{word}' is not a day such as 2027-01-31")

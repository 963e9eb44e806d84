"""The JSON Schema (draft 2020-12) of the inventory, for editors and other people's tools.

Made of the same keys and words that the readers use. It says less than they do: it knows of no
other host than the one at hand, and nothing of what YAML repeats or leaves out.
"""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

from flows.group_reading import CARRIED, EXTRA_KEYS, GROUP_KEYS, PROTOS, SYSLOG_KEYS
from flows.host_reading import CLAIM_KEYS, CLAIMABLE, HOST_KEYS, INSTANCE, SQL_KEYS
from flows.hosts import Need, Role, Version
from flows.inventory import Ports, SyslogProtocol
from flows.inventory_reading import (
    DAY,
    MIGRATION_KEYS,
    OPTION_KEYS,
    PORT_KEYS,
    ROOT_KEYS,
    WAIVER_KEYS,
)
from flows.names import NAME
from flows.outcomes import Service
from flows.phases import PHASES, Expectation
from flows.scalars import LABEL

Schema = dict[str, object]
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_TEXT: Schema = {"type": "string", "pattern": r"\S"}
_PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
_FLAG: Schema = {"type": "boolean"}


def inventory_schema() -> Schema:
    """Build the schema of an inventory file."""
    sections: dict[str, Schema] = {
        "migration": _record(
            MIGRATION_KEYS, {"name": _TEXT, "from": _version(), "to": _version()}, MIGRATION_KEYS
        ),
        "hosts": {**_by_name(_host()), "minProperties": 1},
        "handler_groups": _by_name(_group()),
        "ports": _record(PORT_KEYS, dict(zip(PORT_KEYS, _ports(), strict=True))),
        "options": _record(OPTION_KEYS, dict.fromkeys(OPTION_KEYS, _need(Need.ADVISE))),
        "extra_flows": _list_of(_extra_flow()),
        "waivers": _list_of(
            _record(
                WAIVER_KEYS,
                {"path": _TEXT, "reason": _TEXT, "until": _matching(DAY.pattern)},
                WAIVER_KEYS,
            )
        ),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://gatewatch.invalid/schemas/inventory.json",
        "title": "Inventory of Gatewatch",
        **_record(ROOT_KEYS, sections, ("migration", "hosts")),
    }


def schema_text() -> str:
    """Write the schema as the file that is published."""
    return json.dumps(inventory_schema(), indent=2) + "\n"


def _host() -> Schema:
    sql = _instance()
    keys: dict[str, Schema] = {
        "address": _address(),
        "roles": _set_of(_one_of(Role)),
        "site": _TEXT,
        "version": _version(),
        "virtual": {**_FLAG, "default": False},
        "members": _set_of(_matching(NAME.pattern)),
        "backends": _set_of(_matching(NAME.pattern)),
        "sql": {"oneOf": [sql, {**_list_of(sql), "minItems": 1}]},
        "identity": _record(map(str, CLAIMABLE), dict.fromkeys(map(str, CLAIMABLE), _claim())),
    }
    return {
        **_record(HOST_KEYS, keys, ("address", "roles")),
        "allOf": [
            _if_there(
                "members", {"properties": {"virtual": {"const": True}}, "required": ["virtual"]}
            ),
            _if_there("sql", _with_role(Role.SQL_SERVER)),
            _if_there("backends", _with_role(Role.CONSOLE)),
            {
                "if": {"properties": {"virtual": {"const": True}}, "required": ["virtual"]},
                "then": {"not": {**_with_role(Role.AGENT), "required": ["roles"]}},
            },
        ],
    }


def _instance() -> Schema:
    keys: dict[str, Schema] = {
        "port": {**_PORT, "default": 1433},
        "instance": _matching(INSTANCE.pattern),
        "browser": _one_of(Need),
        "dac": _need(Need.ADVISE),
    }
    return _record(SQL_KEYS, keys)


def _claim() -> Schema:
    keys: dict[str, Schema] = {
        "sha256": _matching(":*([0-9A-Fa-f]:*){64}"),
        "issuer": _TEXT,
        "server": _TEXT,
    }
    return {**_record(CLAIM_KEYS, keys), "minProperties": 1}


def _group() -> Schema:
    names = _set_of(_matching(NAME.pattern))
    syslog: dict[str, Schema] = {
        "server": _matching(NAME.pattern),
        "protocol": _one_of(SyslogProtocol),
        "port": _PORT,
    }
    keys: dict[str, Schema] = {
        "handlers": {**names, "minItems": 1},
        "agents": names,
        "backends": names,
        "legacy_protocol": {**_FLAG, "default": True},
        "syslog": _list_of(_record(SYSLOG_KEYS, syslog, ("server", "protocol"))),
    }
    return _record(GROUP_KEYS, keys, ("handlers",))


def _extra_flow() -> Schema:
    name, phases = _matching(NAME.pattern), tuple(map(str, PHASES))
    ends: Schema = {"oneOf": [name, {**_set_of(name), "minItems": 1}]}
    expect = _one_of(Expectation)
    keys: dict[str, Schema] = {
        "flow": name,
        "from": ends,
        "to": ends,
        "proto": {"enum": list(PROTOS)},
        "port": _PORT,
        "service": _one_of(Service),
        "expect": {
            "oneOf": [
                expect,
                {**_record(phases, dict.fromkeys(phases, expect)), "minProperties": 1},
            ]
        },
        "why": _TEXT,
    }
    carried = [
        {
            "if": {"properties": {"proto": {"const": proto}}, "required": ["proto"]},
            "then": {"properties": {"service": {"enum": sorted(CARRIED[proto])}}},
        }
        for proto in PROTOS
    ]
    return {**_record(EXTRA_KEYS, keys, EXTRA_KEYS), "allOf": carried}


def _ports() -> Iterable[Schema]:
    default = Ports()
    for key in PORT_KEYS:
        yield {**_PORT, "default": getattr(default, key.replace("-", "_"))}


def _record(
    keys: Iterable[str], schemas: Mapping[str, Schema], required: Iterable[str] = ()
) -> Schema:
    """Describe a mapping with these keys and no others, in the readers' order."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: schemas[key] for key in keys},
        "required": list(required),
    }


def _by_name(entry: Schema) -> Schema:
    """Describe a mapping whose keys are names of the operator's own, none of them a role's."""
    names = {**_matching(NAME.pattern), "not": {"enum": list(map(str, Role))}}
    return {"type": "object", "propertyNames": names, "additionalProperties": entry}


def _list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _set_of(item: Schema) -> Schema:
    return {**_list_of(item), "uniqueItems": True}


def _one_of(words: type[StrEnum]) -> Schema:
    return {"enum": [str(word) for word in words]}


def _need(default: Need) -> Schema:
    return {**_one_of(Need), "default": str(default)}


def _matching(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^({pattern})$"}


def _version() -> Schema:
    return {**_matching(Version.PATTERN.pattern), "examples": ["2.6", "2.7.1"]}


def _address() -> Schema:
    """Describe an IP literal or a DNS name whose last label is not all digits."""
    ipv4 = rf"{_OCTET}(\.{_OCTET}){{3}}"
    ipv6 = r"[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(%[^\]]+)?"
    literal = rf"{ipv4}|{ipv6}|\[({ipv4}|{ipv6})\]"
    name = rf"({LABEL.pattern}\.)*(?![0-9]+\.?$){LABEL.pattern}\.?"
    return {"anyOf": [_matching(literal), {**_matching(name), "maxLength": 253}]}


def _if_there(key: str, then: Schema) -> Schema:
    return {"if": {"required": [key]}, "then": then}


def _with_role(role: Role) -> Schema:
    return {"properties": {"roles": {"contains": {"const": str(role)}}}}

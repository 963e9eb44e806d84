"""The catalog: the rows of the migration guide as data (`catalog.yaml` beside this file)."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from flows.hosts import Role
from flows.outcomes import Service
from flows.phases import PHASES, Expectation, Phase
from flows.reading import Fields, Value, open_text
from flows.scalars import flag, list_of, number, one_of, text, word_of
from flows.yamltext import Mapping

ROW_KEYS = (
    "flow",
    "guide",
    "purpose",
    "from",
    "to",
    "pairs",
    "layout",
    "proto",
    "port",
    "service",
    "legacy",
    "upgrade",
    "option",
    "expect",
    "require",
)


OWN_PORT = "own"
"""Stands for the port of the SQL instance or of the syslog target."""


class Pairing(StrEnum):
    """Who meets whom."""

    ALL = "all"
    CONSOLE_BACKENDS = "console-backends"
    HANDLER_BACKENDS = "handler-backends"
    GROUP_HANDLERS = "group-handlers"
    GROUP_SYSLOG = "group-syslog"
    SQL_INSTANCES = "sql-instances"


class Layout(StrEnum):
    """Where a backend stands (guide 3.2, the two columns of 2.7)."""

    SEPARATE = "separate"
    COLOCATED = "colocated"


class End(StrEnum):
    """An end of a path."""

    SOURCE = "source"
    DESTINATION = "destination"


class Option(StrEnum):
    """What of the inventory decides whether an optional row counts."""

    SEPARATE_BACKEND_8443 = "separate_backend_8443"
    DAC = "dac"
    BROWSER = "browser"


class Ask(NamedTuple):
    """What a phase asks before and after the upgrade of the end that decides."""

    new: Expectation
    old: Expectation


Asks = dict[Phase, Ask]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the catalog."""

    flow: str
    guide: str
    purpose: str
    source: Role | None
    """None: every host with a probe."""
    destination: Role
    pairs: Pairing
    layout: Layout | None
    proto: str
    port: str | int
    """A key of the inventory's ports, a number, or OWN_PORT."""
    service: Service
    legacy: bool
    upgrade: End | None
    option: Option | None
    expect: Asks = field(hash=False)
    require: Asks = field(hash=False)
    """Asked instead of `expect` where the option says `require`."""


@cache
def catalog() -> tuple[Row, ...]:
    """Load the catalog; the rows of the guide in the guide's order."""
    content = files("flows").joinpath("catalog.yaml").read_text("utf-8")
    root = open_text(content, "catalog.yaml")
    rows = list_of(_row)(root)
    root.reading.finish()
    return rows


def _row(value: Value) -> Row:
    fields = value.fields(ROW_KEYS)
    no_port: str | int = ""
    return Row(
        flow=fields.required("flow", text, ""),
        guide=fields.required("guide", text, ""),
        purpose=fields.required("purpose", text, ""),
        source=fields.required("from", _source, None),
        destination=fields.required("to", one_of(Role, "role"), Role.BACKEND),
        pairs=fields.required("pairs", one_of(Pairing, "pairing"), Pairing.ALL),
        layout=fields.optional("layout", one_of(Layout, "layout"), None),
        proto=fields.required("proto", text, ""),
        port=fields.required("port", _port, no_port),
        service=fields.required("service", one_of(Service, "service"), Service.TCP),
        legacy=fields.optional("legacy", flag, default=False),
        upgrade=fields.optional("upgrade", one_of(End, "end"), None),
        option=fields.optional("option", one_of(Option, "option"), None),
        expect=_asks(fields, "expect"),
        require=_asks(fields, "require"),
    )


def _source(value: Value) -> Role | None:
    return None if word_of(value) == "probe" else one_of(Role, "role")(value)


def _port(value: Value) -> str | int:
    word = word_of(value)
    return number(1, 65535)(value) if word.isdigit() else word


def _asks(fields: Fields, key: str) -> Asks:
    none: Asks = {}
    return fields.optional(key, _by_phase, none)


def _by_phase(value: Value) -> Asks:
    fields = value.fields(tuple(map(str, PHASES)))
    asks = {phase: fields.optional(phase, _ask, None) for phase in PHASES}
    return {phase: ask for phase, ask in asks.items() if ask is not None}


def _ask(value: Value) -> Ask:
    word = one_of(Expectation, "expectation")
    if not isinstance(value.node, Mapping):
        always = word(value)
        return Ask(always, always)
    fields = value.fields(("new", "else"))
    return Ask(
        new=fields.required("new", word, Expectation.SERVE),
        old=fields.required("else", word, Expectation.SERVE),
    )

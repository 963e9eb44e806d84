"""The catalog holds the rows of the guide and nothing else, each with where it comes from."""

import re

import pytest

from flows.catalog import End, Layout, Pairing, Row, catalog
from flows.hosts import Role
from flows.outcomes import Service
from flows.phases import Expectation, Phase
from tests.flows.plan_tables import DATA

FLOWS = {
    "console-backend": ("console", "backend"),
    "handler-backend": ("agent-handler", "backend"),
    "public-api": ("api-client", "backend"),
    "policy-update": ("backend", "policy-update-server"),
    "sql": ("backend", "sql-server"),
    "sql-dac": ("backend", "sql-server"),
    "sql-browser": ("backend", "sql-server"),
    "syslog-tcp": ("agent-handler", "syslog-server"),
    "syslog-udp": ("agent-handler", "syslog-server"),
    "syslog-tls": ("agent-handler", "syslog-server"),
    "agent-legacy": ("agent", "agent-handler"),
    "agent": ("agent", "agent-handler"),
    "gatewatch": (None, "collector"),
}
"""DESIGN 3, the first two columns, in the order of the guide."""


def test_the_flows_are_those_of_the_design_between_its_roles() -> None:
    found = {row.flow: (row.source, row.destination) for row in catalog()}

    assert list(found.items()) == list(FLOWS.items())


@pytest.mark.parametrize("row", catalog(), ids=lambda row: f"{row.flow} {row.port}")
def test_every_row_cites_the_guide(row: Row) -> None:
    sections = ("3.2, Administration console", "3.2, Agent handler", "3.2, Backend")
    agents = ("3.2, Agent lower than 2.7.1", "3.2, Agent greater than or equal to 2.7.1")
    assert row.guide in {*sections, *agents, "3.3.1, Outgoing rules", "Gatewatch"}
    assert row.purpose


@pytest.mark.parametrize("row", catalog(), ids=lambda row: f"{row.flow} {row.port}")
def test_every_row_asks_something_of_a_known_protocol(row: Row) -> None:
    assert row.proto in {"tcp", "udp"}
    assert row.expect
    assert (row.upgrade is None) is all(ask.new is ask.old for ask in row.expect.values())


def test_only_what_the_guide_contradicts_or_leaves_open_is_optional() -> None:
    optional = {(row.flow, str(row.option)) for row in catalog() if row.option}

    assert optional == {
        ("console-backend", "separate_backend_8443"),
        ("handler-backend", "separate_backend_8443"),
        ("sql-dac", "dac"),
        ("sql-browser", "browser"),
    }
    assert all(bool(row.require) is (row.option is not None) for row in catalog())


def test_only_17000_must_be_closed_and_only_in_the_end() -> None:
    closed = {
        (row.flow, phase)
        for row in catalog()
        for asks in (row.expect, row.require)
        for phase, ask in asks.items()
        if Expectation.CLOSED in ask
    }

    assert closed == {("agent-legacy", Phase.COMPLETE)}


def test_only_17000_depends_on_the_old_protocol() -> None:
    assert [row.flow for row in catalog() if row.legacy] == ["agent-legacy"]


def test_a_backend_of_each_layout_has_two_ports_of_its_own() -> None:
    ports = [
        (row.layout, row.port, row.upgrade) for row in catalog() if row.flow == "console-backend"
    ]

    assert ports == [
        (Layout.SEPARATE, "backend", None),
        (Layout.SEPARATE, "backend-colocated", None),
        (Layout.COLOCATED, "backend", End.DESTINATION),
        (Layout.COLOCATED, "backend-colocated", End.DESTINATION),
    ]


def test_handlers_call_backends_as_consoles_do() -> None:
    def rows(flow: str) -> list[object]:
        return [
            (row.layout, row.port, row.service, row.upgrade, row.option, row.expect, row.require)
            for row in catalog()
            if row.flow == flow
        ]

    assert rows("console-backend") == rows("handler-backend")


def test_what_a_row_says_is_read_into_words() -> None:
    row = next(row for row in catalog() if row.flow == "agent-legacy")

    assert (row.source, row.pairs, row.service) == (
        Role.AGENT,
        Pairing.GROUP_HANDLERS,
        Service.MSRPC,
    )
    assert row.expect[Phase.BACKOFFICE] == (Expectation.PERMIT, Expectation.SERVE)
    assert row.expect[Phase.COMPLETE] == (Expectation.CLOSED, Expectation.CLOSED)


def test_the_catalog_is_read_once() -> None:
    assert catalog() is catalog()


def test_every_row_that_a_hand_written_plan_cites_is_in_the_catalog() -> None:
    text = (DATA / "design-plan.txt").read_text(encoding="utf-8")
    cited = set(re.findall(r"\| (\S[^|\n]*)$", text, re.MULTILINE)) - {"guide", "inventory"}

    assert cited == {row.guide for row in catalog()}

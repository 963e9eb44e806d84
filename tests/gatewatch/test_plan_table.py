import io

from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.phases import Phase
from flows.plan import Path
from gatewatch.plan_table import Line, rolled_up, show_all_phases, show_phase, summary
from gatewatch.terminal import console

ESTATE = """
migration: {name: t, from: "2.6", to: "2.7.1"}
hosts:
  ah-01:  {address: 10.0.0.1, roles: [agent-handler]}
  be-01:  {address: 10.0.0.2, roles: [backend]}
  pc-001: {address: 10.0.1.1, roles: [agent]}
  pc-002: {address: 10.0.1.2, roles: [agent]}
  pc-003: {address: 10.0.1.3, roles: [agent], version: "2.7.1"}
  pc-004: {address: 10.0.1.4, roles: [agent]}
handler_groups:
  hq:   {handlers: [ah-01], agents: [pc-001, pc-002, pc-003]}
  west: {handlers: [ah-01], agents: [pc-004]}
"""


def paths() -> list[Path]:
    return list(expand(read_inventory(ESTATE, "estate.yaml")))


def sources(flow: str) -> list[str]:
    return [line.source for line in rolled_up(paths()) if line.path.flow == flow]


def test_agents_of_a_group_that_are_asked_the_same_share_a_row() -> None:
    assert sources("agent") == ["hq: 3 agents", "pc-004"]


def test_agents_that_are_asked_something_else_have_their_own_row() -> None:
    assert sources("agent-legacy") == ["hq: 2 agents", "pc-003", "pc-004"]


def test_other_hosts_are_never_joined() -> None:
    assert [line.agents for line in rolled_up(paths()) if not line.path.groups] == [1, 1]


def test_a_phase_is_shown_with_the_strongest_expectation_first() -> None:
    stream = io.StringIO()

    show_phase(rolled_up(paths()), Phase.COMPLETE, console(stream))

    words = [line.split()[0] for line in stream.getvalue().splitlines() if line.strip()]
    assert words == ["expected", words[1], "serve", "serve", "serve", *["closed"] * 3, "advised"]


def test_all_phases_are_shown_with_a_dash_where_nothing_is_asked() -> None:
    stream = io.StringIO()

    show_all_phases([Line(path) for path in paths() if path.flow == "agent"], console(stream))

    rows = [line.split() for line in stream.getvalue().splitlines()[2:]]
    assert rows[0] == ["agent", "pc-001", "ah-01", "tcp/443", "-", *["permit"] * 2, *["serve"] * 2]
    assert len(rows) == 4


def test_the_summary_counts_paths_not_rows() -> None:
    found = [path for path in paths() if path.flow == "agent"]

    assert summary(found, None) == "4 paths"
    assert summary(found[:1], Phase.PREPARE) == "1 path in prepare: 1 permit"
    assert summary([], Phase.PREPARE) == "0 paths"

"""Host conditions of gates (DESIGN 4): which hosts must run the new release, as far as known."""

import pytest

from flows.conditions import host_problems
from flows.expansion import expand
from flows.hosts import Version
from flows.inventory import Inventory
from flows.phases import Phase
from flows.versions import Versions
from tests.flows.texts import estate

ESTATE = """
    be: {address: 10.0.0.1, roles: [backend]}
    ah: {address: 10.0.0.2, roles: [agent-handler], version: "2.7.1"}
    con: {address: 10.0.0.3, roles: [console], version: "2.6"}
    pc-1: {address: 10.0.0.4, roles: [agent]}
    pc-2: {address: 10.0.0.5, roles: [agent], version: "2.6"}
    sql: {address: 10.0.0.6, roles: [sql-server], version: "2.6"}
"""


def problems(
    inventory: Inventory,
    phase: Phase,
    set_: dict[str, str] | None = None,
    shown: dict[str, str] | None = None,
) -> list[tuple[str, str, bool]]:
    """List the hosts that a phase finds wanting."""
    said, seen = (
        {name: Version(version) for name, version in (versions or {}).items()}
        for versions in (set_, shown)
    )
    plan = expand(inventory, Versions(inventory, said, seen))
    return [(one.host, one.problem, one.known) for one in host_problems(plan, phase)]


@pytest.mark.parametrize("phase", [Phase.BASELINE, Phase.PREPARE, Phase.BACKOFFICE])
def test_before_agents_no_version_is_asked_for(phase: Phase) -> None:
    assert problems(estate(ESTATE), phase) == []


def test_agents_needs_every_backend_handler_and_console_to_be_new() -> None:
    assert problems(estate(ESTATE), Phase.AGENTS) == [
        ("be", "version unknown", False),
        ("con", "version 2.6 (stated) is below 2.7.1", True),
    ]


def test_complete_needs_every_agent_to_be_new() -> None:
    assert problems(estate(ESTATE), Phase.COMPLETE) == [
        ("pc-1", "version unknown", False),
        ("pc-2", "version 2.6 (stated) is below 2.7.1", True),
    ]


def test_setting_a_version_settles_it() -> None:
    settled = {"be": "2.7.1", "con": "2.7.2"}

    assert problems(estate(ESTATE), Phase.AGENTS, settled) == []
    assert problems(estate(ESTATE), Phase.AGENTS, {**settled, "ah": "2.6.1"}) == [
        ("ah", "version 2.6.1 (set) is below 2.7.1", True)
    ]


def test_what_a_service_shows_settles_it() -> None:
    shown = {"be": "2.7.1", "con": "2.7.1"}

    assert problems(estate(ESTATE), Phase.AGENTS, None, shown) == [
        ("con", "version 2.6 (stated) is below 2.7.1", True)
    ]


VIRTUAL = """
    be-1: {address: 10.0.0.1, roles: [backend], version: "2.7.1"}
    be-2: {address: 10.0.0.2, roles: []}
    ses: {address: 10.0.0.3, roles: [backend], virtual: true, members: [be-1, be-2]}
    lone: {address: 10.0.0.4, roles: [backend], virtual: true}
"""


def test_for_a_virtual_host_its_members_are_asked() -> None:
    assert problems(estate(VIRTUAL), Phase.AGENTS) == [
        ("be-2", "version unknown", False),
        ("lone", "version unknown", False),
    ]


def test_a_virtual_host_may_have_a_version_of_its_own() -> None:
    assert problems(estate(VIRTUAL), Phase.AGENTS, {"ses": "2.7.1", "lone": "2.6"}) == [
        ("lone", "version 2.6 (set) is below 2.7.1", True)
    ]

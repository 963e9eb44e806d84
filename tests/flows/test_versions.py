"""Versions in force (DESIGN 2): set, stated, shown, or the default of the phase and the role."""

import pytest

from flows.hosts import Role, Version
from flows.phases import Phase
from flows.versions import Source, Versions
from tests.flows.texts import estate

OLD, NEW = Version("2.6"), Version("2.7.1")
INVENTORY = estate("""
    none: {address: 10.0.0.1, roles: [backend, agent]}
    old: {address: 10.0.0.2, roles: [backend], version: "2.6"}
    new: {address: 10.0.0.3, roles: [backend], version: "2.7.1"}
    pc: {address: 10.0.0.4, roles: [agent], version: "2.6"}
    vip: {address: 10.0.0.5, roles: [backend], virtual: true, members: [none, new]}
    lone: {address: 10.0.0.6, roles: [backend], virtual: true}
    own: {address: 10.0.0.7, roles: [backend], virtual: true, members: [old], version: "2.7.1"}
""")
HOSTS = INVENTORY.hosts
UPGRADING = (Phase.BACKOFFICE, Phase.AGENTS)


@pytest.mark.parametrize("phase", [Phase.BASELINE, Phase.PREPARE])
def test_before_the_upgrade_everything_is_old(phase: Phase) -> None:
    versions = Versions(INVENTORY, {"new": NEW})

    assert not any(versions.is_new(host, phase, Role.BACKEND) for host in HOSTS.values())


def test_in_the_end_everything_is_new() -> None:
    versions = Versions(INVENTORY, {"old": OLD})

    assert all(versions.is_new(host, Phase.COMPLETE, Role.AGENT) for host in HOSTS.values())


@pytest.mark.parametrize("phase", UPGRADING)
def test_what_was_set_wins_over_what_is_stated(phase: Phase) -> None:
    versions = Versions(INVENTORY, {"old": NEW, "new": OLD})

    assert versions.is_new(HOSTS["old"], phase, Role.BACKEND)
    assert not versions.is_new(HOSTS["new"], phase, Role.BACKEND)


@pytest.mark.parametrize("phase", UPGRADING)
def test_what_is_stated_wins_over_what_is_shown(phase: Phase) -> None:
    versions = Versions(INVENTORY, {}, {"old": NEW, "new": OLD})

    assert not versions.is_new(HOSTS["old"], phase, Role.BACKEND)
    assert versions.is_new(HOSTS["new"], phase, Role.BACKEND)


@pytest.mark.parametrize("phase", UPGRADING)
@pytest.mark.parametrize(("shown", "new"), [(NEW, True), (OLD, False)])
def test_what_is_shown_wins_over_the_default(phase: Phase, shown: Version, new: bool) -> None:
    versions = Versions(INVENTORY, {}, {"none": shown})

    assert versions.is_new(HOSTS["none"], phase, Role.BACKEND) is new


@pytest.mark.parametrize(
    ("phase", "role", "new"),
    [
        (Phase.BACKOFFICE, Role.BACKEND, False),
        (Phase.BACKOFFICE, Role.AGENT, False),
        (Phase.AGENTS, Role.BACKEND, True),
        (Phase.AGENTS, Role.AGENT_HANDLER, True),
        (Phase.AGENTS, Role.CONSOLE, True),
        (Phase.AGENTS, Role.AGENT, False),
    ],
)
def test_the_default_is_that_of_the_role_that_a_host_plays(
    phase: Phase, role: Role, new: bool
) -> None:
    assert Versions(INVENTORY).is_new(HOSTS["none"], phase, role) is new


@pytest.mark.parametrize(
    ("set_", "new"),
    [({}, [False, True]), ({"none": NEW}, [True, True]), ({"new": OLD}, [False, False])],
)
def test_a_virtual_host_is_new_when_all_its_members_are(
    set_: dict[str, Version], new: list[bool]
) -> None:
    versions = Versions(INVENTORY, set_)

    assert [versions.is_new(HOSTS["vip"], phase, Role.BACKEND) for phase in UPGRADING] == new


@pytest.mark.parametrize("phase", UPGRADING)
def test_a_virtual_host_may_have_a_version_of_its_own(phase: Phase) -> None:
    assert Versions(INVENTORY).is_new(HOSTS["own"], phase, Role.BACKEND)
    assert not Versions(INVENTORY, {"own": OLD}).is_new(HOSTS["own"], phase, Role.BACKEND)


def test_a_virtual_host_without_members_takes_the_default_whatever_it_shows() -> None:
    versions = Versions(INVENTORY, {}, {"lone": NEW})

    new = [versions.is_new(HOSTS["lone"], phase, Role.BACKEND) for phase in UPGRADING]

    assert new == [False, True]
    assert versions.known(HOSTS["lone"]) is None


def test_a_version_comes_with_who_says_so() -> None:
    versions = Versions(INVENTORY, {"old": NEW}, {"none": NEW, "new": OLD})

    assert versions.known(HOSTS["old"]) == (NEW, Source.SET)
    assert versions.known(HOSTS["new"]) == (NEW, Source.STATED)
    assert versions.known(HOSTS["none"]) == (NEW, Source.SHOWN)
    assert versions.known(HOSTS["vip"]) is None


@pytest.mark.parametrize(
    ("hosts", "set_", "lags"),
    [
        ('be: {address: a, roles: [backend], version: "2.6"}', {}, True),
        ('con: {address: a, roles: [console], version: "2.7"}', {}, True),
        ("ah: {address: a, roles: [agent-handler]}", {"ah": OLD}, True),
        ('be: {address: a, roles: [backend], version: "2.6"}', {"be": NEW}, False),
        ('be: {address: a, roles: [backend], version: "2.7.1"}', {}, False),
        ("be: {address: a, roles: [backend]}", {}, False),
        ('pc: {address: a, roles: [agent], version: "2.6"}', {}, False),
        ('pc: {address: a, roles: [agent, console], version: "2.6"}', {}, True),
        ('sql: {address: a, roles: [sql-server], version: "2.6"}', {}, False),
    ],
)
def test_the_back_office_lags_while_one_of_it_is_set_or_stated_below(
    hosts: str, set_: dict[str, Version], lags: bool
) -> None:
    assert Versions(estate(hosts), set_).back_office_lags() is lags


def test_what_is_only_shown_never_lags() -> None:
    inventory = estate("be: {address: a, roles: [backend]}")

    assert not Versions(inventory, {}, {"be": OLD}).back_office_lags()

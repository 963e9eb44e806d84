import pytest

from collector.estate import Estate
from collector.memory import Event, EventKind, InventoryText, PhaseSet
from collector.orders import difference_of
from collector.views import Difference
from flows.errors import Refused, UsageError
from flows.expansion import expand
from flows.hosts import Version
from flows.inventory_reading import read_inventory
from flows.phases import Expectation, Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    HANDLER,
    HTTPS,
    INVENTORY,
    REFUSED,
    at,
    id_of,
    row_of,
    tell,
)

NEW = Version("2.7.1")


def test_setting_a_phase_is_told_with_who_and_why(estate: Estate) -> None:
    changes = estate.decide_phase(Phase.PREPARE, at(60), "ada", "rules are ordered")
    assert estate.phase is Phase.BASELINE
    estate.apply(changes)

    assert changes.phase == PhaseSet(phase=Phase.PREPARE, since=at(60))
    assert changes.events == (
        Event(
            at=at(60),
            kind=EventKind.PHASE,
            subject="prepare",
            before="baseline",
            after="prepare",
            reason="rules are ordered",
            by="ada",
        ),
    )
    assert (estate.phase, estate.phase_since) == (Phase.PREPARE, at(60))


def test_setting_the_phase_that_holds_changes_nothing(estate: Estate) -> None:
    assert estate.decide_phase(Phase.BASELINE, at(60)).empty


def test_an_earlier_phase_may_be_set(estate: Estate) -> None:
    estate.apply(estate.decide_phase(Phase.COMPLETE, at(0)))

    estate.apply(estate.decide_phase(Phase.BACKOFFICE, at(1)))

    assert estate.phase is Phase.BACKOFFICE


def test_verdicts_follow_the_phase(estate: Estate) -> None:
    tell(estate, {CONSOLE_NEW: REFUSED})
    assert all(row.path != CONSOLE_NEW for row in estate.matrix(None, at(1)))

    estate.apply(estate.decide_phase(Phase.PREPARE, at(2)))

    assert row_of(estate, CONSOLE_NEW, 3).verdict == "ok"


def test_goals_that_are_met_when_their_phase_begins_are_reached(estate: Estate) -> None:
    tell(estate, {CONSOLE_NEW: REFUSED, HANDLER: REFUSED})

    changes = estate.decide_phase(Phase.PREPARE, at(2))

    assert changes.reached == {
        (Phase.PREPARE, CONSOLE_NEW),
        (Phase.PREPARE, "agent:hq/*>ah-02"),
    }
    assert [event.kind for event in changes.events] == [
        EventKind.PHASE,
        EventKind.GOAL,
        EventKind.GOAL,
    ]


def test_a_goal_that_nobody_saw_of_late_is_not_reached(estate: Estate) -> None:
    tell(estate, {CONSOLE_NEW: REFUSED})

    assert estate.decide_phase(Phase.PREPARE, at(100)).reached == frozenset()


def test_a_version_is_set_for_every_host_that_a_glob_names(estate: Estate) -> None:
    changes = estate.decide_versions("pc-*", NEW, at(5), "ada")
    estate.apply(changes)

    assert changes.versions == dict.fromkeys(["pc-001", "pc-002", "pc-003"], NEW)
    assert changes.events == (
        Event(
            at=at(5),
            kind=EventKind.VERSION,
            subject="pc-*",
            before=None,
            after="2.7.1",
            reason="set for 3 hosts",
            by="ada",
        ),
    )
    assert estate.memory.versions == changes.versions


def test_a_version_that_is_set_changes_the_plan(estate: Estate) -> None:
    path = "console-backend:con-01>be-01:tcp/8443"
    assert estate.plan.paths[path].expect[Phase.BACKOFFICE] is Expectation.PERMIT

    estate.apply(estate.decide_versions("be-01", NEW, at(5)))

    assert estate.plan.paths[path].expect[Phase.BACKOFFICE] is Expectation.SERVE


def test_a_version_is_taken_back(estate: Estate) -> None:
    estate.apply(estate.decide_versions("be-0*", NEW, at(5)))
    estate.apply(estate.decide_versions("be-02", Version("2.7.2"), at(5)))

    changes = estate.decide_versions("be-0*", None, at(6))
    estate.apply(changes)

    assert estate.memory.versions == {}
    [event] = changes.events
    assert (event.before, event.after, event.reason) == (
        "several versions",
        None,
        "no longer set for 2 hosts",
    )


def test_setting_what_is_set_changes_nothing(estate: Estate) -> None:
    estate.apply(estate.decide_versions("be-01", NEW, at(5)))

    assert estate.decide_versions("be-01", NEW, at(6)).empty
    assert estate.decide_versions("be-02", None, at(6)).empty


def test_only_hosts_that_change_are_counted(estate: Estate) -> None:
    estate.apply(estate.decide_versions("be-01", NEW, at(5)))

    changes = estate.decide_versions("be-*", NEW, at(6))

    assert list(changes.versions) == ["be-02"]
    assert changes.events[0].reason == "set for one host"


@pytest.mark.parametrize(
    ("glob", "hint"), [("be-09", " (did you mean 'be-02'?)"), ("BE-*", ""), ("zzz*", "")]
)
def test_a_glob_that_names_no_host_is_refused(estate: Estate, glob: str, hint: str) -> None:
    with pytest.raises(UsageError) as refusal:
        estate.decide_versions(glob, NEW, at(5))

    assert str(refusal.value) == f"no host is named '{glob}'{hint}"


def test_another_inventory_is_followed_once_it_is_applied(estate: Estate) -> None:
    text = INVENTORY.replace("watch:", "gate:")

    changes, difference = estate.decide_inventory(text, "next.yaml", at(5), "ada")
    assert "watch" in estate.plan.inventory.hosts
    estate.apply(changes)

    assert changes.inventory == InventoryText(text=text, name="next.yaml")
    assert "gate" in estate.plan.inventory.hosts
    assert (estate.memory.inventory_text, estate.memory.inventory_name) == (text, "next.yaml")
    assert (difference.hosts_added, difference.hosts_removed) == (("gate",), ("watch",))
    assert changes.events == (
        Event(
            at=at(5),
            kind=EventKind.INVENTORY,
            subject="next.yaml",
            before="inventory.yaml",
            after="next.yaml",
            reason="hosts: 1 added, 1 removed, 0 changed; paths: 8 added, 8 removed, 0 changed",
            by="ada",
        ),
    )


def test_a_bad_inventory_changes_nothing_and_names_its_problems(estate: Estate) -> None:
    text = INVENTORY.replace("roles: [console]", "roles: [konsole]")

    with pytest.raises(Refused) as refusal:
        estate.decide_inventory(text, "next.yaml", at(5))

    assert len(refusal.value.problems) == 2
    assert str(refusal.value).startswith("next.yaml:6: hosts.con-01.roles[0]: unknown role")


def test_cells_of_checks_that_leave_the_inventory_are_forgotten(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS, CONSOLE_NEW: REFUSED})
    text = INVENTORY.replace("be-02.acme.example", "10.1.0.12")

    estate.apply(estate.decide_inventory(text, "inventory.yaml", at(5))[0])

    assert list(estate.memory.cells) == [("con-01", "10.1.0.11", "tcp", 8443)]


def test_checks_that_stay_keep_their_ids_and_new_ones_get_new_ids(estate: Estate) -> None:
    kept, highest = id_of(estate, CONSOLE_NEW), max(estate.memory.check_ids.values())
    text = INVENTORY.replace("be-02.acme.example", "10.1.0.13")

    estate.apply(estate.decide_inventory(text, "inventory.yaml", at(5))[0])

    assert id_of(estate, CONSOLE_NEW) == kept
    assert id_of(estate, CONSOLE) > highest


def difference(text: str) -> Difference:
    before, after = (expand(read_inventory(one, "inventory.yaml")) for one in (INVENTORY, text))
    return difference_of(before, after)


def test_the_same_inventory_in_other_words_differs_in_nothing() -> None:
    assert difference(f"# a remark\n{INVENTORY}").empty


def test_a_difference_tells_paths_that_were_added_removed_and_changed() -> None:
    text = INVENTORY.replace("con-01: {", "con-01: {backends: [be-01], ")
    text = text.replace("ah-02: {address: 10.1.0.12", "ah-02: {address: 10.1.0.99")

    found = difference(text)

    assert found.hosts_changed == ("ah-02", "con-01")
    assert found.paths_removed == (CONSOLE, CONSOLE.replace("443", "8443"))
    assert found.paths_added == ()
    assert HANDLER in found.paths_changed


@pytest.mark.parametrize(
    ("old", "new", "section"),
    [
        ("name: acme", "name: other", "migration"),
        ("protocol: udp}", "protocol: udp, port: 1514}", "handler_groups"),
        ("waivers:", "ports: {gatewatch: 9642}\nwaivers:", "ports"),
        ("waivers:", "options: {separate_backend_8443: require}\nwaivers:", "options"),
        ("by policy", "by law", "waivers"),
        (
            "waivers:",
            "extra_flows: [{flow: web, from: con-01, to: log-01, proto: tcp, port: 80,"
            " service: http, expect: serve, why: web}]\nwaivers:",
            "extra_flows",
        ),
    ],
)
def test_other_sections_that_changed_are_named(old: str, new: str, section: str) -> None:
    assert difference(INVENTORY.replace(old, new)).sections == (section,)


def test_an_event_names_sections_and_says_when_nothing_changed(estate: Estate) -> None:
    def reason(text: str) -> str:
        return estate.decide_inventory(text, "next.yaml", at(5))[0].events[0].reason

    assert reason(INVENTORY) == "it means the same as before"
    assert reason(INVENTORY.replace("by policy", "by law")).endswith("; other sections: waivers")

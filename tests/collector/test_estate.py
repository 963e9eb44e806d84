import msgspec
import pytest

from collector.estate import Estate
from collector.memory import Changes
from collector.timing import Timing
from flows.errors import Refused, UsageError
from flows.gates import Rules
from flows.hosts import Version
from flows.messages import Facts
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    FILTERED,
    HANDLER,
    HTTPS,
    INVENTORY,
    NOW,
    REFUSED,
    SYSLOG,
    at,
    remembered,
    report_of,
    row_of,
    started,
    tell,
    turn,
)


def test_an_estate_stands_as_it_was_remembered() -> None:
    estate = Estate(remembered(phase=Phase.AGENTS), Timing(), Rules(), NOW)

    assert (estate.phase, estate.phase_since) == (Phase.AGENTS, NOW)
    assert estate.memory == remembered(phase=Phase.AGENTS)
    assert CONSOLE in estate.plan.paths


def test_a_restart_loses_nothing() -> None:
    estate = started(phase=Phase.PREPARE)
    turn(estate, {CONSOLE: HTTPS, CONSOLE_NEW: REFUSED, HANDLER: REFUSED, SYSLOG: REFUSED})
    tell(estate, {CONSOLE: FILTERED}, 15)
    estate.apply(estate.decide_versions("pc-*", Version("2.7.1"), at(16)))

    again = Estate(estate.memory, Timing(), Rules(), at(17))

    assert again.memory == estate.memory
    assert again.plan.paths == estate.plan.paths
    for phase in Phase:
        assert again.matrix(phase, at(18)) == estate.matrix(phase, at(18))
    assert again.path_view(SYSLOG, at(18)).loss_at == estate.path_view(SYSLOG, at(18)).loss_at


def test_a_remembered_inventory_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Refused, match=r"^inventory\.yaml:"):
        Estate(remembered("migration: {}\n"), Timing(), Rules(), NOW)


def test_a_start_gives_ids_to_all_checks_and_a_second_one_has_nothing_to_give() -> None:
    estate = Estate(remembered(), Timing(), Rules(), NOW)

    changes = estate.decide_start(NOW)
    estate.apply(changes)

    assert sorted(changes.check_ids.values()) == list(range(1, len(changes.check_ids) + 1))
    assert estate.decide_start(NOW).empty


def test_two_starts_of_the_same_memory_give_the_same_ids() -> None:
    first, second = (Estate(remembered(), Timing(), Rules(), NOW) for _ in range(2))

    assert first.decide_start(NOW) == second.decide_start(at(9))


def test_nothing_is_handed_out_before_the_start_is_applied() -> None:
    estate = Estate(remembered(), Timing(), Rules(), NOW)

    assert estate.assignment("con-01").checks == ()


def test_an_assignment_belongs_to_its_host(estate: Estate) -> None:
    assignment = estate.assignment("con-01")

    assert assignment.host == "con-01"
    assert {check.address for check in assignment.checks} == {
        "10.1.0.11",
        "be-02.acme.example",
        "10.1.0.40",
    }


def test_a_revision_stays_while_the_checks_do(estate: Estate) -> None:
    before = estate.assignment("con-01").revision
    tell(estate, {CONSOLE: HTTPS})
    estate.apply(estate.decide_phase(Phase.PREPARE, at(1)))
    assert estate.assignment("con-01").revision == before

    text = INVENTORY.replace("be-02.acme.example", "10.1.0.13")
    estate.apply(estate.decide_inventory(text, "inventory.yaml", at(2))[0])

    assert estate.assignment("con-01").revision != before


@pytest.mark.parametrize(("name", "deadline"), [("Windows", 5.0), ("windows", 5.0), ("linux", 4.0)])
def test_deadlines_follow_what_the_probe_runs_on(
    estate: Estate, name: str, deadline: float
) -> None:
    report = report_of(estate, "con-01", {}, at(0), facts=Facts(os=name))

    estate.apply(estate.decide_report(report, at(0)))

    assert {check.deadline for check in estate.assignment("con-01").checks} == {deadline}


def test_a_stranger_has_no_assignment(estate: Estate) -> None:
    with pytest.raises(
        UsageError, match=r"^no host is named 'con-09' \(did you mean 'con-0.'\?\)$"
    ):
        estate.assignment("con-09")


def test_a_host_that_measures_nothing_has_no_assignment(estate: Estate) -> None:
    with pytest.raises(UsageError, match=r"^the host 'sql-01' has no role that measures anything$"):
        estate.assignment("sql-01")


def test_every_application_is_counted(estate: Estate) -> None:
    before = estate.revision

    tell(estate, {CONSOLE: HTTPS})

    assert estate.revision == before + 1


def test_what_is_decided_holds_only_once_it_is_applied(estate: Estate) -> None:
    report = report_of(estate, "con-01", {CONSOLE: HTTPS}, at(0))

    changes = estate.decide_report(report, at(0))
    assert row_of(estate, CONSOLE).verdict == "unproven"
    estate.apply(changes)

    assert row_of(estate, CONSOLE).verdict == "ok"


def test_orders_that_are_applied_twice_change_nothing_more(estate: Estate) -> None:
    text = INVENTORY.replace("pc-003", "pc-004")

    def order(changes: Changes) -> None:
        estate.apply(changes)
        once = estate.memory, estate.matrix(Phase.BACKOFFICE, at(9))
        estate.apply(changes)
        assert (estate.memory, estate.matrix(Phase.BACKOFFICE, at(9))) == once

    order(estate.decide_phase(Phase.BACKOFFICE, at(1)))
    order(estate.decide_versions("be-*", Version("2.7.1"), at(2)))
    order(estate.decide_inventory(text, "inventory.yaml", at(3))[0])
    order(estate.decide_versions("be-*", None, at(4)))


def test_deciding_orders_changes_nothing(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS, CONSOLE_NEW: REFUSED})
    before = estate.memory, estate.matrix(Phase.PREPARE, at(9)), estate.revision

    estate.decide_phase(Phase.PREPARE, at(1))
    estate.decide_versions("*", Version("2.7.1"), at(2))
    estate.decide_inventory(INVENTORY.replace("pc-003", "pc-004"), "inventory.yaml", at(3))
    estate.decide_goals(at(4))

    assert (estate.memory, estate.matrix(Phase.PREPARE, at(9)), estate.revision) == before


def test_a_memory_that_was_taken_does_not_follow_the_estate(estate: Estate) -> None:
    memory = estate.memory

    tell(estate, {CONSOLE: HTTPS})

    assert memory.cells == {}
    assert msgspec.structs.replace(estate.memory, cells={}, probes={}) == memory

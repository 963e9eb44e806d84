from datetime import timedelta

import pytest

from collector.assignments import Assignments
from collector.memory import CheckKey
from collector.source import Source, latest, reached
from collector.timing import Timing
from flows.cells import Cell, observe
from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.outcomes import Observation, Outcome, rolled_up
from flows.verdicts import Absence
from tests.collector.samples import (
    CONNECTED,
    DENIED,
    FAULT,
    FILTERED,
    GRPC,
    HTTPS,
    INVENTORY,
    REFUSED,
    REJECTED,
    SILENT,
    at,
)

ASSIGNMENTS = Assignments(expand(read_inventory(INVENTORY, "inventory.yaml")), Timing())
OLD: CheckKey = ("con-01", "10.1.0.11", "tcp", 443)
NEW: CheckKey = ("con-01", "10.1.0.11", "tcp", 8443)
ELSEWHERE: CheckKey = ("con-01", "be-02.acme.example", "tcp", 443)
AGENT: CheckKey = ("pc-001", "10.1.0.12", "tcp", 443)
AGENT_OLD: CheckKey = ("pc-001", "10.1.0.12", "tcp", 17000)


def cell(observation: Observation, seconds: float = 0) -> Cell:
    return observe(None, observation, at(seconds))


def source_of(cells: dict[CheckKey, Cell]) -> Source:
    return Source(next(iter(cells))[0], cells, ASSIGNMENTS)


def test_what_was_never_measured_is_absent() -> None:
    assert source_of({OLD: cell(HTTPS)}).absence(NEW, at(0), away=True) is Absence.NEVER


@pytest.mark.parametrize(
    ("seconds", "absence"), [(0, None), (45, None), (45.001, Absence.STALE), (9999, Absence.STALE)]
)
def test_an_observation_is_too_old_after_three_intervals(
    seconds: float, absence: Absence | None
) -> None:
    assert source_of({OLD: cell(HTTPS)}).absence(OLD, at(seconds), away=False) is absence


def test_an_observation_of_an_agent_lasts_three_of_its_own_intervals() -> None:
    source = source_of({AGENT: cell(GRPC)})

    assert source.absence(AGENT, at(180), away=False) is None
    assert source.absence(AGENT, at(181), away=False) is Absence.STALE


def at_addresses(**outcomes: str) -> Observation:
    literal = {"four": "10.1.0.11", "six": "fd77::11"}
    return rolled_up(
        tuple(
            Observation(outcome=Outcome(outcome), address=literal[family])
            for family, outcome in outcomes.items()
        )
    )


@pytest.mark.parametrize(
    ("six", "control"), [("open", True), ("refused", True), ("filtered", False)]
)
def test_a_control_answers_for_every_address_of_a_name(six: str, *, control: bool) -> None:
    closed = cell(at_addresses(four="filtered", six="filtered"))
    source = source_of({OLD: closed, NEW: cell(at_addresses(four="open", six=six))})

    assert source.control(OLD, at(1)) is control


def test_what_an_away_probe_sees_is_absent_unless_it_is_too_old_anyway() -> None:
    source = source_of({OLD: cell(HTTPS)})

    assert source.absence(OLD, at(1), away=True) is Absence.AWAY
    assert source.absence(OLD, at(60), away=True) is Absence.STALE


@pytest.mark.parametrize(
    ("outcome", "shows"),
    [
        (
            outcome,
            outcome
            in {Outcome.OPEN, Outcome.REFUSED, Outcome.RESET, Outcome.HUNG, Outcome.ANSWERED},
        )
        for outcome in Outcome
    ],
)
def test_only_what_the_destination_itself_does_shows_that_it_lives(
    outcome: Outcome, shows: bool
) -> None:
    assert reached(cell(Observation(outcome=outcome))) is shows


def test_one_address_that_lives_shows_that_a_name_lives() -> None:
    both = rolled_up((FILTERED, HTTPS))

    assert both.outcome is Outcome.FILTERED
    assert reached(cell(both))


def test_what_was_seen_last_counts_before_it_is_confirmed() -> None:
    suspect = observe(cell(HTTPS), FILTERED, at(15))

    assert latest(suspect) is FILTERED
    assert not reached(suspect)


def test_another_port_of_the_same_destination_is_a_control() -> None:
    assert source_of({OLD: cell(FILTERED), NEW: cell(REFUSED, 7)}).control(OLD, at(8))


@pytest.mark.parametrize("observation", [FILTERED, REJECTED, DENIED, SILENT, FAULT])
def test_a_port_that_did_not_answer_is_no_control(observation: Observation) -> None:
    assert not source_of({OLD: cell(FILTERED), NEW: cell(observation)}).control(OLD, at(1))


def test_another_destination_is_no_control() -> None:
    assert not source_of({OLD: cell(FILTERED), ELSEWHERE: cell(HTTPS)}).control(OLD, at(1))


def test_a_measurement_is_no_control_of_itself() -> None:
    assert not source_of({OLD: cell(CONNECTED)}).control(OLD, at(1))


def test_what_was_never_measured_has_no_control() -> None:
    assert not source_of({OLD: cell(HTTPS)}).control(NEW, at(1))


@pytest.mark.parametrize(("apart", "holds"), [(60, True), (-60, True), (61, False), (-61, False)])
def test_a_control_is_made_within_a_minute_of_what_it_controls(apart: float, holds: bool) -> None:
    source = source_of({AGENT: cell(FILTERED, 100), AGENT_OLD: cell(CONNECTED, 100 + apart)})

    assert source.control(AGENT, at(161)) is holds


def test_a_control_may_be_an_interval_away_where_that_is_longer() -> None:
    slow = Assignments(ASSIGNMENTS.plan, Timing(agent_interval=300))
    cells = {AGENT: cell(FILTERED, 290), AGENT_OLD: cell(CONNECTED)}

    assert Source("pc-001", cells, slow).control(AGENT, at(300))


def test_a_verdict_does_not_waver_between_two_measurements_of_its_control() -> None:
    source = source_of({AGENT: cell(FILTERED, 50), AGENT_OLD: cell(CONNECTED)})

    assert source.control(AGENT, at(61))
    assert source.control(AGENT, at(119))


def test_a_control_that_is_too_old_holds_no_more_but_for_what_lasts() -> None:
    source = source_of({OLD: cell(FILTERED), NEW: cell(HTTPS)})

    assert not source.control(OLD, at(61))
    assert source.control(OLD, None)


def test_time_alone_changes_nothing_before_the_first_observation_is_too_old() -> None:
    source = source_of({OLD: cell(HTTPS, 3), NEW: cell(FILTERED)})

    assert source.unchanged_until(at(10)) == at(45)
    assert source.unchanged_until(at(46)) == at(48)


def test_a_control_that_outlives_its_own_verdict_is_waited_for() -> None:
    source = source_of({OLD: cell(HTTPS)})

    assert source.unchanged_until(at(45) + timedelta(milliseconds=1)) == at(60)
    assert source.unchanged_until(at(61)) is None

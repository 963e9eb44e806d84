from hypothesis import given
from hypothesis import strategies as st

from collector.assignments import Assignments, check_key
from collector.away import Neighbours, Quiet, quiet
from collector.memory import Changes
from collector.source import Source
from collector.state import State
from collector.timing import Timing
from flows.cells import Cell, observe
from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.outcomes import Observation
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    CONSOLE_OLD,
    FAULT,
    FILTERED,
    HTTPS,
    INVENTORY,
    NOW,
    REFUSED,
    REJECTED,
    SILENT,
    UNREACHABLE,
    WATCHED,
    at,
    remembered,
)

PLAN = expand(read_inventory(INVENTORY, "inventory.yaml"))
ASSIGNMENTS = Assignments(PLAN, Timing())
SITES = {host.name: host.site for host in PLAN.inventory.hosts.values()}
CUT = {CONSOLE: FILTERED, CONSOLE_OLD: UNREACHABLE, CONSOLE_NEW: FILTERED, WATCHED: HTTPS}
"""All that con-01 measures, while only the collector answers it."""

CUT_OFF = st.just(CUT)
OF_A_NEIGHBOUR = st.dictionaries(
    st.sampled_from([path.replace("con-01", "con-02") for path in CUT]),
    st.sampled_from([HTTPS, FILTERED]),
    min_size=1,
)
REPORTS = CUT_OFF | OF_A_NEIGHBOUR | st.dictionaries(st.sampled_from([*CUT]), st.just(HTTPS))


def source_of(seen: dict[str, Observation], seconds: float = 0) -> Source:
    cells: dict[tuple[str, str, str, int], Cell] = {
        check_key(PLAN.paths[path]): observe(None, observation, at(seconds))
        for path, observation in seen.items()
    }
    return Source(PLAN.paths[next(iter(seen))].src, cells, ASSIGNMENTS)


def of_neighbour(seen: dict[str, Observation]) -> dict[str, Observation]:
    return {path.replace("con-01", "con-02"): observation for path, observation in seen.items()}


def noted(*sources: Source) -> Neighbours:
    seen: dict[str, Source] = {}
    neighbours = Neighbours(SITES, seen.__getitem__)
    for source in sources:
        seen[source.host] = source
        neighbours.note(source.host)
    return neighbours


def test_a_source_is_quiet_when_only_the_collector_answers_it() -> None:
    assert quiet(source_of(CUT, 7)) == Quiet(frozenset({"be-02.acme.example", "10.1.0.11"}), at(7))


def test_a_source_is_not_quiet_while_one_destination_answers() -> None:
    assert quiet(source_of({**CUT, CONSOLE: REFUSED})) is None


def test_a_rejection_is_a_word_of_the_network_and_no_silence() -> None:
    assert quiet(source_of({**CUT, CONSOLE: REJECTED})) is None


def test_what_could_not_be_measured_says_nothing_either_way() -> None:
    assert quiet(source_of({**CUT, CONSOLE_NEW: FAULT})) is not None


def test_a_single_silent_destination_looks_like_any_blocked_path() -> None:
    assert quiet(source_of({CONSOLE_OLD: FILTERED, CONSOLE_NEW: FILTERED})) is None


def test_what_a_machine_reaches_of_itself_says_nothing_of_the_network() -> None:
    seen = {
        "handler-backend:be-01>be-01:tcp/443": HTTPS,
        "handler-backend:be-01>be-02:tcp/443": FILTERED,
        "syslog-udp:be-01>log-01:udp/514": SILENT,
    }

    assert quiet(source_of(seen)) is not None


def test_a_source_falls_quiet_with_the_last_of_its_destinations() -> None:
    source = source_of(CUT)
    key = check_key(PLAN.paths[CONSOLE])
    answering = observe(None, HTTPS, at(0))
    cells = {**source.cells, key: observe(answering, FILTERED, at(15))}

    silent = quiet(Source("con-01", cells, ASSIGNMENTS))

    assert silent is not None
    assert silent.since == at(15)


def test_a_quiet_source_is_away_while_a_neighbour_reaches_a_destination() -> None:
    neighbours = noted(source_of(CUT), source_of(of_neighbour({CONSOLE_OLD: HTTPS})))

    assert neighbours.away("con-01", at(1)) is not None
    assert neighbours.away("con-02", at(1)) is None
    assert set(neighbours.quiet) == {"con-01"}


def test_a_site_that_reaches_nothing_at_all_is_not_away() -> None:
    neighbours = noted(source_of(CUT), source_of(of_neighbour(CUT)))

    assert neighbours.away("con-01", at(1)) is None


def test_a_neighbour_of_another_site_proves_nothing() -> None:
    neighbours = noted(source_of(CUT), source_of({"handler-backend:ah-02>be-01:tcp/443": HTTPS}))

    assert neighbours.away("con-01", at(1)) is None


def test_a_neighbour_that_reaches_only_the_collector_proves_nothing() -> None:
    neighbours = noted(source_of(CUT), source_of({WATCHED.replace("con-01", "con-02"): HTTPS}))

    assert neighbours.away("con-01", at(1)) is None


def test_what_a_neighbour_reached_long_ago_proves_nothing() -> None:
    neighbours = noted(source_of(CUT), source_of(of_neighbour({CONSOLE_OLD: HTTPS})))

    assert neighbours.away("con-01", at(45)) is not None
    assert neighbours.away("con-01", at(46)) is None


def test_a_neighbour_that_lost_a_destination_proves_nothing_any_more() -> None:
    neighbours = noted(
        source_of(CUT),
        source_of(of_neighbour({CONSOLE_OLD: HTTPS})),
        source_of(of_neighbour({CONSOLE_OLD: FILTERED})),
    )

    assert neighbours.away("con-01", at(1)) is None


def test_a_source_that_reaches_something_again_is_back() -> None:
    neighbours = noted(
        source_of(CUT),
        source_of(of_neighbour({CONSOLE_OLD: HTTPS})),
        source_of({**CUT, CONSOLE: HTTPS}),
    )

    assert neighbours.away("con-01", at(1)) is None
    assert set(neighbours.quiet) == set()


def test_without_a_site_nobody_is_away() -> None:
    seen = {"con-01": source_of(CUT), "con-02": source_of(of_neighbour({CONSOLE_OLD: HTTPS}))}
    neighbours = Neighbours(dict.fromkeys(SITES), seen.__getitem__)
    for host in seen:
        neighbours.note(host)

    assert neighbours.away("con-01", at(1)) is None


def test_what_a_neighbour_reaches_again_proves_as_much_as_at_first() -> None:
    seen = {"con-01": source_of(CUT), "con-02": source_of(of_neighbour({CONSOLE_OLD: HTTPS}))}
    neighbours = Neighbours(SITES, seen.__getitem__)
    for host in seen:
        neighbours.note(host)
    assert neighbours.away("con-01", at(46)) is None

    seen["con-02"] = source_of(of_neighbour({CONSOLE_OLD: HTTPS}), 40)
    neighbours.note_again("con-02")

    assert neighbours.away("con-01", at(46)) is not None
    assert neighbours.away("con-01", at(85)) is not None
    assert neighbours.away("con-01", at(86)) is None


@given(st.lists(st.tuples(REPORTS, st.integers(0, 30)), max_size=12))
def test_who_is_away_does_not_depend_on_how_it_came_to_be_known(
    reports: list[tuple[dict[str, Observation], int]],
) -> None:
    state, now = State(remembered(), Timing(), NOW), 0
    for seen, seconds in reports:
        now += seconds
        keys = {check_key(PLAN.paths[path]): one for path, one in seen.items()}
        cells = {key: observe(state.cells.get(key), one, at(now)) for key, one in keys.items()}
        state.apply(Changes(cells=cells))
        again = State(remembered(cells=state.memory().cells), Timing(), at(now))

        for moment in (now, now + 20, now + 46):
            away = [state.is_away(host, at(moment)) for host in ("con-01", "con-02")]
            assert away == [again.is_away(host, at(moment)) for host in ("con-01", "con-02")]

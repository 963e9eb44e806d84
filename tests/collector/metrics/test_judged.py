import msgspec
import pytest

from collector.estate import Estate
from collector.memory import Silence, SilencedBy
from collector.timing import Timing
from flows.gates import Rules
from flows.phases import PHASES, Phase
from tests.collector.metrics.pages import TINY, TINY_PATH, ends, page, series, value
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    FILTERED,
    HANDLER,
    HTTPS,
    INVENTORY,
    REFUSED,
    REJECTED,
    SYSLOG,
    at,
    started,
    tell,
    turn,
)

OK, UNPROVEN, BROKEN = "gatewatch_path_ok", "gatewatch_path_unproven", "gatewatch_path_broken"
PREPARE = 'phase="prepare"'


def restarted(estate: Estate, seconds: float) -> Estate:
    return Estate(estate.memory, Timing(), Rules(), at(seconds))


def test_a_path_has_a_verdict_in_every_phase_that_asks_for_it() -> None:
    estate = started(TINY)
    tell(estate, {TINY_PATH: HTTPS})

    text = page(estate)

    expected = [f'{{phase="{phase}",{ends(TINY_PATH)}}}' for phase in PHASES]
    assert series(text, OK) == [f"{labels} 1" for labels in expected]
    assert series(text, UNPROVEN) == [f"{labels} 0" for labels in expected]
    assert series(text, "gatewatch_path_info") == [
        f'{labels[:-1]},expect="serve",scope="network",guide="3.2, Administration console"}} 1'
        for labels in expected
    ]


def test_alerts_know_the_sites_of_both_ends() -> None:
    estate = started(TINY)
    turn(estate, {TINY_PATH: REFUSED})

    assert series(page(estate, 10), BROKEN) == [
        f'{{phase="{phase}",{ends(TINY_PATH)},src_site="office",dst_site="dc1"}} 1'
        for phase in PHASES
    ]


def test_an_unproven_path_is_neither_ok_nor_broken() -> None:
    text = page(started(TINY))

    assert series(text, OK) == []
    assert value(text, UNPROVEN, PREPARE) == 1
    assert value(text, BROKEN, PREPARE) == 0


def test_a_broken_path_is_not_ok() -> None:
    estate = started(TINY)
    turn(estate, {TINY_PATH: REFUSED})

    text = page(estate, 10)

    assert (value(text, OK, PREPARE), value(text, UNPROVEN, PREPARE)) == (0, 0)


def test_one_odd_measurement_alerts_nobody() -> None:
    estate = started(TINY)
    turn(estate, {TINY_PATH: HTTPS})
    tell(estate, {TINY_PATH: REFUSED}, 20)

    assert value(page(estate, 21), BROKEN, PREPARE) == 0


def test_an_alert_lasts_while_nobody_measures_and_through_a_restart() -> None:
    estate = started(TINY)
    turn(estate, {TINY_PATH: REFUSED})

    text = page(restarted(estate, 3600), 3600)

    assert (value(text, OK, PREPARE), value(text, UNPROVEN, PREPARE)) == (None, 1)
    assert value(text, BROKEN, PREPARE) == 1


def test_an_alert_ends_once_it_is_confirmed_that_the_path_is_not_broken() -> None:
    estate = started(TINY)
    turn(estate, {TINY_PATH: REFUSED})
    tell(estate, {TINY_PATH: HTTPS}, 3600)
    suspected = value(page(estate, 3601), BROKEN, PREPARE)
    tell(estate, {TINY_PATH: HTTPS}, 3605)

    assert (suspected, value(page(estate, 3606), BROKEN, PREPARE)) == (1, 0)


def test_a_goal_that_is_pending_alerts_nobody() -> None:
    estate = started(phase=Phase.PREPARE)
    turn(estate, {CONSOLE_NEW: REJECTED})

    text = page(estate, 10)

    assert value(text, OK, PREPARE, ends(CONSOLE_NEW)) == 0
    assert value(text, BROKEN, PREPARE, ends(CONSOLE_NEW)) == 0


def test_a_goal_that_was_reached_and_is_lost_alerts() -> None:
    estate = started(phase=Phase.PREPARE)
    turn(estate, {CONSOLE_NEW: REFUSED})
    turn(estate, {CONSOLE_NEW: REJECTED}, 20)

    assert value(page(estate, 30), BROKEN, PREPARE, ends(CONSOLE_NEW)) == 1


def test_a_waived_path_is_shown_as_it_is_and_alerts_nobody() -> None:
    waiver = '  - {path: "console-backend:*", reason: "moved", until: 2026-11-30}'
    estate = started(f"{TINY}waivers:\n{waiver}\n")
    turn(estate, {TINY_PATH: REFUSED})

    text = page(estate, 10)

    assert (value(text, OK, PREPARE), value(text, BROKEN, PREPARE)) == (0, 0)
    assert series(text, "gatewatch_path_silenced") == [f'{{{ends(TINY_PATH)},by="waiver"}} 1']


def silenced(kind: SilencedBy, begins: float, until: float) -> Estate:
    """Break the one path of an estate about which somebody said something."""
    word = Silence(
        kind=kind, glob="console-*", reason="so", begins=at(begins), until=at(until), by="ops"
    )
    estate = started(TINY, silences={"01J": word})
    turn(estate, {TINY_PATH: REFUSED})
    return estate


def test_maintenance_keeps_a_path_out_of_alerts_for_its_time() -> None:
    estate = silenced(SilencedBy.MAINTENANCE, 100, 200)

    found = [
        (value(text, BROKEN, PREPARE), value(text, "gatewatch_path_silenced", "maintenance"))
        for text in (page(estate, seconds) for seconds in (99, 100, 199, 200))
    ]

    assert found == [(1, None), (0, 1), (0, 1), (1, None)]


def test_an_attestation_is_told_and_hides_no_break() -> None:
    text = page(silenced(SilencedBy.ATTESTATION, 0, 200), 10)

    assert value(text, BROKEN, PREPARE) == 1
    assert series(text, "gatewatch_path_silenced") == [f'{{{ends(TINY_PATH)},by="attestation"}} 1']


def test_an_attestation_stands_for_a_permit_whose_break_nobody_sees_any_more() -> None:
    word = Silence(
        kind=SilencedBy.ATTESTATION, glob=CONSOLE_NEW, reason="seen", until=at(9000), by="ops"
    )
    estate = started(phase=Phase.PREPARE, silences={"01J": word})
    turn(estate, {CONSOLE_NEW: REFUSED})
    turn(estate, {CONSOLE_NEW: REJECTED}, 20)

    found = [
        value(page(estate, seconds), BROKEN, PREPARE, ends(CONSOLE_NEW)) for seconds in (30, 3600)
    ]

    assert found == [1, 0]


def test_only_what_binds_can_alert() -> None:
    text = page(started())

    local = ends("handler-backend:be-01>be-01:tcp/8443")
    advised = ends("console-backend:con-01>be-02:tcp/8443")
    assert series(text, UNPROVEN, PREPARE, local) != []
    assert series(text, UNPROVEN, PREPARE, advised) != []
    assert series(text, BROKEN, PREPARE, local) == []
    assert series(text, BROKEN, PREPARE, advised) == []
    assert value(text, BROKEN, 'phase="complete"', local) == 0


def test_an_old_outcome_is_told_for_as_long_as_nothing_newer_is_known() -> None:
    estate = started(TINY)
    turn(estate, {TINY_PATH: REFUSED})

    assert value(page(estate, 3600), "gatewatch_path_outcome_info", 'outcome="refused"') == 1


def test_of_a_name_with_several_addresses_the_one_that_speaks_for_it_has_the_outcome() -> None:
    estate = started(TINY)
    turn(estate, {TINY_PATH: msgspec.structs.replace(HTTPS, addresses=(HTTPS, REFUSED))})

    assert series(page(estate, 10), "gatewatch_path_outcome_info", "refused") != []


@pytest.mark.parametrize("per_agent", [False, True])
def test_the_paths_of_agents_stand_one_by_one_only_if_asked_for(per_agent: bool) -> None:
    estate = started()
    tell(estate, {HANDLER: FILTERED, CONSOLE: HTTPS})

    text = page(estate, per_agent=per_agent)

    assert bool(series(text, UNPROVEN, ends(HANDLER))) is per_agent
    assert bool(series(text, "gatewatch_path_outcome_info", ends(HANDLER))) is per_agent
    assert series(text, OK, ends(CONSOLE)) != []


def test_a_path_that_leaves_the_plan_leaves_the_exposition() -> None:
    estate = started()
    turn(estate, {CONSOLE: REFUSED, SYSLOG: REFUSED})
    fewer = "\n".join(line for line in INVENTORY.splitlines() if "be-02" not in line)
    changes, _ = estate.decide_inventory(fewer + "\n", "inventory.yaml", at(10))
    before = page(estate, 10)

    estate.apply(changes)

    after = page(estate, 10)
    assert 'dst="be-02"' in before
    assert "be-02" not in after
    assert value(after, BROKEN, 'phase="baseline"', ends(SYSLOG)) == 1


def test_a_site_may_hold_any_character() -> None:
    estate = started(TINY.replace("site: office", r'site: "a \"b\" \\ c\nd"'))

    found = series(page(estate), BROKEN, PREPARE)

    assert found == [
        f'{{phase="prepare",{ends(TINY_PATH)}'
        r',src_site="a \"b\" \\ c\nd",dst_site="dc1"} 0'
    ]

from collector.memory import Changes, Reach, Silence, SilencedBy
from flows.phases import Phase
from tests.collector.metrics.pages import TINY, TINY_PATH, ends, page, series, value
from tests.collector.samples import HTTPS, REFUSED, at, started, turn

DOUBT, FLAPPING = "gatewatch_path_in_doubt", "gatewatch_path_flapping"


def test_doubt_is_told_of_the_phase_that_holds_with_both_sites() -> None:
    estate = started(TINY, phase=Phase.PREPARE)
    ways = f'{{phase="prepare",{ends(TINY_PATH)},src_site="office",dst_site="dc1"}}'

    before = series(page(estate), DOUBT)
    turn(estate, {TINY_PATH: HTTPS})

    assert before == [f"{ways} 1"]
    assert series(page(estate, 10), DOUBT) == [f"{ways} 0"]


def test_a_path_that_turns_too_often_flaps_until_it_is_quiet_for_ten_minutes() -> None:
    estate = started(TINY)
    for number, seen in enumerate((HTTPS, REFUSED, HTTPS, REFUSED)):
        turn(estate, {TINY_PATH: seen}, seconds=20 * number)

    assert series(page(estate, 70), FLAPPING) == [f"{{{ends(TINY_PATH)}}} 1"]
    assert value(page(estate, 700), FLAPPING) == 0


def test_agents_are_told_by_group_site_handler_and_expectation() -> None:
    estate = started()
    turn(estate, {"agent-legacy:pc-001>ah-02:tcp/17000": REFUSED})

    text = page(estate, 10)

    pairs = 'phase="baseline",group="hq",src_site="office",dst="ah-02",dst_site="dc1"'
    asked = 'flow="agent-legacy",expect="serve"'
    assert series(text, "gatewatch_agent_paths_watched", "office", "ah-02") == [
        f'{{{pairs},{asked},state="broken"}} 1',
        f'{{{pairs},{asked},state="ok"}} 0',
        f'{{{pairs},{asked},state="neither"}} 1',
    ]
    assert series(text, "gatewatch_agents_broken", "office") == [
        '{phase="baseline",group="hq",src_site="office",state="degraded"} 1',
        '{phase="baseline",group="hq",src_site="office",state="cut_off"} 0',
    ]


def test_hosts_under_maintenance_are_told_and_agents_only_one_by_one() -> None:
    estate = started()
    window = Silence(
        kind=SilencedBy.MAINTENANCE,
        glob="office",
        reach=Reach.SITES,
        reason="move",
        until=at(3600),
    )
    estate.apply(Changes(silences={"01J": window}))

    text = page(estate)

    maintained = series(text, "gatewatch_host_maintained")
    assert '{host="con-01"} 1' in maintained
    assert '{host="be-01"} 0' in maintained
    assert not [one for one in maintained if "pc-" in one]
    assert '{host="pc-001"} 1' in series(page(estate, per_agent=True), "gatewatch_host_maintained")

from datetime import UTC, datetime

import msgspec

from collector.memory import Silence, SilencedBy
from flows.messages import ProbeState
from tests.collector.metrics.pages import TINY, TINY_PATH, names, page, series, value
from tests.collector.samples import HTTPS, INVENTORY, NOW, at, report_of, started

PROBE = ProbeState(version="0.1.0", loop_lag=0.25, spooled=7, late=3, dropped=12, durable=False)


def test_a_host_says_what_it_is() -> None:
    text = page(started(TINY.replace("[backend]", '[backend, agent-handler], version: "2.6"')))

    assert series(text, "gatewatch_host_info") == [
        '{host="be-01",site="dc1",roles="agent-handler,backend",version="2.6"} 1',
        '{host="con-01",site="office",roles="console",version=""} 1',
    ]


def test_a_probe_that_never_reported_is_down_and_says_nothing() -> None:
    text = page(started(TINY))

    assert series(text, "gatewatch_probe_up") == ['{src="be-01"} 0', '{src="con-01"} 0']
    told = {name for name in names(text) if name.startswith("gatewatch_probe_")}
    assert told == {"gatewatch_probe_up"}


def test_a_probe_says_how_it_fares() -> None:
    estate = started(TINY)
    report = report_of(estate, "con-01", {TINY_PATH: HTTPS}, NOW, sent=at(-2))
    report = msgspec.structs.replace(report, probe=PROBE)
    estate.apply(estate.decide_report(report, NOW))

    text = page(estate)

    assert value(text, "gatewatch_probe_up", "con-01") == 1
    assert series(text, "gatewatch_probe_last_seen_timestamp_seconds") == [
        f'{{src="con-01"}} {int(NOW.timestamp())}'
    ]
    assert series(text, "gatewatch_probe_spooled_results") == ['{src="con-01"} 7']
    assert series(text, "gatewatch_probe_loop_lag_seconds") == ['{src="con-01"} 0.25']
    assert series(text, "gatewatch_probe_late_checks_total") == ['{src="con-01"} 3']
    assert series(text, "gatewatch_probe_dropped_results_total") == ['{src="con-01"} 12']
    assert series(text, "gatewatch_probe_spool_durable") == ['{src="con-01"} 0']
    assert series(text, "gatewatch_probe_clock_skew_seconds") == ['{src="con-01"} -2']


def test_a_probe_that_fell_silent_is_down_and_still_tells_when_it_was_seen() -> None:
    estate = started(TINY)
    estate.apply(estate.decide_report(report_of(estate, "con-01", {}, NOW), NOW))

    text = page(estate, 600)

    assert value(text, "gatewatch_probe_up", "con-01") == 0
    last_seen = value(text, "gatewatch_probe_last_seen_timestamp_seconds", "con-01")
    assert last_seen == NOW.timestamp()


def test_the_probes_of_agents_are_rolled_up() -> None:
    estate = started()
    estate.apply(estate.decide_report(report_of(estate, "pc-001", {}, NOW), NOW))

    text = page(estate, 1)

    assert series(text, "gatewatch_agent_probes") == [
        '{group="hq",src_site="home",state="up"} 0',
        '{group="hq",src_site="home",state="down"} 1',
        '{group="hq",src_site="office",state="up"} 1',
        '{group="hq",src_site="office",state="down"} 1',
    ]
    assert series(text, "gatewatch_probe_up", "pc-001") == []
    assert series(text, "gatewatch_host_info", "pc-001") == []


def test_agents_stand_one_by_one_if_asked_for() -> None:
    estate = started()
    estate.apply(estate.decide_report(report_of(estate, "pc-001", {}, NOW), NOW))

    text = page(estate, 1, per_agent=True)

    assert value(text, "gatewatch_probe_up", "pc-001") == 1
    assert value(text, "gatewatch_probe_up", "pc-002") == 0
    assert value(text, "gatewatch_host_info", "pc-003") == 1


def test_a_waiver_ends_with_its_last_day() -> None:
    text = page(started())

    ending = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())
    assert series(text, "gatewatch_waiver_end_timestamp_seconds") == [
        f'{{path="sql-dac:*"}} {ending}'
    ]


def test_of_two_waivers_of_the_same_paths_the_last_to_end_counts() -> None:
    again = '  - {path: "sql-dac:*", reason: "as before", until: 2026-11-24}\n'

    text = page(started(INVENTORY + again))

    found = value(text, "gatewatch_waiver_end_timestamp_seconds")
    assert found == datetime(2026, 12, 1, tzinfo=UTC).timestamp()


def test_a_waiver_given_at_run_time_is_told_like_those_of_the_inventory() -> None:
    given = Silence(kind=SilencedBy.WAIVER, glob="sql:*", reason="so", until=at(3600), by="ops")

    text = page(started(TINY, silences={"01J": given}))

    ending = int(at(3600).timestamp())
    assert series(text, "gatewatch_waiver_end_timestamp_seconds") == [f'{{path="sql:*"}} {ending}']


def test_the_pattern_of_a_waiver_may_hold_any_character() -> None:
    waiver = r'  - {path: "a\"\\\n*", reason: "odd", until: 2026-11-24}'

    text = page(started(f"{TINY}waivers:\n{waiver}\n"))

    ending = int(at(0).replace(day=25, hour=0).timestamp())
    assert series(text, "gatewatch_waiver_end_timestamp_seconds") == [
        rf'{{path="a\"\\\n*"}} {ending}'
    ]

"""What alerts say of probes and collectors: rehearsed as in test_path_rules."""

from pathlib import Path

import pytest

from collector.memory import Changes, Reach, Silence, SilencedBy
from tests.collector.samples import at
from tests.deploy.prometheus.rehearsal import ROUND_SECONDS, Firing, Rehearsal

pytestmark = pytest.mark.needs("promtool")

SILENT_AFTER = 45 // ROUND_SECONDS
"""Rounds until a probe that says nothing is down."""
TWO_MINUTES = 120 // ROUND_SECONDS
QUIET = Firing("GatewatchProbeSilent", host="con-01", site="office")
PROBES = ["GatewatchProbeSilent", "GatewatchSiteSilent"]


@pytest.fixture
def rehearsal() -> Rehearsal:
    made = Rehearsal()
    made.pass_by()
    return made


def test_a_probe_that_falls_silent_is_told_after_two_minutes(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.quiet = {"con-01"}
    rehearsal.pass_by(TWO_MINUTES)
    rehearsal.expect()
    rehearsal.pass_by(SILENT_AFTER + 1)
    rehearsal.expect_of(PROBES, QUIET)
    rehearsal.quiet = set()
    rehearsal.pass_by(1)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_a_probe_that_never_reported_is_told_too(tmp_path: Path) -> None:
    rehearsal = Rehearsal()
    rehearsal.quiet = {"con-01"}
    rehearsal.pass_by(TWO_MINUTES + 2)
    rehearsal.expect_of(PROBES, QUIET)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_host_under_maintenance_may_be_silent(rehearsal: Rehearsal, tmp_path: Path) -> None:
    window = Silence(
        kind=SilencedBy.MAINTENANCE, glob="con-01", reach=Reach.HOSTS, reason="x", until=at(9999)
    )
    rehearsal.estate.apply(Changes(silences={"01J": window}))
    rehearsal.quiet = {"con-01"}
    rehearsal.pass_by(24)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_a_site_whose_probes_are_all_silent_is_told_as_one(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.quiet = {"con-01", "con-02"}
    rehearsal.pass_by(TWO_MINUTES + SILENT_AFTER + 1)
    site = Firing("GatewatchSiteSilent", "critical", site="office")
    rehearsal.expect_of(PROBES, site, QUIET, QUIET._replace(host="con-02"))

    assert rehearsal.complaints(tmp_path) == ""


@pytest.mark.parametrize(
    ("series", "value"),
    [
        ('gatewatch_probe_spool_durable{src="con-01",instance="replica-0"}', 0),
        ('gatewatch_probe_dropped_results_total{src="con-01",instance="replica-0"}', 12),
    ],
)
def test_a_probe_that_loses_results_is_told(
    rehearsal: Rehearsal, tmp_path: Path, series: str, value: float
) -> None:
    for _ in range(6):
        rehearsal.pass_by(1)
        rehearsal.also(series, value)
    rehearsal.expect(Firing("GatewatchProbeLosesResults", host="con-01"))

    assert rehearsal.complaints(tmp_path) == ""


def test_a_collector_that_is_away_is_told_beside_one_that_is_there(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    for _ in range(6):
        rehearsal.pass_by(1)
        rehearsal.also('up{job="gatewatch-collector",instance="a"}', 1)
        rehearsal.also('up{job="gatewatch-collector",instance="b"}', 0)
    rehearsal.expect(Firing("GatewatchCollectorDown"))

    assert rehearsal.complaints(tmp_path) == ""


@pytest.mark.parametrize(("other", "severities"), [(1, ["warning"]), (0, ["warning", "critical"])])
def test_a_collector_that_cannot_keep_reports_is_critical_where_none_can(
    rehearsal: Rehearsal, tmp_path: Path, other: float, severities: list[str]
) -> None:
    for _ in range(6):
        rehearsal.pass_by(1)
        rehearsal.also('gatewatch_collector_ready{instance="a"}', 0)
        rehearsal.also('gatewatch_collector_ready{instance="b"}', other)
    rehearsal.expect(*(Firing("GatewatchCollectorNotReady", one) for one in severities))

    assert rehearsal.complaints(tmp_path) == ""


def test_the_watchdog_always_barks(tmp_path: Path) -> None:
    rehearsal = Rehearsal()
    rehearsal.pass_unscraped(1)
    rehearsal.expect_of(["GatewatchWatchdog"], Firing("GatewatchWatchdog", "none"))

    assert rehearsal.complaints(tmp_path) == ""

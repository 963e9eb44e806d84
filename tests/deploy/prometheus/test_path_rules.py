"""What alerts say of paths: rehearsed with a real estate, its real pages, and promtool."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.memory import Changes, Silence, SilencedBy
from flows.hosts import Version
from flows.phases import Phase
from tests.collector.samples import FILTERED, HTTPS, REFUSED, REJECTED, at, turn
from tests.deploy.prometheus.rehearsal import Firing, Rehearsal

pytestmark = pytest.mark.needs("promtool")

ONE = "console-backend:con-01>be-02:tcp/443"
OTHER = "console-backend:con-01>be-01:tcp/443"
GOAL = "console-backend:con-01>be-01:tcp/8443"
SYSLOG = "syslog-tcp:ah-02>log-01:tcp/1468"


def broken(path: str, severity: str = "warning") -> Firing:
    return Firing("GatewatchPathBroken", severity, path=path)


def lost(*paths: str) -> Iterator[Firing]:
    """Expect paths at both severities: Alertmanager holds the lower one back."""
    for path in paths:
        yield broken(path)
        yield broken(path, "critical")


@pytest.fixture
def rehearsal() -> Rehearsal:
    made = Rehearsal()
    made.pass_by()
    return made


def test_nothing_fires_where_all_is_well(rehearsal: Rehearsal, tmp_path: Path) -> None:
    rehearsal.pass_by(24)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_a_broken_path_fires_at_once_and_ends_with_its_repair(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(1)
    rehearsal.expect(broken(ONE))
    rehearsal.see(HTTPS, [ONE])
    rehearsal.pass_by(1)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_it_tells_path_reason_guide_row_page_and_runbook(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(1)
    labels = {
        "severity": "warning",
        "path": ONE,
        "phase": "baseline",
        "flow": "console-backend",
        "src": "con-01",
        "dst": "be-02",
        "proto": "tcp",
        "port": "443",
        "src_site": "office",
        "dst_site": "dc1",
        "expect": "serve",
        "scope": "network",
        "guide": "3.2, Administration console",
    }
    annotations = {
        "summary": "console-backend from con-01 to be-02:tcp/443 is broken",
        "description": "Phase baseline asks it to serve (guide 3.2, Administration console)."
        " Another destination of this flow still serves con-01, or nothing is lost yet.",
        "reason": "rejected",
        "page": "https://watch/path?phase=baseline&path=console-backend%3Acon-01%3Ebe-02%3Atcp%2F443",
        "runbook": "docs/runbooks/GatewatchPathBroken.md",
    }
    expected = {
        "alertname": "GatewatchPathBroken",
        "eval_time": "30s",
        "exp_alerts": [{"exp_labels": labels, "exp_annotations": annotations}],
    }

    assert rehearsal.complaints(tmp_path, annotations=[expected]) == ""


def test_it_is_critical_where_no_destination_of_the_flow_serves_the_source(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.see(REFUSED, ["sql:be-02>sql-01:tcp/1433"])
    rehearsal.pass_by(1)
    rehearsal.expect(*lost("sql:be-02>sql-01:tcp/1433"))

    assert rehearsal.complaints(tmp_path) == ""


def test_a_break_outlasts_its_silent_source_and_ends_only_with_a_repair(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(1)
    rehearsal.quiet = {"con-01"}
    rehearsal.pass_by(8)
    rehearsal.expect(broken(ONE))
    rehearsal.quiet, rehearsal.seen[ONE] = set(), HTTPS
    rehearsal.pass_by(1)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_a_break_outlasts_a_collector_that_is_not_scraped(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(1)
    rehearsal.pass_unscraped(40)
    rehearsal.expect(broken(ONE), Firing("GatewatchBlind", "critical"), Firing("GatewatchGateLost"))
    rehearsal.see(HTTPS, [ONE])
    rehearsal.pass_by(1)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_what_was_repaired_before_the_gap_does_not_come_back_in_it(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(1)
    rehearsal.see(HTTPS, [ONE])
    rehearsal.pass_by(1)
    rehearsal.pass_unscraped(10)
    rehearsal.expect(Firing("GatewatchBlind", "critical"))

    assert rehearsal.complaints(tmp_path) == ""


def test_two_replicas_fire_once(tmp_path: Path) -> None:
    rehearsal = Rehearsal()
    rehearsal.replicas = 2
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(1)
    rehearsal.expect(broken(ONE))
    labels = 'alertname="GatewatchPathBroken",alertstate="firing"'
    rehearsal.expect_value(f"count(ALERTS{{{labels}}})", 1)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_replica_that_ends_neither_ends_nor_repeats_what_fires(tmp_path: Path) -> None:
    rehearsal = Rehearsal()
    rehearsal.replicas = 2
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(4)
    rehearsal.replicas = 1
    rehearsal.pass_by(4)
    rehearsal.expect(broken(ONE))
    firing = 'ALERTS{alertname="GatewatchPathBroken",alertstate="firing"}'
    rehearsal.expect_value(f"sum(count_over_time({firing}[105s]))", 8)
    rehearsal.expect_value(f"count(last_over_time({firing}[2m]))", 1)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_goal_that_is_pending_alerts_nobody_and_once_reached_it_counts(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.PREPARE)
    rehearsal.see(REJECTED, [GOAL])
    rehearsal.pass_by()
    rehearsal.expect()
    rehearsal.see(REFUSED, [GOAL])
    rehearsal.pass_by(1)
    rehearsal.see(REJECTED, [GOAL])
    rehearsal.pass_by(1)
    rehearsal.expect(broken(GOAL))

    assert rehearsal.complaints(tmp_path) == ""


@pytest.mark.parametrize("kind", [SilencedBy.WAIVER, SilencedBy.MAINTENANCE])
def test_what_is_waived_or_under_maintenance_alerts_nobody_until_that_ends(
    rehearsal: Rehearsal, tmp_path: Path, kind: SilencedBy
) -> None:
    silence = Silence(kind=kind, glob=ONE, reason="planned", until=at(300))
    rehearsal.estate.apply(Changes(silences={"01J": silence}))
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(1)
    # A waiver that ends soon is itself worth a word.
    ends = [Firing("GatewatchWaiverEnds", path=ONE)] if kind is SilencedBy.WAIVER else []
    rehearsal.expect(*ends)
    rehearsal.pass_by(20)
    rehearsal.expect(broken(ONE))

    assert rehearsal.complaints(tmp_path) == ""


def test_what_only_another_phase_asks_for_alerts_nobody(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.BASELINE)
    rehearsal.see(REJECTED, [GOAL])
    rehearsal.pass_by()
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_an_old_rule_that_was_closed_before_its_phase_is_told_as_that(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.BACKOFFICE)
    rehearsal.pass_by()
    rehearsal.see(REJECTED, [OTHER])
    rehearsal.pass_by(1)
    rehearsal.expect(broken(OTHER), Firing("GatewatchClosedTooEarly", "critical", path=OTHER))

    assert rehearsal.complaints(tmp_path) == ""


def test_a_service_that_refuses_was_not_closed_by_a_firewall(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.BACKOFFICE)
    rehearsal.pass_by()
    rehearsal.see(REFUSED, [OTHER])
    rehearsal.pass_by(1)
    rehearsal.expect(broken(OTHER))

    assert rehearsal.complaints(tmp_path) == ""


@pytest.mark.parametrize(("hours", "severities"), [(4, ["warning"]), (20, ["warning", "critical"])])
def test_a_syslog_path_tells_when_logs_will_be_lost_a_day_after_its_break(
    tmp_path: Path, hours: int, severities: list[str]
) -> None:
    rehearsal = Rehearsal()
    turn(rehearsal.estate, {SYSLOG: REJECTED}, 30 - hours * 3600)
    rehearsal.see(REJECTED, [SYSLOG])
    told = [Firing("GatewatchSyslogLoss", severity, path=SYSLOG) for severity in severities]
    rehearsal.pass_by(1)
    rehearsal.expect(broken(SYSLOG), *told[:-1])
    rehearsal.pass_by(4)
    rehearsal.expect(broken(SYSLOG), *told)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_syslog_path_over_udp_is_losing_logs_already(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    path = "syslog-udp:ah-02>log-01:udp/514"
    rehearsal.see(REFUSED, [path])
    rehearsal.pass_by(1)
    rehearsal.expect(
        broken(path),
        Firing("GatewatchSyslogLoss", path=path),
        Firing("GatewatchSyslogLoss", "critical", path=path),
    )

    assert rehearsal.complaints(tmp_path) == ""


def test_a_path_that_flaps_fires_once_and_stays(rehearsal: Rehearsal, tmp_path: Path) -> None:
    flapping = Firing("GatewatchFlapping", path=ONE)
    for seen in (REJECTED, HTTPS, REJECTED, HTTPS):
        rehearsal.see(seen, [ONE])
        rehearsal.pass_by(1)
    rehearsal.expect(broken(ONE), flapping)
    rehearsal.pass_by(42)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_what_stays_unproven_fires_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.BACKOFFICE)
    rehearsal.see(FILTERED, [GOAL])
    rehearsal.pass_by(60)
    rehearsal.expect()
    rehearsal.pass_by(1)
    rehearsal.expect(Firing("GatewatchPathInDoubt", path=GOAL, host="con-01", site="office"))

    assert rehearsal.complaints(tmp_path) == ""


def test_agents_one_by_one_in_the_exposition_do_not_alert_one_by_one(tmp_path: Path) -> None:
    rehearsal = Rehearsal(per_agent=True)
    rehearsal.pass_by()
    rehearsal.see(REJECTED, rehearsal.paths(src="pc-003", dst="ah-02"))
    rehearsal.pass_by()
    rehearsal.expect(Firing("GatewatchHandlerBroken", host="ah-02", group="hq", site="dc1"))

    assert rehearsal.complaints(tmp_path) == ""


def test_a_version_that_was_set_changes_what_is_asked(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.AGENTS)
    rehearsal.estate.apply(rehearsal.estate.decide_versions("be-01", Version("2.7.1"), at(0)))
    rehearsal.see(REJECTED, [OTHER])
    rehearsal.see(HTTPS, [GOAL])
    rehearsal.pass_by()
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""

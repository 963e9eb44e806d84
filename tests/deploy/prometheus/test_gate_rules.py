"""What alerts say of gates, certificates and waivers: rehearsed as in test_path_rules."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from collector.memory import Changes, Reach, Silence, SilencedBy
from flows.outcomes import Certificate
from flows.phases import Phase
from tests.collector.samples import FILTERED, HTTPS, NOW, REFUSED, REJECTED, at
from tests.deploy.prometheus.rehearsal import ROUND_SECONDS, Firing, Rehearsal

pytestmark = pytest.mark.needs("promtool")

ONE = "console-backend:con-01>be-02:tcp/443"
NEXT = "console-backend:con-01>be-01:tcp/8443"
LOST = Firing("GatewatchGateLost")
FIVE_MINUTES = 300 // ROUND_SECONDS


def test_a_gate_that_was_ready_and_no_longer_is_fires_after_five_minutes(tmp_path: Path) -> None:
    rehearsal = Rehearsal()
    rehearsal.pass_by()
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(FIVE_MINUTES)
    rehearsal.expect_of([LOST.alertname])
    rehearsal.pass_by()
    rehearsal.expect_of([LOST.alertname], LOST)
    rehearsal.see(HTTPS, [ONE])
    rehearsal.pass_by(1)
    rehearsal.expect_of([LOST.alertname])

    assert rehearsal.complaints(tmp_path) == ""


def test_a_gate_that_never_was_ready_is_not_lost(tmp_path: Path) -> None:
    rehearsal = Rehearsal()
    rehearsal.see(REJECTED, [ONE])
    rehearsal.pass_by(FIVE_MINUTES + 3)
    rehearsal.expect_of([LOST.alertname])

    assert rehearsal.complaints(tmp_path) == ""


def test_the_gate_of_the_phase_ahead_is_watched_too_and_later_ones_are_not(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.PREPARE)
    rehearsal.pass_by()
    rehearsal.see(FILTERED, [NEXT])
    rehearsal.pass_by(FIVE_MINUTES + 3)
    firing = 'ALERTS{alertname="GatewatchGateLost",alertstate="firing"'
    rehearsal.expect_value(f'count({firing},phase="prepare",gate="start"}})', 1)
    rehearsal.expect_value(f'count({firing},phase="prepare",gate="done"}})', 1)
    rehearsal.expect_value(f'count({firing},phase="backoffice",gate="start"}})', 1)
    rehearsal.expect_value(f"count({firing}}})", 3)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_gate_is_not_lost_to_maintenance(tmp_path: Path) -> None:
    rehearsal = Rehearsal()
    rehearsal.pass_by()
    window = Silence(
        kind=SilencedBy.MAINTENANCE, glob="be-02", reach=Reach.HOSTS, reason="x", until=at(9999)
    )
    rehearsal.estate.apply(Changes(silences={"01J": window}))
    rehearsal.see(REJECTED, rehearsal.paths(dst="be-02"))
    rehearsal.pass_by(FIVE_MINUTES + 3)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


@pytest.mark.parametrize(
    ("days", "severities"), [(15, []), (13, ["warning"]), (1, ["warning", "critical"])]
)
def test_a_certificate_tells_that_it_expires(
    tmp_path: Path, days: int, severities: list[str]
) -> None:
    certificate = Certificate(der=b"", sha256="ab", not_after=NOW + timedelta(days=days))
    rehearsal = Rehearsal()
    rehearsal.see(msgspec.structs.replace(HTTPS, certificate=certificate), [ONE])
    rehearsal.pass_by()
    rehearsal.expect(*(Firing("GatewatchCertificateExpires", one) for one in severities))
    rehearsal.pass_unscraped(2)
    rehearsal.expect(*(Firing("GatewatchCertificateExpires", one) for one in severities))

    assert rehearsal.complaints(tmp_path) == ""


def test_a_waiver_tells_that_it_ends_and_then_its_paths_speak(tmp_path: Path) -> None:
    rehearsal = Rehearsal()
    silence = Silence(kind=SilencedBy.WAIVER, glob=ONE, reason="planned", until=at(40))
    rehearsal.estate.apply(Changes(silences={"01J": silence}))
    rehearsal.see(REFUSED, [ONE])
    rehearsal.pass_by()
    rehearsal.expect(Firing("GatewatchWaiverEnds", path=ONE))
    rehearsal.pass_by()
    rehearsal.expect(Firing("GatewatchPathBroken", path=ONE))

    assert rehearsal.complaints(tmp_path) == ""

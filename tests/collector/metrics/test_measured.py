from datetime import UTC, datetime

import msgspec

from flows.outcomes import AnsweredBy, Certificate, Observation, Outcome, StageTimes
from tests.collector.metrics.pages import TINY, TINY_PATH, ends, page, series, value
from tests.collector.samples import (
    CONNECTED,
    FILTERED,
    HTTPS,
    NOW,
    REFUSED,
    SYSLOG,
    started,
    tell,
    turn,
)


def test_what_was_last_seen_is_told_whatever_the_phase() -> None:
    seen = Observation(
        outcome=Outcome.OPEN,
        answered_by=AnsweredBy.HTTPS,
        rtt_seconds=0.0004,
        stages=StageTimes(connect=0.0019, tls=0.01),
    )
    estate = started(TINY)
    tell(estate, {TINY_PATH: seen}, 2)

    text = page(estate, 3)

    labels = ends(TINY_PATH)
    assert series(text, "gatewatch_path_outcome_info") == [
        f'{{{labels},outcome="open",identity="unverified"}} 1'
    ]
    assert series(text, "gatewatch_path_rtt_seconds") == [f"{{{labels}}} 0.0004"]
    assert series(text, "gatewatch_path_connect_seconds") == [f"{{{labels}}} 0.0019"]
    moment = int(NOW.timestamp()) + 2
    assert series(text, "gatewatch_path_last_observed_timestamp_seconds") == [
        f"{{{labels}}} {moment}"
    ]


def test_what_nobody_measured_has_no_outcome_and_no_times() -> None:
    text = page(started(TINY))

    for name in ("outcome_info", "rtt_seconds", "connect_seconds", "last_observed_timestamp"):
        assert f"gatewatch_path_{name}" not in text


def test_a_path_that_did_not_connect_has_no_time_of_connecting() -> None:
    estate = started(TINY)
    tell(estate, {TINY_PATH: msgspec.structs.replace(FILTERED, stages=StageTimes(connect=4.0))})

    text = page(estate)

    assert series(text, "gatewatch_path_connect_seconds") == []
    assert series(text, "gatewatch_path_outcome_info") == [
        f'{{{ends(TINY_PATH)},outcome="filtered",identity=""}} 1'
    ]


def test_a_broken_syslog_path_tells_when_logs_are_lost() -> None:
    estate = started()
    loss = "gatewatch_path_loss_timestamp_seconds"
    turn(estate, {SYSLOG: REFUSED})
    broken = value(page(estate, 10), loss, ends(SYSLOG))
    turn(estate, {SYSLOG: CONNECTED}, 20)

    assert broken == NOW.timestamp() + 24 * 3600
    assert value(page(estate, 30), loss, ends(SYSLOG)) is None


def test_a_certificate_tells_when_it_expires() -> None:
    ending = datetime(2027, 1, 31, tzinfo=UTC)
    estate = started(TINY)
    certificate = Certificate(der=b"", sha256="ab12", not_after=ending)
    tell(estate, {TINY_PATH: msgspec.structs.replace(HTTPS, certificate=certificate)})

    assert series(page(estate), "gatewatch_certificate_expiry_timestamp_seconds") == [
        f'{{src="con-01",dst="be-01",port="443"}} {int(ending.timestamp())}'
    ]


def test_of_a_name_with_several_addresses_the_first_certificate_to_expire_counts() -> None:
    def showing(month: int, outcome: Outcome = Outcome.OPEN) -> Observation:
        ending = datetime(2027, month, 1, tzinfo=UTC)
        return Observation(
            outcome=outcome,
            answered_by=AnsweredBy.HTTPS,
            certificate=Certificate(der=b"", sha256=str(month), not_after=ending),
        )

    estate = started(TINY)
    name = msgspec.structs.replace(showing(5), addresses=(showing(5), showing(2), showing(9)))
    tell(estate, {TINY_PATH: name})

    found = value(page(estate), "gatewatch_certificate_expiry_timestamp_seconds")
    assert found == datetime(2027, 2, 1, tzinfo=UTC).timestamp()

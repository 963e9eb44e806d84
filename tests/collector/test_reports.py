from datetime import timedelta

import msgspec
import pytest

from collector.estate import Estate
from collector.memory import Changes, Counts, Event, EventKind, Shown
from flows.hosts import Version
from flows.messages import Facts
from flows.outcomes import Certificate, Observation
from flows.phases import Expectation, Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    CONSOLE_OLD,
    FILTERED,
    GRPC,
    HANDLER,
    HTTPS,
    INVENTORY,
    REFUSED,
    REJECTED,
    WATCHED,
    at,
    id_of,
    report_of,
    reporting,
    row_of,
    started,
    tell,
    turn,
)


def kinds(changes: Changes) -> list[EventKind]:
    return [event.kind for event in changes.events]


def test_a_result_fills_the_cell_of_its_check(estate: Estate) -> None:
    [changes] = tell(estate, {CONSOLE: HTTPS})

    cell = changes.cells["con-01", "be-02.acme.example", "tcp", 443]
    assert cell.confirmed == HTTPS
    assert (cell.since, cell.observed_at) == (at(0), at(0))
    assert changes.counts == Counts(accepted=1)


def test_what_is_kept_of_a_result_is_an_observation_alone(estate: Estate) -> None:
    [changes] = tell(estate, {CONSOLE: HTTPS})

    assert {type(cell.confirmed) for cell in changes.cells.values()} == {Observation}


def test_results_of_foreign_and_of_unknown_checks_are_dropped_and_counted(estate: Estate) -> None:
    foreign = id_of(estate, HANDLER)
    report = reporting(
        estate, (foreign, GRPC, at(0)), (99999, GRPC, at(0)), (id_of(estate, CONSOLE), HTTPS, at(0))
    )

    changes = estate.decide_report(report, at(0))

    assert changes.counts == Counts(accepted=1, dropped=2)
    assert [key[0] for key in changes.cells] == ["con-01"]


def test_results_of_a_check_that_left_the_plan_are_dropped(estate: Estate) -> None:
    check = id_of(estate, CONSOLE)
    without = INVENTORY.replace("con-01: {", "con-01: {backends: [be-01], ")
    estate.apply(estate.decide_inventory(without, "inventory.yaml", at(1))[0])

    changes = estate.decide_report(reporting(estate, (check, HTTPS, at(2))), at(2))

    assert changes.counts == Counts(dropped=1)


@pytest.mark.parametrize("host", ["nobody", "sql-01"])
def test_a_host_without_a_probe_in_the_inventory_has_everything_dropped(
    estate: Estate, host: str
) -> None:
    report = reporting(estate, (id_of(estate, CONSOLE), HTTPS, at(0)))

    changes = estate.decide_report(msgspec.structs.replace(report, host=host), at(0))

    assert changes.empty
    assert changes.counts == Counts(dropped=1)


def test_an_older_observation_never_overwrites_a_newer_one(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS}, 100)

    [changes] = tell(estate, {CONSOLE: FILTERED}, 99, now=at(101))

    assert changes.cells == {}
    assert changes.counts == Counts(old=1)


def test_the_same_report_again_is_old(estate: Estate) -> None:
    report = report_of(estate, "con-01", {CONSOLE: HTTPS, CONSOLE_OLD: HTTPS}, at(0))
    estate.apply(estate.decide_report(report, at(0)))

    assert estate.decide_report(report, at(1)).counts == Counts(old=2)


def test_the_results_of_a_report_are_taken_in_the_order_of_their_making(estate: Estate) -> None:
    check = id_of(estate, CONSOLE)
    report = reporting(estate, (check, FILTERED, at(20)), (check, HTTPS, at(10)))

    changes = estate.decide_report(report, at(21))

    [cell] = changes.cells.values()
    assert cell.confirmed == HTTPS
    assert cell.candidate == FILTERED
    assert changes.counts == Counts(accepted=2)


def test_a_result_from_the_future_counts_as_of_now_and_is_noted(estate: Estate) -> None:
    report = reporting(estate, (id_of(estate, CONSOLE), HTTPS, at(3600)))

    changes = estate.decide_report(report, at(10))

    assert [cell.observed_at for cell in changes.cells.values()] == [at(10)]
    assert changes.counts == Counts(accepted=1, clamped=1)


def test_a_clock_that_is_ahead_keeps_the_distances_between_its_results(estate: Estate) -> None:
    check = id_of(estate, CONSOLE)
    ahead = timedelta(hours=1)
    report = reporting(
        estate,
        (check, HTTPS, at(0) + ahead),
        (check, FILTERED, at(15) + ahead),
        (check, FILTERED, at(20) + ahead),
    )

    changes = estate.decide_report(msgspec.structs.replace(report, sent=at(21) + ahead), at(21))

    [cell] = changes.cells.values()
    assert cell.confirmed == FILTERED
    assert (cell.since, cell.observed_at) == (at(15), at(20))
    assert changes.counts == Counts(accepted=3, clamped=3)
    assert changes.probes["con-01"].skew == 3600


def test_a_time_without_a_zone_is_read_as_utc(estate: Estate) -> None:
    report = reporting(estate, (id_of(estate, CONSOLE), HTTPS, at(5).replace(tzinfo=None)))

    changes = estate.decide_report(
        msgspec.structs.replace(report, sent=at(6).replace(tzinfo=None)), at(6)
    )

    assert [cell.observed_at for cell in changes.cells.values()] == [at(5)]


def test_a_first_observation_is_told_where_it_shows_a_path_broken(estate: Estate) -> None:
    [broken] = tell(estate, {CONSOLE: FILTERED})
    [fine] = tell(estate, {"console-backend:con-02>be-02:tcp/443": HTTPS}, 1)

    assert kinds(broken) == [EventKind.PROBE, EventKind.TURN]
    assert kinds(fine) == [EventKind.PROBE]


def test_a_verdict_turns_with_the_second_observation(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS})

    [suspected] = tell(estate, {CONSOLE: FILTERED}, 15)
    during = row_of(estate, CONSOLE, 16)
    [turned] = tell(estate, {CONSOLE: FILTERED}, 20)
    after = row_of(estate, CONSOLE, 21)

    assert kinds(suspected) == [EventKind.SUSPECT]
    assert (during.verdict, during.suspect) == ("ok", True)
    assert kinds(turned) == [EventKind.TURN]
    assert (after.verdict, after.suspect, after.since) == ("broken", False, at(15))


def test_a_certificate_that_the_inventory_does_not_claim_turns_a_verdict() -> None:
    def shown(issuer: str) -> Observation:
        certificate = Certificate(der=b"30820", sha256=issuer, issuer=issuer)
        return msgspec.structs.replace(HTTPS, certificate=certificate)

    claim = 'roles: [backend], identity: {https: {issuer: "CN=Acme"}}'
    estate = started(INVENTORY.replace("roles: [backend]", claim))
    tell(estate, {CONSOLE: shown("CN=Acme")})

    tell(estate, {CONSOLE: shown("CN=Proxy")}, 15)
    [turned] = tell(estate, {CONSOLE: shown("CN=Proxy")}, 20)

    [event] = turned.events
    assert (event.kind, event.before, event.after) == (EventKind.TURN, "ok", "broken")
    assert row_of(estate, CONSOLE, 21).since == at(15)


def test_a_dead_host_that_shows_itself_otherwise_is_broken_since_it_died(estate: Estate) -> None:
    lost = msgspec.structs.replace(REJECTED, icmp=(3, 1))
    tell(estate, {CONSOLE: HTTPS})
    turn(estate, {CONSOLE: FILTERED}, 15)

    told = [*tell(estate, {CONSOLE: lost}, 30), *tell(estate, {CONSOLE: lost}, 35)]

    row = row_of(estate, CONSOLE, 36)
    assert [changes.events for changes in told] == [(), ()]
    assert (row.outcome, row.since, row.suspect) == ("rejected", at(15), False)


def test_a_suspicion_and_its_confirmation_in_one_report_are_both_told(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS})
    check = id_of(estate, CONSOLE)
    report = reporting(estate, (check, FILTERED, at(15)), (check, FILTERED, at(20)))

    changes = estate.decide_report(report, at(21))

    assert kinds(changes) == [EventKind.SUSPECT, EventKind.TURN]


def test_a_probe_that_is_cut_off_tells_of_no_break(estate: Estate) -> None:
    everything = {CONSOLE: HTTPS, CONSOLE_OLD: HTTPS, CONSOLE_NEW: REFUSED, WATCHED: HTTPS}
    cut = {**dict.fromkeys(everything, FILTERED), WATCHED: HTTPS}
    tell(estate, everything)
    tell(estate, {CONSOLE_OLD.replace("con-01", "con-02"): HTTPS}, 10)

    [changes] = turn(estate, cut, 15)

    assert {event.after for event in changes.events} == {"unproven"}
    assert row_of(estate, CONSOLE, 21).reason.startswith("the probe is cut off")


def test_a_probe_tells_of_itself_and_of_its_clock(estate: Estate) -> None:
    report = report_of(estate, "con-01", {}, at(0), sent=at(-2))

    changes = estate.decide_report(report, at(0))

    seen = changes.probes["con-01"]
    assert (seen.last_seen, seen.version, seen.skew) == (at(0), "0.1.0", -2)


def test_facts_are_kept_while_the_probe_says_nothing_new(estate: Estate) -> None:
    facts = Facts(os="windows", listening=("tcp/443",))
    estate.apply(estate.decide_report(report_of(estate, "con-01", {}, at(0), facts=facts), at(0)))

    [changes] = tell(estate, {CONSOLE: HTTPS}, 15)

    assert changes.probes["con-01"].facts == facts
    assert {check.deadline for check in estate.assignment("con-01").checks} == {5.0}


def test_a_report_taken_late_does_not_make_a_probe_look_older(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS}, 100)

    [changes] = tell(estate, {CONSOLE: HTTPS}, 50)

    assert changes.probes["con-01"].last_seen == at(100)


def test_a_probe_is_told_of_when_it_comes_or_changes(estate: Estate) -> None:
    def told(seconds: float, version: str = "0.1.0") -> list[str]:
        report = report_of(estate, "con-01", {}, at(seconds), version=version)
        changes = estate.decide_report(report, at(seconds))
        estate.apply(changes)
        return [event.reason for event in changes.events]

    assert told(0) == ["the probe reported for the first time"]
    assert told(15) == []
    assert told(90, "0.2.0") == ["the probe runs 0.2.0 instead of 0.1.0"]


def test_thousands_of_sources_share_one_copy_of_a_certificate(estate: Estate) -> None:
    def shown() -> Observation:
        certificate = Certificate(der=b"30820", sha256="ab" * 32, issuer="CN=Acme")
        return msgspec.structs.replace(GRPC, certificate=certificate)

    other = HANDLER.replace("pc-001", "pc-002")
    tell(estate, {HANDLER: shown()})
    tell(estate, {other: shown()})

    cells = [estate.state.cell(estate.plan.paths[path]) for path in (HANDLER, other)]
    first, second = [cell.confirmed.certificate for cell in cells if cell]
    assert first is second


def test_a_certificate_that_another_probe_trusts_less_stays_its_own(estate: Estate) -> None:
    plain = Certificate(der=b"30820", sha256="ab" * 32)
    doubted = msgspec.structs.replace(plain, chain_detail="self-signed")
    other = HANDLER.replace("pc-001", "pc-002")
    tell(estate, {HANDLER: msgspec.structs.replace(GRPC, certificate=plain)})

    [changes] = tell(estate, {other: msgspec.structs.replace(GRPC, certificate=doubted)})

    [cell] = changes.cells.values()
    assert cell.confirmed.certificate == doubted


def test_a_version_that_services_show_changes_the_plan() -> None:
    estate = started(phase=Phase.BACKOFFICE)
    assert expected(estate, CONSOLE_NEW) is Expectation.PERMIT
    tell(estate, {CONSOLE_NEW: HTTPS})

    [changes] = tell(estate, {CONSOLE_NEW: HTTPS}, 15)

    assert changes.shown == {"be-01": Shown(new=True, at=at(0))}
    assert changes.events == (
        Event(
            at=at(15),
            kind=EventKind.VERSION,
            subject="be-01",
            before="below 2.7.1",
            after="2.7.1 or higher",
            reason="its services show it",
        ),
    )
    assert expected(estate, CONSOLE_NEW) is Expectation.SERVE
    assert expected(estate, CONSOLE_OLD) is Expectation.PERMIT


def test_a_version_is_shown_until_the_old_service_answers_again() -> None:
    estate = started(phase=Phase.BACKOFFICE)
    turn(estate, {CONSOLE_NEW: HTTPS})
    turn(estate, {CONSOLE_NEW: REFUSED}, 60)
    assert expected(estate, CONSOLE_NEW) is Expectation.SERVE

    [changes] = turn(estate, {CONSOLE_OLD: HTTPS}, 90)

    assert expected(estate, CONSOLE_NEW) is Expectation.PERMIT
    assert [event.after for event in changes.events] == ["below 2.7.1"]


def test_a_new_plan_keeps_the_ids_of_checks_that_stay() -> None:
    estate = started(phase=Phase.BACKOFFICE)
    before = estate.memory.check_ids

    turn(estate, {CONSOLE_NEW: HTTPS})

    assert estate.memory.check_ids == before


def test_what_is_shown_counts_for_nothing_against_an_operators_word() -> None:
    estate = started(phase=Phase.BACKOFFICE, versions={"be-01": Version("2.6")})

    [changes] = turn(estate, {CONSOLE_NEW: HTTPS})

    assert changes.plan is None
    assert changes.shown == {"be-01": Shown(new=True, at=at(0))}
    assert expected(estate, CONSOLE_NEW) is Expectation.PERMIT


def expected(estate: Estate, path: str) -> Expectation:
    return estate.plan.paths[path].expect[Phase.BACKOFFICE]

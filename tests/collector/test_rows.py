import json
from datetime import timedelta

import msgspec
import pytest

from collector.estate import Estate
from collector.memory import ProbeSeen, Silence, SilencedBy
from collector.views import HostRow, ProbeView, Shade
from flows.errors import UsageError
from flows.hosts import Role, Version
from flows.outcomes import Identity, Outcome
from flows.phases import Expectation, Phase
from flows.plan import Scope
from flows.versions import Source
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    CONSOLE_OLD,
    FILTERED,
    GRPC,
    HANDLER,
    HANDLER_OLD,
    HTTPS,
    INVENTORY,
    REFUSED,
    SYSLOG,
    at,
    hosts_of,
    id_of,
    row_of,
    started,
    tell,
    turn,
)

FORMATS = (
    *("path", "flow", "src", "dst", "proto", "port", "scope", "expect", "verdict", "pending"),
    *("suspect", "flapping", "outcome", "identity", "reason", "advice", "since", "observed_at"),
    "silenced",
)
"""The keys of a row, as FORMATS has them."""
DAC = "sql-dac:be-01>sql-01:tcp/1434"


def host_of(estate: Estate, name: str, seconds: float = 0) -> HostRow:
    return next(row for row in hosts_of(estate, seconds) if row.host == name)


def probe_of(estate: Estate, name: str, seconds: float = 0) -> ProbeView:
    probe = host_of(estate, name, seconds).probe
    assert probe is not None
    return probe


def test_a_row_tells_what_was_seen_and_what_to_think_of_it(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS}, 3)

    row = row_of(estate, CONSOLE, 5)

    assert (row.flow, row.src, row.dst, row.proto, row.port) == (
        "console-backend",
        "con-01",
        "be-02",
        "tcp",
        443,
    )
    assert (row.scope, row.expect, row.verdict) == (Scope.NETWORK, Expectation.SERVE, Shade.OK)
    assert (row.outcome, row.identity) == (Outcome.OPEN, Identity.UNVERIFIED)
    assert (row.reason, row.advice) == ("an HTTPS server answered", ())
    assert (row.since, row.observed_at) == (at(3), at(3))
    assert (row.pending, row.suspect, row.flapping, row.silenced) == (False, False, False, None)


def test_a_row_of_what_was_never_measured_says_so(estate: Estate) -> None:
    row = row_of(estate, CONSOLE)

    assert (row.verdict, row.reason) == (Shade.UNPROVEN, "never measured")
    assert (row.outcome, row.identity, row.since, row.observed_at) == (None,) * 4


def test_rows_stand_in_the_order_of_the_plan_and_belong_to_the_phase_that_holds() -> None:
    estate = started(phase=Phase.COMPLETE)

    rows = estate.matrix(None, at(0))

    assert [row.path for row in rows] == [path.id for path in estate.plan.of(Phase.COMPLETE)]
    assert {row.expect for row in rows} >= {Expectation.CLOSED, Expectation.RETIRED}


def test_any_phase_may_be_asked_for(estate: Estate) -> None:
    tell(estate, {CONSOLE_NEW: REFUSED})

    assert row_of(estate, CONSOLE_NEW, 1, Phase.PREPARE).verdict is Shade.OK
    assert row_of(estate, CONSOLE_NEW, 1, Phase.COMPLETE).verdict is Shade.BROKEN


def test_a_row_carries_advice(estate: Estate) -> None:
    tell(estate, {HANDLER_OLD: REFUSED})

    row = row_of(estate, HANDLER_OLD, 1, Phase.COMPLETE)

    assert row.advice == ("the rule still lets it through; only the missing listener refuses",)


def test_an_unreached_goal_is_pending_until_it_is_reached() -> None:
    estate = started(phase=Phase.PREPARE)
    tell(estate, {CONSOLE_NEW: FILTERED})
    assert row_of(estate, CONSOLE_NEW, 1).pending

    turn(estate, {CONSOLE_NEW: REFUSED}, 15)
    reached = row_of(estate, CONSOLE_NEW, 21)
    turn(estate, {CONSOLE_NEW: FILTERED}, 30)

    assert (reached.verdict, reached.pending) == (Shade.OK, False)
    assert (row_of(estate, CONSOLE_NEW, 36).verdict, row_of(estate, CONSOLE_NEW, 36).pending) == (
        Shade.UNPROVEN,
        False,
    )


def test_a_path_of_an_agent_is_pending_with_its_group() -> None:
    estate = started(phase=Phase.PREPARE)
    other = HANDLER.replace("pc-001", "pc-002")
    assert row_of(estate, HANDLER).pending

    tell(estate, {other: REFUSED})

    assert not row_of(estate, HANDLER, 1).pending


def test_only_what_is_not_ok_is_waived(estate: Estate) -> None:
    assert row_of(estate, DAC).verdict is Shade.WAIVED
    assert row_of(estate, DAC).silenced is SilencedBy.WAIVER

    tell(estate, {DAC: REFUSED})

    assert row_of(estate, DAC, 1).verdict is Shade.OK


def test_maintenance_leaves_the_verdict_as_it_is() -> None:
    silence = Silence(kind=SilencedBy.MAINTENANCE, glob=CONSOLE, reason="disk", until=at(60))
    estate = started(silences={"a": silence})
    tell(estate, {CONSOLE: FILTERED})

    row = row_of(estate, CONSOLE, 1)

    assert (row.verdict, row.silenced) == (Shade.BROKEN, SilencedBy.MAINTENANCE)
    assert estate.state.silences.of(CONSOLE, at(1)) is SilencedBy.MAINTENANCE
    assert estate.state.silences.of(CONSOLE, at(61)) is None


def test_an_attestation_shows_on_permits_that_nothing_proves() -> None:
    silence = Silence(kind=SilencedBy.ATTESTATION, glob="*", reason="seen", until=at(60))
    estate = started(INVENTORY, Phase.PREPARE, silences={"a": silence})
    tell(estate, {CONSOLE_NEW: FILTERED, CONSOLE: FILTERED})

    goal = row_of(estate, CONSOLE_NEW, 1)
    assert (goal.verdict, goal.pending) == (Shade.ATTESTED, False)
    assert row_of(estate, CONSOLE, 1).verdict is Shade.BROKEN
    assert row_of(estate, CONSOLE_NEW, 61).verdict is Shade.UNPROVEN


def test_a_waived_goal_is_not_pending() -> None:
    text = INVENTORY.replace("sql-dac:*", "console-backend:*")
    estate = started(text, Phase.PREPARE)

    row = row_of(estate, CONSOLE_NEW)

    assert (row.verdict, row.pending) == (Shade.WAIVED, False)


def test_a_cell_that_turns_three_times_in_ten_minutes_is_flapping(estate: Estate) -> None:
    for minute, observation in enumerate((HTTPS, FILTERED, HTTPS, FILTERED)):
        turn(estate, {CONSOLE: observation}, 60 * minute)

    assert row_of(estate, CONSOLE, 190).flapping
    assert not row_of(estate, CONSOLE, 1000).flapping


def test_a_row_crosses_the_wire_as_the_page_reads_it(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS})

    row = json.loads(msgspec.json.encode(row_of(estate, CONSOLE, 1)))

    assert set(row) == set(FORMATS)
    assert (row["verdict"], row["since"]) == ("ok", "2026-11-23T12:00:00Z")


def test_a_path_is_shown_as_every_phase_sees_it(estate: Estate) -> None:
    tell(estate, {CONSOLE_OLD: HTTPS}, 2)
    tell(estate, {CONSOLE_OLD: FILTERED}, 17)

    view = estate.path_view(CONSOLE_OLD, at(18))

    assert {phase: one.expect for phase, one in view.phases.items()} == {
        Phase.BASELINE: Expectation.SERVE,
        Phase.PREPARE: Expectation.SERVE,
        Phase.BACKOFFICE: Expectation.SERVE,
        Phase.AGENTS: Expectation.RETIRED,
        Phase.COMPLETE: Expectation.RETIRED,
    }
    assert [one.binding for one in view.phases.values()] == [True, True, True, False, False]
    assert view.path == estate.plan.paths[CONSOLE_OLD]
    assert (view.check, view.interval) == (id_of(estate, CONSOLE_OLD), 15.0)
    assert (view.observation, view.candidate) == (HTTPS, FILTERED)
    assert (view.since, view.observed_at, view.suspect) == (at(2), at(17), True)


def test_a_path_that_was_never_measured_is_shown_as_such(estate: Estate) -> None:
    view = estate.path_view(CONSOLE_NEW, at(0))

    assert list(view.phases) == [Phase.PREPARE, Phase.BACKOFFICE, Phase.AGENTS, Phase.COMPLETE]
    assert {one.reason for one in view.phases.values()} == {"never measured"}
    assert view.phases[Phase.PREPARE].pending
    assert (view.observation, view.candidate, view.since, view.turns) == (None, None, None, ())


def test_a_broken_syslog_path_is_shown_with_the_moment_of_loss(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})

    assert estate.path_view(SYSLOG, at(10)).loss_at == at(0) + timedelta(hours=24)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("console-backend:con-01>be-01:tcp/8444", " (did you mean '" + CONSOLE_NEW + "'?)"),
        ("console-backend:con-1>be-01:tcp/443", ": 'con-1' is no source (did you mean 'con-01'?)"),
        ("console-backend:zzz>be-01:tcp/443", ": 'zzz' is no source"),
        ("con-01", "; a path is written as in agent:pc-001>ah-01:tcp/443"),
    ],
)
def test_an_unknown_path_is_refused_with_what_may_be_meant(
    estate: Estate, path: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        estate.path_view(path, at(0))

    assert str(refusal.value) == f"no path '{path}' in the plan{hint}"


def test_hosts_are_listed_by_name_with_their_roles(estate: Estate) -> None:
    rows = hosts_of(estate, 0)

    assert [row.host for row in rows] == sorted(estate.plan.inventory.hosts)
    row = host_of(estate, "be-01")
    assert (row.address, row.site, row.virtual) == ("10.1.0.11", "dc1", False)
    assert row.roles == (Role.AGENT_HANDLER, Role.BACKEND)


def test_a_version_is_shown_with_who_says_so(estate: Estate) -> None:
    def version(name: str) -> tuple[str | None, Source | None]:
        row = host_of(estate, name)
        return row.version, row.version_source

    assert version("ah-02") == (None, None)
    turn(estate, {HANDLER: GRPC})
    assert version("ah-02") == ("2.7.1", Source.SHOWN)
    estate.apply(estate.decide_versions("ah-02", Version("2.6.4"), at(9)))
    assert version("ah-02") == ("2.6.4", Source.SET)


def test_only_hosts_that_measure_have_a_probe(estate: Estate) -> None:
    assert host_of(estate, "sql-01").probe is None
    assert probe_of(estate, "con-01") == ProbeView(
        up=False,
        away=False,
        last_seen=None,
        version=None,
        loop_lag=None,
        spooled=None,
        late=None,
        dropped=None,
        durable=None,
        skew=None,
    )


def test_a_probe_shows_what_it_said_of_itself() -> None:
    seen = ProbeSeen(
        last_seen=at(0), version="0.1.0", loop_lag=0.2, spooled=3, late=1, dropped=9, skew=-4
    )
    estate = started(probes={"con-01": seen})

    assert probe_of(estate, "con-01", 10) == ProbeView(
        up=True,
        away=False,
        last_seen=at(0),
        version="0.1.0",
        loop_lag=0.2,
        spooled=3,
        late=1,
        dropped=9,
        durable=True,
        skew=-4,
    )
    assert not probe_of(estate, "con-01", 46).up


def test_a_probe_that_is_cut_off_shows_as_away(estate: Estate) -> None:
    tell(estate, {CONSOLE: FILTERED, CONSOLE_OLD: FILTERED})
    tell(estate, {CONSOLE_OLD.replace("con-01", "con-02"): HTTPS})

    assert probe_of(estate, "con-01", 1).away
    assert not probe_of(estate, "con-02", 1).away

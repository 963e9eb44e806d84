from datetime import datetime

import pytest

from collector.alerts import AgentAlerts, Hit, Told, agent_alerts, in_doubt, maintained
from collector.estate import Estate
from collector.memory import Changes, Reach, Silence, SilencedBy
from flows.phases import Phase
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_NEW,
    FILTERED,
    HTTPS,
    INVENTORY,
    MSRPC,
    REFUSED,
    SILENT,
    SYSLOG_UDP,
    at,
    started,
    tell,
    turn,
)

STALE = 10_000
"""Seconds after which nothing counts any more."""


def silenced(kind: SilencedBy, glob: str, reach: Reach = Reach.PATHS) -> Changes:
    word = Silence(kind=kind, glob=glob, reach=reach, reason="planned", until=at(100_000))
    return Changes(silences={"01J": word})


def doubted(estate: Estate, path: str, seconds: float = 10) -> bool:
    opinion = estate.judged.opinions(at(seconds))[path].phases[estate.phase]
    return in_doubt(estate.state, estate.plan.paths[path], opinion, at(seconds))


def agents(estate: Estate, moment: datetime) -> AgentAlerts:
    return agent_alerts(estate.state, estate.judged.crowds(moment), moment)


def told(estate: Estate, seconds: float = 10) -> dict[tuple[str, str], dict[Told, int]]:
    """Collect what is told of agents, by site and handler."""
    paths = agents(estate, at(seconds)).paths
    return {(way.src_site, way.dst): dict(counts) for way, counts in paths.items()}


def legacy(agent: str, handler: str) -> str:
    return f"agent-legacy:{agent}>{handler}:tcp/17000"


def test_a_path_is_in_doubt_until_it_is_measured_and_again_when_that_is_old() -> None:
    estate = started()

    before = doubted(estate, CONSOLE)
    turn(estate, {CONSOLE: HTTPS})

    assert before
    assert not doubted(estate, CONSOLE)
    assert doubted(estate, CONSOLE, STALE)


def test_what_is_broken_is_not_in_doubt() -> None:
    estate = started()
    turn(estate, {CONSOLE: REFUSED})

    assert not doubted(estate, CONSOLE)


def test_a_goal_that_is_pending_is_in_no_doubt() -> None:
    estate = started(phase=Phase.PREPARE)
    turn(estate, {CONSOLE_NEW: FILTERED})

    assert not doubted(estate, CONSOLE_NEW)


def test_what_can_never_be_proven_is_in_no_doubt_while_it_is_measured() -> None:
    estate = started()
    turn(estate, {SYSLOG_UDP: SILENT})

    assert not doubted(estate, SYSLOG_UDP)
    assert doubted(estate, SYSLOG_UDP, STALE)


@pytest.mark.parametrize("kind", [SilencedBy.WAIVER, SilencedBy.MAINTENANCE])
def test_what_an_operator_silenced_is_in_no_doubt(kind: SilencedBy) -> None:
    estate = started()

    estate.apply(silenced(kind, CONSOLE))

    assert not doubted(estate, CONSOLE)


def test_an_attested_permit_is_in_no_doubt() -> None:
    estate = started(phase=Phase.BACKOFFICE)
    turn(estate, {CONSOLE_NEW: FILTERED})

    before = doubted(estate, CONSOLE_NEW)
    estate.apply(silenced(SilencedBy.ATTESTATION, CONSOLE_NEW))

    assert before
    assert not doubted(estate, CONSOLE_NEW)


def test_agents_that_lost_a_handler_are_told_apart_from_those_that_lost_all() -> None:
    estate = started()
    turn(estate, {legacy("pc-001", handler): REFUSED for handler in ("be-01", "ah-02")})
    turn(estate, {legacy("pc-002", "be-01"): REFUSED, legacy("pc-002", "ah-02"): MSRPC})

    assert agents(estate, at(10)).hits == (
        Hit("hq", "home", degraded=0, cut_off=0),
        Hit("hq", "office", degraded=1, cut_off=1),
    )
    assert told(estate)["office", "be-01"] == {Told.BROKEN: 2}
    assert told(estate)["office", "ah-02"] == {Told.BROKEN: 1, Told.OK: 1}
    assert told(estate)["home", "ah-02"] == {Told.NEITHER: 1}


def test_an_agent_that_was_switched_off_while_broken_stays_broken() -> None:
    estate = started()
    turn(estate, {legacy("pc-003", handler): REFUSED for handler in ("be-01", "ah-02")})

    assert agents(estate, at(STALE)).hits[0] == Hit("hq", "home", degraded=0, cut_off=1)


def test_agents_behind_a_waiver_or_under_maintenance_count_as_neither() -> None:
    estate = started()
    turn(estate, {legacy("pc-003", handler): REFUSED for handler in ("be-01", "ah-02")})

    estate.apply(silenced(SilencedBy.MAINTENANCE, "home", Reach.SITES))

    assert told(estate)["home", "ah-02"] == {Told.NEITHER: 1}
    assert agents(estate, at(10)).hits[0] == Hit("hq", "home", degraded=0, cut_off=0)


def test_a_goal_of_agents_that_is_pending_counts_as_neither() -> None:
    estate = started(phase=Phase.COMPLETE)
    tell(estate, {legacy("pc-003", "ah-02"): MSRPC})

    ways = agents(estate, at(10)).paths
    (counts,) = (
        counts
        for way, counts in ways.items()
        if (way.src_site, way.dst, way.flow) == ("home", "ah-02", "agent-legacy")
    )

    assert counts == {Told.NEITHER: 1}


def test_hosts_are_under_maintenance_by_name_and_by_site_while_it_lasts() -> None:
    estate = started(INVENTORY)
    estate.apply(silenced(SilencedBy.MAINTENANCE, "be-*", Reach.HOSTS))

    assert maintained(estate.state, at(0)) == {"be-01", "be-02"}
    assert maintained(estate.state, at(200_000)) == set()

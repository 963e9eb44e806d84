from collector.estate import Estate
from collector.probe_counts import is_agent_alone, probe_counts
from collector.views import AgentProbes, ProbeCounts
from tests.collector.samples import (
    CONSOLE,
    HANDLER_OLD,
    HTTPS,
    MSRPC,
    at,
    at_once,
    hosts_of,
    tell,
)


def counted(estate: Estate, seconds: float) -> ProbeCounts:
    return at_once(probe_counts(estate.state, at(seconds)))


def test_probes_that_report_are_counted_once_each(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS, HANDLER_OLD: MSRPC})

    counts = counted(estate, 1)

    every = [row.probe for row in hosts_of(estate, 1) if row.probe is not None]
    assert (counts.probes, counts.up, counts.away) == (len(every), 2, 0)
    assert counts.up == sum(probe.up for probe in every)


def test_those_of_agents_are_counted_by_group_and_site(estate: Estate) -> None:
    tell(estate, {HANDLER_OLD: MSRPC})

    assert counted(estate, 1).agents == (
        AgentProbes(group="hq", site="home", probes=1, up=0, away=0),
        AgentProbes(group="hq", site="office", probes=2, up=1, away=0),
    )


def test_a_probe_that_falls_silent_no_longer_counts(estate: Estate) -> None:
    tell(estate, {CONSOLE: HTTPS})

    assert [counted(estate, seconds).up for seconds in (1, 1000)] == [1, 0]


def test_an_agent_alone_has_no_other_role(estate: Estate) -> None:
    alone = [name for name, host in estate.plan.inventory.hosts.items() if is_agent_alone(host)]

    assert alone == ["pc-001", "pc-002", "pc-003"]

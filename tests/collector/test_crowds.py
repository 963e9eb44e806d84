from collections import Counter
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.crowds import Crowd
from collector.estate import Estate
from collector.memory import SilencedBy
from flows.agents import AgentUnit, agent_units
from flows.phases import PHASES, Phase
from tests.collector.histories import Act, histories
from tests.collector.samples import at, started


def one_by_one(estate: Estate, phase: Phase, seconds: float) -> list[AgentUnit]:
    """Roll agents up as the domain does it: path by path."""
    waived = estate.silenced_by(SilencedBy.WAIVER, at(seconds))
    return list(agent_units(estate.plan, phase, estate.verdicts(phase, at(seconds)), waived))


def said(unit: AgentUnit, attested: frozenset[str]) -> tuple[object, ...]:
    """Take down all that a gate asks of a unit."""
    return (
        unit.id,
        unit.reason,
        unit.worst,
        unit.all_waived,
        unit.verdict(1, 0.95),
        unit.verdict(2, 0.5),
        unit.verdict(1, 0.95, lambda one: one.attested_by(attested)),
        unit.verdict(1, 0.95, lambda one: one.judgement.unverifiable),
    )


@settings(deadline=None, max_examples=40)
@given(histories)
def test_crowds_say_what_counting_path_by_path_says(history: list[tuple[int, Act]]) -> None:
    estate, seconds = started(), 0
    for after, act in history:
        seconds += after
        act(estate, at(seconds))
        attested = estate.silenced_by(SilencedBy.ATTESTATION, at(seconds))
        for phase in PHASES:
            alike = estate.agent_units(phase, at(seconds))
            plain = one_by_one(estate, phase, seconds)
            assert [said(one, attested) for one in alike] == [said(one, attested) for one in plain]


@settings(deadline=None, max_examples=40)
@given(histories)
def test_roll_ups_count_every_path_once_a_group(history: list[tuple[int, Act]]) -> None:
    estate, seconds = started(), 0
    for after, act in history:
        seconds += after
        act(estate, at(seconds))
    hosts = estate.plan.inventory.hosts
    for phase in PHASES:
        counts: Counter[tuple[object, ...]] = Counter()
        for one in estate.verdicts(phase, at(seconds)).values():
            path = one.path
            for group in path.groups:
                counts[group, hosts[path.src].site, path.dst, path.flow, one.verdict] += 1
        rolled = Counter(
            {
                (row.group, row.src_site, row.dst, row.flow, verdict): number
                for row in estate.agent_rollup(phase, at(seconds))
                for verdict, number in row.counts.items()
                if number
            }
        )
        assert rolled == counts


def test_the_first_of_a_crowd_is_known_whoever_comes_and_goes() -> None:
    crowd = Crowd()
    for path in ("b", "c", "a"):
        crowd.add(path, None)
        assert crowd.first == min(crowd.ids)
    for path in ("c", "a"):
        crowd.remove(path)
        assert crowd.first == min(crowd.ids)


moves = st.lists(
    st.tuples(st.sampled_from("abcd"), st.one_of(st.none(), st.integers(0, 9)), st.booleans()),
    max_size=20,
)


@given(moves)
def test_the_eldest_of_a_crowd_is_known_whoever_comes_and_goes(
    moves: list[tuple[str, int | None, bool]],
) -> None:
    crowd, ages = Crowd(), dict[str, datetime | None]()
    for path, seconds, comes in moves:
        if comes:
            ages[path] = None if seconds is None else at(seconds)
            crowd.add(path, ages[path])
        elif path in ages:
            del ages[path]
            crowd.remove(path)
        known = [one for one in ages.values() if one is not None]
        assert crowd.since(ages.__getitem__) == min(known, default=None)

"""Histories of a small estate, at random: reports, phases, versions, what operators say, time."""

from collections.abc import Callable
from datetime import datetime

from hypothesis import strategies as st

from collector.estate import Estate
from collector.memory import Silence, SilencedBy
from flows.hosts import Version
from flows.outcomes import Certificate, Observation, Outcome, StageTimes, rolled_up
from flows.phases import Phase
from tests.collector.samples import (
    CONNECTED,
    DENIED,
    FAULT,
    FILTERED,
    GRPC,
    HTTPS,
    INVENTORY,
    MSRPC,
    REFUSED,
    REJECTED,
    SILENT,
    UNREACHABLE,
    at,
    tell,
)

CLAIMING = INVENTORY.replace(
    "be-02: {", 'be-02: {identity: {https: {server: "Acme*", issuer: "CN=Acme*"}}, '
)
"""An estate that says who its services are."""
_LEAF = Certificate(der=b"leaf", sha256="ab", issuer="CN=Acme CA", not_after=at(9999))
_BRANDED = Observation(outcome=Outcome.OPEN, answered_by=HTTPS.answered_by, server="Acme 2")
_CERTIFIED = Observation(
    outcome=Outcome.OPEN,
    answered_by=HTTPS.answered_by,
    server="nginx",
    rtt_seconds=0.0002,
    stages=StageTimes(connect=0.001),
    certificate=_LEAF,
)
_BOTH = rolled_up((FILTERED, HTTPS))
SEEN = (
    *(HTTPS, GRPC, MSRPC, CONNECTED, REFUSED, REJECTED, FILTERED, SILENT, UNREACHABLE, DENIED),
    *(FAULT, _BRANDED, _CERTIFIED, _BOTH),
)
Act = Callable[[Estate, datetime], None]
"""Does something to an estate at a moment."""


def _reports(place: int, seen: Observation) -> Act:
    def act(estate: Estate, now: datetime) -> None:
        paths = list(estate.plan.paths)
        tell(estate, {paths[place % len(paths)]: seen}, (now - at(0)).total_seconds())

    return act


def _all_report(seen: Observation) -> Act:
    def act(estate: Estate, now: datetime) -> None:
        tell(estate, dict.fromkeys(estate.plan.paths, seen), (now - at(0)).total_seconds())

    return act


def _phase(phase: Phase) -> Act:
    return lambda estate, now: estate.apply(estate.decide_phase(phase, now))


def _version(host: str, version: str | None) -> Act:
    chosen = None if version is None else Version(version)
    return lambda estate, now: estate.apply(estate.decide_versions(host, chosen, now))


def _silence(kind: SilencedBy, glob: str, seconds: int) -> Act:
    def act(estate: Estate, now: datetime) -> None:
        until = now + (at(seconds) - at(0))
        silence = Silence(kind=kind, glob=glob, reason="tested", until=until)
        estate.apply(estate.decide_silence(f"s{now.timestamp()}", silence, now))

    return act


def _goals(estate: Estate, now: datetime) -> None:
    estate.apply(estate.decide_goals(now))


def _smaller(estate: Estate, now: datetime) -> None:
    """Take a host out of the inventory, or put it back."""
    text = estate.memory.inventory_text
    line = "  con-02: {address: 10.2.0.6, roles: [console], site: office}\n"
    after = (
        text.replace(line, "") if line in text else text.replace("  sql-01:", f"{line}  sql-01:")
    )
    estate.apply(estate.decide_inventory(after, "inventory.yaml", now)[0])


acts: st.SearchStrategy[Act] = st.one_of(
    st.builds(_reports, st.integers(0, 999), st.sampled_from(SEEN)),
    st.builds(_reports, st.integers(0, 999), st.sampled_from(SEEN)),
    st.builds(_all_report, st.sampled_from(SEEN)),
    st.builds(_phase, st.sampled_from(Phase)),
    st.builds(
        _version, st.sampled_from(["pc-001", "be-*"]), st.sampled_from([None, "2.6", "2.7.1"])
    ),
    st.builds(
        _silence,
        st.sampled_from(SilencedBy),
        st.sampled_from(["agent:*", "agent*:pc-002>*", "*:con-01>*", "syslog-*"]),
        st.integers(1, 300),
    ),
    st.sampled_from([_goals, _smaller]),
)
histories = st.lists(st.tuples(st.integers(1, 120), acts), max_size=12)
"""What is done, and how many seconds after what was done before."""

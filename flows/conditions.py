"""Host conditions: which versions must run before a phase may start (DESIGN 4, Gates)."""

from collections.abc import Iterator

import msgspec

from flows.hosts import BACK_OFFICE, FIRST_NEW, Host, Role
from flows.phases import Phase
from flows.plan import Plan


class HostProblem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A host that does not run what the phase needs."""

    host: str
    problem: str
    known: bool
    """Known to be older; else nobody knows its version."""


def host_problems(plan: Plan, phase: Phase) -> Iterator[HostProblem]:
    """Walk the hosts that do not run what a phase needs (DESIGN 4, host conditions)."""
    match phase:
        case Phase.AGENTS:
            needed = BACK_OFFICE
        case Phase.COMPLETE:
            needed = frozenset({Role.AGENT})
        case _:
            return
    hosts = plan.inventory.hosts
    asked = (_asked(plan, host) for host in hosts.values() if host.roles & needed)
    for name in sorted({name for names in asked for name in names}):
        yield from _host_problem(plan, hosts[name])


def _asked(plan: Plan, host: Host) -> tuple[str, ...]:
    """Name whose version counts: of a virtual host without one of its own, its members'."""
    if host.members and plan.versions.known(host) is None:
        return host.members
    return (host.name,)


def _host_problem(plan: Plan, host: Host) -> Iterator[HostProblem]:
    known = plan.versions.known(host)
    if known is None:
        yield HostProblem(host=host.name, problem="version unknown", known=False)
    elif not known[0].is_new:
        text = f"version {known[0]} ({known[1]}) is below {FIRST_NEW}"
        yield HostProblem(host=host.name, problem=text, known=True)

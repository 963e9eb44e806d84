"""Warnings: what an inventory may well say, and its operator may not mean (DESIGN 2).

They refuse nothing and change no exit code. Many alike are summed up, so that a large estate does
not bury the few that differ.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from flows.catalog import Pairing, Row, catalog
from flows.hosts import FIRST_NEW, PROBE_ROLES, Host, Role
from flows.inventory import HandlerGroup, Inventory
from flows.phases import Phase
from flows.versions import Versions

_NAMED = 3
"""Names that a sentence gives before it counts the others."""
_ALIKE = 5
"""Sentences of one kind before the others are counted."""


def warnings(
    inventory: Inventory, phase: Phase | None = None, versions: Versions | None = None
) -> list[str]:
    """List what is worth a second look, one sentence each, naming hosts.

    `phase` is the one that is asked for or current, `versions` what was set and shown at run time.
    """
    known = versions or Versions(inventory)
    return [
        *_few(_shared_addresses(inventory), "addresses are shared"),
        *_few(_mixed_members(inventory), "virtual hosts have members of both layouts"),
        *_missing_peers(inventory),
        *_few(_cut_off_agents(inventory, phase, known), "handler groups cut agents off"),
        *_legacy_at_the_end(inventory, phase),
        *_assumed_ports(inventory),
    ]


def _shared_addresses(inventory: Inventory) -> Iterator[str]:
    by_address: dict[str, list[str]] = {}
    for name, host in sorted(inventory.hosts.items()):
        by_address.setdefault(host.address.lower().removesuffix("."), []).append(name)
    for address, names in by_address.items():
        if len(names) > 1:
            yield f"{_named(names)} have the same address {address}: one measurement speaks for all"


def _mixed_members(inventory: Inventory) -> Iterator[str]:
    for _, host in sorted(inventory.hosts.items()):
        members = [inventory.hosts[name] for name in sorted(host.members)]
        shared = [member.name for member in members if inventory.is_colocated(member)]
        alone = [member.name for member in members if member.name not in shared]
        if Role.BACKEND in host.roles and shared and alone:
            yield (
                f"{host.name} counts as colocated, but its members are of both layouts:"
                f" {_named(shared)} with an agent handler, {_named(alone)} without"
            )


def _missing_peers(inventory: Inventory) -> Iterator[str]:
    """Walk the ends of the guide's rows that nobody meets, and say what the plan so lacks."""
    lacking: dict[tuple[str, str], list[str]] = {}
    for row in catalog():
        for found in _alone(row, inventory):
            flows = lacking.setdefault(found, [])
            if row.flow not in flows:
                flows.append(row.flow)
    for (nobody, hosts), flows in lacking.items():
        yield f"{nobody}: the plan lacks {_all(flows)} {hosts}"


def _alone(row: Row, inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Find the end of a row that is there while the other is not; syslog and we are optional."""
    if row.source is None:
        return
    sources = [host.name for host in inventory.sources(row.source)]
    destinations = [host.name for host in inventory.with_role(row.destination)]
    if sources and not destinations and row.pairs is not Pairing.GROUP_SYSLOG:
        yield f"no host has the role '{row.destination}'", f"from {_named(sources)}"
    if destinations and not sources and row.destination not in PROBE_ROLES:
        yield f"no host with a probe has the role '{row.source}'", f"to {_named(destinations)}"


def _cut_off_agents(inventory: Inventory, phase: Phase | None, versions: Versions) -> Iterator[str]:
    is_new = _is_new_in(phase, versions)
    for name, group in sorted(inventory.groups.items()):
        if group.legacy_protocol or not _all_new(group, inventory, is_new):
            continue
        agents = (inventory.hosts[agent] for agent in sorted(group.agents))
        old = [agent.name for agent in agents if is_new(agent, Role.AGENT) is False]
        if old:
            yield (
                f"handler group {name}: its handlers are new and its old protocol is off, but"
                f" {_named(old)} {'is' if len(old) == 1 else 'are'} below {FIRST_NEW}"
            )


def _all_new(
    group: HandlerGroup, inventory: Inventory, is_new: Callable[[Host, Role], bool | None]
) -> bool:
    return all(is_new(inventory.hosts[name], Role.AGENT_HANDLER) for name in group.handlers)


def _is_new_in(phase: Phase | None, versions: Versions) -> Callable[[Host, Role], bool | None]:
    """Make the question whether a host is new; without a phase the answer may be None: unknown."""

    def is_new(host: Host, role: Role) -> bool | None:
        if phase is not None:
            return versions.is_new(host, phase, role)
        known = versions.known(host)
        if known is None and host.members:
            members = [versions.inventory.hosts[name] for name in host.members]
            return all(is_new(member, role) for member in members)
        return known[0].is_new if known else None

    return is_new


def _legacy_at_the_end(inventory: Inventory, phase: Phase | None) -> Iterator[str]:
    names = [name for name, group in sorted(inventory.groups.items()) if group.legacy_protocol]
    if names and phase is Phase.COMPLETE:
        groups = "handler group" if len(names) == 1 else "handler groups"
        yield (
            f"{groups} {_named(names)}: legacy_protocol is true, which keeps the handlers listening"
            f" on port {inventory.ports.agent_legacy}; complete wants it closed"
        )


def _assumed_ports(inventory: Inventory) -> Iterator[str]:
    found = [
        f"{name} ({sql.instance})"
        for name, host in sorted(inventory.hosts.items())
        for sql in host.sql
        if sql.port_assumed
    ]
    if found:
        yield (
            f"{_named(found)}: the SQL instance has no port; 1433 is assumed, and compared at run"
            " time with what SQL Browser says"
        )


def _few(sentences: Iterable[str], what: str) -> list[str]:
    said = list(sentences)
    if len(said) <= _ALIKE:
        return said
    return [*said[:_ALIKE], f"and {len(said) - _ALIKE} more {what}"]


def _named(names: Sequence[str]) -> str:
    """Name the first few and count the others."""
    more = len(names) - _NAMED
    if more > 1:
        return f"{', '.join(names[:_NAMED])} and {more} more"
    return _all(names)


def _all(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))

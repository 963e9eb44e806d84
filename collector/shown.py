"""Versions that services show: which host runs the new release, by what answers (DESIGN 2).

A backend on a handler's machine moves to another port with its upgrade, and the handler takes its
old one. So the new port answering as HTTPS, or the handler's port answering as gRPC, shows the new
release, until the old backend answers on its port again. Evidence counts from the moment since
which the cell has been confirmed to be so: a port that goes on answering says nothing new, and the
order in which reports come in does not matter.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from collector.memory import CheckKey, Shown
from flows.cells import Cell
from flows.hosts import FIRST_NEW, Host, Role, Version
from flows.inventory import Inventory
from flows.outcomes import AnsweredBy

if TYPE_CHECKING:
    from flows.plan import Endpoint

ENOUGH = 2
"""Observations in a row that show something."""


class Sign(NamedTuple):
    """What an answer says of a host's version."""

    host: str
    answered_by: AnsweredBy
    new: bool


class Signs:
    """The endpoints of an inventory whose answers tell a version."""

    def __init__(self, inventory: Inventory) -> None:
        self._signs: dict[Endpoint, list[Sign]] = {}
        for host in inventory.hosts.values():
            for port, answered_by, new in _signs(host, inventory):
                sign = Sign(host.name, answered_by, new)
                self._signs.setdefault((host.address, "tcp", port), []).append(sign)

    def read(self, cells: Mapping[CheckKey, Cell], known: Mapping[str, Shown]) -> dict[str, Shown]:
        """List what these cells show that was not known; later evidence wins."""
        found: dict[str, Shown] = {}
        for (_, address, proto, port), cell in cells.items():
            if cell.count < ENOUGH:
                continue
            for sign in self._signs.get((address, proto, port), ()):
                before = found.get(sign.host) or known.get(sign.host)
                if cell.confirmed.answered_by is sign.answered_by and _tells(sign, cell, before):
                    found[sign.host] = Shown(new=sign.new, at=cell.since)
        return found


def _tells(sign: Sign, cell: Cell, before: Shown | None) -> bool:
    """Decide whether evidence is later than what is known."""
    return later(Shown(new=sign.new, at=cell.since), before) is not before


def later(one: Shown, other: Shown | None) -> Shown:
    """Choose the later of two; at the same moment new wins, and the other of two that are equal."""
    return one if other is None or (one.at, one.new) > (other.at, other.new) else other


def _signs(host: Host, inventory: Inventory) -> Iterator[tuple[int, AnsweredBy, bool]]:
    ports = inventory.ports
    if host.virtual:
        return  # a balancer shows its members, one or the other
    backend, handler = Role.BACKEND in host.roles, Role.AGENT_HANDLER in host.roles
    if handler:
        yield ports.agent, AnsweredBy.GRPC, True
    if backend and handler:
        yield ports.backend_colocated, AnsweredBy.HTTPS, True
        yield ports.backend, AnsweredBy.HTTPS, False


def versions_shown(shown: Mapping[str, Shown]) -> dict[str, Version]:
    """Put what is shown as versions: the first that speaks so, for nothing tells it exactly."""
    return {host: FIRST_NEW for host, seen in shown.items() if seen.new}


def overturned(found: Mapping[str, Shown], known: Mapping[str, Shown]) -> list[str]:
    """List the hosts of which something else is shown than was; at first all show the old one."""
    return [host for host, seen in found.items() if seen.new != (host in known and known[host].new)]


def undeclared(hosts: Iterable[str], inventory: Inventory, declared: Mapping[str, Version]) -> bool:
    """Decide whether a version that is shown counts for any of these hosts: nobody said one."""
    return any(
        host in inventory.hosts and host not in declared and inventory.hosts[host].version is None
        for host in hosts
    )

"""Who meets whom: the sources and destinations of each row of the catalog in one estate."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from flows.catalog import OWN_PORT, Layout, Option, Pairing, Row
from flows.hosts import Host, Need, Role, Sql
from flows.inventory import HandlerGroup, Inventory


class Meeting(NamedTuple):
    """A source and a destination of one row, with what the row needs to know of them."""

    source: Host
    destination: Host
    port: int
    groups: tuple[str, ...] = ()
    need: Need | None = None
    legacy_protocol: bool = True
    assumed: bool = False
    """It stands on the assumed group of all, whose syslog settings nobody knows."""


class Estate:
    """An inventory with the look-ups that expansion needs."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.hosts = inventory.hosts
        self.backends = inventory.with_role(Role.BACKEND)
        self.colocated = {
            host.name: inventory.is_colocated(host) for host in inventory.hosts.values()
        }
        self.groups = [group for _, group in sorted(inventory.groups.items())]
        self._groups_by_agent = inventory.groups_by_agent

    def port(self, row: Row) -> int:
        """Resolve the port of a row that is not the destination's own."""
        if isinstance(row.port, int):
            return row.port
        port: int = getattr(self.inventory.ports, row.port.replace("-", "_"))
        return port

    def sources(self, role: Role | None) -> list[Host]:
        """List the sources of a role; of None, every host with a probe."""
        if role is not None:
            return self.inventory.sources(role)
        return [host for _, host in sorted(self.hosts.items()) if host.has_probe]

    def ends(self, names: Iterable[str], *, as_source: bool) -> list[Host]:
        """Resolve roles and names of hosts to hosts, each once."""
        found: dict[str, Host] = {}
        for name in names:
            if name in self.hosts:
                hosts = [self.hosts[name]]
            elif as_source:
                hosts = self.inventory.sources(Role(name))
            else:
                hosts = self.inventory.with_role(Role(name))
            found.update((host.name, host) for host in hosts)
        return [host for _, host in sorted(found.items())]

    def agent_groups(self, source: Host, *, by_role: bool = False) -> tuple[str, ...]:
        """Name the groups that roll a source up as an SES agent; none for other machines."""
        if not source.is_plain_agent and not (by_role and Role.AGENT in source.roles):
            return ()
        return tuple(group.name for group in self._groups_by_agent.get(source.name, ()))

    def group_backends(self, handler: str) -> list[Host]:
        """List whom a handler calls: what its groups name, all where one names none."""
        groups = [group for group in self.groups if handler in group.handlers]
        if any(group.backends is None for group in groups):
            return self.backends
        names = sorted({name for group in groups for name in group.backends or ()})
        return [self.hosts[name] for name in names]


def meetings(row: Row, estate: Estate) -> Iterator[Meeting]:
    """List the meetings of a row, whatever its option says."""
    for meeting in _PAIRINGS[row.pairs](row, estate):
        colocated = estate.colocated[meeting.destination.name]
        if row.layout is None or colocated == (row.layout is Layout.COLOCATED):
            yield meeting


def _all(row: Row, estate: Estate) -> Iterator[Meeting]:
    port = estate.port(row)
    destinations = estate.inventory.with_role(row.destination)
    for source in estate.sources(row.source) if destinations else ():
        groups = estate.agent_groups(source)
        for destination in destinations:
            yield Meeting(source, destination, port, groups)


def _console_backends(row: Row, estate: Estate) -> Iterator[Meeting]:
    for console in estate.sources(Role.CONSOLE):
        names = console.backends
        called = estate.backends if names is None else [estate.hosts[name] for name in names]
        yield from _to_backends(row, estate, console, called)


def _handler_backends(row: Row, estate: Estate) -> Iterator[Meeting]:
    for handler in estate.sources(Role.AGENT_HANDLER):
        yield from _to_backends(row, estate, handler, estate.group_backends(handler.name))


def _to_backends(row: Row, estate: Estate, source: Host, called: list[Host]) -> Iterator[Meeting]:
    need = estate.inventory.separate_backend_8443 if row.option else None
    for backend in called:
        yield Meeting(source, backend, estate.port(row), need=need)


def _group_handlers(row: Row, estate: Estate) -> Iterator[Meeting]:
    port = estate.port(row)
    for group in estate.groups:
        handlers = [estate.hosts[name] for name in group.handlers]
        names = (group.name,)
        for agent in group.agents:
            source = estate.hosts[agent]
            for handler in handlers:
                yield Meeting(source, handler, port, names, None, group.legacy_protocol)


def _group_syslog(row: Row, estate: Estate) -> Iterator[Meeting]:
    for group in estate.groups:
        for target in group.syslog:
            if row.flow == f"syslog-{target.protocol}":
                server = estate.hosts[target.server]
                for handler in _machines(group, estate):
                    yield Meeting(handler, server, target.port, assumed=group.assumed)


def _machines(group: HandlerGroup, estate: Estate) -> list[Host]:
    handlers = (estate.hosts[name] for name in group.handlers)
    return [handler for handler in handlers if not handler.virtual]


def _sql_instances(row: Row, estate: Estate) -> Iterator[Meeting]:
    for backend in estate.sources(Role.BACKEND):
        for server in estate.inventory.with_role(Role.SQL_SERVER):
            for instance in server.sql:
                port = instance.port if row.port == OWN_PORT else estate.port(row)
                yield Meeting(backend, server, port, need=_need(row, instance))


def _need(row: Row, instance: Sql) -> Need | None:
    match row.option:
        case Option.DAC:
            return instance.dac
        case Option.BROWSER:
            return instance.browser
        case _:
            return None


_PAIRINGS: dict[Pairing, Callable[[Row, Estate], Iterator[Meeting]]] = {
    Pairing.ALL: _all,
    Pairing.CONSOLE_BACKENDS: _console_backends,
    Pairing.HANDLER_BACKENDS: _handler_backends,
    Pairing.GROUP_HANDLERS: _group_handlers,
    Pairing.GROUP_SYSLOG: _group_syslog,
    Pairing.SQL_INSTANCES: _sql_instances,
}

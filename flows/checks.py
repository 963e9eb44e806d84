"""From paths to checks: one measurement serves every flow that shares an address and port."""

from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address
from typing import NamedTuple

from flows.inventory import Inventory
from flows.messages import Check
from flows.outcomes import Service
from flows.plan import Endpoint, Path

SYSLOG_OVER_TLS = "syslog-tls"


class Pace(NamedTuple):
    """When a check is due and how long it may take, in seconds; `Check` says more."""

    interval: float = 15.0
    deadline: float = 4.0
    offset: float = 0.0


def checks_of(
    paths: Iterable[Path],
    inventory: Inventory,
    number: Callable[[Endpoint], int] | None = None,
    pace: Callable[[Endpoint], Pace] = lambda _: Pace(),
) -> Mapping[Endpoint, Check]:
    """List what one source has to measure for its paths, in the order of the endpoints.

    `number` gives a check its id; by default they are counted from 1.
    """
    services: dict[Endpoint, set[Service]] = {}
    instances: dict[Endpoint, set[str | None]] = {}
    for path in paths:
        services.setdefault(path.endpoint, set()).update(_spoken(path))
        if path.service is Service.SSRP:
            instances.setdefault(path.endpoint, set()).update(_instances(path, inventory))
    checks: dict[Endpoint, Check] = {}
    for counted, endpoint in enumerate(sorted(services), 1):
        address, proto, port = endpoint
        interval, deadline, offset = pace(endpoint)
        checks[endpoint] = Check(
            id=counted if number is None else number(endpoint),
            address=address,
            name=None if is_literal(address) else address,
            proto=proto,
            port=port,
            services=tuple(sorted(services[endpoint])),
            interval=interval,
            deadline=deadline,
            offset=offset,
            instance=_only(instances.get(endpoint, set())),
        )
    return checks


def is_literal(address: str) -> bool:
    """Tell an IP address from a DNS name."""
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _spoken(path: Path) -> set[Service]:
    """List what a path's destination speaks: its service, and TLS below it where one must ask."""
    return {path.service, Service.TLS} if path.flow == SYSLOG_OVER_TLS else {path.service}


def _instances(path: Path, inventory: Inventory) -> set[str | None]:
    return {sql.instance for sql in inventory.hosts[path.dst].sql}


def _only(instances: set[str | None]) -> str | None:
    """Name the one instance there is to ask the Browser for; of several it is asked for all."""
    return next(iter(instances)) if len(instances) == 1 else None

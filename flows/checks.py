"""From paths to checks: one measurement serves every flow that shares an address and port."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from flows.inventory import Inventory
from flows.messages import Check
from flows.outcomes import Service
from flows.plan import Endpoint, Path, Plan

SYSLOG_OVER_TLS = "syslog-tls"


class Pace(NamedTuple):
    """When a check is due and how long it may take, in seconds; `Check` says more."""

    interval: float = 15.0
    deadline: float = 4.0
    offset: float = 0.0


ONCE = Pace()


def spoken(plan: Plan) -> Mapping[Endpoint, tuple[Service, ...]]:
    """List what may answer at an endpoint in some phase, to whomever: one exchange suits all."""
    over_tls = {path.endpoint for path in plan if path.flow == SYSLOG_OVER_TLS}
    return {
        endpoint: tuple(sorted({*services, Service.TLS} if endpoint in over_tls else services))
        for endpoint, services in plan.services.items()
    }


def check_of(
    paths: Sequence[Path],
    inventory: Inventory,
    services: tuple[Service, ...],
    number: int,
    pace: Pace = ONCE,
) -> Check:
    """Say what one source has to measure for paths that share their endpoint; at least one."""
    address, proto, port = paths[0].endpoint
    return Check(
        id=number,
        address=address,
        name=None if is_literal(address) else address.removesuffix("."),
        proto=proto,
        port=port,
        services=services,
        interval=pace.interval,
        deadline=pace.deadline,
        offset=pace.offset,
        instance=_instance(paths, inventory),
    )


def checks_of(paths: Iterable[Path], plan: Plan, pace: Pace = ONCE) -> Mapping[Endpoint, Check]:
    """List what one source has to measure, in the order of the endpoints; ids count from 1."""
    services = spoken(plan)
    sharing: dict[Endpoint, list[Path]] = {}
    for path in paths:
        sharing.setdefault(path.endpoint, []).append(path)
    return {
        endpoint: check_of(sharing[endpoint], plan.inventory, services[endpoint], number, pace)
        for number, endpoint in enumerate(sorted(sharing), 1)
    }


@lru_cache(maxsize=4096)
def is_literal(address: str) -> bool:
    """Tell an IP address from a DNS name."""
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _instance(paths: Iterable[Path], inventory: Inventory) -> str | None:
    """Name the one SQL instance to ask the Browser for; None where it is to be asked for all."""
    instances = {
        sql.instance
        for path in paths
        if path.service is Service.SSRP
        for sql in inventory.hosts[path.dst].sql
    }
    return instances.pop() if len(instances) == 1 else None

"""What a test asks of a lab, one line of JSON each."""

import msgspec

from flows.messages import Check
from flows.outcomes import Observation, Service


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Firewall rules by where they are in force, in the language of nft."""

    source: str = ""
    router: str = ""
    destination: str = ""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Load rules, open ports at the destination, and measure everything at once."""

    checks: tuple[Check, ...]
    rules: Rules = Rules()
    tcp: tuple[int, ...] = ()
    """Ports that accept."""
    udp_answering: tuple[int, ...] = ()
    udp_silent: tuple[int, ...] = ()
    uvloop: bool = False
    """Run in uvloop instead of asyncio's own loop."""
    loop_sockets: bool = False
    """Wait by the loop's own calls, as on Windows, instead of by epoll."""


class Answer(msgspec.Struct, frozen=True):
    """One observation a check, in the order of the checks."""

    observations: tuple[Observation, ...] = ()
    error: str = ""


def tcp_check(address: str, port: int, deadline: float = 1.0) -> Check:
    """Ask for a TCP connection."""
    return _check(address, port, deadline, Service.TCP)


def udp_check(address: str, port: int, deadline: float = 1.0) -> Check:
    """Ask for one empty datagram."""
    return _check(address, port, deadline, Service.UDP)


def _check(address: str, port: int, deadline: float, service: Service) -> Check:
    return Check(
        id=0,
        address=address,
        name=None,
        proto=str(service),
        port=port,
        services=(service,),
        interval=15.0,
        deadline=deadline,
        offset=0.0,
    )

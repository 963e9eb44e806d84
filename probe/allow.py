"""What this probe may dial, as its own `probe.yaml` says: the collector's word does not widen it.

A stolen collector must not turn the fleet into a scanner (DESIGN 6). Names are resolved first and
the address is judged, so that a name cannot lead where an address may not go.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

DEFAULT_NETWORKS: tuple[Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("fc00::/7"),
)
DEFAULT_PORTS = frozenset({80, 443, 514, 1433, 1434, 1468, 5614, 8443, 8642, 10443, 17000})
BROADCAST = IPv4Address("255.255.255.255")


@dataclass(frozen=True, slots=True)
class Allow:
    """The `allow` block of probe.yaml."""

    networks: tuple[Network, ...] = DEFAULT_NETWORKS
    names: frozenset[str] = frozenset()
    """Names that may resolve to any address but loopback; as `plain_name` writes them."""
    ports: frozenset[int] = DEFAULT_PORTS


def refusal(allow: Allow, asked: str, address: str, port: int) -> str | None:
    """Say why an address may not be dialled; None if it may.

    `asked` is the name that led to the address, or the address itself. The sentence is the
    `detail` of the fault that is reported instead of a measurement.
    """
    target = read_address(address)
    if target is None:
        return f"'{address}' was not dialled: it is no IP address"
    if target.is_unspecified or target.is_multicast or target == BROADCAST:
        return f"{address} was not dialled: it is not the address of one host"
    if port not in allow.ports:
        return f"port {port} was not dialled: allow.ports of probe.yaml does not list it"
    if _is_listed(allow, asked, target):
        return None
    said = address if read_address(asked) is not None else f"{address} ({asked})"
    return f"{said} was not dialled: no network in allow.networks of probe.yaml holds it"


def _is_listed(allow: Allow, asked: str, target: Address) -> bool:
    if target.is_loopback:
        # Only a network of loopback itself opens this host's inside: no name does, nor 0.0.0.0/0.
        return any(target in network for network in allow.networks if network.is_loopback)
    return plain_name(asked) in allow.names or any(target in net for net in allow.networks)


def read_address(text: str) -> Address | None:
    """Read an IP literal, in brackets or not; IPv4 inside IPv6 counts as what it is."""
    try:
        address = ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def plain_name(name: str) -> str:
    """Write a DNS name without regard to case and to a last dot."""
    return name.lower().removesuffix(".")

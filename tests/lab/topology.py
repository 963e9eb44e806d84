"""Three networks: the source, a router, and the destination behind it. IPv4 and IPv6.

    source 10.77.1.10 --- 10.77.1.1 router 10.77.2.1 --- 10.77.2.10 destination

The source has no default route. The router and the destination send what is for 10.77.9.0/24 to
each other; the destination discards what it would say from 10.77.2.20. Nobody is 10.77.x.99. The
same in IPv6, with fd77:x::y for 10.77.x.y.
"""

import shutil
from dataclasses import dataclass

from tests.lab.namespaces import Namespace, current, new

ROUTER = "10.77.1.1"
ROUTER6 = "fd77:1::1"
SOURCE = "10.77.1.10"
SOURCE6 = "fd77:1::10"
DESTINATION = "10.77.2.10"
DESTINATION6 = "fd77:2::10"
MUTE = "10.77.2.20"
MUTE6 = "fd77:2::20"
LOOPED = "10.77.9.1"
LOOPED6 = "fd77:9::1"
DEAD_NEIGHBOUR = "10.77.1.99"
DEAD_NEIGHBOUR6 = "fd77:1::99"
DEAD_HOST = "10.77.2.99"
DEAD_HOST6 = "fd77:2::99"
UNROUTED = "10.99.0.1"
UNROUTED6 = "fd99::1"

_LINKS = (("lo", "eth0"), ("lo", "east", "west"), ("lo", "eth0"))
"""They go up at every end before they get addresses, which otherwise are of no use for a second."""
_SOURCE = """
addr add 10.77.1.10/24 dev eth0
addr add fd77:1::10/64 dev eth0 nodad
route add 10.77.0.0/16 via 10.77.1.1
route add fd77::/16 via fd77:1::1
route add blackhole 10.98.1.0/24
route add prohibit 10.98.2.0/24
route add unreachable 10.98.3.0/24
route add blackhole fd98:1::/64
route add prohibit fd98:2::/64
route add unreachable fd98:3::/64
"""
_ROUTER = """
addr add 10.77.1.1/24 dev east
addr add fd77:1::1/64 dev east nodad
addr add fe80::1/64 dev east nodad
addr add 10.77.2.1/24 dev west
addr add fd77:2::1/64 dev west nodad
route add 10.77.9.0/24 via 10.77.2.10
route add fd77:9::/64 via fd77:2::10
"""
_DESTINATION = """
addr add 10.77.2.10/24 dev eth0
addr add 10.77.2.20/24 dev eth0
addr add fd77:2::10/64 dev eth0 nodad
addr add fd77:2::20/64 dev eth0 nodad preferred_lft 0
route add default via 10.77.2.1
route add default via fd77:2::1
rule add from 10.77.2.20 blackhole
"""


@dataclass(frozen=True, slots=True)
class Topology:
    """The namespaces of a lab; the source is where this process is."""

    source: Namespace
    router: Namespace
    destination: Namespace

    def load(self, source: str = "", router: str = "", destination: str = "") -> None:
        """Put firewall rules in force, in place of all earlier ones."""
        self.source.nft(source)
        self.router.nft(router)
        self.destination.nft(destination)


def build() -> Topology:
    """Turn the namespace that this process is in into a source, and add the rest."""
    if shutil.which("ip") is None:
        raise RuntimeError("the lab needs ip (package iproute2)")
    source, router, destination = current(), new(), new()
    for namespace in (source, router, destination):
        # Nobody else can have our addresses: asking around first takes seconds.
        namespace.set(ipv6__conf__default__accept_dad="0", ipv6__conf__default__dad_transmits="0")
    source.ip(f"link add eth0 type veth peer name east netns {router.path}")
    destination.ip(f"link add eth0 type veth peer name west netns {router.path}")
    for namespace in (router, destination):
        namespace.set(
            ipv4__ip_forward="1",
            ipv6__conf__all__forwarding="1",
            # A router of the real world answers one of many; the tests want to hear each answer.
            ipv4__icmp_ratemask="0",
            ipv6__icmp__ratelimit="0",
        )
    for namespace, links in zip((source, router, destination), _LINKS, strict=True):
        namespace.ip("\n".join(f"link set {link} up" for link in links))
    source.ip(_SOURCE)
    router.ip(_ROUTER)
    destination.ip(_DESTINATION)
    destination.ip("rule add from fd77:2::20 blackhole", family=6)
    return Topology(source, router, destination)

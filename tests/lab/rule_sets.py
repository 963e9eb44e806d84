"""Firewalls drawn by lot whose true answer is known: the rules are read here as nft reads them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from flows.messages import Check
from flows.outcomes import Observation, Outcome
from tests.lab.tasks import Rules, Task, tcp_check, udp_check
from tests.lab.topology import DESTINATION, DESTINATION6, ROUTER, ROUTER6, SOURCE, SOURCE6

PORTS = range(2000, 2010)
DEADLINE_SECONDS = 0.25
MOST_RULES = 6


class Place(StrEnum):
    """Where a chain is in force."""

    SOURCE = "source"
    ROUTER = "router"
    DESTINATION = "destination"


SENDERS = {
    Place.SOURCE: {4: SOURCE, 6: SOURCE6},
    Place.ROUTER: {4: ROUTER, 6: ROUTER6},
    Place.DESTINATION: {4: DESTINATION, 6: DESTINATION6},
}
KINDS = {
    4: {
        "icmp type net-unreachable": (3, 0),
        "icmp type host-unreachable": (3, 1),
        "icmp type prot-unreachable": (3, 2),
        "icmp type port-unreachable": (3, 3),
        "icmp type net-prohibited": (3, 9),
        "icmp type host-prohibited": (3, 10),
        "icmp type admin-prohibited": (3, 13),
    },
    6: {
        "icmpv6 type no-route": (1, 0),
        "icmpv6 type admin-prohibited": (1, 1),
        "icmpv6 type addr-unreachable": (1, 3),
        "icmpv6 type port-unreachable": (1, 4),
        "icmpv6 type policy-fail": (1, 5),
        "icmpv6 type reject-route": (1, 6),
    },
}
PORT_UNREACHABLE = {4: (3, 3), 6: (1, 4)}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a chain."""

    protocols: tuple[str, ...]
    version: int
    ports: range
    action: str
    """drop, accept, reset, or the kind of ICMP error to reject with."""

    def holds_for(self, check: Check) -> bool:
        """Whether it decides about a check's packets on their way out."""
        version = 6 if ":" in check.address else 4
        return (
            check.proto in self.protocols and version == self.version and check.port in self.ports
        )

    def written(self) -> str:
        """Write it for nft."""
        if self.action in {"drop", "accept"}:
            action = self.action
        else:
            action = f"reject with {'tcp reset' if self.action == 'reset' else self.action}"
        protocols = ",".join(self.protocols)
        ports = f"{self.ports[0]}-{self.ports[-1]}"
        family = f"meta nfproto ipv{self.version} meta l4proto {{{protocols}}}"
        return f"{family} th dport {ports} {action}"


@dataclass(frozen=True, slots=True)
class Chain:
    """Rules in their order; the first that holds decides, else the policy."""

    rules: tuple[Rule, ...]
    policy: str = "accept"

    def decides(self, check: Check) -> str:
        """Say what becomes of a check's packet."""
        holding = (rule.action for rule in self.rules if rule.holds_for(check))
        return next(holding, self.policy)

    def written(self, hook: str, *first: str) -> str:
        """Write it for nft; what comes back is let through, and so are neighbours' questions."""
        lines = [
            f"type filter hook {hook} priority 0; policy {self.policy}",
            *first,
            "meta l4proto {icmp, ipv6-icmp} accept",
            "ct direction reply accept",
            *(rule.written() for rule in self.rules),
        ]
        body = "\n".join(lines)
        return f"table inet lab {{\nchain {hook} {{\n{body}\n}}\n}}"


@dataclass(frozen=True, slots=True)
class Estate:
    """The firewalls of one draw, and the ports that are served behind them."""

    chains: dict[Place, Chain]
    answers_lost: tuple[int, ...]
    """Ports whose answers the router drops."""
    tcp: tuple[int, ...]
    udp: tuple[int, ...]

    def task(self) -> Task:
        """Ask the lab for it: every port by TCP and UDP, over IPv4 and IPv6."""
        lost = [f"meta l4proto {{tcp,udp}} th sport {port} drop" for port in self.answers_lost]
        return Task(
            rules=Rules(
                source=self.chains[Place.SOURCE].written("output"),
                router=self.chains[Place.ROUTER].written("forward", *lost),
                destination=self.chains[Place.DESTINATION].written("input"),
            ),
            checks=tuple(checks()),
            tcp=self.tcp,
            udp_answering=self.udp,
        )


@dataclass(frozen=True, slots=True)
class Truth:
    """What has to be seen."""

    outcome: Outcome
    sender: str | None = None
    icmp: tuple[int, int] | None = None

    def is_seen(self, observation: Observation) -> bool:
        """Whether it was."""
        seen = (observation.outcome, observation.sender, observation.icmp)
        return seen == (self.outcome, self.sender, self.icmp)


def checks() -> Iterator[Check]:
    """List what is measured of each draw."""
    for address in (DESTINATION, DESTINATION6):
        for port in PORTS:
            yield tcp_check(address, port, DEADLINE_SECONDS)
            yield udp_check(address, port, DEADLINE_SECONDS)


def draw(seed: int) -> Estate:
    """Draw firewalls and services; the same for the same seed."""
    lot = random.Random(seed)
    return Estate(
        chains={place: _chain(lot, place) for place in Place},
        answers_lost=tuple(lot.sample(PORTS, lot.choice((0, 0, 1, 2)))),
        tcp=tuple(port for port in PORTS if lot.random() < 0.6),
        udp=tuple(port for port in PORTS if lot.random() < 0.6),
    )


def _chain(lot: random.Random, place: Place) -> Chain:
    most = MOST_RULES if place is Place.ROUTER else MOST_RULES // 2
    rules = tuple(_rule(lot, place) for _ in range(lot.randint(0, most)))
    closed = place is not Place.SOURCE and lot.random() < 0.2
    return Chain(rules, "drop" if closed else "accept")


def _rule(lot: random.Random, place: Place) -> Rule:
    version = lot.choice((4, 6))
    low, high = sorted((lot.choice(PORTS), lot.choice(PORTS)))
    ports = range(low, min(high, low + 4) + 1)
    action = lot.choice(("drop", "accept", "reset", *KINDS[version], *KINDS[version]))
    protocols = lot.choice((("tcp",), ("udp",), ("tcp", "udp")))
    if action == "reset":
        protocols = ("tcp",)
    if action == "drop" and place is Place.SOURCE:
        protocols = ("udp",)  # of TCP the source learns it only from a repeated SYN, after 1 s
    return Rule(protocols, version, ports, action)


def truth(estate: Estate, check: Check) -> Truth:
    """Follow a check's packet through the firewalls, and its answer back."""
    version = 6 if ":" in check.address else 4
    is_tcp = check.proto == "tcp"
    nothing = Truth(Outcome.FILTERED if is_tcp else Outcome.SILENT)
    unheard = check.port in estate.answers_lost
    for place in Place:
        match estate.chains[place].decides(check):
            case "accept":
                continue
            case "drop":
                return Truth(Outcome.DENIED) if place is Place.SOURCE else nothing
            case "reset":
                lost = unheard and place is Place.DESTINATION
                return nothing if lost else Truth(Outcome.REFUSED)
            case kind:
                return _rejected(place, version, KINDS[version][kind])
    served = check.port in (estate.tcp if is_tcp else estate.udp)
    if not served and not is_tcp:
        return Truth(Outcome.REFUSED, check.address, PORT_UNREACHABLE[version])
    if unheard:
        return nothing
    answered = Outcome.OPEN if is_tcp else Outcome.ANSWERED
    return Truth(answered if served else Outcome.REFUSED)


def _rejected(place: Place, version: int, icmp: tuple[int, int]) -> Truth:
    sender = SENDERS[place][version]
    if place is Place.SOURCE:
        return Truth(Outcome.DENIED, sender, icmp)
    if place is Place.DESTINATION and icmp == PORT_UNREACHABLE[version]:
        return Truth(Outcome.REFUSED, sender, icmp)
    return Truth(Outcome.REJECTED, sender, icmp)

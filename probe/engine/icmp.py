"""What an ICMP error means for a measurement (DESIGN 4; RFC 792, 1812 5.2.7, 4443)."""

from dataclasses import dataclass

from flows.outcomes import Outcome
from probe.platforms.evidence import IcmpError

_UNREACHABLE = {4: 3, 6: 1}
"""Type "destination unreachable", by version."""
_TIME_EXCEEDED = {4: 11, 6: 3}
_PORT_UNREACHABLE = {4: (3, 3), 6: (1, 4)}
_HOST_UNREACHABLE = {4: (3, 1), 6: (1, 3)}

_WORDS_IPV4 = {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    5: "source route failed",
    6: "network unknown",
    7: "host unknown",
    8: "source host isolated",
    9: "network prohibited",
    10: "host prohibited",
    11: "network unreachable for this type of service",
    12: "host unreachable for this type of service",
    13: "administratively prohibited",
    14: "host precedence violation",
    15: "precedence cutoff in effect",
}
_WORDS_IPV6 = {
    0: "no route to destination",
    1: "administratively prohibited",
    2: "beyond the scope of the source address",
    3: "address unreachable",
    4: "port unreachable",
    5: "source address failed the policy",
    6: "route rejected",
}
_WORDS = {4: _WORDS_IPV4, 6: _WORDS_IPV6}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the network did, as an ICMP error shows it."""

    outcome: Outcome
    detail: str


def meaning(error: IcmpError, own: str, destination: str) -> Meaning:
    """Judge an ICMP error that came for a packet from `own` to `destination`.

    A host reports its own silent neighbour to itself as an unreachable host, and its own firewall
    sends itself whatever its rule says; only the latter comes at once.
    """
    kind = (error.type, error.code)
    if kind == _PORT_UNREACHABLE[error.version] and error.sender == destination:
        return Meaning(Outcome.REFUSED, words(error))
    if error.sender == own:
        if kind == _HOST_UNREACHABLE[error.version] and not error.at_once:
            return Meaning(Outcome.UNREACHABLE, "this host's neighbour on the way is silent")
        return Meaning(Outcome.DENIED, f"this host's own firewall said: {words(error)}")
    if error.type == _TIME_EXCEEDED[error.version]:
        return Meaning(Outcome.REJECTED, "loop")
    return Meaning(Outcome.REJECTED, words(error))


def words(error: IcmpError) -> str:
    """Say in plain words what an ICMP error states."""
    if error.type == _UNREACHABLE[error.version]:
        return _WORDS[error.version].get(error.code, f"unreachable, code {error.code}")
    if error.type == _TIME_EXCEEDED[error.version]:
        return "time exceeded"
    return f"ICMP type {error.type}, code {error.code}"

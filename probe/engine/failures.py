"""From what the system raised, with the ICMP error behind it, to what the network did."""

from socket import SOCK_DGRAM, socket

from flows.outcomes import Outcome, Stage
from probe.engine.addresses import Target
from probe.engine.ended import Ended
from probe.engine.icmp import meaning
from probe.platforms.evidence import Platform, TcpInfo


def unreached(
    platform: Platform, failed: socket, error: OSError, to: Target, stage: Stage
) -> Ended:
    """Say why nothing could be sent to, or came back from, a destination."""
    icmp = platform.icmp_error(failed, error)
    if icmp is None:
        return caused(platform, error, stage, datagram=failed.type == SOCK_DGRAM)
    own = failed.getsockname()[0]
    judged = meaning(icmp, own, to.host)
    return Ended(
        judged.outcome, stage, judged.detail, sender=icmp.sender, icmp=(icmp.type, icmp.code)
    )


def caused(platform: Platform, error: OSError, stage: Stage, *, datagram: bool = False) -> Ended:
    """Say what an error code alone means."""
    cause = platform.cause_of(error, datagram=datagram)
    return Ended(cause.outcome, stage, cause.detail, routed=cause.routed)


def unanswered(info: TcpInfo | None, seconds: float) -> Ended:
    """Say what silence until the deadline of a handshake means."""
    if info is not None and info.withheld:
        detail = "this host's own firewall dropped it"
        return Ended(Outcome.DENIED, Stage.CONNECT, detail)
    return Ended(Outcome.FILTERED, Stage.CONNECT, f"no answer within {seconds:g} s")

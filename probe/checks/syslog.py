"""Reach a syslog server: it never answers, so TCP has said all when it is connected (RFC 6587)."""

from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.engine.attempt import Attempt


async def check(attempt: Attempt) -> Observation:
    """Connect, or send one empty datagram, which servers pass over in silence (RFC 5426)."""
    if attempt.check.proto == "udp":
        reply = await attempt.exchange(b"")
        return Observation(
            outcome=Outcome.ANSWERED,
            answered_by=AnsweredBy.OTHER,
            detail=f"answered with {len(reply)} bytes, which syslog never does",
        )
    stream = await attempt.connect()
    await stream.close()
    return Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.NONE)

"""Send one empty datagram: an answer, a refusal or an error tells something, silence nothing."""

from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.engine.attempt import Attempt


async def check(attempt: Attempt) -> Observation:
    """Send one empty datagram and wait."""
    reply = await attempt.exchange(b"")
    return Observation(
        outcome=Outcome.ANSWERED,
        answered_by=AnsweredBy.OTHER,
        detail=f"answered with {len(reply)} bytes",
    )

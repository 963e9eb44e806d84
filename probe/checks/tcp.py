"""Connect, and close again: being accepted is the whole answer."""

from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.engine.attempt import Attempt

_OPEN = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.NONE)


async def check(attempt: Attempt) -> Observation:
    """Complete a TCP handshake."""
    stream = await attempt.connect()
    await stream.close()
    return _OPEN

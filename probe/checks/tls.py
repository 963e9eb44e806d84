"""Shake hands over TLS and take leave in order: for services that say nothing by themselves."""

from flows.outcomes import Observation
from probe.engine.attempt import Attempt
from probe.exchange.handshake import shake_hands, take_leave


async def check(attempt: Attempt) -> Observation:
    """Complete a TLS handshake, then say close_notify."""
    async with await attempt.connect() as stream:
        handshake = await shake_hands(attempt, stream)
        if not handshake.done:
            return handshake.seen
        return await take_leave(attempt, stream, handshake.seen)

"""Bind to the management interface of a DCE/RPC server: any answer shows one (C706 12.6)."""

from flows.outcomes import AnsweredBy, Observation, Outcome, Stage
from probe.engine.attempt import Attempt
from probe.exchange.replies import FramedReader, Wrong, ask
from probe.wire.dcerpc import HEADER_BYTES, build_bind, fragment_length, read_answer

_BEGINS = b"\x05\x00"
"""Version 5.0."""


async def check(attempt: Attempt) -> Observation:
    """Bind and call nothing: what the server thinks of the interface is its own affair."""
    async with await attempt.connect() as stream:
        attempt.stages.enter(Stage.PROTOCOL)
        reader = FramedReader(_BEGINS, HEADER_BYTES, fragment_length, read_answer)
        reply = await ask(attempt, stream, build_bind(), reader)
        if isinstance(reply, Wrong):
            return reply.observation(AnsweredBy.MSRPC)
        return Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.MSRPC, detail=str(reply))

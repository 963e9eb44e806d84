"""Ask a SQL Server for its version before any login: PRELOGIN (MS-TDS 2.2.6.5)."""

from flows.outcomes import AnsweredBy, Observation, Outcome, Stage
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.engine.stream import Stream
from probe.exchange.behind_tls import spoken
from probe.exchange.handshake import shake_hands
from probe.exchange.replies import FramedReader, Wrong, ask
from probe.wire.tds import (
    ALPN,
    HEADER_BYTES,
    Encryption,
    PacketType,
    Prelogin,
    build_prelogin,
    packet_length,
    read_prelogin_answer,
)

_BEGINS = bytes((PacketType.TABULAR_RESULT,))
_WORDS = {
    Encryption.OFF: "encrypts the login only",
    Encryption.ON: "encrypts everything",
    Encryption.NOT_SUPPORTED: "does not encrypt",
    Encryption.REQUIRED: "demands encryption",
    None: "does not say whether it encrypts",
}


async def check(attempt: Attempt) -> Observation:
    """Ask in clear, and once more inside of TLS where that is met with a closed door.

    TDS 8.0 ("strict encryption") takes no PRELOGIN but inside of TLS.
    """
    async with await attempt.connect() as stream:
        attempt.stages.enter(Stage.PROTOCOL)
        try:
            return await _ask(attempt, stream)
        except Ended as ended:
            if ended.outcome is not Outcome.RESET or stream.first_bytes:
                raise
            cut_off = ended
    try:
        return await _ask_strictly(attempt)
    except Ended:
        raise cut_off from None
    finally:
        del cut_off  # an error and the frame that holds it keep each other, and both connections


async def _ask_strictly(attempt: Attempt) -> Observation:
    async with await attempt.connect() as stream:
        handshake = await shake_hands(attempt, stream, (ALPN,))
        if not handshake.done:
            return handshake.seen
        return await spoken(_ask_inside, attempt, stream, handshake.seen)


async def _ask(attempt: Attempt, stream: Stream) -> Observation:
    reply = await _prelogin(attempt, stream)
    if isinstance(reply, Wrong):
        return reply.observation(AnsweredBy.TDS)
    return _observed(reply, _WORDS[reply.encryption])


async def _ask_inside(attempt: Attempt, stream: Stream) -> Observation:
    reply = await _prelogin(attempt, stream)
    if isinstance(reply, Wrong):
        return reply.observation(AnsweredBy.TDS, inside_tls=True)
    return _observed(reply, "strict encryption (TDS 8.0)")


async def _prelogin(attempt: Attempt, stream: Stream) -> Prelogin | Wrong:
    reader = FramedReader(_BEGINS, HEADER_BYTES, packet_length, read_prelogin_answer)
    return await ask(attempt, stream, build_prelogin(), reader)


def _observed(answer: Prelogin, encryption: str) -> Observation:
    return Observation(
        outcome=Outcome.OPEN,
        answered_by=AnsweredBy.TDS,
        product=answer.version,
        detail=f"SQL Server {answer.version}, {encryption}",
    )

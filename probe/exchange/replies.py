"""Receive an answer piece by piece, and name what answered where it is not the one asked for."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.engine.stream import Stream
from probe.wire import WireError
from probe.wire.naming import EVIDENCE_BYTES, name_answer

Reply = TypeVar("Reply")
Reply_co = TypeVar("Reply_co", covariant=True)
Framed = TypeVar("Framed")

NAMING_SECONDS = 0.25
"""How long the rest of a wrong answer is waited for, so that it can be named."""
_KEPT_BYTES = 64
_PIECE_BYTES = 16384


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer of something else."""

    first: bytes
    """Its first bytes, at most 64."""
    why: str
    """What was wrong with it."""

    def observation(self, expected: AnsweredBy, *, inside_tls: bool = False) -> Observation:
        """Name what answered instead."""
        return wrong_service(self.first, expected, self.why, inside_tls=inside_tls)


class ReplyReader(Protocol[Reply_co]):
    """Takes the bytes of an answer as they come."""

    def feed(self, data: bytes) -> Reply_co | None:
        """Give the answer once it is whole; raises WireError as soon as it cannot be one."""
        ...


class FramedReader(Generic[Framed]):
    """Reads a message whose header says how long it is."""

    def __init__(
        self,
        begins: bytes,
        header_bytes: int,
        length: Callable[[bytes], int],
        read: Callable[[bytes], Framed],
    ) -> None:
        self._begins = begins
        self._header_bytes = header_bytes
        self._length = length
        self._read = read
        self._received = b""

    def feed(self, data: bytes) -> Framed | None:
        """Take more bytes; what follows the message is nobody's concern."""
        self._received += data
        received = self._received
        if not received.startswith(self._begins[: len(received)]):
            raise WireError(f"it does not begin with 0x{self._begins.hex()}")
        if len(received) < self._header_bytes:
            return None
        length = self._length(received[: self._header_bytes])
        return self._read(received[:length]) if len(received) >= length else None


class Incoming:
    """What comes on a connection: what to keep of it, and what its end means."""

    def __init__(self, attempt: Attempt, stream: Stream) -> None:
        self._attempt = attempt
        self._stream = stream
        self._first = b""

    async def say(self, question: bytes) -> None:
        """Send a question; who is gone already may have left something to read."""
        with suppress(Ended):
            await self._stream.send(question)

    async def receive(self) -> bytes:
        """Receive at least one byte; raises Ended, also at the end, and over TLS ssl.SSLError."""
        try:
            data = await self._stream.receive(_PIECE_BYTES)
        except Ended as ended:
            ended.detail += self._so_far()
            raise
        if not data:
            said = "in the middle of its answer" if self._first else "without a word"
            detail = f"it closed the connection {said}{self._so_far()}"
            raise Ended(Outcome.RESET, self._attempt.stages.now_in, detail)
        self._keep(data)
        return data

    async def wrong(self, error: WireError) -> Wrong:
        """Wait a moment for as much of a wrong answer as its name needs."""
        stages = self._attempt.stages
        stages.deadline = min(stages.deadline, self._attempt.means.now() + NAMING_SECONDS)
        while len(self._first) < EVIDENCE_BYTES:
            try:
                data = await self._stream.receive(_KEPT_BYTES)
            except (Ended, ssl.SSLError):
                break
            if not data:
                break
            self._keep(data)
        return Wrong(self._first, str(error))

    def _keep(self, data: bytes) -> None:
        self._first += data[: _KEPT_BYTES - len(self._first)]

    def _so_far(self) -> str:
        return f"; first bytes {self._first[:EVIDENCE_BYTES].hex()}" if self._first else ""


async def ask(
    attempt: Attempt, stream: Stream, question: bytes, reader: ReplyReader[Reply]
) -> Reply | Wrong:
    """Send a question and receive one answer, right or wrong.

    Raises Ended where there is none, or half of a right one; over TLS also ssl.SSLError.
    """
    incoming = Incoming(attempt, stream)
    await incoming.say(question)
    while True:
        data = await incoming.receive()
        try:
            if (reply := reader.feed(data)) is not None:
                return reply
        except WireError as error:
            return await incoming.wrong(error)


def wrong_service(
    first: bytes, expected: AnsweredBy, why: str, *, inside_tls: bool = False
) -> Observation:
    """Name what answered by its first bytes, which stay in the detail as evidence.

    What looks like the service that was expected and breaks its rules is none of that kind.
    """
    named = name_answer(first)
    who, by = named.description, named.answered_by
    if inside_tls:
        who = f"{who.removesuffix(' without TLS')} behind TLS"
        by = AnsweredBy.HTTPS if by is AnsweredBy.HTTP else by
    if by is expected:
        detail, by = f"answered like {who}, but {why}", AnsweredBy.OTHER
    else:
        detail = f"answered by {who}"
    if named.evidence not in detail:
        detail += f"; first bytes {named.evidence}"
    return Observation(outcome=Outcome.OPEN, answered_by=by, detail=detail)

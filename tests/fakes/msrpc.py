"""DCE/RPC servers: what Windows, Samba and Wine may answer to a bind."""

from collections.abc import Callable
from typing import Self

from probe.wire import WireError
from probe.wire.dcerpc import (
    HEADER_BYTES,
    build_bind_ack,
    build_bind_nak,
    build_fault,
    fragment_length,
    read_bind,
)
from probe.wire.dcerpc_messages import (
    NDR,
    NO_SYNTAX,
    Bind,
    BindAck,
    BindNak,
    ContextResult,
    Fault,
    FaultStatus,
    NakReason,
    Reason,
    Result,
)
from tests.fakes.streams import LOOPBACK, Address, Stream, StreamServer

_ACCEPTED = ContextResult(Result.ACCEPTANCE, Reason.REASON_NOT_SPECIFIED, NDR)
_REJECTED = ContextResult(
    Result.PROVIDER_REJECTION, Reason.ABSTRACT_SYNTAX_NOT_SUPPORTED, NO_SYNTAX
)


class MsrpcServer(StreamServer):
    """A DCE/RPC server; like Samba it says nothing to what is no DCE/RPC."""

    @classmethod
    def accepting(cls, *, bind: Address = LOOPBACK) -> Self:
        """Accept every interface, as Samba does with the management one."""
        return cls._answering(lambda asked: build_bind_ack(_ack(asked, _ACCEPTED)), bind)

    @classmethod
    def rejecting_the_interface(cls, *, bind: Address = LOOPBACK) -> Self:
        """Take the bind and reject every interface, as Wine does with the management one."""
        return cls._answering(lambda asked: build_bind_ack(_ack(asked, _REJECTED)), bind)

    @classmethod
    def refusing(
        cls,
        reason: NakReason = NakReason.PROTOCOL_VERSION_NOT_SUPPORTED,
        *,
        bind: Address = LOOPBACK,
    ) -> Self:
        """Refuse the bind."""
        return cls._answering(lambda asked: build_bind_nak(BindNak(asked.call, reason)), bind)

    @classmethod
    def faulting(
        cls, status: FaultStatus = FaultStatus.ERROR_ACCESS_DENIED, *, bind: Address = LOOPBACK
    ) -> Self:
        """Answer the bind with a fault."""
        return cls._answering(lambda asked: build_fault(Fault(asked.call, status)), bind)

    @classmethod
    def answering_another_call(cls, *, bind: Address = LOOPBACK) -> Self:
        """Accept, under a call id that nobody used."""
        return cls._answering(
            lambda asked: build_bind_ack(BindAck(asked.call + 1, (_ACCEPTED,))), bind
        )

    @classmethod
    def _answering(cls, answer: Callable[[Bind], bytes], bind: Address) -> Self:
        async def converse(stream: Stream) -> None:
            try:
                length = fragment_length(await stream.peek(HEADER_BYTES))
                asked = read_bind(await stream.exactly(length))
            except WireError:
                await stream.to_the_end()
            else:
                await stream.send(answer(asked))
                await stream.to_the_end()

        return cls(converse, bind=bind)


def _ack(asked: Bind, result: ContextResult) -> BindAck:
    return BindAck(asked.call, tuple(result for _ in asked.contexts), association=0x1234)

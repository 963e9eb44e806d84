"""The words for what a DCE/RPC server answers."""

import pytest

from probe.wire.dcerpc_messages import (
    NDR,
    NO_SYNTAX,
    BindAck,
    BindNak,
    ContextResult,
    Fault,
    FaultStatus,
    NakReason,
    Reason,
    Result,
)

ACCEPTED = ContextResult(Result.ACCEPTANCE, Reason.REASON_NOT_SPECIFIED, NDR)
REJECTED = ContextResult(Result.PROVIDER_REJECTION, Reason.ABSTRACT_SYNTAX_NOT_SUPPORTED, NO_SYNTAX)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (BindAck(1, (ACCEPTED,)), "bind accepted"),
        (BindAck(1, (REJECTED, ACCEPTED)), "bind accepted"),
        (
            BindAck(1, (REJECTED,)),
            "bind answered, interface rejected: abstract syntax not supported",
        ),
        (BindAck(1, ()), "bind answered, interface rejected: no result"),
        (
            BindNak(1, NakReason.PROTOCOL_VERSION_NOT_SUPPORTED),
            "bind refused: protocol version not supported",
        ),
        (BindNak(1, 77), "bind refused: code 0x0000004d"),
        (Fault(1, FaultStatus.ERROR_ACCESS_DENIED), "fault: error access denied"),
        (Fault(1, 0xC0000001), "fault: code 0xc0000001"),
    ],
)
def test_an_answer_reads_as_words(answer: BindAck | BindNak | Fault, words: str) -> None:
    assert str(answer) == words

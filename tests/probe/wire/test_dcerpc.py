"""Binding to the management interface of a DCE/RPC server."""

from uuid import UUID

import pytest

from probe.wire import WireError
from probe.wire.dcerpc import (
    HEADER_BYTES,
    build_bind,
    build_bind_ack,
    build_bind_nak,
    build_fault,
    fragment_length,
    read_answer,
    read_bind,
)
from probe.wire.dcerpc_messages import (
    MANAGEMENT,
    NDR,
    NO_SYNTAX,
    Bind,
    BindAck,
    BindNak,
    Context,
    ContextResult,
    Fault,
    FaultStatus,
    NakReason,
    Reason,
    Result,
    Syntax,
)
from tests.probe.wire.packets import names, packet, truncations

# protocols.md 3.3
REQUEST = bytes.fromhex(
    "05000b03100000004800000001000000 b810b81000000000 01000000 00000100"
    "80bda8af8a7dc911bef408002b102989 01000000 045d888aeb1cc9119fe808002b104860 02000000"
)
ACK, NAK, FAULT = "msrpc-bind-ack-samba", "msrpc-bind-nak-samba", "msrpc-fault-samba"
ANSWERS = [*names(ACK), *names(NAK), *names(FAULT)]


def call_of(name: str) -> int:
    return 7 if name.endswith("two-contexts") else 1


def test_the_bind_is_the_one_that_was_tried_on_real_servers() -> None:
    assert build_bind() == REQUEST
    assert packet("msrpc-bind") == REQUEST


def test_a_server_reads_the_bind() -> None:
    assert read_bind(REQUEST) == Bind(1, (Context(0, MANAGEMENT, (NDR,)),))


def test_a_bind_is_written_as_it_was_read() -> None:
    other = Syntax(UUID("11111111-2222-3333-4444-555555555555"), 0x00020001)
    bind = Bind(9, (Context(0, MANAGEMENT, (NDR, other)), Context(1, other, ())), association=5)

    assert read_bind(build_bind(bind)) == bind


def test_samba_accepts_the_bind() -> None:
    accepted = ContextResult(Result.ACCEPTANCE, Reason.REASON_NOT_SPECIFIED, NDR)

    assert read_answer(packet(ACK)) == BindAck(1, (accepted,), association=0x2637)


def test_the_endpoint_mapper_of_samba_tells_its_port() -> None:
    answer = read_answer(packet(f"{ACK}-epmapper"))

    assert isinstance(answer, BindAck)
    assert answer.secondary_address == b"135\0"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("unknown-interface", Reason.ABSTRACT_SYNTAX_NOT_SUPPORTED),
        ("transfer-syntax", Reason.PROPOSED_TRANSFER_SYNTAXES_NOT_SUPPORTED),
    ],
)
def test_samba_says_why_it_rejects_an_interface(name: str, reason: Reason) -> None:
    answer = read_answer(packet(f"{ACK}-{name}"))

    assert isinstance(answer, BindAck)
    assert answer.results == (ContextResult(Result.PROVIDER_REJECTION, reason, NO_SYNTAX),)


def test_samba_answers_for_each_interface() -> None:
    answer = read_answer(packet(f"{ACK}-two-contexts"), call=7)

    assert isinstance(answer, BindAck)
    assert [each.result for each in answer.results] == [
        Result.ACCEPTANCE,
        Result.PROVIDER_REJECTION,
    ]


def test_samba_refuses_another_version() -> None:
    answer = read_answer(packet(f"{NAK}-version"))

    assert answer == BindNak(1, NakReason.PROTOCOL_VERSION_NOT_SUPPORTED)


@pytest.mark.parametrize(
    ("name", "status", "executed"),
    [
        ("unknown-interface", FaultStatus.NCA_UNK_IF, False),
        ("bad-stub", FaultStatus.RPC_X_BAD_STUB_DATA, True),
    ],
)
def test_samba_faults(name: str, status: FaultStatus, executed: bool) -> None:
    assert read_answer(packet(f"{FAULT}-{name}")) == Fault(1, status, executed=executed)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_written_as_it_was_read(name: str) -> None:
    match read_answer(packet(name), call_of(name)):
        case BindAck() as ack:
            written = build_bind_ack(ack)
        case BindNak() as nak:
            written = build_bind_nak(nak)
        case Fault() as fault:
            written = build_fault(fault)

    assert written == packet(name)


@pytest.mark.parametrize("name", ANSWERS)
def test_the_header_tells_the_length_of_the_fragment(name: str) -> None:
    assert fragment_length(packet(name)[:HEADER_BYTES]) == len(packet(name))


@pytest.mark.parametrize("name", ANSWERS)
def test_no_truncated_answer_is_taken_for_a_whole_one(name: str) -> None:
    for cut in truncations(packet(name)):
        with pytest.raises(WireError):
            read_answer(cut, call_of(name))


def test_no_truncated_bind_is_taken_for_a_whole_one() -> None:
    for cut in truncations(REQUEST):
        with pytest.raises(WireError):
            read_bind(cut)


def test_an_answer_to_another_call_is_refused() -> None:
    with pytest.raises(WireError, match="answers call 1, not call 2"):
        read_answer(packet(ACK), call=2)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"HTTP/1.1 400 Bad", "DCE/RPC header begins with 0x4854, not with version 5.0"),
        (REQUEST[:2] + b"\x02" + REQUEST[3:], "DCE/RPC header has packet type 2"),
        (
            REQUEST[:4] + b"\x00" + REQUEST[5:],
            "DCE/RPC header has the data representation 0x00000000",
        ),
        (REQUEST[:8] + b"\x0f\x00" + REQUEST[10:], "DCE/RPC header states a fragment of 15 bytes"),
        (
            REQUEST[:8] + b"\xff\xff" + REQUEST[10:],
            "DCE/RPC header states a fragment of 65535 bytes",
        ),
        (REQUEST[:10], "DCE/RPC header of 10 bytes ends inside its call id"),
        (REQUEST + b"x", "DCE/RPC fragment of 73 bytes states a length of 72"),
        (REQUEST, "DCE/RPC fragment is a bind, where an answer to ours is due"),
        (
            b"\x05\x00\x0d\x03\x10\0\0\0\x11\0\0\0\x01\0\0\0\x04",
            "DCE/RPC fragment of 17 bytes ends inside its reason",
        ),
    ],
)
def test_what_is_no_answer_is_refused_in_words(data: bytes, complaint: str) -> None:
    with pytest.raises(WireError) as refused:
        read_answer(data)

    assert str(refused.value) == complaint


def test_a_server_refuses_an_answer_in_place_of_a_bind() -> None:
    with pytest.raises(WireError, match="DCE/RPC fragment is a bind_ack, not a bind"):
        read_bind(packet(ACK))

"""Words and messages of DCE/RPC as far as a bind needs them; `dcerpc` reads and writes their bytes.

C706 12.6.3 and 12.6.4, MS-RPCE 2.2.2.
"""

from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

MOST_FRAGMENT_BYTES = 4280
"""What our bind says that it takes; a server must not send more (C706 12.6.3.1)."""


class PacketType(IntEnum):
    """PTYPE, C706 12.6.4.1."""

    FAULT = 3
    BIND = 11
    BIND_ACK = 12
    BIND_NAK = 13


class Result(IntEnum):
    """p_cont_def_result_t, C706 12.6.3.1; the last one MS-RPCE 2.2.2.4."""

    ACCEPTANCE = 0
    USER_REJECTION = 1
    PROVIDER_REJECTION = 2
    NEGOTIATE_ACK = 3


class Reason(IntEnum):
    """p_provider_reason_t, C706 12.6.3.1: why a context was rejected."""

    REASON_NOT_SPECIFIED = 0
    ABSTRACT_SYNTAX_NOT_SUPPORTED = 1
    PROPOSED_TRANSFER_SYNTAXES_NOT_SUPPORTED = 2
    LOCAL_LIMIT_EXCEEDED = 3


class NakReason(IntEnum):
    """p_reject_reason_t, C706 12.6.3.1; the last two MS-RPCE 2.2.2.5: why a bind was refused."""

    REASON_NOT_SPECIFIED = 0
    TEMPORARY_CONGESTION = 1
    LOCAL_LIMIT_EXCEEDED = 2
    CALLED_PADDR_UNKNOWN = 3
    PROTOCOL_VERSION_NOT_SUPPORTED = 4
    DEFAULT_CONTEXT_NOT_SUPPORTED = 5
    USER_DATA_NOT_READABLE = 6
    NO_PSAP_AVAILABLE = 7
    AUTHENTICATION_TYPE_NOT_RECOGNIZED = 8
    INVALID_CHECKSUM = 9


class FaultStatus(IntEnum):
    """C706 appendix E, and what Windows says in their place (MS-ERREF 2.2)."""

    NCA_UNK_IF = 0x1C010003
    NCA_OP_RNG_ERROR = 0x1C010002
    NCA_PROTO_ERROR = 0x1C01000B
    ERROR_ACCESS_DENIED = 0x00000005
    RPC_X_BAD_STUB_DATA = 0x000006F7


@dataclass(frozen=True, slots=True)
class Syntax:
    """p_syntax_id_t: an interface or a transfer syntax, with its version."""

    uuid: UUID
    version: int
    """The minor version in the high 16 bits."""


MANAGEMENT = Syntax(UUID("afa8bd80-7d8a-11c9-bef4-08002b102989"), 1)
"""C706 appendix Q."""
NDR = Syntax(UUID("8a885d04-1ceb-11c9-9fe8-08002b104860"), 2)
"""C706 chapter 14, the transfer syntax that every server knows."""
NO_SYNTAX = Syntax(UUID(int=0), 0)
"""Stands in the result of a rejected context."""


@dataclass(frozen=True, slots=True)
class Context:
    """p_cont_elem_t: an interface that the client wants, and how it would write its calls."""

    number: int
    abstract: Syntax
    transfer: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Bind:
    """A client's wish to speak some interfaces."""

    call: int
    contexts: tuple[Context, ...]
    most_sent: int = MOST_FRAGMENT_BYTES
    most_received: int = MOST_FRAGMENT_BYTES
    association: int = 0


@dataclass(frozen=True, slots=True)
class ContextResult:
    """p_result_t: what the server says of one context."""

    result: int
    """A Result, or a number that is none."""
    reason: int
    """A Reason, or a number that is none."""
    transfer: Syntax


@dataclass(frozen=True, slots=True)
class BindAck:
    """The server takes the association; what it says of each interface is in `results`."""

    call: int
    results: tuple[ContextResult, ...]
    most_sent: int = MOST_FRAGMENT_BYTES
    most_received: int = MOST_FRAGMENT_BYTES
    association: int = 0
    secondary_address: bytes = b""
    """Port or pipe that takes more connections, with its closing zero."""

    def __str__(self) -> str:
        if any(each.result == Result.ACCEPTANCE for each in self.results):
            return "bind accepted"
        reasons = (_word(Reason, each.reason) for each in self.results)
        return f"bind answered, interface rejected: {', '.join(reasons) or 'no result'}"


@dataclass(frozen=True, slots=True)
class BindNak:
    """The server refuses the association."""

    call: int
    reason: int
    """A NakReason, or a number that is none."""
    rest: bytes = b"\x01\x05\x00\0\0\0"
    """The versions that it speaks, and what else it says: here 5.0 and nothing."""

    def __str__(self) -> str:
        return f"bind refused: {_word(NakReason, self.reason)}"


@dataclass(frozen=True, slots=True)
class Fault:
    """The server ran into an error (C706 12.6.4.7)."""

    call: int
    status: int
    """A FaultStatus, or any other number."""
    hint: int = 24
    context: int = 0
    executed: bool = True
    """False where the server says that it did nothing (PFC_DID_NOT_EXECUTE)."""

    def __str__(self) -> str:
        return f"fault: {_word(FaultStatus, self.status)}"


def _word(words: type[IntEnum], number: int) -> str:
    """Write a code as its name in the operator's spelling; as a number where it has none."""
    named = {int(word): word.name.lower().replace("_", " ") for word in words}
    return named.get(number, f"code 0x{number:08x}")

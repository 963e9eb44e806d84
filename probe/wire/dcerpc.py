"""DCE/RPC over TCP ("MSRPC"): bind to the management interface, which every server knows of.

C706 12.6.3 and 12.6.4, MS-RPCE 2.2.2. Any well-formed answer shows that an RPC server lives there,
a rejection as well: what it thinks of this interface is its own affair. Nothing is called.
Integers are little-endian, as our bind and every Windows server state in their data representation.
"""

from uuid import UUID

from probe.wire import WireError
from probe.wire.dcerpc_messages import (
    MANAGEMENT,
    MOST_FRAGMENT_BYTES,
    NDR,
    Bind,
    BindAck,
    BindNak,
    Context,
    ContextResult,
    Fault,
    PacketType,
    Syntax,
)
from probe.wire.reader import Reader

HEADER_BYTES = 16
"""C706 12.6.3.1, the common header."""
FIRST_CALL = 1
"""Call id of our bind, the only thing that we ever ask on a connection."""
_VERSION_5_0 = b"\x05\x00"
_FIRST_AND_LAST = 0x03
_DID_NOT_EXECUTE = 0x20
_LITTLE_ENDIAN = b"\x10\0\0\0"
_UNAUTHENTICATED = bytes(2)
_PACKET_TYPES = frozenset(PacketType)

Answer = BindAck | BindNak | Fault


def fragment_length(header: bytes) -> int:
    """Read the length of the whole fragment, header included, off its first 16 bytes.

    Raises WireError where they are not the header of a fragment that is spoken here.
    """
    reader = Reader(header, "DCE/RPC header")
    if (version := reader.take(2, "version")) != _VERSION_5_0:
        raise WireError(f"DCE/RPC header begins with 0x{version.hex()}, not with version 5.0")
    if (kind := reader.u8("packet type")) not in _PACKET_TYPES:
        raise WireError(f"DCE/RPC header has packet type {kind}")
    reader.u8("flags")
    if (order := reader.take(4, "data representation"))[0] != _LITTLE_ENDIAN[0]:
        raise WireError(f"DCE/RPC header has the data representation 0x{order.hex()}")
    length = reader.u16_little("length")
    if not HEADER_BYTES <= length <= MOST_FRAGMENT_BYTES:
        raise WireError(f"DCE/RPC header states a fragment of {length} bytes")
    reader.take(HEADER_BYTES - reader.position, "call id")
    return length


def build_bind(bind: Bind | None = None) -> bytes:
    """Write a bind, 72 bytes; by itself it asks for the management interface."""
    bind = bind or Bind(FIRST_CALL, (Context(0, MANAGEMENT, (NDR,)),))
    sizes = (_u16(bind.most_sent), _u16(bind.most_received), _u32(bind.association))
    body = b"".join((*sizes, _u32(len(bind.contexts)), *map(_context_bytes, bind.contexts)))
    return _fragment(PacketType.BIND, bind.call, body)


def read_bind(fragment: bytes) -> Bind:
    """Read a client's bind, as a server does."""
    kind, call, _, reader = _opened(fragment)
    if kind is not PacketType.BIND:
        raise WireError(f"DCE/RPC fragment is a {kind.name.lower()}, not a bind")
    most_sent, most_received = reader.u16_little("sizes"), reader.u16_little("sizes")
    association = reader.u32_little("association")
    count = reader.u32_little("number of contexts") & 0xFF
    contexts = tuple(_read_context(reader) for _ in range(count))
    return Bind(call, contexts, most_sent, most_received, association)


def build_bind_ack(ack: BindAck) -> bytes:
    """Write a server's bind_ack, C706 12.6.4.4."""
    sizes = (_u16(ack.most_sent), _u16(ack.most_received), _u32(ack.association))
    address = _u16(len(ack.secondary_address)) + ack.secondary_address
    results = (
        _u16(each.result) + _u16(each.reason) + _syntax_bytes(each.transfer) for each in ack.results
    )
    padding = bytes(-len(address) % 4)
    body = b"".join((*sizes, address, padding, _u32(len(ack.results)), *results))
    return _fragment(PacketType.BIND_ACK, ack.call, body)


def build_bind_nak(nak: BindNak) -> bytes:
    """Write a server's bind_nak, C706 12.6.4.5."""
    return _fragment(PacketType.BIND_NAK, nak.call, _u16(nak.reason) + nak.rest)


def build_fault(fault: Fault) -> bytes:
    """Write a server's fault, C706 12.6.4.7."""
    body = _u32(fault.hint) + _u16(fault.context) + bytes(2) + _u32(fault.status) + bytes(4)
    flags = _FIRST_AND_LAST | (0 if fault.executed else _DID_NOT_EXECUTE)
    return _fragment(PacketType.FAULT, fault.call, body, flags)


def read_answer(fragment: bytes, call: int = FIRST_CALL) -> Answer:
    """Read the server's answer to a bind; raise WireError for anything else, or another call's."""
    kind, answered, flags, reader = _opened(fragment)
    if answered != call:
        raise WireError(f"DCE/RPC fragment answers call {answered}, not call {call}")
    match kind:
        case PacketType.BIND_ACK:
            return _read_ack(call, reader)
        case PacketType.BIND_NAK:
            return BindNak(call, reader.u16_little("reason"), reader.rest())
        case PacketType.FAULT:
            return _read_fault(call, flags, reader)
        case PacketType.BIND:
            raise WireError("DCE/RPC fragment is a bind, where an answer to ours is due")


def _opened(fragment: bytes) -> tuple[PacketType, int, int, Reader]:
    """Check a whole fragment; give its type, call id, flags and a reader of its body."""
    length = fragment_length(fragment[:HEADER_BYTES])
    if length != len(fragment):
        raise WireError(f"DCE/RPC fragment of {len(fragment)} bytes states a length of {length}")
    reader = Reader(fragment, "DCE/RPC fragment")
    header = reader.take(HEADER_BYTES, "header")
    return PacketType(header[2]), int.from_bytes(header[12:16], "little"), header[3], reader


def _read_ack(call: int, reader: Reader) -> BindAck:
    most_sent, most_received = reader.u16_little("sizes"), reader.u16_little("sizes")
    association = reader.u32_little("association")
    address = reader.take(reader.u16_little("secondary address"), "secondary address")
    reader.take(-reader.position % 4, "padding")
    count = reader.u32_little("number of results") & 0xFF
    results = tuple(
        ContextResult(reader.u16_little("result"), reader.u16_little("reason"), _syntax(reader))
        for _ in range(count)
    )
    return BindAck(call, results, most_sent, most_received, association, address)


def _read_fault(call: int, flags: int, reader: Reader) -> Fault:
    hint, context = reader.u32_little("hint"), reader.u16_little("context")
    reader.take(2, "cancel count")
    status = reader.u32_little("status")
    return Fault(call, status, hint, context, executed=not flags & _DID_NOT_EXECUTE)


def _read_context(reader: Reader) -> Context:
    number, count = reader.u16_little("context"), reader.u16_little("context") & 0xFF
    return Context(number, _syntax(reader), tuple(_syntax(reader) for _ in range(count)))


def _syntax(reader: Reader) -> Syntax:
    return Syntax(UUID(bytes_le=reader.take(16, "syntax")), reader.u32_little("syntax"))


def _context_bytes(context: Context) -> bytes:
    syntaxes = map(_syntax_bytes, (context.abstract, *context.transfer))
    return b"".join((_u16(context.number), _u16(len(context.transfer)), *syntaxes))


def _syntax_bytes(syntax: Syntax) -> bytes:
    return syntax.uuid.bytes_le + _u32(syntax.version)


def _fragment(kind: PacketType, call: int, body: bytes, flags: int = _FIRST_AND_LAST) -> bytes:
    length = _u16(HEADER_BYTES + len(body))
    head = _VERSION_5_0 + bytes((kind, flags)) + _LITTLE_ENDIAN
    return head + length + _UNAUTHENTICATED + _u32(call) + body


def _u16(number: int) -> bytes:
    return number.to_bytes(2, "little")


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "little")

"""TDS: the PRELOGIN exchange, which tells a SQL Server's version before any login.

MS-TDS 2.2.3 (packets), 2.2.6.5 (PRELOGIN), 4.1 (a sample). Nothing that is sent here logs in, so
nothing is audited. TDS 8.0 ("strict") wants TLS with ALPN `tds/8.0` first, and the same inside.
"""

from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate

from probe.wire import WireError
from probe.wire.reader import Reader

ALPN = "tds/8.0"
"""MS-TDS 3.2.5.1, TDS 8.0."""

HEADER_BYTES = 8
"""MS-TDS 2.2.3.1."""
MOST_PACKET_BYTES = 32767
"""MS-TDS 2.2.3.1.3: no packet may be larger; before the login it is 4096 as a rule."""
MOST_OPTIONS = 32
"""Eight are defined; all may point at the same data, so that their number has to be bounded."""
_VERSION_BYTES = 6
_UNSTATED = b"\xff"
_END_OF_MESSAGE = 0x01
_CLIENT_CERTIFICATE = 0x80


class PacketType(IntEnum):
    """MS-TDS 2.2.3.1.1, as far as it is spoken here."""

    TABULAR_RESULT = 0x04
    PRELOGIN = 0x12


class Option(IntEnum):
    """PL_OPTION_TOKEN, MS-TDS 2.2.6.5."""

    VERSION = 0x00
    ENCRYPTION = 0x01
    INSTOPT = 0x02
    THREADID = 0x03
    MARS = 0x04
    TRACEID = 0x05
    FEDAUTHREQUIRED = 0x06
    NONCEOPT = 0x07
    TERMINATOR = 0xFF


class Encryption(IntEnum):
    """B_FENCRYPTION, MS-TDS 2.2.6.5; REQUIRED answers a client that offered OFF."""

    OFF = 0x00
    ON = 0x01
    NOT_SUPPORTED = 0x02
    REQUIRED = 0x03


_PACKET_TYPES = frozenset(PacketType)
_ENCRYPTIONS = frozenset(Encryption)


@dataclass(frozen=True, slots=True)
class Prelogin:
    """A PRELOGIN message of either side: its options in the order they stand in."""

    options: tuple[tuple[int, bytes], ...]

    def option(self, wanted: Option) -> bytes | None:
        """Look an option's data up; None where the sender left it out."""
        return next((data for token, data in self.options if token == wanted), None)

    @property
    def version(self) -> str:
        """Write the sender's version as SQL Server does: `15.0.4298`."""
        data = self.option(Option.VERSION) or bytes(_VERSION_BYTES)
        return f"{data[0]}.{data[1]}.{int.from_bytes(data[2:4], 'big')}"

    @property
    def encryption(self) -> Encryption | None:
        """Say what the sender wants of encryption; None where it says nothing that is defined."""
        data = self.option(Option.ENCRYPTION) or _UNSTATED
        wanted = data[0] & ~_CLIENT_CERTIFICATE
        return Encryption(wanted) if wanted in _ENCRYPTIONS else None

    @property
    def client_certificate(self) -> bool:
        """Say whether it wants a client certificate (MS-TDS 2.2.6.5, the 0x80 bit)."""
        data = self.option(Option.ENCRYPTION) or _UNSTATED
        return data != _UNSTATED and bool(data[0] & _CLIENT_CERTIFICATE)


def packet_length(header: bytes) -> int:
    """Read the length of the whole packet, header included, off its first 8 bytes.

    Raises WireError where they are not the header of a packet that is spoken here.
    """
    reader = Reader(header, "TDS header")
    kind = reader.u8("type")
    if kind not in _PACKET_TYPES:
        raise WireError(f"TDS header begins with packet type 0x{kind:02x}")
    reader.u8("status")
    length = reader.u16_big("length")
    if not HEADER_BYTES <= length <= MOST_PACKET_BYTES:
        raise WireError(f"TDS header states a packet of {length} bytes")
    reader.take(HEADER_BYTES - reader.position, "rest")
    return length


def build_packet(kind: PacketType, payload: bytes) -> bytes:
    """Put one message into one packet: SPID 0, packet 1, window 0."""
    length = HEADER_BYTES + len(payload)
    if length > MOST_PACKET_BYTES:
        raise ValueError(f"a TDS packet cannot hold {len(payload)} bytes")
    return bytes((kind, _END_OF_MESSAGE)) + length.to_bytes(2, "big") + b"\0\0\x01\0" + payload


def read_packet(packet: bytes, kind: PacketType) -> bytes:
    """Take the payload out of one whole packet of that type."""
    length = packet_length(packet[:HEADER_BYTES])
    if packet[0] != kind:
        raise WireError(f"TDS packet is of type 0x{packet[0]:02x}, not 0x{kind:02x}")
    if length != len(packet):
        raise WireError(f"TDS packet of {len(packet)} bytes states a length of {length}")
    return packet[HEADER_BYTES:]


def build_prelogin(encryption: Encryption = Encryption.OFF) -> bytes:
    """Write the client's PRELOGIN, 47 bytes. OFF learns for free whether the server forces it."""
    return build_packet(
        PacketType.PRELOGIN,
        build_options(
            Prelogin(
                (
                    (Option.VERSION, bytes(_VERSION_BYTES)),
                    (Option.ENCRYPTION, bytes((encryption,))),
                    (Option.INSTOPT, b"\0"),
                    (Option.THREADID, bytes(4)),
                    (Option.MARS, b"\0"),
                )
            )
        ),
    )


def read_prelogin(packet: bytes) -> Prelogin:
    """Read a client's PRELOGIN packet."""
    return read_options(read_packet(packet, PacketType.PRELOGIN))


def build_prelogin_answer(asked: Prelogin, version: str, encryption: Encryption) -> bytes:
    """Write a server's answer; like SQL Server it returns the options asked for, no others."""
    major, minor, build = (int(part) for part in version.split("."))
    data = {
        Option.VERSION: bytes((major, minor)) + build.to_bytes(2, "big") + b"\0\0",
        Option.ENCRYPTION: bytes((encryption,)),
        Option.INSTOPT: b"\0",
        Option.THREADID: b"",
        Option.MARS: b"\0",
        Option.TRACEID: b"",
    }
    options = tuple((token, data[Option(token)]) for token, _ in asked.options if token in data)
    return build_packet(PacketType.TABULAR_RESULT, build_options(Prelogin(options)))


def read_prelogin_answer(packet: bytes) -> Prelogin:
    """Read the server's answer to PRELOGIN; raise WireError for anything else."""
    return read_options(read_packet(packet, PacketType.TABULAR_RESULT))


def build_options(message: Prelogin) -> bytes:
    """Write the table of options and their data; offsets count from the table's start."""
    table = len(message.options) * 5 + 1
    lengths = [len(data) for _, data in message.options]
    offsets = accumulate(lengths, initial=table)
    entries = (
        bytes((token,)) + offset.to_bytes(2, "big") + length.to_bytes(2, "big")
        for (token, _), offset, length in zip(message.options, offsets, lengths, strict=False)
    )
    return b"".join((*entries, bytes((Option.TERMINATOR,)), *(data for _, data in message.options)))


def read_options(payload: bytes) -> Prelogin:
    """Read the table of options and their data; VERSION must be the first (MS-TDS 2.2.6.5)."""
    reader = Reader(payload, "PRELOGIN")
    options: list[tuple[int, bytes]] = []
    while (token := reader.u8("table of options")) != Option.TERMINATOR:
        offset, length = reader.u16_big("table of options"), reader.u16_big("table of options")
        data = Reader(payload, "PRELOGIN")
        data.take(offset, f"option {token}")
        options.append((token, data.take(length, f"option {token}")))
        if len(options) > MOST_OPTIONS:
            raise WireError(f"PRELOGIN has more than {MOST_OPTIONS} options")
    if not options or options[0][0] != Option.VERSION or len(options[0][1]) != _VERSION_BYTES:
        raise WireError("PRELOGIN does not begin with a version")
    return Prelogin(tuple(options))

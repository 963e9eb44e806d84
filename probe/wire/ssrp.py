"""SSRP: ask the SQL Server Browser (UDP 1434) which instances listen on which port.

MC-SQLR 2.2.1 to 2.2.6. A Browser that does not know the instance does not answer at all.
CLNT_BCAST_EX is never built here: it is for broadcasts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from probe.wire import WireError
from probe.wire.reader import Reader

MOST_NAME_BYTES = 32
"""MC-SQLR 2.2.3."""
_SVR_RESP = 0x05
_DAC_PROTOCOL_VERSION = 0x01
_DAC_ANSWER_BYTES = 6
_FIELDS = ("ServerName", "InstanceName", "IsClustered", "Version")
_ENCODING = "latin-1"
"""The standard says "MBCS", a code page that the server does not state: lossless instead."""


class Request(IntEnum):
    """First byte of a client's datagram, MC-SQLR 2.2.1 to 2.2.4."""

    CLNT_BCAST_EX = 0x02
    CLNT_UCAST_EX = 0x03
    CLNT_UCAST_INST = 0x04
    CLNT_UCAST_DAC = 0x0F


_REQUESTS = frozenset(Request)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client's datagram asks for; `instance` is empty where the kind carries none."""

    request: Request
    instance: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """One SQL Server instance as the Browser describes it (MC-SQLR 2.2.5)."""

    server: str
    name: str
    version: str
    clustered: bool = False
    transports: tuple[tuple[str, str], ...] = ()
    """Name and address of each, as in ("tcp", "1433"), in the order they stand in."""

    @property
    def tcp_port(self) -> int | None:
        """Say where it listens for TDS; None where it states no usable TCP port."""
        stated = dict(self.transports).get("tcp", "")
        digits = stated.isascii() and stated.isdigit() and len(stated) <= len("65535")
        return int(stated) if digits and 1 <= int(stated) <= 65535 else None


def build_instance_request(name: str) -> bytes:
    """Write CLNT_UCAST_INST, which asks for one instance.

    Raises ValueError for what cannot be the name of one.
    """
    return bytes((Request.CLNT_UCAST_INST,)) + _name(name) + b"\0"


def build_instances_request() -> bytes:
    """Write CLNT_UCAST_EX, which asks this one server for all its instances."""
    return bytes((Request.CLNT_UCAST_EX,))


def build_dac_request(name: str) -> bytes:
    """Write CLNT_UCAST_DAC, which asks for the port of the dedicated administrator connection."""
    return bytes((Request.CLNT_UCAST_DAC, _DAC_PROTOCOL_VERSION)) + _name(name) + b"\0"


def read_request(datagram: bytes) -> Asked:
    """Read a client's datagram, as a Browser does."""
    reader = Reader(datagram, "SSRP request")
    kind = reader.u8("type")
    if kind not in _REQUESTS:
        raise WireError(f"SSRP request is of type 0x{kind:02x}")
    request = Request(kind)
    if request in {Request.CLNT_BCAST_EX, Request.CLNT_UCAST_EX}:
        return Asked(request)
    if request is Request.CLNT_UCAST_DAC:
        reader.u8("protocol version")
    return Asked(request, reader.rest().rstrip(b"\0").decode(_ENCODING))


def build_instances_answer(instances: Iterable[Instance]) -> bytes:
    """Write the Browser's answer about these instances."""
    data = "".join(map(_described, instances)).encode(_ENCODING)
    return bytes((_SVR_RESP,)) + len(data).to_bytes(2, "little") + data


def read_instances(datagram: bytes) -> tuple[Instance, ...]:
    """Read the Browser's answer to CLNT_UCAST_INST or CLNT_UCAST_EX."""
    data = _answer(datagram)
    if any(byte < 0x20 or byte == 0x7F for byte in data):
        raise WireError("SSRP answer contains control characters")
    *described, end = data.decode(_ENCODING).split(";;")
    if end or not described:
        raise WireError("SSRP answer does not end with the end of an instance")
    return tuple(map(_instance, described))


def build_dac_answer(port: int) -> bytes:
    """Write the Browser's answer about the dedicated administrator connection (MC-SQLR 2.2.6)."""
    header = bytes((_SVR_RESP,)) + _DAC_ANSWER_BYTES.to_bytes(2, "little")
    return header + bytes((_DAC_PROTOCOL_VERSION,)) + port.to_bytes(2, "little")


def read_dac_port(datagram: bytes) -> int:
    """Read the TCP port off the Browser's answer to CLNT_UCAST_DAC.

    Its size field counts the whole datagram, unlike that of the other answers (MC-SQLR 2.2.6).
    """
    reader = Reader(datagram, "SSRP answer")
    kind, size = reader.u8("type"), reader.u16_little("size")
    version, port = reader.u8("protocol version"), reader.u16_little("port")
    if (kind, size, version, reader.left) != (
        _SVR_RESP,
        _DAC_ANSWER_BYTES,
        _DAC_PROTOCOL_VERSION,
        0,
    ) or port == 0:
        raise WireError(f"SSRP answer of {len(datagram)} bytes does not tell the port of a DAC")
    return port


def _name(name: str) -> bytes:
    encoded = name.encode(_ENCODING, errors="strict")
    if not 1 <= len(encoded) <= MOST_NAME_BYTES or b"\0" in encoded:
        raise ValueError(f"'{name}' cannot be the name of a SQL Server instance")
    return encoded


def _answer(datagram: bytes) -> bytes:
    reader = Reader(datagram, "SSRP answer")
    if (kind := reader.u8("type")) != _SVR_RESP:
        raise WireError(f"SSRP answer begins with 0x{kind:02x}, not with 0x05")
    if (size := reader.u16_little("size")) != reader.left:
        raise WireError(f"SSRP answer states {size} bytes and brings {reader.left}")
    return reader.rest()


def _described(instance: Instance) -> str:
    values = (instance.server, instance.name, "Yes" if instance.clustered else "No")
    pairs = (*zip(_FIELDS, (*values, instance.version), strict=True), *instance.transports)
    return ";".join(word for pair in pairs for word in pair) + ";;"


def _instance(described: str) -> Instance:
    words = described.split(";")
    if len(words) % 2 or tuple(words[0:8:2]) != _FIELDS:
        raise WireError("SSRP answer describes an instance without its name or version")
    server, name, clustered, version = words[1:8:2]
    transports = tuple(zip(words[8::2], words[9::2], strict=True))
    return Instance(server, name, version, clustered == "Yes", transports)

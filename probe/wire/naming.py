"""Name what answered, by the first bytes of an answer that was not the one asked for.

The signatures are those that protocols.md saw real servers send to each other's questions.
"""

import re
from dataclasses import dataclass

from flows.outcomes import AnsweredBy

EVIDENCE_BYTES = 16
_BYTES_LOOKED_AT = 64


@dataclass(frozen=True, slots=True)
class Named:
    """What answered, for the machine and for the operator."""

    answered_by: AnsweredBy
    description: str
    """As in "an SSH server (SSH-2.0-OpenSSH_9.2)": fits behind "answered by"."""
    evidence: str
    """Its first 16 bytes in hexadecimal."""


@dataclass(frozen=True, slots=True)
class _Signature:
    pattern: re.Pattern[bytes]
    answered_by: AnsweredBy
    description: str
    quoted: bool = False
    """Whether its first line says more about it."""


def _signature(
    pattern: bytes, answered_by: AnsweredBy, description: str, *, quoted: bool = False
) -> _Signature:
    return _Signature(re.compile(pattern, re.DOTALL), answered_by, description, quoted)


# In order: the first that fits counts. RFC 8446 5.1 (TLS records), RFC 9112 4, RFC 9113 6.5 (0xfe03
# is gRPC core's own setting), MS-TDS 2.2.3.1, MC-SQLR 2.2.5, C706 12.6.3.1, RFC 4253 4.2,
# RFC 5321 4.2, RFC 1939 3, RFC 3501 7.1, RFC 6143 7.1.1, MS-RDPBCGR 2.2.1.2, MS-SMB2 2.1.
_SIGNATURES = (
    _signature(rb"\x16\x03[\x00-\x04]", AnsweredBy.TLS, "a TLS server"),
    _signature(rb"\x15\x03[\x00-\x04]", AnsweredBy.TLS, "a TLS server, with an alert"),
    _signature(rb"HTTP/\d", AnsweredBy.HTTP, "an HTTP server", quoted=True),
    _signature(
        rb"(?i:\s*<(?:!doctype\s+html|html)\b)",
        AnsweredBy.HTTP,
        "an HTTP server (a bare page, as HTTP/0.9 has it)",
    ),
    _signature(
        rb"\x00..\x04\x00\x00{4}(?:.{6})*?\xfe\x03",
        AnsweredBy.GRPC,
        "a gRPC server without TLS",
    ),
    _signature(rb"\x00..\x04\x00\x00{4}", AnsweredBy.HTTP, "an HTTP/2 server without TLS"),
    _signature(rb"\x04[\x00\x01][\x00-\x7f]....\x00", AnsweredBy.TDS, "a SQL Server (TDS)"),
    _signature(rb"\x05..ServerName;", AnsweredBy.SSRP, "a SQL Server Browser"),
    _signature(rb"\x05[\x00\x01][\x02\x03\x0b-\x0f]", AnsweredBy.MSRPC, "a DCE/RPC server"),
    _signature(rb"SSH-", AnsweredBy.OTHER, "an SSH server", quoted=True),
    _signature(rb"220[ -]", AnsweredBy.OTHER, "a mail or FTP server", quoted=True),
    _signature(rb"\+OK", AnsweredBy.OTHER, "a POP3 server", quoted=True),
    _signature(rb"\* (?:OK|PREAUTH|BYE)", AnsweredBy.OTHER, "an IMAP server", quoted=True),
    _signature(rb"RFB \d{3}\.\d{3}", AnsweredBy.OTHER, "a VNC server", quoted=True),
    _signature(rb"\x03\x00\x00.\x0e\xd0", AnsweredBy.OTHER, "a Remote Desktop server"),
    _signature(rb"\x00...[\xfe\xff]SMB", AnsweredBy.OTHER, "an SMB file server"),
    _signature(rb"...\x00\x0a\d{1,2}\.", AnsweredBy.OTHER, "a MySQL or MariaDB server"),
    _signature(rb"E\x00\x00..S(?:FATAL|ERROR)", AnsweredBy.OTHER, "a PostgreSQL server"),
)


def name_answer(first: bytes) -> Named:
    """Name what sent these bytes, the first that came; at most 64 of them are looked at."""
    first = first[:_BYTES_LOOKED_AT]
    evidence = first[:EVIDENCE_BYTES].hex()
    if not first:
        return Named(AnsweredBy.NONE, "nothing", evidence)
    for signature in _SIGNATURES:
        if signature.pattern.match(first):
            words = _words(first) if signature.quoted else ""
            quoted = f" ({words})" if words else ""
            return Named(signature.answered_by, signature.description + quoted, evidence)
    words = _words(first)
    said = f'which said "{words}"' if words else f"whose first bytes are {evidence}"
    return Named(AnsweredBy.OTHER, f"an unknown service, {said}", evidence)


def _words(first: bytes) -> str:
    """Quote the first line where it is plain text; empty where it is not."""
    line = re.split(rb"[\r\n]", first.lstrip(), maxsplit=1)[0].rstrip()
    plain = line.isascii() and line.decode("latin-1").isprintable()
    return line.decode("latin-1") if plain else ""

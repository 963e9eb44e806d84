"""Syslog: one message that is marked as a probe's, and the framing that TCP and TLS need.

RFC 5424 (message), RFC 5426 (UDP: a message a datagram), RFC 6587 3.4.1 and RFC 5425 4.3 (octet
counting). No syslog server ever answers: what was sent can be found again by its nonce alone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from probe.wire import WireError

APPLICATION = "gatewatch-probe"
MESSAGE_ID = "PROBE"
MOST_MESSAGE_BYTES = 2048
"""RFC 5424 6.1: what a receiver should take; UDP receivers may cut longer ones."""
_NIL = "-"
_NONCE = "nonce="
_MOST_HOST_CHARACTERS = 255
_HEADER = re.compile(
    rb"<(\d{1,3})>1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) -(?: (.*))?",
    re.DOTALL,
)
_FRAME = re.compile(rb"([1-9]\d{0,4}) ")
_MOST_PRIORITY = 191


class Facility(IntEnum):
    """RFC 5424 table 1, as far as it is used here."""

    SYSLOG = 5


class Severity(IntEnum):
    """RFC 5424 table 2, as far as it is used here."""

    INFORMATIONAL = 6


@dataclass(frozen=True, slots=True)
class Message:
    """A syslog message without structured data, as probes send it."""

    priority: int
    """Facility times eight plus severity."""
    time: str
    host: str
    application: str
    process: str
    message_id: str
    text: str

    @property
    def nonce(self) -> str | None:
        """Say which probe's message it is; None where it is not a probe's."""
        if (self.application, self.message_id) != (APPLICATION, MESSAGE_ID):
            return None
        return next((w[len(_NONCE) :] for w in self.text.split() if w.startswith(_NONCE)), None)


def build_message(host: str, time: datetime, nonce: str) -> bytes:
    """Write the one message that a check sends: syslog.info, known by a nonce of one word."""
    if not re.fullmatch(r"[!-~]{1,64}", nonce):
        raise ValueError(f"'{nonce}' cannot be the nonce of a syslog message")
    moment = time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return encode(
        Message(
            priority=Facility.SYSLOG * 8 + Severity.INFORMATIONAL,
            time=moment,
            host=_printable(host),
            application=APPLICATION,
            process=_NIL,
            message_id=MESSAGE_ID,
            text=f"Reachability test by Gatewatch, no action needed, {_NONCE}{nonce}",
        )
    )


def encode(message: Message) -> bytes:
    """Write a message with nil structured data (RFC 5424 6)."""
    header = (message.time, message.host, message.application, message.process, message.message_id)
    return f"<{message.priority}>1 {' '.join(header)} {_NIL} {message.text}".encode()


def read_message(data: bytes) -> Message:
    """Read a message such as probes send, as a receiver does; raise WireError for any other."""
    if len(data) > MOST_MESSAGE_BYTES:
        raise WireError(f"syslog message has {len(data)} bytes")
    match = _HEADER.fullmatch(data)
    if match is None or int(match[1]) > _MOST_PRIORITY:
        raise WireError("syslog message has no header of RFC 5424 without structured data")
    try:
        time, host, application, process, message_id, text = (
            (part or b"").decode() for part in match.groups()[1:]
        )
    except UnicodeDecodeError as wrong:
        raise WireError("syslog message is not UTF-8") from wrong
    return Message(int(match[1]), time, host, application, process, message_id, text)


def build_frame(message: bytes) -> bytes:
    """Put a message on a stream, its length in front (octet counting)."""
    return b"%d %b" % (len(message), message)


def split_frame(received: bytes) -> tuple[bytes, bytes] | None:
    """Take the first message off a stream, and what follows it; None while it is not whole.

    Raises WireError where no length stands in front, or too large a one.
    """
    match = _FRAME.match(received)
    if match is None:
        if re.fullmatch(rb"([1-9]\d{0,4})?", received):
            return None
        raise WireError("syslog stream has no length where a message begins")
    length, start = int(match[1]), match.end()
    if length > MOST_MESSAGE_BYTES:
        raise WireError(f"syslog stream states a message of {length} bytes")
    if len(received) < start + length:
        return None
    return received[start : start + length], received[start + length :]


def _printable(host: str) -> str:
    """Fit a name into HOSTNAME: printable US-ASCII without spaces (RFC 5424 6.2.4)."""
    return re.sub(r"[^!-~]", "?", host)[:_MOST_HOST_CHARACTERS] or _NIL

"""HTTP/1.1: one GET, and the head of its answer, however slowly or madly that comes.

RFC 9112 (messages), RFC 9110 5 and 15 (fields, status codes). The body is nobody's concern here.
"""

import re
from dataclasses import dataclass

from probe.wire import WireError
from probe.wire.authority import checked

MOST_HEAD_BYTES = 64 * 1024
MOST_HEADERS = 100
_START = b"HTTP/1."
_STATUS_LINE = re.compile(rb"HTTP/1\.(\d) ([1-9]\d\d)(?: ([^\x00-\x08\x0a-\x1f\x7f]*))?")
_FIELD_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")
_BLANKS = b" \t"
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LONGEST_END_OF_HEAD = 4
_LINE_END = re.compile(rb"\r?\n")
_SWITCHING_PROTOCOLS = 101


@dataclass(frozen=True, slots=True)
class Response:
    """The head of an answer."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    """As they came, in order; look one up with `header`."""
    minor_version: int = 1

    def header(self, name: str) -> str | None:
        """Look a header up, in whatever case; the first one counts."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


def build_request(authority: str, version: str) -> bytes:
    """Write the GET that asks for `/` and for nothing after it.

    `authority` is as `authority.authority` writes it; ValueError where it cannot stand there.
    """
    lines = (
        "GET / HTTP/1.1",
        f"Host: {checked(authority)}",
        f"User-Agent: gatewatch-probe/{version}",
        "Accept: */*",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def build_response(response: Response, body: bytes = b"") -> bytes:
    """Write an answer, as a server does; its headers are sent as they are."""
    head = (
        f"HTTP/1.{response.minor_version} {response.status} {response.reason}",
        *(f"{name}: {value}" for name, value in response.headers),
        "",
    )
    return "".join(f"{line}\r\n" for line in head).encode("latin-1") + body


class ResponseReader:
    """Takes the bytes of an answer as they come, and keeps no more than its head."""

    __slots__ = ("_head", "_searched", "_spent")

    def __init__(self) -> None:
        self._head = bytearray()
        self._searched = 0
        self._spent = 0

    def feed(self, data: bytes) -> Response | None:
        """Take more bytes; give the answer's head once it is whole, and nothing before.

        Interim answers (1xx) are passed over. Raises WireError as soon as this cannot be HTTP/1,
        or its head exceeds 64 KiB or 100 headers. After the head, feed nothing more.
        """
        room = MOST_HEAD_BYTES + 1 - self._spent - len(self._head)
        self._head += data[: max(0, room)]
        if not self._head.startswith(_START[: len(self._head)]):
            raise WireError(f"answer begins with 0x{self._head[:16].hex()}, not with HTTP/1")
        while (end := _END_OF_HEAD.search(self._head, self._searched)) is not None:
            response = read_head(bytes(self._head[: end.start()]))
            if response.status >= 200 or response.status == _SWITCHING_PROTOCOLS:
                return response
            self._spent += end.end()
            self._searched = 0
            del self._head[: end.end()]
        self._searched = max(0, len(self._head) - _LONGEST_END_OF_HEAD + 1)
        if self._spent + len(self._head) > MOST_HEAD_BYTES:
            raise WireError(f"head of the HTTP answer exceeds {MOST_HEAD_BYTES} bytes")
        return None


def read_head(head: bytes) -> Response:
    """Read a whole head, without the empty line that ends it."""
    status_line, *fields = _LINE_END.split(head)
    match = _STATUS_LINE.fullmatch(status_line)
    if match is None:
        raise WireError(f"answer begins with 0x{status_line[:16].hex()}, no status line of HTTP/1")
    if len(fields) > MOST_HEADERS:
        raise WireError(f"HTTP answer has more than {MOST_HEADERS} headers")
    reason = (match[3] or b"").decode("latin-1")
    return Response(int(match[2]), reason, tuple(map(_header, fields)), int(match[1]))


def _header(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    name, value = name.rstrip(_BLANKS), value.strip(_BLANKS)
    if not (colon and _FIELD_NAME.fullmatch(name) and _FIELD_VALUE.fullmatch(value)):
        raise WireError(f"HTTP answer has the header line 0x{line[:16].hex()}")
    return name.decode("ascii"), value.decode("latin-1")

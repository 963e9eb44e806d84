"""One GET over a connection of ours, with TLS or without: never repeated, never redirected."""

from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.engine.attempt import Attempt
from probe.engine.stream import Stream
from probe.exchange.replies import ReplyReader, Wrong, ask
from probe.version import own_version
from probe.wire import WireError
from probe.wire.authority import authority
from probe.wire.http1 import Response, ResponseReader, build_request, read_head

MOST_SERVER_CHARACTERS = 256


async def get(
    attempt: Attempt,
    stream: Stream,
    default_port: int,
    reader: ReplyReader[Response] | None = None,
) -> Response | Wrong:
    """Ask for `/` and give the head of the answer, or what answered instead.

    Raises Ended, and over TLS ssl.SSLError, where nothing did.
    """
    request = build_request(authority_of(attempt, default_port), own_version())
    reply = await ask(attempt, stream, request, reader or ResponseReader())
    if isinstance(reply, Wrong):
        return _status_alone(reply) or reply
    return reply


def authority_of(attempt: Attempt, default_port: int) -> str:
    """Name the server as a request does: by the name it is known by, else by its address."""
    check = attempt.check
    return authority(check.name or attempt.target.literal, check.port, default_port)


def answered(response: Response, by: AnsweredBy) -> Observation:
    """Write down what a web server answered."""
    server = _printable(response.header("server") or "") or None
    return Observation(
        outcome=Outcome.OPEN,
        answered_by=by,
        detail=status_words(f"HTTP status {response.status}", server),
        status=response.status,
        server=server,
    )


def status_words(status: str, server: str | None) -> str:
    """Say a status and whose it is."""
    return f"{status} from {server}" if server else status


def _printable(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else "?" for letter in text[:MOST_SERVER_CHARACTERS]
    )


def _status_alone(wrong: Wrong) -> Response | None:
    """Take a status line for an answer although what follows it breaks the rules."""
    line = wrong.first.partition(b"\r\n")[0]
    try:
        return read_head(line)
    except WireError:
        return None

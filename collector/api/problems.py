"""Every error as an RFC 9457 problem document, in one place."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler

from collector.api import PARTS
from collector.api.answering import encoded
from collector.store import StoreUnavailable
from flows.errors import Refused, UsageError

CONTENT_TYPE = "application/problem+json"
PREFIX = "https://gatewatch.invalid/problems/"
_RETRY_SECONDS = 5
_GONE = 499
"""What others log of a caller who did not wait for the answer."""
_log = logging.getLogger(__name__)


class Kind(NamedTuple):
    """A kind of problem: the last word of its type, its status and its title."""

    slug: str
    status: int
    title: str


BAD_QUERY = Kind("bad-query", 400, "The query makes no sense")
UNREADABLE = Kind("unreadable-body", 400, "The body cannot be read")
NOT_JSON = Kind("not-json", 400, "The body is no JSON")
NOT_KNOWN = Kind("unauthenticated", 401, "A credential is needed")
NOT_LET_IN = Kind("not-let-in", 403, "The enrolment token lets nobody in")
NO_RIGHT = Kind("no-right", 403, "The credential is for something else")
FOREIGN_HOST = Kind("foreign-host", 403, "The host is somebody else's")
FORGED = Kind("forged", 403, "The call may come from another page")
FOREIGN_PATH = Kind("foreign-path", 403, "The path is somebody else's")
NOT_FOUND = Kind("not-found", 404, "There is no such resource")
UNKNOWN_HOST = Kind("unknown-host", 404, "No such host is in the inventory")
NO_PROBE = Kind("no-probe", 404, "The host has no probe")
UNKNOWN_PATH = Kind("unknown-path", 404, "No such path is in the plan")
UNKNOWN_ID = Kind("unknown-id", 404, "There is nothing with this id")
UNKNOWN_GROUP = Kind("unknown-group", 404, "No such handler group is in the inventory")
UNKNOWN_PHASE = Kind("unknown-phase", 404, "There is no such phase")
WRONG_METHOD = Kind("wrong-method", 405, "The resource does not take this method")
TAKEN = Kind("taken", 409, "The credential cannot be given")
GATE_NOT_READY = Kind("gate-not-ready", 409, "The gate of the phase is not ready")
NOTHING_TO_JUDGE = Kind("nothing-to-judge", 409, "The phase has nothing to judge")
TOO_LARGE = Kind("too-large", 413, "The body is too large")
TOO_MANY_RESULTS = Kind("too-many-results", 413, "The report holds too many results")
WRONG_SHAPE = Kind("wrong-shape", 422, "The body does not have the shape of this call")
BAD_TIME = Kind("bad-time", 422, "A time makes no sense")
REFUSED_INVENTORY = Kind("refused-inventory", 422, "The inventory is refused")
TOO_SLOW = Kind("too-slow", 408, "The body did not come in time")
TOO_MANY_CALLS = Kind("too-many-calls", 429, "Too many calls came just now")
TOO_MANY_POLLS = Kind("too-many-polls", 429, "Too many probes wait already")
TOO_MANY_STREAMS = Kind("too-many-streams", 429, "Too many readers follow the events already")
TOO_MANY_RUNS = Kind("too-many-runs", 429, "Too many runs began just now")
INTERNAL = Kind("internal-error", 500, "The collector failed")
STORE_UNAVAILABLE = Kind("store-unavailable", 503, "The store is unavailable")

_BY_STATUS = {kind.status: kind for kind in (NOT_FOUND, WRONG_METHOD, TOO_LARGE)}


class ApiError(Exception):
    """A call that is declined."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        about: str | None = None,
        retry_after: int = _RETRY_SECONDS,
        **extension: object,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.about = about
        """The phase or host that the call is about, for the events; None: its caller."""
        self.retry_after = retry_after
        """Seconds after which the call may be repeated, where it was one too many."""
        self.extension = extension
        """Members of the document beyond RFC 9457's own."""


@contextmanager
def declining(kind: Kind, about: str | None = None) -> Iterator[None]:
    """Decline a call as this kind where the domain says that it makes no sense."""
    try:
        yield
    except UsageError as error:
        raise ApiError(kind, str(error), about=about) from error


@web.middleware
async def as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into a problem document."""
    try:
        return await handler(request)
    except Exception as error:  # noqa: BLE001 - the border: nothing leaves without an answer
        if isinstance(error, ConnectionError) and _is_gone(request):
            return web.Response(status=_GONE)  # to nobody, in silence
        return _answer(request, error)


def _answer(request: web.Request, error: Exception) -> web.StreamResponse:
    match error:
        case web.HTTPException() if error.status < HTTPStatus.BAD_REQUEST:
            return error
        case web.HTTPException():
            return _document(request, _of_aiohttp(request, error), dict(error.headers))
        case ApiError():
            is_full = error.kind.status == HTTPStatus.TOO_MANY_REQUESTS
            late = {"Retry-After": str(error.retry_after)} if is_full else {}
            if error.kind is NOT_KNOWN:
                late["WWW-Authenticate"] = "Bearer"
            return _document(request, error, late)
        case StoreUnavailable():
            unavailable = ApiError(STORE_UNAVAILABLE, f"{error}: nothing was changed, try again")
            return _document(request, unavailable, {"Retry-After": str(_RETRY_SECONDS)})
        case Refused():
            return _document(request, _of_a_file(error), {})
        case _:
            _log.error("%s %s failed", request.method, request.path, exc_info=error)
            text = "the collector failed at this, and changed nothing; its log says more"
            return _document(request, ApiError(INTERNAL, text), {})


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _of_aiohttp(request: web.Request, error: web.HTTPException) -> ApiError:
    usual = HTTPStatus(error.status)
    slug = usual.phrase.lower().replace(" ", "-")
    kind = _BY_STATUS.get(error.status, Kind(slug, error.status, usual.phrase))
    match kind:
        case _ if kind is NOT_FOUND:
            return ApiError(kind, f"there is nothing at {request.path}")
        case _ if kind is WRONG_METHOD:
            allowed = error.headers.get("Allow", "")
            return ApiError(kind, f"{request.path} takes {allowed}, not {request.method}")
        case _:
            return ApiError(kind, error.text or usual.description)


def _of_a_file(error: Refused) -> ApiError:
    first, *others = error.problems
    more = f" (and {len(others)} more)" if others else ""
    return ApiError(REFUSED_INVENTORY, f"{first}{more}", problems=error.problems)


def _document(request: web.Request, error: ApiError, headers: dict[str, str]) -> web.Response:
    kind = error.kind
    request.app[PARTS].metrics.refused(kind.slug)
    body = {
        "type": PREFIX + kind.slug,
        "title": kind.title,
        "status": kind.status,
        "detail": error.detail,
        **error.extension,
    }
    headers.pop("Content-Type", None)
    return web.Response(
        status=kind.status,
        body=encoded(body),
        content_type=CONTENT_TYPE,
        headers=headers,
    )

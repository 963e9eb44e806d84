"""Who calls, and whether they may: decided once, before a handler sees the call (DESIGN 6).

A caller is known by a bearer token, by the cookie of the page, or by the host name in a client
certificate. Where authentication is not required, everybody is an operator whose name is their
address.
"""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from collector.api import CLOCK, PARTS, SETTINGS
from collector.api.problems import (
    FOREIGN_HOST,
    FORGED,
    NO_RIGHT,
    NOT_KNOWN,
    TOO_MANY_CALLS,
    ApiError,
)
from collector.api.rates import Rates
from collector.credentials import Credential, Right

COOKIE = "gatewatch_session"
PAGE_HEADER = "X-Gatewatch"
"""The page sends it; a form or a picture of another site cannot (CSRF)."""
_SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
_LETS: Mapping[Right, frozenset[Right]] = {
    Right.PROBE: frozenset({Right.PROBE}),
    Right.SCRAPER: frozenset({Right.SCRAPER, Right.VIEWER, Right.OPERATOR}),
    Right.VIEWER: frozenset({Right.VIEWER, Right.OPERATOR}),
    Right.OPERATOR: frozenset({Right.OPERATOR}),
}
"""Who may do what needs a right."""
FAILURES_PER_SECOND, FAILURES_AT_ONCE = 0.2, 10.0
"""Wrong credentials that one address may try."""

CALLER: web.RequestKey["Caller"] = web.RequestKey("caller", object)  # type: ignore[arg-type] # named below
NEEDS: web.AppKey[Mapping[Handler, Right | None]] = web.AppKey("needs")
CALLS_BY: web.AppKey[Rates] = web.AppKey("calls_by", Rates)
FAILURES_BY: web.AppKey[Rates] = web.AppKey("failures_by", Rates)


class Caller(NamedTuple):
    """Somebody who calls."""

    name: str | None
    """For the events."""
    rights: frozenset[Right]
    host: str | None = None
    """The one host that a probe speaks for; None for whoever speaks for any."""
    credential: Credential | None = None


_ANYBODY = frozenset(Right)
_ONLY = {right: frozenset({right}) for right in Right}


@web.middleware
async def as_known(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a call through to its handler if its caller may make it."""
    app = request.app
    needed = app[NEEDS].get(request.match_info.handler, None)
    if not app[SETTINGS].auth_required:
        request[CALLER] = Caller(request.remote, _ANYBODY)
        _check_origin(request)
    elif needed is not None:
        caller = _known(request)
        request[CALLER] = caller
        _check_rate(app[CALLS_BY], caller)
        if caller.rights.isdisjoint(_LETS[needed]):
            held = " and ".join(map(_a, sorted(caller.rights)))
            text = f"{request.path} is for {_a(needed)}; {caller.name} is {held}"
            raise ApiError(NO_RIGHT, text)
    return await handler(request)


def _a(right: Right) -> str:
    return f"an {right}" if right is Right.OPERATOR else f"a {right}"


def caller_of(request: web.Request) -> Caller:
    """Tell who makes a call that needs a right."""
    return request[CALLER]


def check_host(request: web.Request, host: str) -> None:
    """Decline what a probe asks or tells of another host than its own."""
    own = request[CALLER].host
    if own is not None and own != host:
        raise ApiError(FOREIGN_HOST, f"this credential is of {own}, and says nothing for {host}")


def session_of(request: web.Request) -> Credential | None:
    """Find the session of the page that a call comes with, if it is still good."""
    token = request.cookies.get(COOKIE)
    keyring = request.app[PARTS].estate.admission.credentials
    return keyring.holder(token, request.app[CLOCK]()) if token else None


def count_failure(request: web.Request) -> None:
    """Take a wrong credential off what an address may try."""
    request.app[PARTS].metrics.failed_authentications.inc()
    request.app[FAILURES_BY].take(request.remote or "")


def check_failures(request: web.Request) -> None:
    """Decline an address that tried too many wrong credentials."""
    wait = request.app[FAILURES_BY].wait(request.remote or "")
    if wait:
        text = "too many wrong credentials came from this address"
        raise ApiError(TOO_MANY_CALLS, text, retry_after=math.ceil(wait))


def _known(request: web.Request) -> Caller:
    """Tell who calls; declines who cannot say it."""
    app = request.app
    keyring, now = app[PARTS].estate.admission.credentials, app[CLOCK]()
    said = request.headers.get(hdrs.AUTHORIZATION)
    if said is None:
        return _by_cookie(request) or _by_certificate(request) or _decline(request, _NOTHING_SAID)
    scheme, _, token = said.partition(" ")
    if scheme.lower() != "bearer":
        return _decline(request, "the header Authorization must be: Bearer TOKEN")
    found = keyring.holder(token.strip(), now)
    return _holder(found) if found else _decline(request, _WRONG_TOKEN, wrong=True)


_NOTHING_SAID = "this collector asks for a credential: send a token, or a client certificate"
_WRONG_TOKEN = "the token is not known, was revoked or is too old: ask an operator for another"  # noqa: S105 - a sentence


def _decline(request: web.Request, text: str, *, wrong: bool = False) -> Caller:
    check_failures(request)
    if wrong:
        count_failure(request)
    raise ApiError(NOT_KNOWN, text)


def _holder(found: Credential) -> Caller:
    host = found.name if found.right is Right.PROBE else None
    return Caller(found.name, _ONLY[found.right], host, found)


def _by_cookie(request: web.Request) -> Caller | None:
    session = session_of(request)
    if session is None:
        return None
    if request.method not in _SAFE and PAGE_HEADER not in request.headers:
        text = f"a call with the page's cookie that changes anything needs the header {PAGE_HEADER}"
        raise ApiError(FORGED, text)
    return _holder(session)


def _check_origin(request: web.Request) -> None:
    """Decline what another site has a browser change, where no credential is asked for."""
    is_of_a_browser = hdrs.ORIGIN in request.headers
    if request.method not in _SAFE and is_of_a_browser and PAGE_HEADER not in request.headers:
        text = f"a call by a browser that changes anything needs the header {PAGE_HEADER}"
        raise ApiError(FORGED, text)


def _by_certificate(request: web.Request) -> Caller | None:
    """Take the first name in a client certificate that is a host with a probe."""
    shown = request.get_extra_info("peercert")
    if not shown:
        return None
    hosts = request.app[PARTS].estate.plan.inventory.hosts
    for name in _names(shown):
        if name in hosts and hosts[name].has_probe:
            return Caller(name, _ONLY[Right.PROBE], name)
    return _decline(request, "the client certificate names no host of the inventory with a probe")


def _names(shown: Mapping[str, object]) -> Iterator[str]:
    """List the names of a certificate: DNS names, their first labels, then common names."""
    alternatives = shown.get("subjectAltName")
    for kind, value in alternatives if isinstance(alternatives, tuple) else ():
        if kind == "DNS":
            yield value
            yield value.partition(".")[0]
    subject = shown.get("subject")
    for names in subject if isinstance(subject, tuple) else ():
        yield from (value for kind, value in names if kind == "commonName")


def _check_rate(rates: Rates, caller: Caller) -> None:
    wait = rates.take(caller.credential.id if caller.credential else f"{caller.name}")
    if wait:
        text = f"{caller.name} calls too often (limits.requests_per_credential)"
        raise ApiError(TOO_MANY_CALLS, text, retry_after=math.ceil(wait))

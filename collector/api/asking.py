"""Reading what a call asks: its query, its body, and the hosts and phases that it names."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from aiohttp import web

from collector.api import SETTINGS
from collector.api.identity import caller_of
from collector.api.problems import (
    BAD_QUERY,
    NO_PROBE,
    NOT_JSON,
    TOO_LARGE,
    TOO_SLOW,
    UNKNOWN_HOST,
    UNKNOWN_PHASE,
    UNREADABLE,
    WRONG_SHAPE,
    ApiError,
)
from flows.hosts import Host
from flows.phases import PHASES, Phase
from flows.reading import did_you_mean

T = TypeVar("T")


class NoQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to choose."""


def asked(request: web.Request, kind: type[T]) -> T:
    """Read the query of a call; unknown, doubled and unfit parameters are declined."""
    query = dict(request.query)
    if len(query) < len(request.query):
        doubled = next(key for key in query if len(request.query.getall(key)) > 1)
        raise ApiError(BAD_QUERY, f"the query parameter '{doubled}' is there twice")
    try:
        return msgspec.convert(query, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ApiError(BAD_QUERY, f"the query of {request.path}: {error}") from error


async def body_of(request: web.Request, kind: type[T], most_bytes: int) -> T:
    """Read the body of a call; what is no JSON, of another shape or too large is declined."""
    content = await _bounded(request, most_bytes)
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError as error:
        raise ApiError(WRONG_SHAPE, f"the body of {request.path}: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiError(NOT_JSON, f"the body of {request.path}: {error}") from error


async def _bounded(request: web.Request, most_bytes: int) -> bytes:
    """Read no more than is taken, whatever the call announces; compressed bodies count unpacked."""
    content = request.content
    try:
        # What has come with the head already needs no clock.
        is_here = content.is_eof() and content.exception() is None
        body = content.read_nowait() if is_here else await _patiently(request, most_bytes)
    except (web.RequestPayloadError, ConnectionError) as error:
        raise ApiError(UNREADABLE, f"the body of {request.path} cannot be read: {error}") from error
    if len(body) > most_bytes:
        raise ApiError(TOO_LARGE, f"the body of {request.path} is over {most_bytes} bytes")
    return body


async def _patiently(request: web.Request, most_bytes: int) -> bytes:
    """Wait for a body, and no longer for one that is too large."""
    body = bytearray()
    patience = request.app[SETTINGS].limits.slow_client
    try:
        async with asyncio.timeout(patience):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most_bytes:
                    break
    except TimeoutError as error:
        text = f"the body of {request.path} did not come within {patience:.0f} s"
        raise ApiError(TOO_SLOW, text) from error
    return bytes(body)


def who(request: web.Request) -> str | None:
    """Name who calls, for the events."""
    return caller_of(request).name


def phase_named(word: str) -> Phase:
    """Read a phase of an address."""
    try:
        return Phase(word)
    except ValueError:
        hint = did_you_mean(word, PHASES) or f" (one of {', '.join(PHASES)})"
        raise ApiError(UNKNOWN_PHASE, f"there is no phase '{word}'{hint}") from None


def host_with_probe(hosts: Mapping[str, Host], name: str) -> Host:
    """Look up a host that measures something."""
    host = hosts.get(name)
    if host is None:
        hint = did_you_mean(name, hosts)
        raise ApiError(UNKNOWN_HOST, f"no host is named '{name}' in the inventory{hint}")
    if not host.has_probe:
        raise ApiError(NO_PROBE, f"{name} has no role that measures anything, so it has no probe")
    return host

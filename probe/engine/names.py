"""Names to addresses, by the host's own resolver: what the application would get."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import cast

from flows.outcomes import Outcome, Stage
from probe.engine.addresses import Target, read_literal
from probe.engine.ended import Ended
from probe.limits import Limits
from probe.platforms.evidence import Platform, SocketAddress
from probe.platforms.threads import in_thread

Lookup = Callable[[str], Sequence[SocketAddress]]
"""Blocks until the name is looked up; raises as socket.getaddrinfo does."""


def system_lookup(name: str) -> Sequence[SocketAddress]:
    """Ask the host's resolver for every address of a name, whether this host has a route or not."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    # The third shape that typeshed knows is of a Python without IPv6.
    return [cast("SocketAddress", address) for _, _, _, _, address in found]


class Resolver:
    """Looks names up; checks that want the same name at the same time share one lookup."""

    def __init__(
        self,
        platform: Platform,
        now: Callable[[], float],
        lookup: Lookup = system_lookup,
        most: int = Limits().lookups,
    ) -> None:
        self._platform = platform
        self._now = now
        self._lookup = lookup
        self._under_way: dict[str, asyncio.Future[Sequence[SocketAddress]]] = {}
        # A thread stays as long as its name server hangs, which may be longer than any check waits.
        self._threads = asyncio.Semaphore(most)
        self._most = most

    async def addresses(self, name: str, deadline: float) -> tuple[Target, ...]:
        """List the addresses of a name in the order the resolver prefers.

        Raises Ended: unresolved, with nxdomain, servfail or timeout as the first word of the
        detail; or fault.
        """
        began = self._now()
        lookup: asyncio.Future[Sequence[SocketAddress]] | None = None
        try:
            async with asyncio.timeout(max(deadline - began, 0)):
                lookup = await self._shared(name)
                found = await asyncio.shield(lookup)
        except TimeoutError:
            seconds = self._now() - began
            if lookup is None:
                detail = f"not looked up: {self._most} other lookups hang (limits.lookups)"
                raise Ended(Outcome.FAULT, Stage.RESOLVE, detail) from None
            detail = f"timeout: no answer from the name servers within {seconds:.1f} s"
            raise Ended(Outcome.UNRESOLVED, Stage.RESOLVE, detail) from None
        except socket.gaierror as error:
            code = error.errno or 0
            raise self._failure(
                self._platform.name_failure(code, self._now() - began), error
            ) from error
        except UnicodeError as error:
            detail = f"nxdomain: '{name}' cannot be a DNS name"
            raise Ended(Outcome.UNRESOLVED, Stage.RESOLVE, detail) from error
        except OSError as error:
            raise self._failure(None, error) from error
        if targets := tuple(dict.fromkeys(_targets(found))):
            return targets
        detail = "nxdomain: the name exists and has no address"
        raise Ended(Outcome.UNRESOLVED, Stage.RESOLVE, detail)

    async def _shared(self, name: str) -> asyncio.Future[Sequence[SocketAddress]]:
        """Join the lookup of a name, or begin it once there is a thread for it."""
        if (under_way := self._under_way.get(name)) is not None:
            return under_way
        await self._threads.acquire()
        if (under_way := self._under_way.get(name)) is not None:  # another one was first
            self._threads.release()
            return under_way
        try:
            lookup = in_thread(partial(self._lookup, name))
        except BaseException:
            self._threads.release()
            raise
        self._under_way[name] = lookup
        lookup.add_done_callback(partial(self._over, name))
        return lookup

    def _over(self, name: str, lookup: asyncio.Future[Sequence[SocketAddress]]) -> None:
        del self._under_way[name]
        self._threads.release()
        if not lookup.cancelled():
            lookup.exception()  # seen, even where every check has stopped waiting for it

    @staticmethod
    def _failure(detail: str | None, error: OSError) -> Ended:
        if detail is not None:
            return Ended(Outcome.UNRESOLVED, Stage.RESOLVE, detail)
        detail = f"this host could not look the name up: {error.strerror or error}"
        return Ended(Outcome.FAULT, Stage.RESOLVE, detail)


def _targets(found: Sequence[SocketAddress]) -> Iterator[Target]:
    for address in found:
        host = address[0].partition("%")[0]
        zone = address[3] if len(address) == 4 else 0
        if (target := read_literal(f"{host}%{zone}" if zone else host)) is not None:
            yield target

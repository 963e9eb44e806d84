"""Measure one check: name, addresses, exchange; whatever goes wrong is an observation."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import lru_cache

import msgspec

from flows.messages import Check
from flows.outcomes import Observation, Outcome, Stage, rolled_up
from probe.checks import check_for
from probe.complaints import Complaints
from probe.engine.addresses import Target, read_literal
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.engine.means import Allowed, Means
from probe.engine.names import Resolver
from probe.engine.stages import Stages
from probe.engine.turnstile import Turnstile
from probe.limits import Limits
from probe.platforms import THIS_PLATFORM
from probe.platforms.evidence import Platform

__all__ = ["Means", "measure", "open_means"]

REMEMBERED_PERMISSIONS = 4096
LIMITS = Limits()

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_means(
    allowed: Allowed,
    *,
    limits: Limits = LIMITS,
    source_ipv4: str | None = None,
    source_ipv6: str | None = None,
    now: Callable[[], float] = time.perf_counter,
    platform: Platform = THIS_PLATFORM,
) -> AsyncIterator[Means]:
    """Make what the checks of a probe share, in the running event loop.

    What `allowed` says of an address is remembered: it must not change its mind.
    """
    async with platform.open_sockets(now) as sockets:
        resolver = Resolver(platform, now, most=limits.lookups)
        further = Turnstile(limits.in_flight, limits.per_second, now)
        # Reading addresses and networks anew would cost a check a fifth of its time.
        permitted = lru_cache(REMEMBERED_PERMISSIONS)(allowed)
        yield Means(
            allowed=permitted,
            platform=platform,
            sockets=sockets,
            resolver=resolver,
            now=now,
            limits=limits,
            further=further,
            complaints=Complaints(),
            source_ipv4=source_ipv4,
            source_ipv6=source_ipv6,
        )


async def measure(check: Check, means: Means) -> Observation:
    """Measure a check now; raises nothing but CancelledError.

    A name is measured at each of its addresses, all at once, and the worst speaks for it. What
    this probe could not measure is a fault with its reason.
    """
    stages = Stages(means.now, check.deadline, Stage.RESOLVE)
    try:
        if (target := read_literal(check.address)) is not None:
            stages.now_in = Stage.CONNECT
            return await _measure_address(check, target, means, stages)
        return await _measure_name(check, means, stages)
    except Ended as ended:
        return _timed(observed(ended), stages)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault of ours and data
        return _timed(_fault(check, error, means), stages)


async def _measure_name(check: Check, means: Means, stages: Stages) -> Observation:
    targets = await means.resolver.addresses(check.address, stages.deadline)
    stages.stop()
    if len(targets) > means.limits.addresses:
        detail = (
            f"the name has {len(targets)} addresses, and none was dialled:"
            f" limits.addresses of probe.yaml is {means.limits.addresses}"
        )
        raise Ended(Outcome.FAULT, Stage.RESOLVE, detail)
    first, *others = targets

    async def measure_further(target: Target) -> Observation:
        async with means.further:
            return await _measure_address(check, target, means, stages.branch(Stage.CONNECT))

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_measure_address(check, first, means, stages.branch(Stage.CONNECT))),
            *(group.create_task(measure_further(target)) for target in others),
        ]
    return rolled_up(tuple(_routes_by_family(targets, [task.result() for task in tasks])))


async def _measure_address(
    check: Check, target: Target, means: Means, stages: Stages
) -> Observation:
    attempt = Attempt(check, target, means, stages)
    if refusal := means.allowed(check.address, target.literal, check.port):
        return attempt.complete(Observation(outcome=Outcome.FAULT, detail=refusal))
    if target.lacks_zone:
        detail = "a link-local address needs its link, as in fe80::1%eth0"
        return attempt.complete(Observation(outcome=Outcome.FAULT, detail=detail))
    speak = check_for(check.services)
    if speak is None:
        detail = f"this probe knows no exchange for {', '.join(check.services) or 'no service'}"
        return attempt.complete(Observation(outcome=Outcome.FAULT, detail=detail))
    try:
        seen = await speak(attempt)
    except Ended as ended:
        seen = observed(ended)
    except Exception as error:  # noqa: BLE001 - as above, and the address is known
        seen = _fault(check, error, means)
    return attempt.complete(seen)


def observed(ended: Ended) -> Observation:
    """Write down how a check ended early."""
    return Observation(
        outcome=ended.outcome,
        stage=ended.stage,
        detail=ended.detail,
        sender=ended.sender,
        icmp=ended.icmp,
        routed=ended.routed,
    )


def _fault(check: Check, error: Exception, means: Means) -> Observation:
    if means.complaints.is_new(error):
        said = (check.id, check.address, check.port)
        log.error("Check %d of %s port %d failed", *said, exc_info=error)
    detail = f"the check failed inside the probe: {type(error).__name__}: {error}"
    return Observation(outcome=Outcome.FAULT, detail=detail)


def _timed(seen: Observation, stages: Stages) -> Observation:
    stages.stop()
    return msgspec.structs.replace(
        seen, stage=seen.stage or stages.now_in, seconds=stages.seconds, stages=stages.times
    )


def _routes_by_family(
    targets: Iterable[Target], seen: Iterable[Observation]
) -> Iterable[Observation]:
    """Take a missing route for the family's only where no address of that family has one."""
    pairs = list(zip(targets, seen, strict=True))
    routed = {target.family for target, observation in pairs if observation.routed}
    for target, observation in pairs:
        if target.family in routed and not observation.routed:
            yield msgspec.structs.replace(observation, routed=True)
        else:
            yield observation

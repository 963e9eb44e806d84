"""Measure a fake with the check that the registry has for a service."""

from flows.messages import Check
from flows.outcomes import Observation, Service
from probe.measuring import measure, open_means
from tests.fakes.streams import Address

PATIENT_SECONDS = 10.0
"""For peers that answer: a busy machine must not make them hang."""
HASTY_SECONDS = 0.8
"""For peers that keep silent: every test of theirs takes that long."""


def check_of(
    address: Address,
    *services: Service,
    proto: str = "tcp",
    name: str | None = None,
    deadline: float = PATIENT_SECONDS,
    instance: str | None = None,
    syslog_send: bool = False,
) -> Check:
    return Check(
        id=1,
        address=address.host,
        name=name,
        proto=proto,
        port=address.port,
        services=services,
        interval=60.0,
        deadline=deadline,
        offset=0.0,
        instance=instance,
        syslog_send=syslog_send,
    )


async def measured(check: Check) -> Observation:
    async with open_means(lambda *_: None) as means:
        return await measure(check, means)

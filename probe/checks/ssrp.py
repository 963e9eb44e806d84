"""Ask the SQL Server Browser which instances listen where (UDP 1434, MC-SQLR)."""

from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.engine.attempt import Attempt
from probe.engine.ended import Ended
from probe.wire import WireError
from probe.wire.ssrp import (
    Instance,
    build_instance_request,
    build_instances_request,
    read_instances,
)

EVIDENCE_BYTES = 16
MOST_INSTANCES = 50
"""SQL Server installs no more on one machine."""


async def check(attempt: Attempt) -> Observation:
    """Ask for the instance that the check names, then for all of them.

    A Browser keeps silent about an instance that it does not know, as if it were not there.
    """
    wanted = attempt.check.instance
    if wanted:
        try:
            return _observed(await attempt.exchange(build_instance_request(wanted)), wanted)
        except Ended as ended:
            if ended.outcome is not Outcome.SILENT:
                raise
    return _observed(await attempt.exchange(build_instances_request()), wanted)


def _observed(reply: bytes, wanted: str | None) -> Observation:
    try:
        instances = read_instances(reply)[:MOST_INSTANCES]
    except WireError as error:
        shown = reply[:EVIDENCE_BYTES].hex()
        return Observation(
            outcome=Outcome.ANSWERED,
            answered_by=AnsweredBy.OTHER,
            detail=f"not a SQL Server Browser: {error}; first bytes {shown or 'none'}",
        )
    known = {one.name.upper() for one in instances}
    missing = f"it does not know {wanted}, but " if wanted and wanted.upper() not in known else ""
    return Observation(
        outcome=Outcome.ANSWERED,
        answered_by=AnsweredBy.SSRP,
        detail=missing + ", ".join(map(_words, instances)),
        ports={one.name: one.tcp_port for one in instances if one.tcp_port is not None},
    )


def _words(instance: Instance) -> str:
    where = f"TCP port {instance.tcp_port}" if instance.tcp_port is not None else "no TCP port"
    return f"instance {instance.name} {instance.version} on {where}"

"""Ask the SQL Server Browser which instances listen where (UDP 1434, MC-SQLR)."""

from flows.outcomes import AnsweredBy, Observation, Outcome
from probe.engine.attempt import Attempt
from probe.wire import WireError
from probe.wire.ssrp import (
    Instance,
    build_instance_request,
    build_instances_request,
    read_instances,
)

EVIDENCE_BYTES = 16


async def check(attempt: Attempt) -> Observation:
    """Ask for the instance that the check names, or for all of them.

    A Browser that does not know the instance stays silent, as does one that is not there.
    """
    wanted = attempt.check.instance
    request = build_instance_request(wanted) if wanted else build_instances_request()
    reply = await attempt.exchange(request)
    try:
        instances = read_instances(reply)
    except WireError as error:
        shown = reply[:EVIDENCE_BYTES].hex(" ")
        return Observation(
            outcome=Outcome.ANSWERED,
            answered_by=AnsweredBy.OTHER,
            detail=f"not a SQL Server Browser: {error}; it began with {shown or 'nothing'}",
        )
    return Observation(
        outcome=Outcome.ANSWERED,
        answered_by=AnsweredBy.SSRP,
        detail=", ".join(map(_words, instances)),
        ports={one.name: one.tcp_port for one in instances if one.tcp_port is not None},
    )


def _words(instance: Instance) -> str:
    where = f"TCP port {instance.tcp_port}" if instance.tcp_port is not None else "no TCP port"
    return f"instance {instance.name} {instance.version} on {where}"

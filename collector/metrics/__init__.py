"""What Prometheus sees of the estate (DESIGN 7): rendered when it asks, from what is known then.

Every name, help and label of `/metrics/estate` stands in this package; docs/metrics.md lists them.
"""

from datetime import datetime

from collector.connect_times import ConnectTimes
from collector.estate import Estate
from collector.exposition import histogram
from collector.metrics import agents, alerts, hosts, paths, phases


def estate_page(
    estate: Estate, connects: ConnectTimes, now: datetime, *, per_agent: bool = False
) -> bytes:
    """Render `/metrics/estate`: the same on every replica.

    Agents and their probes are rolled up unless `per_agent`; what left the plan is not there.
    """
    shown = [path for path in estate.plan if per_agent or not path.groups]
    families = (
        *paths.judged(estate, shown, now),
        *paths.measured(estate, shown, now),
        histogram(
            "gatewatch_flow_connect_seconds",
            "Time to connect, by flow; only what did connect.",
            connects.series(),
        ),
        *phases.families(estate, now),
        *agents.families(estate, now),
        *hosts.families(estate, now, per_agent=per_agent),
        *alerts.families(estate, shown, now, per_agent=per_agent),
    )
    return "".join(families).encode()

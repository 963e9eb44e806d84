"""Probes and collectors: whether what measures and what judges can be believed."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from deploy.grafana.boards.collectors import of_collectors
from deploy.grafana.boards.frame import board, collector, many
from deploy.grafana.boards.probes import of_probes

UID = "gatewatch-health"


def health() -> Dashboard:
    """Build the dashboard of Gatewatch itself."""
    dashboard = (
        board(
            UID,
            "Gatewatch: probes and collectors",
            "Whether what measures and what judges can be believed.",
        )
        .with_variable(collector())
        .with_variable(
            many("probe", "Probe", "label_values(gatewatch_probe_up, src)", "Host of a probe.")
        )
        .with_row(Row("Probes"))
    )
    for panel in of_probes():
        dashboard.with_panel(panel)
    dashboard.with_row(Row("Collectors"))
    for panel in of_collectors():
        dashboard.with_panel(panel)
    return dashboard

"""Write the dashboards as JSON, for Grafana to read: `python -m deploy.grafana.generate`."""

from pathlib import Path

from deploy.grafana.boards.frame import document
from deploy.grafana.boards.health import health
from deploy.grafana.boards.host import host
from deploy.grafana.boards.matrix import matrix
from deploy.grafana.boards.overview import TITLES, overview
from deploy.grafana.boards.path import path

DASHBOARDS = Path(__file__).parent / "dashboards"


def documents() -> dict[str, str]:
    """Build every dashboard, by the name of its file."""
    return {
        "overview.json": document(overview(), TITLES),
        "matrix.json": document(matrix()),
        "path.json": document(path()),
        "host.json": document(host()),
        "health.json": document(health()),
    }


def main() -> None:
    """Write them all."""
    for name, text in documents().items():
        (DASHBOARDS / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()

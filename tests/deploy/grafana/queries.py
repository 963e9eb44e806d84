"""Every question that the dashboards ask of Prometheus, as the files checked in hold them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.grafana.generate import DASHBOARDS

Json = dict[str, Any]
INTERVALS = {"__rate_interval": "1m", "__interval": "15s", "__range": "10m"}


@dataclass(frozen=True)
class Query:
    """A question, and where it is asked."""

    board: str
    place: str
    expression: str
    is_range: bool

    def __str__(self) -> str:
        return f"{self.board}: {self.place}"

    def filled(self, words: Mapping[str, str]) -> str:
        """Put values in the place of variables, as Grafana does."""
        known = {**INTERVALS, **words}
        return re.sub(r"\$([A-Za-z_]+)", lambda found: known[found[1]], self.expression)


def boards() -> dict[str, Json]:
    """Read the dashboards."""
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))
    }


def panels(board: Json) -> Iterator[Json]:
    """Walk the panels that show something, those within rows included."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def queries() -> list[Query]:
    """List the questions of panels and annotations."""
    found: list[Query] = []
    for name, board in boards().items():
        for panel in panels(board):
            for target in panel["targets"]:
                place = f"{panel['title']} {target['refId']}"
                found.append(Query(name, place, target["expr"], is_range=not target["instant"]))
        marks = board.get("annotations", {}).get("list", [])
        found += [Query(name, f"mark {one['name']}", one["expr"], is_range=True) for one in marks]
    return found


def variables() -> list[tuple[str, Json]]:
    """List the variables that ask Prometheus, with the dashboards that they are of."""
    return [
        (name, variable)
        for name, board in boards().items()
        for variable in board["templating"]["list"]
        if variable["type"] == "query"
    ]

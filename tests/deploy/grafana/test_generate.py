"""The dashboards are what the code makes, and every question that they ask has an answer."""

import json
import math
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.boards.states import State, state_of
from deploy.grafana.generate import DASHBOARDS, documents
from tests.collector.metrics.documented import documented
from tests.deploy.grafana.queries import Json, Query, boards, panels, queries, variables
from tests.deploy.grafana.stage import BROKEN, WAIVED, WORKING, watched
from tests.deploy.prometheus_server import Prometheus, scraping

ANY_BOARD = pytest.mark.parametrize("name", sorted(boards()))
DEPRECATED = {"graph", "singlestat", "table-old", "heatmap-old", "grafana-piechart-panel"}


def ends(path: str) -> dict[str, str]:
    flow, src, dst, port = re.split(r":\w+/|:|>", path)
    return {"flow": flow, "src": src, "dst": dst, "port": port}


EVERYTHING = {"phase": "prepare", "site": ".*", "group": ".*", "probe": ".*"}
CHOICES = [
    {**EVERYTHING, **ends(path), "host": host}
    for path, host in ((WORKING, "con-01"), (BROKEN, "be-02"), (WAIVED, "con-02"))
]
"""What a viewer may have chosen: a source and a destination, paths in several states."""
ALL_FLOWS = {**EVERYTHING, "flow": ".*"}


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with watched(tmp_path_factory.mktemp("watched")) as one:
        yield one


def test_the_files_are_what_the_code_makes() -> None:
    found = {path.name: path.read_text("utf-8") for path in DASHBOARDS.iterdir()}

    assert found == documents(), "python -m deploy.grafana.generate writes them anew"


@pytest.mark.needs("promtool")
@pytest.mark.parametrize("query", queries(), ids=str)
def test_every_query_of_panels_and_marks_returns_data(prometheus: Prometheus, query: Query) -> None:
    ask = prometheus.lately if query.is_range else prometheus.now
    chosen = [ALL_FLOWS] if query.board == "matrix" else CHOICES

    answers = [ask(query.filled(words)) for words in chosen]

    numbers = [
        float(number)
        for answer in answers
        for series in answer
        for _, number in series.get("values") or [series["value"]]
    ]
    assert numbers, query.filled(chosen[0])
    assert not all(map(math.isnan, numbers))


@pytest.mark.needs("promtool")
@pytest.mark.parametrize(
    ("name", "variable"), variables(), ids=lambda one: one if isinstance(one, str) else one["name"]
)
def test_every_variable_has_something_to_choose(
    prometheus: Prometheus, name: str, variable: Json
) -> None:
    query = Query(name, variable["name"], variable["query"]["query"], is_range=False)

    answers = [options(prometheus, query.filled(words), variable) for words in CHOICES]

    assert any(answers)


def options(prometheus: Prometheus, query: str, variable: Json) -> list[str]:
    """List what a variable offers, as Grafana would."""
    if labelled := re.fullmatch(r"label_values\((.+), (\w+)\)", query):
        found: list[str] = prometheus.ask(f"label/{labelled[2]}/values", **{"match[]": labelled[1]})
        return found
    asked = re.fullmatch(r"query_result\((.+)\)", query)
    assert asked
    lines = (
        "{" + ",".join(f'{key}="{value}"' for key, value in one["metric"].items()) + "}"
        for one in prometheus.now(asked[1])
    )
    pattern = re.compile(variable["regex"].strip("/"))
    return [match[1] for line in lines if (match := pattern.search(line))]


@pytest.mark.needs("promtool")
def test_the_phase_that_holds_is_chosen_first(prometheus: Prometheus) -> None:
    [(_, variable)] = [
        one for one in variables() if one[0] == "matrix" and one[1]["name"] == "phase"
    ]

    offered = options(prometheus, variable["query"]["query"], variable)

    assert offered[0] == "prepare"
    assert sorted(offered) == ["agents", "backoffice", "baseline", "complete", "prepare"]


@pytest.mark.needs("promtool")
def test_while_no_collector_answers_nothing_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:  # takes calls, and answers none
        target = f"127.0.0.1:{nobody.getsockname()[1]}"
        with scraping(target, tmp_path) as prometheus:
            prometheus.until("up == 0")

            told = [
                str(query)
                for query in queries()
                if prometheus.now(query.filled({**CHOICES[0], "flow": ".*"}))
            ]

    assert told == []


@pytest.mark.needs("promtool")
@pytest.mark.parametrize("state", State)
def test_every_state_of_a_path_is_told(prometheus: Prometheus, state: State) -> None:
    assert prometheus.now(f"({state_of('')}) == {state}")


@pytest.mark.needs("promtool")
def test_every_path_has_one_state_in_each_phase(prometheus: Prometheus) -> None:
    ends = "phase, flow, src, dst, proto, port"
    [asked] = prometheus.now("count(gatewatch_path_info)")
    [told] = prometheus.now(f"count({state_of('')})")

    assert told["value"][1] == asked["value"][1]
    assert prometheus.now(f"count by ({ends}) ({state_of('')}) > 1") == []


@pytest.mark.needs("promtool")
def test_the_broken_path_is_listed_with_what_was_seen_and_asked(prometheus: Prometheus) -> None:
    [query] = [one for one in queries() if one.place.startswith("Broken in the current phase")]

    found = [one["metric"] for one in prometheus.now(query.expression)]

    [row] = [one for one in found if one.items() >= {"src": "con-01", "dst": "be-02"}.items()]
    assert (row["outcome"], row["expect"], row["phase"]) == ("rejected", "serve", "prepare")
    assert "con-02" not in {one["src"] for one in found}


@ANY_BOARD
def test_every_metric_that_is_asked_for_exists(name: str) -> None:
    known = {one.name for part in ("estate", "self") for one in documented(f"/metrics/{part}")}
    known |= {f"{one}{suffix}" for one in known for suffix in ("_bucket", "_sum", "_count")}
    asked = " ".join(query.expression for query in queries() if query.board == name)

    assert set(re.findall(r"\bgatewatch_[a-z_]+", asked)) <= known


@ANY_BOARD
def test_grafanas_own_types_read_a_dashboard_and_write_the_same(name: str) -> None:
    board = boards()[name]
    for mark in board.get("annotations", {}).get("list", []):
        del mark["titleFormat"]  # a field of the data source, which the types leave open

    again = json.loads(JSONEncoder().encode(Dashboard.from_json(board)))
    for variable in again["templating"]["list"]:
        for key in ("auto", "auto_min", "auto_count"):  # of intervals, and none is one
            del variable[key]

    assert again == board


@ANY_BOARD
def test_a_dashboard_is_fit_for_any_prometheus(name: str) -> None:
    board = boards()[name]
    text = (DASHBOARDS / f"{name}.json").read_text("utf-8")

    assert board["templating"]["list"][0]["name"] == "datasource"
    assert set(re.findall(r'"uid": "([^"]+)"', text)) == {board["uid"], "${datasource}"}
    assert board["refresh"] == "30s"


@ANY_BOARD
def test_every_panel_says_what_it_shows(name: str) -> None:
    shown = list(panels(boards()[name]))

    assert [one["title"] for one in shown if not one.get("description")] == []
    assert len({one["id"] for one in boards()[name]["panels"]}) == len(boards()[name]["panels"])
    assert {one["type"] for one in shown} & DEPRECATED == set()


@ANY_BOARD
def test_panels_fill_the_grid_and_do_not_overlap(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in boards()[name]["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert cells.isdisjoint(taken), panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_a_state_leads_to_the_page_of_its_path() -> None:
    text = (DASHBOARDS / "matrix.json").read_text("utf-8")

    assert (
        "${collector}/?phase=${__data.fields.phase}&path=${__data.fields.flow}:${__data.fields.src}"
        "%3E${__data.fields.dst}:${__data.fields.proto}/${__data.fields.port}"
    ) in text
    uids = {board["uid"] for board in boards().values()}
    assert set(re.findall(r"/d/([\w-]+)\?", text)) <= uids

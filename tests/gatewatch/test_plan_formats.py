import csv
import io
import json

import pytest

from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.plan import Plan
from gatewatch.plan_formats import as_csv, as_json, as_markdown

ESTATE = """
migration: {{name: t, from: "2.6", to: "2.7.1"}}
hosts:
  siem: {{address: 10.0.0.1, roles: [api-client]}}
  dst: {{address: 10.0.0.2, roles: []}}
extra_flows:
  - {{flow: own, from: siem, to: dst, proto: tcp, port: 80, service: http, expect: serve,
     why: {why}}}
"""


def plan_for(why: str) -> Plan:
    return expand(read_inventory(ESTATE.format(why=json.dumps(why)), "estate.yaml"))


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(formula: str) -> None:
    plan = plan_for(formula)

    rows = list(csv.DictReader(io.StringIO(b"".join(as_csv(plan, plan.inventory)).decode())))

    assert [row["purpose"] for row in rows] == ["'" + formula.replace("\r", "\n")]


def test_commas_quotes_and_lines_of_a_purpose_survive_csv() -> None:
    why = 'for "them",\nand us'
    plan = plan_for(why)

    rows = list(csv.DictReader(io.StringIO(b"".join(as_csv(plan, plan.inventory)).decode())))

    assert [row["purpose"] for row in rows] == [why]


def test_what_markdown_would_take_for_its_own_is_escaped() -> None:
    plan = plan_for("a|b \\| <b>*c*</b>\n`d`")

    *_, line = b"".join(as_markdown(plan, plan.inventory)).decode().splitlines()

    assert "| a\\|b \\\\\\| \\<b>\\*c\\*\\</b> \\`d\\` |" in line


def test_no_path_is_an_empty_list_and_a_heading() -> None:
    plan = plan_for("nothing")

    assert json.loads(b"".join(as_json([], None))) == []
    assert len(b"".join(as_csv([], plan.inventory)).splitlines()) == 1
    assert len(b"".join(as_markdown([], plan.inventory)).splitlines()) == 2


def test_json_comes_one_path_at_a_time() -> None:
    plan = plan_for("streaming")
    chunks = as_json(iter([*plan, *plan]), None)

    assert next(chunks).startswith(b'[\n{"path":"own:siem>dst:tcp/80"')
    assert next(chunks).startswith(b',\n{"path"')
    assert list(chunks) == [b"\n]\n"]

"""What viewers ask is answered as FORMATS says."""

import pytest

from flows.phases import PHASES
from tests.collector.samples import CONSOLE, CONSOLE_OLD, HTTPS, INVENTORY, REFUSED
from tests.collector.serving import Caller

MOMENT = "2026-11-23T12:00:00.000Z"


async def test_the_matrix_shows_the_phase_that_holds(caller: Caller) -> None:
    body = (await caller.get("matrix")).body

    plan = (await caller.get("plan", phase="baseline")).body
    assert body["phase"] == "baseline"
    assert body["plan"].startswith("sha256:")
    assert [row["path"] for row in body["rows"]] == [path["path"] for path in plan]
    assert set(body["rows"][0]) == {
        "path",
        "flow",
        "src",
        "dst",
        "proto",
        "port",
        "scope",
        "expect",
        "verdict",
        "pending",
        "suspect",
        "flapping",
        "outcome",
        "identity",
        "reason",
        "advice",
        "since",
        "observed_at",
        "silenced",
    }


async def test_the_matrix_shows_another_phase_when_asked(caller: Caller) -> None:
    body = (await caller.get("matrix", phase="complete")).body

    assert body["phase"] == "complete"
    assert "closed" in {row["expect"] for row in body["rows"]}


async def test_agents_are_counted_in_the_matrix_when_asked(caller: Caller) -> None:
    each = (await caller.get("matrix")).body
    rolled = (await caller.get("matrix", agents="rolled-up")).body

    assert "agents" not in each
    assert {row["path"] for row in rolled["rows"]} < {row["path"] for row in each["rows"]}
    [cell] = [one for one in rolled["agents"] if (one["site"], one["dst"]) == ("home", "ah-02")]
    assert cell == {
        "group": "hq",
        "site": "home",
        "flow": "agent-legacy",
        "dst": "ah-02",
        "proto": "tcp",
        "port": 17000,
        "expect": "serve",
        "counts": {"unproven": 1},
        "suspect": 0,
        "path": "agent-legacy:pc-003>ah-02:tcp/17000",
        "reason": "never measured",
        "since": None,
    }


async def test_a_part_of_the_matrix_can_be_asked_for_the_worst_first(caller: Caller) -> None:
    for _ in range(2):
        await caller.report("con-01", {CONSOLE: HTTPS, CONSOLE_OLD: REFUSED})

    rows = (await caller.get("matrix", src="con-01", flow="console-*", worst="1")).body["rows"]

    assert [(row["path"], row["verdict"]) for row in rows] == [(CONSOLE_OLD, "broken")]
    reply = await caller.get("matrix", worst="0")
    assert reply.problem[:2] == (400, "bad-query")


async def test_all_gates_are_answered_at_once_with_their_blockers_counted(caller: Caller) -> None:
    each = [(await caller.get(f"gates/{phase}")).body for phase in PHASES]

    assert (await caller.get("gates")).body == [
        {
            "phase": gate["phase"],
            "state": gate["state"],
            "done": False,
            "counts": gate["counts"],
            "blockers": len(gate["blockers"]),
            "hosts": len(gate["hosts"]),
        }
        for gate in each
    ]


async def test_probes_are_counted(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})

    body = (await caller.get("probes")).body

    every = [host for host in (await caller.get("hosts")).body if host["probe"]]
    assert (body["probes"], body["up"], body["away"]) == (len(every), 1, 0)
    assert [one["site"] for one in body["agents"]] == ["home", "office"]


async def test_agents_are_left_out_of_the_hosts_when_asked(caller: Caller) -> None:
    every = (await caller.get("hosts")).body
    few = (await caller.get("hosts", agents="rolled-up")).body
    home = (await caller.get("hosts", group="hq", site="home")).body

    assert few == [host for host in every if host["roles"] != ["agent"]]
    assert [host["host"] for host in home] == ["pc-003"]


async def test_events_of_one_kind_can_be_asked_for(caller: Caller) -> None:
    for _ in range(2):
        await caller.report("con-01", {CONSOLE: HTTPS})
    await caller.call("PUT", "phase", {"phase": "prepare", "force": True, "reason": "a test"})

    found = (await caller.get("events", kind="phase")).body

    assert [(one["kind"], one["after"]) for one in found] == [("phase", "prepare")]


async def test_a_path_is_shown_with_its_row_of_the_plan(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})

    body = (await caller.get("path", path=CONSOLE)).body

    assert (body["path"], body["flow"], body["src"], body["dst"]) == (
        CONSOLE,
        "console-backend",
        "con-01",
        "be-02",
    )
    assert body["guide"]
    assert body["phases"]["complete"]["expect"] == "serve"
    assert body["observation"]["outcome"] == "open"
    assert (body["since"], body["observed_at"]) == (MOMENT, MOMENT)
    assert "expect" not in body


async def test_an_unknown_path_is_not_found(caller: Caller) -> None:
    reply = await caller.get("path", path=CONSOLE.replace("443", "444"))

    assert reply.problem == (
        404,
        "unknown-path",
        f"no path '{CONSOLE.replace('443', '444')}' in the plan (did you mean '{CONSOLE}'?)",
    )


async def test_the_plan_lists_every_path(caller: Caller) -> None:
    paths = (await caller.get("plan")).body

    [path] = [path for path in paths if path["path"] == CONSOLE]
    assert path["dst_address"] == "be-02.acme.example"
    assert list(path["expect"]) == ["baseline", "prepare", "backoffice", "agents", "complete"]


async def test_the_plan_of_a_phase_has_its_expectations_only(caller: Caller) -> None:
    paths = (await caller.get("plan", phase="prepare")).body

    assert {tuple(path["expect"]) for path in paths} == {("prepare",)}


async def test_hosts_are_listed_with_their_probes(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})

    hosts = {host["host"]: host for host in (await caller.get("hosts")).body}

    assert hosts["con-01"]["probe"]["up"]
    assert hosts["con-01"]["probe"]["last_seen"] == MOMENT
    assert not hosts["con-02"]["probe"]["up"]
    assert hosts["sql-01"]["probe"] is None


async def test_events_tell_what_happened(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})
    for _ in range(2):
        caller.clock.pass_by(5)
        await caller.report("con-01", {CONSOLE: REFUSED})

    events = (await caller.get("events")).body

    assert [event["kind"] for event in events] == ["turn", "suspect", "probe", "inventory"]
    assert (events[0]["before"], events[0]["after"]) == ("ok", "broken")
    assert events[0]["at"] == "2026-11-23T12:00:10.000Z"
    assert [event["id"] for event in events] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"path": CONSOLE}, ["turn", "suspect"]),
        ({"path": "console-*"}, ["turn", "suspect"]),
        ({"host": "con-01"}, ["turn", "suspect", "probe"]),
        ({"host": "be-02"}, ["turn", "suspect"]),
        ({"limit": "1"}, ["turn"]),
        ({"after": "2"}, ["suspect", "turn"]),
        ({"before": "3"}, ["probe", "inventory"]),
    ],
)
async def test_events_are_found(caller: Caller, query: dict[str, str], kinds: list[str]) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})
    for _ in range(2):
        caller.clock.pass_by(5)
        await caller.report("con-01", {CONSOLE: REFUSED})

    events = (await caller.get("events", **query)).body

    assert [event["kind"] for event in events] == kinds


async def test_a_gate_is_answered_with_what_stands_in_its_way(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: REFUSED})

    body = (await caller.get("gates/prepare")).body

    assert (body["phase"], body["state"], body["done"], body["at"]) == (
        "prepare",
        "NOT_READY",
        False,
        MOMENT,
    )
    assert set(body["counts"]) == {
        "ok",
        "broken",
        "unproven",
        "unverifiable",
        "pending",
        "waived",
        "attested",
    }
    assert body["blockers"][0] == {
        "path": CONSOLE,
        "group": None,
        "flow": "console-backend",
        "dst": "be-02",
        "expect": "serve",
        "verdict": "broken",
        "outcome": "refused",
        "reason": body["blockers"][0]["reason"],
        "since": MOMENT,
        "guide": body["blockers"][0]["guide"],
    }
    assert body["plan"] == (await caller.get("matrix")).body["plan"]


async def test_a_gate_may_be_asked_whether_the_goal_is_reached(caller: Caller) -> None:
    start = (await caller.get("gates/prepare")).body
    done = (await caller.get("gates/prepare", done="true")).body

    assert done["done"]
    assert start["counts"]["pending"] > done["counts"]["pending"] == 0


async def test_a_gate_tells_which_hosts_are_not_upgraded(caller: Caller) -> None:
    body = (await caller.get("gates/agents")).body

    assert {"host": "be-01", "problem": "version unknown"} in body["hosts"]


async def test_a_gate_with_nothing_to_judge_is_said(caller: Caller) -> None:
    alone = (
        'migration: {name: a, from: "2.6", to: "2.7.1"}\n'
        "hosts: {sql-01: {address: 10.1.0.20, roles: [sql-server]}}\n"
    )
    await caller.call("PUT", "inventory", {"inventory": alone})

    reply = await caller.get("gates/prepare")

    assert reply.problem == (
        409,
        "nothing-to-judge",
        "nothing to judge: the plan asks for nothing in prepare",
    )


async def test_an_unknown_phase_is_not_found(caller: Caller) -> None:
    assert (await caller.get("gates/agent")).problem == (
        404,
        "unknown-phase",
        "there is no phase 'agent' (did you mean 'agents'?)",
    )
    assert (await caller.get("gates/x")).problem == (
        404,
        "unknown-phase",
        "there is no phase 'x' (one of baseline, prepare, backoffice, agents, complete)",
    )


async def test_the_phase_is_told_with_its_beginning(caller: Caller) -> None:
    assert (await caller.get("phase")).body == {"phase": "baseline", "since": MOMENT}


async def test_the_inventory_is_given_as_it_was_written(caller: Caller) -> None:
    assert (await caller.get("inventory")).body == {
        "inventory": INVENTORY,
        "name": "inventory.yaml",
    }


@pytest.mark.parametrize(
    ("where", "query", "words"),
    [
        ("matrix", {"phase": "soon"}, "Invalid enum value 'soon' - at `$.phase`"),
        ("matrix", {"phases": "prepare"}, "Object contains unknown field `phases`"),
        ("path", {}, "Object missing required field `path`"),
        ("plan", {"phase": ""}, "Invalid enum value '' - at `$.phase`"),
        ("hosts", {"x": "1"}, "Object contains unknown field `x`"),
        ("events", {"limit": "0"}, "Expected `int` >= 1 - at `$.limit`"),
        ("events", {"limit": "many"}, "Expected `int`, got `str` - at `$.limit`"),
        ("events", {"after": "-1"}, "Expected `int` >= 0 - at `$.after`"),
        ("events", {"after": str(2**63)}, "Expected `int` <= 9223372036854775807 - at `$.after`"),
        ("gates/prepare", {"done": "maybe"}, "Expected `bool`, got `str` - at `$.done`"),
    ],
)
async def test_a_query_that_makes_no_sense_is_declined(
    caller: Caller, where: str, query: dict[str, str], words: str
) -> None:
    reply = await caller.get(where, **query)

    assert reply.problem == (400, "bad-query", f"the query of /api/v1/{where}: {words}")


async def test_a_parameter_given_twice_is_declined(caller: Caller) -> None:
    reply = await caller.get("matrix?phase=prepare&phase=agents")

    assert reply.problem == (400, "bad-query", "the query parameter 'phase' is there twice")

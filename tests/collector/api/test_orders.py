"""What operators order holds at once, is remembered, and changes nothing when it is declined."""

import asyncio

import pytest

from tests.collector.samples import INVENTORY
from tests.collector.serving import Body, Caller

LATER = "2026-11-23T12:01:00.000Z"
ALONE = """\
migration: {name: acme, from: "2.6", to: "2.7.1"}
hosts:
  con-01: {address: 10.2.0.5, roles: [console]}
  be-02: {address: 10.1.0.2, roles: [backend]}
"""


async def set_phase(caller: Caller, phase: str, **more: object) -> Body:
    reply = await caller.call("PUT", "phase", {"phase": phase, **more})
    assert reply.status == 200
    return reply.body


async def test_a_phase_whose_gate_is_not_ready_is_declined_and_changes_nothing(
    caller: Caller,
) -> None:
    before = await caller.everything()

    reply = await caller.call("PUT", "phase", {"phase": "prepare"})  # an event, and nothing else

    gate = (await caller.get("gates/prepare")).body
    unproven = gate["counts"]["unproven"]
    assert reply.problem == (
        409,
        "gate-not-ready",
        f"the gate of prepare is INCONCLUSIVE: {unproven} unproven; force it only with a reason",
    )
    assert reply.body["gate"] == gate
    assert (await caller.everything())[1:] == before[1:]


async def test_hosts_that_are_not_upgraded_are_counted_too(caller: Caller) -> None:
    reply = await caller.call("PUT", "phase", {"phase": "agents"})

    assert reply.problem[2].endswith("unproven, 5 hosts not upgraded; force it only with a reason")


async def test_a_phase_may_be_forced_with_a_reason(caller: Caller) -> None:
    caller.clock.pass_by(60)

    body = await set_phase(caller, "backoffice", force=True, reason="rehearsed last week")

    assert body == {"phase": "backoffice", "since": LATER}
    assert (await caller.get("phase")).body == body
    [event] = [event for event in (await caller.get("events")).body if event["kind"] == "phase"]
    assert (event["before"], event["after"], event["reason"]) == (
        "baseline",
        "backoffice",
        "forced: rehearsed last week",
    )


@pytest.mark.parametrize("reason", [{}, {"reason": None}, {"reason": "  "}])
async def test_force_needs_a_reason(caller: Caller, reason: dict[str, object]) -> None:
    reply = await caller.call("PUT", "phase", {"phase": "prepare", "force": True, **reason})

    assert reply.problem == (
        422,
        "wrong-shape",
        "force needs a reason: say why the gate may be passed over",
    )


async def test_an_earlier_phase_is_never_declined(caller: Caller) -> None:
    await set_phase(caller, "agents", force=True, reason="x")

    assert (await set_phase(caller, "prepare"))["phase"] == "prepare"


async def test_the_same_phase_again_is_no_change(caller: Caller) -> None:
    before = await caller.everything()
    caller.clock.pass_by(60)

    body = await set_phase(caller, "baseline")

    assert body["since"] == "2026-11-23T12:00:00.000Z"
    assert await caller.everything() == before


async def test_a_phase_whose_gate_is_ready_begins(caller: Caller) -> None:
    alone = ALONE.replace("con-01", "sql-01").replace("console", "sql-server")
    await caller.call("PUT", "inventory", {"inventory": alone + "waivers:\n" + WAIVER})

    assert (await set_phase(caller, "prepare"))["phase"] == "prepare"


WAIVER = '  - {path: "*", reason: "a test", until: 2027-01-01}\n'


async def test_another_inventory_is_followed(caller: Caller) -> None:
    reply = await caller.call("PUT", "inventory", {"inventory": ALONE, "name": "small.yaml"})

    body = reply.body
    assert (reply.status, body["applied"]) == (200, True)
    assert body["hosts_changed"] == ["con-01", "be-02"]
    assert "be-01" in body["hosts_removed"]
    assert body["paths_added"] == []
    assert body["sections"] == ["handler_groups", "waivers"]
    assert body["warnings"]
    assert [host["host"] for host in (await caller.get("hosts")).body] == ["be-02", "con-01"]
    assert (await caller.get("inventory")).body == {"inventory": ALONE, "name": "small.yaml"}


async def test_a_dry_run_tells_the_same_and_changes_nothing(caller: Caller) -> None:
    before = await caller.everything()

    dry = await caller.call("PUT", "inventory", {"inventory": ALONE, "dry_run": True})

    assert await caller.everything() == before
    real = await caller.call("PUT", "inventory", {"inventory": ALONE})
    assert dry.body == {**real.body, "applied": False}


async def test_a_bad_inventory_is_refused_with_every_problem_and_changes_nothing(
    caller: Caller,
) -> None:
    before = await caller.everything()
    bad = INVENTORY.replace("roles: [agent], site: home", "roles: [agnet]").replace(
        "port: 1433", "port: 0"
    )

    reply = await caller.call("PUT", "inventory", {"inventory": bad, "name": "new.yaml"})

    assert reply.problem == (
        422,
        "refused-inventory",
        "new.yaml:8: hosts.sql-01.sql.port: '0' is not a port (1 to 65535) (and 1 more)",
    )
    assert reply.body["problems"][1] == {
        "file": "new.yaml",
        "line": 13,
        "path": "hosts.pc-003.roles[0]",
        "text": "unknown role 'agnet' (did you mean 'agent'?)",
    }
    assert await caller.everything() == before


async def test_a_large_inventory_has_room(caller: Caller) -> None:
    padded = ALONE + "#" * (2 << 20)

    reply = await caller.call("PUT", "inventory", {"inventory": padded})

    assert reply.status == 200


async def test_versions_are_set_by_a_glob(caller: Caller) -> None:
    reply = await caller.call("PATCH", "hosts", {"glob": "be-*", "version": "2.7.1"})

    assert (reply.status, reply.body) == (200, {"hosts": ["be-01", "be-02"], "version": "2.7.1"})
    hosts = {host["host"]: host for host in (await caller.get("hosts")).body}
    assert (hosts["be-01"]["version"], hosts["be-01"]["version_source"]) == ("2.7.1", "set")
    assert hosts["ah-02"]["version"] is None


async def test_versions_are_taken_back_by_null(caller: Caller) -> None:
    await caller.call("PATCH", "hosts", {"glob": "*", "version": "2.7.1"})

    reply = await caller.call("PATCH", "hosts", {"glob": "be-01", "version": None})

    assert reply.body == {"hosts": ["be-01"], "version": None}
    hosts = {host["host"]: host for host in (await caller.get("hosts")).body}
    assert (hosts["be-01"]["version"], hosts["be-02"]["version"]) == (None, "2.7.1")


@pytest.mark.parametrize(
    ("method", "where", "body", "problem"),
    [
        (
            "PATCH",
            "hosts",
            {"glob": "be_01", "version": "2.7.1"},
            (404, "unknown-host", "no host is named 'be_01' (did you mean 'be-01'?)"),
        ),
        (
            "PATCH",
            "hosts",
            {"glob": "be-01", "version": "new"},
            (422, "wrong-shape", "'new' is not a version such as 2.7.1"),
        ),
        (
            "PATCH",
            "hosts",
            {"glob": "be-01"},
            (
                422,
                "wrong-shape",
                "the body of /api/v1/hosts: Object missing required field `version`",
            ),
        ),
        (
            "PUT",
            "phase",
            {"phase": "soon"},
            (
                422,
                "wrong-shape",
                "the body of /api/v1/phase: Invalid enum value 'soon' - at `$.phase`",
            ),
        ),
        (
            "PUT",
            "phase",
            {"phase": "prepare", "forced": True},
            (
                422,
                "wrong-shape",
                "the body of /api/v1/phase: Object contains unknown field `forced`",
            ),
        ),
        (
            "PUT",
            "inventory",
            {"inventory": ALONE, "name": "a\nb"},
            (
                422,
                "wrong-shape",
                "the body of /api/v1/inventory: Expected `str` matching regex"
                " '^[^\\\\x00-\\\\x1f\\\\x7f]*$(?!\\\\n)' - at `$.name`",
            ),
        ),
        (
            "PUT",
            "inventory",
            {"inventory": ""},
            (422, "refused-inventory", "inventory.yaml:1: the file is empty"),
        ),
        (
            "PUT",
            "inventory",
            ["hosts"],
            (
                422,
                "wrong-shape",
                "the body of /api/v1/inventory: Expected `object`, got `array`",
            ),
        ),
    ],
)
async def test_an_order_that_makes_no_sense_is_declined_and_changes_nothing(
    caller: Caller, method: str, where: str, body: object, problem: tuple[int, str, str]
) -> None:
    before = await caller.everything()

    reply = await caller.call(method, where, body)

    assert reply.problem == problem
    assert await caller.everything() == before


async def test_orders_at_once_are_taken_one_after_the_other(caller: Caller) -> None:
    async with asyncio.TaskGroup() as tasks:
        sent = [
            tasks.create_task(
                caller.call("PATCH", "hosts", {"glob": "be-01", "version": f"2.7.{number}"})
            )
            for number in range(1, 9)
        ]

    assert {task.result().status for task in sent} == {200}
    events = (await caller.get("events", host="be-01", after="0")).body
    steps = [(event["before"], event["after"]) for event in events]
    assert [before for before, _ in steps] == [None, *(after for _, after in steps[:-1])]

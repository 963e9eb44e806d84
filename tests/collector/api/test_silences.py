"""Waivers, attestations and maintenance are given, listed, taken back, remembered, and end."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from collector.timing import Timing
from tests.collector.samples import CONSOLE, CONSOLE_NEW, FILTERED, HTTPS, REFUSED
from tests.collector.serving import Body, Caller, Moments, calling, settings_in

UNTIL = "2026-11-23T13:00:00.000Z"
WAIVER: dict[str, object] = {"path": CONSOLE, "reason": "be-02 is replaced", "until": UNTIL}
ATTESTATION: dict[str, object] = {
    "path": CONSOLE_NEW,
    "evidence": "seen in the firewall's log",
    "until": UNTIL,
}
MAINTENANCE: dict[str, object] = {"hosts": "be-02", "reason": "new disks", "until": UNTIL}
ORDERS = {
    "waivers": WAIVER,
    "attestations": ATTESTATION,
    "maintenance": MAINTENANCE,
}


async def give(caller: Caller, face: str, **more: object) -> Body:
    reply = await caller.call("POST", face, {**ORDERS[face], **more})
    assert reply.status == 200
    return reply.body


async def row(caller: Caller, path: str = CONSOLE, phase: str = "baseline") -> Body:
    rows = (await caller.get("matrix", phase=phase)).body["rows"]
    return next(row for row in rows if row["path"] == path)


async def series(caller: Caller, name: str, *labels: str) -> list[str]:
    """List the values of the series of a metric that have these labels."""
    page = (await caller.get("/metrics/estate")).content.decode()
    lines = [line for line in page.splitlines() if line.startswith(name + "{")]
    return [line.rsplit(" ", 1)[1] for line in lines if all(label in line for label in labels)]


OF_CONSOLE = ('flow="console-backend"', 'src="con-01"', 'dst="be-02"')


async def test_waivers_of_the_inventory_and_of_operators_are_listed(caller: Caller) -> None:
    given = await give(caller, "waivers")

    assert (await caller.get("waivers")).body == [
        {
            "id": None,
            "source": "inventory",
            "path": "sql-dac:*",
            "reason": "remote DAC is off by policy",
            "until": "2026-12-01T00:00:00.000Z",
            "in_force": True,
            "by": None,
        },
        {"id": given["id"], "source": "operator", **WAIVER, "in_force": True, "by": "127.0.0.1"},
    ]


async def test_a_waiver_shows_in_matrix_gate_and_metrics(caller: Caller) -> None:
    for _ in range(2):
        await caller.report("con-01", {CONSOLE: REFUSED})
        caller.clock.pass_by(5)
    before = (await caller.get("gates/prepare")).body["counts"]

    await give(caller, "waivers")

    after = (await caller.get("gates/prepare")).body["counts"]
    assert (await row(caller))["verdict"] == "waived"
    assert (after["broken"], after["waived"]) == (before["broken"] - 1, before["waived"] + 1)
    assert await series(caller, "gatewatch_path_silenced", *OF_CONSOLE) == ["1"]
    assert await series(caller, "gatewatch_path_broken", *OF_CONSOLE, 'phase="baseline"') == ["0"]
    end = await series(caller, "gatewatch_waiver_end_timestamp_seconds", CONSOLE)
    assert end == [str(int(caller.clock.now.timestamp()) - 10 + 3600)]


async def test_a_waiver_ends_by_itself(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), timing=Timing(interval=0.05))
    async with asyncio.timeout(20), calling(settings) as caller:
        await caller.report("con-01", {CONSOLE: REFUSED})
        await give(caller, "waivers")
        caller.clock.pass_by(3600)
        verdict = (await row(caller))["silenced"]
        while len((await caller.get("waivers")).body) > 1:
            pass
        events = (await caller.get("events")).body

    assert verdict is None
    told = [(event["kind"], event["subject"], event["after"]) for event in events[:2]]
    assert told == [("waiver", CONSOLE, "broken"), ("waiver", CONSOLE, "ended")]


async def test_an_attestation_stands_for_what_nothing_proves(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE_NEW: FILTERED, CONSOLE: HTTPS})
    before = (await caller.get("gates/prepare", done="true")).body["counts"]

    given = await give(caller, "attestations")

    after = (await caller.get("gates/prepare", done="true")).body["counts"]
    assert (after["attested"], after["unproven"]) == (1, before["unproven"] - 1)
    assert after["waived"] == before["waived"]
    assert (await row(caller, CONSOLE_NEW, "prepare"))["verdict"] == "attested"
    assert (await caller.get("attestations")).body == [
        {"id": given["id"], **ATTESTATION, "in_force": True, "by": "127.0.0.1"}
    ]


async def test_maintenance_keeps_verdicts_and_gates_as_they_are(caller: Caller) -> None:
    await give(caller, "maintenance")
    for seen in (HTTPS, REFUSED, REFUSED):
        await caller.report("con-01", {CONSOLE: seen})
        caller.clock.pass_by(5)

    found = await row(caller)
    assert (found["verdict"], found["silenced"]) == ("broken", "maintenance")
    assert (await caller.get("gates/prepare")).body["counts"]["broken"] == 1
    assert await series(caller, "gatewatch_path_broken", *OF_CONSOLE, 'phase="baseline"') == ["0"]
    assert await series(
        caller, "gatewatch_path_silenced", *OF_CONSOLE, 'by="maintenance"', 'port="443"'
    ) == ["1"]
    events = (await caller.get("events", host="be-02")).body
    assert [event["kind"] for event in events] == ["turn", "suspect", "maintenance"]


async def test_maintenance_may_begin_later_and_be_of_a_site(caller: Caller) -> None:
    begins = "2026-11-23T12:30:00.000Z"
    body = await give(caller, "maintenance", hosts=None, site="dc1", **{"from": begins})
    silenced = [(await row(caller))["silenced"]]
    caller.clock.pass_by(1800)
    silenced.append((await row(caller))["silenced"])

    assert silenced == [None, "maintenance"]
    assert body == {
        "id": body["id"],
        "hosts": None,
        "site": "dc1",
        "reason": "new disks",
        "from": begins,
        "until": UNTIL,
        "in_force": False,
        "by": "127.0.0.1",
    }


@pytest.mark.parametrize("face", ORDERS)
async def test_what_was_given_is_taken_back(caller: Caller, face: str) -> None:
    before = (await caller.get(face)).body
    given = await give(caller, face)

    reply = await caller.call("DELETE", f"{face}/{given['id']}")

    assert (reply.status, reply.body) == (200, given)
    assert (await caller.get(face)).body == before
    events = (await caller.get("events", after="1")).body
    assert [(event["after"], event["by"]) for event in events] == [
        (f"until {UNTIL}", "127.0.0.1"),
        ("taken back", "127.0.0.1"),
    ]


@pytest.mark.parametrize("face", ORDERS)
async def test_what_was_given_survives_a_restart(tmp_path: Path, face: str) -> None:
    settings, clock = settings_in(tmp_path), Moments()
    async with calling(settings, clock) as caller:
        await give(caller, face)
        before = (await caller.get(face)).body

    async with calling(settings, clock) as caller:
        assert (await caller.get(face)).body == before


@pytest.mark.parametrize(
    ("face", "order", "problem"),
    [
        (
            "waivers",
            {**WAIVER, "path": "sqll:*"},
            (
                404,
                "unknown-path",
                "no path of the plan matches 'sqll:*';"
                " a path is written as in agent:pc-001>ah-01:tcp/443",
            ),
        ),
        (
            "maintenance",
            {**MAINTENANCE, "hosts": "be-03"},
            (404, "unknown-host", "no host is named 'be-03' (did you mean 'be-02'?)"),
        ),
        (
            "maintenance",
            {**MAINTENANCE, "hosts": None, "site": "dc2"},
            (404, "unknown-host", "no site is named 'dc2' (did you mean 'dc1'?)"),
        ),
        (
            "maintenance",
            {**MAINTENANCE, "site": "dc1"},
            (422, "wrong-shape", "a maintenance window names either hosts or a site"),
        ),
        (
            "maintenance",
            {"reason": "x", "until": UNTIL},
            (422, "wrong-shape", "a maintenance window names either hosts or a site"),
        ),
        (
            "attestations",
            {**ATTESTATION, "until": "2026-11-23T11:00:00Z"},
            (
                422,
                "bad-time",
                "until lies in the past: 2026-11-23T11:00:00.000Z, and now it is"
                " 2026-11-23T12:00:00.000Z",
            ),
        ),
        (
            "maintenance",
            {**MAINTENANCE, "from": "2026-11-23T13:30:00Z"},
            (
                422,
                "bad-time",
                "from is not before until: 2026-11-23T13:30:00.000Z to 2026-11-23T13:00:00.000Z",
            ),
        ),
        (
            "waivers",
            {"path": CONSOLE, "until": UNTIL},
            (
                422,
                "wrong-shape",
                "the body of /api/v1/waivers: Object missing required field `reason`",
            ),
        ),
    ],
)
async def test_what_makes_no_sense_is_declined_and_changes_nothing(
    caller: Caller, face: str, order: dict[str, object], problem: tuple[int, str, str]
) -> None:
    before = await caller.everything()

    reply = await caller.call("POST", face, order)

    assert reply.problem == problem
    assert await caller.everything() == before


@pytest.mark.parametrize("words", [{"reason": "  "}, {"path": ""}, {"path": "a\nb"}])
async def test_words_must_say_something(caller: Caller, words: dict[str, str]) -> None:
    reply = await caller.call("POST", "waivers", {**WAIVER, **words})

    assert reply.problem[:2] == (422, "wrong-shape")


async def test_an_id_of_another_kind_is_unknown(caller: Caller) -> None:
    given = await give(caller, "maintenance")

    reply = await caller.call("DELETE", f"waivers/{given['id']}")

    said = f"there is no waiver with the id '{given['id']}'"
    assert reply.problem == (404, "unknown-id", said)
    assert len((await caller.get("maintenance")).body) == 1

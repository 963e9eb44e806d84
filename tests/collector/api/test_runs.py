"""Runs over HTTP: asked for, listed, looked at, cancelled, refused."""

import pytest

from collector.runs import MOST_A_MINUTE
from tests.collector.samples import CONSOLE, HTTPS, result_of
from tests.collector.serving import Caller, a_report

CONSOLES = {"phase": "baseline", "flow": ["console-backend"], "src": ["con-01"], "dst": ["be-02"]}


async def test_a_run_shows_what_was_asked_for_and_what_came_of_it(caller: Caller) -> None:
    begun = (await caller.call("POST", "runs", CONSOLES)).body
    check = await caller.check_of(CONSOLE)
    result = result_of(check, HTTPS, caller.clock.now)
    report = a_report("con-01", [result])
    tagged = report.__class__(
        **{name: getattr(report, name) for name in report.__struct_fields__ if name != "results"},
        results=(type(result)(**{**_fields(result), "run": begun["id"]}),),
    )
    waiting = (await caller.get(f"runs/{begun['id']}")).body
    await caller.send(tagged)

    shown = (await caller.get(f"runs/{begun['id']}")).body
    assert {name: begun[name] for name in ("state", "phase", "flow", "src", "dst", "by")} == {
        "state": "running",
        "phase": "baseline",
        "flow": ["console-backend"],
        "src": ["con-01"],
        "dst": ["be-02"],
        "by": "127.0.0.1",
    }
    assert (begun["created"], begun["expires"]) == (
        "2026-11-23T12:00:00.000Z",
        "2026-11-23T12:01:00.000Z",
    )
    assert (waiting["checks"], waiting["done"], waiting["silent"]) == (1, 0, ["con-01"])
    assert (waiting["rows"], shown["done"]) == ([], 1)
    assert [(row["path"], row["verdict"], row["reason"]) for row in shown["rows"]] == [
        (CONSOLE, "ok", "an HTTPS server answered")
    ]


def _fields(struct: object) -> dict[str, object]:
    return {name: getattr(struct, name) for name in type(struct).__struct_fields__}  # type: ignore[attr-defined] # a msgspec.Struct


async def test_equal_runs_are_one_and_all_are_listed_the_newest_first(caller: Caller) -> None:
    first = (await caller.call("POST", "runs", CONSOLES)).body
    again = (await caller.call("POST", "runs", {**CONSOLES, "src": ["con-01", "con-01"]})).body
    caller.clock.pass_by(1)
    other = (await caller.call("POST", "runs", {})).body

    listed = (await caller.get("runs")).body

    assert first == again
    assert [run["id"] for run in listed] == [other["id"], first["id"]]


async def test_a_run_is_cancelled(caller: Caller) -> None:
    begun = (await caller.call("POST", "runs", CONSOLES)).body

    cancelled = await caller.call("DELETE", f"runs/{begun['id']}")

    events = (await caller.get("events")).body
    assert (cancelled.status, cancelled.body["state"]) == (200, "cancelled")
    assert (await caller.get("assignments/con-01")).body["runs"] == []
    assert [(one["kind"], one["subject"]) for one in events[:2]] == [("run", begun["id"])] * 2
    assert (await caller.call("POST", "runs", CONSOLES)).body["id"] != begun["id"]


async def test_runs_beyond_the_rate_are_told_when_to_come_back(caller: Caller) -> None:
    for number in range(MOST_A_MINUTE):
        run = (await caller.call("POST", "runs", CONSOLES)).body
        await caller.call("DELETE", f"runs/{run['id']}")
        caller.clock.pass_by(number % 2)

    reply = await caller.call("POST", "runs", CONSOLES)

    assert reply.problem[:2] == (429, "too-many-runs")
    assert reply.headers["Retry-After"] == "56"


@pytest.mark.parametrize(
    ("method", "where", "body", "problem"),
    [
        ("POST", "runs", {"flow": ["nothing"]}, (404, "unknown-path")),
        ("POST", "runs", {"phase": "later"}, (422, "wrong-shape")),
        ("POST", "runs", {"flow": [""]}, (422, "wrong-shape")),
        ("POST", "runs", {"host": "con-01"}, (422, "wrong-shape")),
        ("GET", "runs/01NONE", None, (404, "unknown-id")),
        ("GET", "runs/01NONE/events", None, (404, "unknown-id")),
        ("DELETE", "runs/01NONE", None, (404, "unknown-id")),
        ("GET", "runs?all=1", None, (400, "bad-query")),
    ],
)
async def test_what_makes_no_sense_is_declined_and_changes_nothing(
    caller: Caller, method: str, where: str, body: object, problem: tuple[int, str]
) -> None:
    before = await caller.everything()

    reply = await caller.call(method, where, body)

    assert reply.problem[:2] == problem
    assert await caller.everything() == before

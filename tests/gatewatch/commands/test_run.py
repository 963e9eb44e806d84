"""`gatewatch run` against a collector: begin, wait, interrupt, show, cancel, compare."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from flows.messages import Run
from flows.outcomes import AnsweredBy, Observation, Outcome
from tests.collector.samples import result_of
from tests.collector.serving import Body, Caller, a_report, calling, settings_in
from tests.gatewatch.running import COMMAND, environment, operate

ESTATE = """\
migration: {name: t, from: "2.6", to: "2.7.1"}
hosts:
  con-01: {address: 10.2.0.5, roles: [console]}
  be-02:  {address: 10.1.0.12, roles: [backend]}
options: {separate_backend_8443: ignore}
"""
PATH = "console-backend:con-01>be-02:tcp/443"
HTTPS = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, address="10.1.0.12")
REFUSED = Observation(outcome=Outcome.REFUSED, address="10.1.0.12")
CONSOLES = ("--flow", "console-*", "--src", "con-01")


@pytest.fixture
async def collector(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path, ESTATE)) as caller:
        yield caller


async def until_begun(caller: Caller) -> Run:
    """Wait, as the probe of con-01, until a run asks for something."""
    async with asyncio.timeout(30):
        while not (runs := (await caller.get("assignments/con-01")).body["runs"]):
            pass
    return msgspec.convert(runs[0], Run)


async def answer(caller: Caller, seen: Observation) -> str:
    """Answer the run that comes, as the probe of con-01; returns its id."""
    run = await until_begun(caller)
    caller.clock.pass_by(5)
    results = [
        msgspec.structs.replace(result_of(check, seen, caller.clock.now), run=run.id)
        for check in run.checks
    ]
    caller.seq += 1
    report = a_report("con-01", results, caller.clock.now, seq=caller.seq)
    assert (await caller.send(report)).status == 200
    return run.id


async def wait_for(caller: Caller, seen: Observation, *words: str) -> tuple[int, str]:
    """Run and wait while the probe answers; returns the exit code and the run's id."""
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(operate(caller.url, "run", *CONSOLES, "--wait", *words))
        name = await answer(caller, seen)
    return waiting.result(), name


async def test_waiting_answers_for_what_was_found(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    good, first = await wait_for(collector, HTTPS)
    bad, second = await wait_for(collector, REFUSED)
    shown = capsys.readouterr().out
    codes = [
        await operate(collector.url, "run", "diff", first, second),
        await operate(collector.url, "run", "diff", first, first),
        await operate(collector.url, "run", "show", first),
    ]

    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert (good, bad, codes) == (0, 1, [0, 0, 0])
    assert f"run {first}, baseline, done: 1 of 1 checks answered; 1 ok\n" in shown
    assert f"run {second}, baseline, done: 1 of 1 checks answered; 1 broken\n" in shown
    reasons = "ok: an HTTPS server answered broken: 10.1.0.12 refused the connection"
    assert said[2] == f"broke {PATH} {reasons}"
    assert said[3:] == [
        "both say the same of every path",
        f"run {first}, baseline, done: 1 of 1 checks answered; 1 ok",
    ]


async def test_what_nobody_answered_is_unproven(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(operate(collector.url, "run", "--wait"))
        await until_begun(collector)
        collector.clock.pass_by(61)

    assert waiting.result() == 2
    assert "its probe did not answer this run" in (said := capsys.readouterr().out)
    assert "silent: con-01" in said


async def test_without_waiting_it_says_what_it_began(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await operate(collector.url, "run", "--phase", "prepare", "--dst", "be-*")
    name = capsys.readouterr().out.split()[1].strip(",")
    cancelled = await operate(collector.url, "run", "cancel", name)

    [run] = (await collector.get("runs")).body
    assert (code, cancelled) == (0, 0)
    assert (run["id"], run["phase"], run["dst"], run["state"]) == (
        name,
        "prepare",
        ["be-*"],
        "cancelled",
    )
    said = f"run {name}, prepare, cancelled: 0 of 1 checks answered"
    assert capsys.readouterr().out.startswith(said)


async def test_runs_are_listed_with_what_they_found(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    _, first = await wait_for(collector, REFUSED)
    assert await operate(collector.url, "run", "--phase", "prepare") == 0
    capsys.readouterr()

    assert await operate(collector.url, "run", "list") == 0

    shown = capsys.readouterr().out
    begun, found = (" ".join(line.split()) for line in shown.splitlines()[2:])
    assert "prepare all paths running 0 of 1 - 127.0.0.1" in begun
    assert found.startswith(f"{first} 2026-")
    assert "baseline flow console-*; src con-01 done 1 of 1 1 broken 127.0.0.1" in found


async def test_without_runs_the_list_says_so(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await operate(collector.url, "run", "list") == 0
    assert await operate(collector.url, "run", "list", "--format", "json") == 0

    assert capsys.readouterr().out == "no run is kept\n[]\n"


async def test_json_is_the_collectors_own_body(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    as_json = ("--format", "json")
    code, first = await wait_for(collector, HTTPS, *as_json)
    _, second = await wait_for(collector, REFUSED, *as_json)
    assert await operate(collector.url, "run", "diff", first, second, *as_json) == 0

    one, _, diff = map(json.loads, capsys.readouterr().out.splitlines())
    assert (code, one) == (0, (await collector.get(f"runs/{first}")).body)
    assert [(row["change"], row["path"]) for row in diff] == [("broke", PATH)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--flow", "nothing"), "no path of baseline matches flow nothing"),
        (("show", "01NONE"), "there is no run with the id '01NONE'"),
        (("cancel", "01NONE"), "there is no run with the id '01NONE'"),
        (("diff", "01NONE", "01ALSO"), "there is no run with the id '01NONE'"),
    ],
)
async def test_what_makes_no_sense_is_one_sentence_and_exits_3(
    collector: Caller, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert await operate(collector.url, "run", *words) == 3
    assert capsys.readouterr().err == f"gatewatch: {said}\n"


async def test_ctrl_c_leaves_the_run_and_says_how_to_cancel_it(collector: Caller) -> None:
    command = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("run", "--wait", "--collector", collector.url),
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await until_begun(collector)
    await until_followed(collector)
    os.kill(command.pid, signal.SIGINT)
    async with asyncio.timeout(30):
        _, said = await command.communicate()

    [run] = await runs_of(collector)
    assert (command.returncode, run["state"]) == (130, "running")
    name = run["id"]
    assert said.decode() == f"run {name} goes on; to cancel it: gatewatch run cancel {name}\n"


async def until_followed(caller: Caller) -> None:
    """Wait until somebody follows something."""
    async with asyncio.timeout(30):
        line = b"gatewatch_collector_event_streams 1.0\n"
        while line not in (await caller.get("/metrics/self")).content:
            pass


async def runs_of(caller: Caller) -> list[Body]:
    found: list[Body] = (await caller.get("runs")).body
    return found

"""A collector at work tells of probes that fall silent, once, and only if it was there to hear."""

import asyncio
import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from collector.listening import Attendance
from collector.settings import Settings
from collector.timing import Timing
from tests.collector.samples import CONSOLE, HTTPS, at
from tests.collector.serving import Body, Caller, Moments, calling, settings_in

QUICK = Timing(interval=0.05, agent_interval=0.05, deadline=0.01, per_destination=10_000)
ELSEWHERE = "console-backend:con-02>be-02:tcp/443"
ROUND = timedelta(seconds=15)


def quick(folder: Path) -> Settings:
    """Look for silent probes twenty times a second; by a clock that stands still meanwhile."""
    return dataclasses.replace(settings_in(folder), timing=QUICK)


async def events(caller: Caller) -> list[Body]:
    found: list[Body] = (await caller.get("events", kind="probe")).body
    return [(one["subject"], one["reason"]) for one in reversed(found)]


async def until(caller: Caller, number: int) -> list[Body]:
    """Wait until so many events of probes are there; fails if they are not soon."""
    async with asyncio.timeout(20):
        while len(found := await events(caller)) < number:
            pass
    return found


def test_a_collector_is_there_from_its_start_on() -> None:
    attendance = Attendance(at(0), ROUND)

    assert [attendance.at(at(seconds)) for seconds in (15, 30, 55)] == [at(0)] * 3


@pytest.mark.parametrize("later", [26, 3600, -1])
def test_it_was_away_after_a_gap_and_where_its_clock_was_set(later: float) -> None:
    attendance = Attendance(at(0), ROUND)

    assert attendance.at(at(later)) == at(later)
    assert attendance.at(at(later + 15)) == at(later)


def test_it_was_away_while_it_could_not_take_reports() -> None:
    attendance = Attendance(at(0), ROUND)
    attendance.interrupt(at(15))

    assert attendance.at(at(30)) == at(15)


async def test_a_probe_that_falls_silent_is_told_of_and_so_is_its_return(tmp_path: Path) -> None:
    async with calling(quick(tmp_path)) as caller:
        await caller.report("con-01", {CONSOLE: HTTPS})
        caller.clock.pass_by(5)
        silent = await until(caller, 2)
        await caller.report("con-01", {CONSOLE: HTTPS})
        caller.clock.pass_by(1)
        back = await until(caller, 3)

    assert silent[1:] == [
        ("con-01", "the probe has been silent since 2026-11-23T12:00:00.000Z"),
    ]
    assert back[2:] == [("con-01", "the probe is back after 5 s of silence")]


async def test_what_is_told_of_a_site_is_found_by_each_host_of_it(tmp_path: Path) -> None:
    async with calling(quick(tmp_path)) as caller:
        for host, path in (("con-01", CONSOLE), ("con-02", ELSEWHERE)):
            await caller.report(host, {path: HTTPS}, stream=host)
        caller.clock.pass_by(5)
        await until(caller, 3)
        found = [(await caller.get("events", host=host)).body for host in ("con-01", "be-01")]

    assert [[one["subject"] for one in events] for events in found] == [
        ["site office", "con-01"],
        [],
    ]


async def test_a_silence_is_told_once_however_often_the_collector_starts(tmp_path: Path) -> None:
    settings, clock = quick(tmp_path), Moments()
    async with calling(settings, clock) as caller:
        await caller.report("con-01", {CONSOLE: HTTPS})
        clock.pass_by(5)
        before = await until(caller, 2)
    clock.pass_by(600)
    async with calling(settings, clock) as caller:
        await caller.report("con-02", {ELSEWHERE: HTTPS})
        clock.pass_by(5)
        after = await until(caller, 4)

    assert after[:2] == before
    assert after[3:] == [
        (
            "con-02",
            "the probe has been silent since 2026-11-23T12:10:05.000Z; silent before: 1",
        )
    ]


async def test_nobody_is_silent_for_an_outage_of_the_collector(tmp_path: Path) -> None:
    settings, clock = quick(tmp_path), Moments()
    async with calling(settings, clock) as caller:
        await caller.report("con-01", {CONSOLE: HTTPS})
    clock.pass_by(600)
    async with calling(settings, clock) as caller:
        await caller.report("con-02", {ELSEWHERE: HTTPS})
        clock.pass_by(5)
        found = await until(caller, 3)

    assert [subject for subject, _ in found] == ["con-01", "con-02", "con-02"]

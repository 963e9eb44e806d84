import asyncio
import os

import pytest

from gatewatch.demo import onlooker


async def test_nobody_is_waited_for_where_nobody_watches() -> None:
    async with asyncio.timeout(5):
        await onlooker.nobody("start prepare")


async def test_a_clock_announces_the_step_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(onlooker, "AUTO_SECONDS", 0.0)

    await onlooker.by_clock("start prepare")

    assert capsys.readouterr().out == "In 0 s: start prepare\n"


async def test_enter_is_waited_for_at_each_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as keyboard, os.fdopen(writing, "w") as person:
        monkeypatch.setattr("sys.stdin", keyboard)
        proceed = onlooker.by_enter()
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            pressed = asyncio.Event()

            async def watch() -> None:
                await proceed("start prepare")
                assert pressed.is_set()

            group.create_task(watch())
            await asyncio.sleep(0)
            pressed.set()
            person.write("\n")
            person.flush()

    assert capsys.readouterr().out == "[Enter] start prepare\n"


async def test_who_pressed_enter_twice_has_pressed_it_for_two_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as keyboard, os.fdopen(writing, "w") as person:
        monkeypatch.setattr("sys.stdin", keyboard)
        proceed = onlooker.by_enter()
        person.write("\n\n")
        person.flush()
        async with asyncio.timeout(10):
            await proceed("one")
            await proceed("other")

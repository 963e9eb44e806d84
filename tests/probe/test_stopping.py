import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from probe.stopping import by_interpreter, by_loop, stop_on_request

Way = Callable[
    [asyncio.AbstractEventLoop, tuple[signal.Signals, ...], Callable[[], None]],
    AbstractContextManager[None],
]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_system_may_ask_to_stop(number: signal.Signals) -> None:
    stop = asyncio.Event()

    with stop_on_request(stop.set):
        signal.raise_signal(number)
        await stop.wait()


@pytest.mark.parametrize("way", [by_loop, by_interpreter])
async def test_each_platforms_way_wakes_the_loop_and_leaves_no_handler_behind(way: Way) -> None:
    stop = asyncio.Event()
    before = signal.getsignal(signal.SIGTERM)

    with way(asyncio.get_running_loop(), (signal.SIGTERM,), stop.set):
        signal.raise_signal(signal.SIGTERM)
        await stop.wait()

    assert signal.getsignal(signal.SIGTERM) == before

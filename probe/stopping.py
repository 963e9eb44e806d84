"""How the operating system asks the probe to end; what differs between platforms is here.

On Linux and its kin SIGTERM and SIGINT. On Windows Ctrl+C (SIGINT) and Ctrl+Break (SIGBREAK, by
which one process asks another one of its console to end); its event loop takes no handlers.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_on_request(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` in the running loop when the system asks the program to end."""
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        with by_interpreter(loop, (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK), stop):
            yield
    else:
        with by_loop(loop, (signal.SIGINT, signal.SIGTERM), stop):
            yield


@contextmanager
def by_loop(
    loop: asyncio.AbstractEventLoop, signals: tuple[signal.Signals, ...], stop: Callable[[], None]
) -> Iterator[None]:
    """Let the loop handle signals, where it can."""
    for number in signals:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


@contextmanager
def by_interpreter(
    loop: asyncio.AbstractEventLoop, signals: tuple[signal.Signals, ...], stop: Callable[[], None]
) -> Iterator[None]:
    """Let the interpreter handle signals, and wake the loop up."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)

    before = {number: signal.signal(number, handle) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

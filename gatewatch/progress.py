"""A bar on stderr for what takes more than a moment; nothing where nobody looks."""

import asyncio
import sys
from types import TracebackType
from typing import TextIO

APPEARS_AFTER_SECONDS = 1.0


class Progress:
    """Counts steps; shows them once a second has passed, on a terminal only.

    `eta` adds how long it may still take; `hidden` keeps it away where the output itself shows how
    far it is.
    """

    def __init__(self, what: str, total: int, *, hidden: bool = False, eta: bool = False) -> None:
        self._what = what
        self._total = total
        self._stream = sys.stderr
        self._shown = self._stream.isatty() and not hidden
        self._done = 0
        self._eta = eta
        self._bar: _Bar | None = None
        self._due: asyncio.TimerHandle | None = None

    def __enter__(self) -> "Progress":
        if self._shown:
            loop = asyncio.get_running_loop()
            self._due = loop.call_later(APPEARS_AFTER_SECONDS, self._appear)
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if self._due is not None:
            self._due.cancel()
        if self._bar is not None:
            self._bar.stop()

    def step(self, steps: int = 1) -> None:
        """Count one more as done, or several."""
        self._done += steps
        if self._bar is not None:
            self._bar.show(self._done)

    def _appear(self) -> None:
        self._bar = _Bar(self._what, self._done, self._total, self._stream, eta=self._eta)


class _Bar:
    """The bar itself."""

    def __init__(self, what: str, done: int, total: int, stream: TextIO, *, eta: bool) -> None:
        from rich.progress import (  # noqa: PLC0415 - a bar is really shown now
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress  # noqa: PLC0415 - as above

        from gatewatch.terminal import console  # noqa: PLC0415 - as above

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._rich = RichProgress(
            *columns,
            *((TimeRemainingColumn(),) if eta else ()),
            console=console(stream),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._rich.add_task(what, completed=done, total=total)
        self._rich.start()

    def show(self, done: int) -> None:
        """Draw how many are done."""
        self._rich.update(self._task, completed=done)

    def stop(self) -> None:
        """Take the bar away."""
        self._rich.stop()

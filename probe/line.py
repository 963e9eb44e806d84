"""The line in which what is due waits for its beginning. Pure."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from probe.limits import Limits

Waiting = TypeVar("Waiting")


class Line(Generic[Waiting]):
    """Lets only so many begin within a second, and only so many be under way; in their order."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: deque[Waiting] = deque()
        self._under_way = 0
        self._second = 0
        self._begun = 0

    def __len__(self) -> int:
        """Count those that wait."""
        return len(self._waiting)

    def join(self, one: Waiting) -> None:
        """Wait behind all others."""
        self._waiting.append(one)

    def begin(self, second: int) -> Iterator[Waiting]:
        """Hand out those that there is room for; `second` names the one that it is now."""
        if second != self._second:
            self._second, self._begun = second, 0
        while self._waiting and self._has_room():
            self._begun += 1
            self._under_way += 1
            yield self._waiting.popleft()

    def end(self) -> None:
        """Make room: one that had begun is over."""
        self._under_way -= 1

    def send_away(self, unwanted: Callable[[Waiting], bool]) -> tuple[Waiting, ...]:
        """Let those leave that are not to begin any more; they are given back."""
        leaving = tuple(filter(unwanted, self._waiting))
        if leaving:
            self._waiting = deque(one for one in self._waiting if not unwanted(one))
        return leaving

    def _has_room(self) -> bool:
        in_second = self._begun < self._limits.per_second
        return in_second and self._under_way < self._limits.in_flight

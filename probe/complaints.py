"""What goes wrong inside the probe is logged once, however often an assignment provokes it."""

from types import TracebackType

Place = tuple[type[BaseException], str, int]


class Complaints:
    """Knows which errors were logged, by their kind and the line that raised them.

    A check cannot invent lines, so that what is remembered and what is logged are both bounded.
    """

    def __init__(self) -> None:
        self._made: set[Place] = set()

    def is_new(self, error: BaseException) -> bool:
        """Say whether an error is the first of its kind at its place, and remember it."""
        place = place_of(error)
        if place in self._made:
            return False
        self._made.add(place)
        return True


def place_of(error: BaseException) -> Place:
    """Find the kind of an error and where it was raised."""
    last = _last(error.__traceback__)
    if last is None:
        return type(error), "", 0
    return type(error), last.tb_frame.f_code.co_filename, last.tb_lineno


def _last(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace

"""When Python looks for garbage: rarely, and at little of it, since everybody waits meanwhile.

What reports bring is never part of a cycle, so there is little to find.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (5_000, 0, 5_000)
"""Young things are looked at twice, a few at a time, old ones hardly ever. Python's own thresholds
are for programs that keep little."""


@contextmanager
def no_look_at_a_start() -> Iterator[None]:
    """Look for nothing until `spare_the_lasting`: it would take a quarter of a large start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def spare_the_lasting() -> None:
    """Never look at what there is now, and begin to look at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    gc.enable()


def look_at_the_young() -> None:
    """Look now, where as much went as came: Python counts what is new less what is gone."""
    gc.collect(1)

import gc
from collections.abc import Iterator

import pytest

from collector.garbage import look_at_the_young, no_look_at_a_start, spare_the_lasting


class Cycle:
    """Garbage, once nobody else holds it."""

    gone = 0

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        Cycle.gone += 1


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    Cycle.gone = 0
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_nothing_is_looked_for_at_a_start_and_again_after_it() -> None:
    with no_look_at_a_start():
        at_the_start = gc.isenabled()
        spare_the_lasting()
        then = gc.isenabled()

    assert (at_the_start, then, gc.isenabled()) == (False, True, True)


def test_a_start_that_fails_leaves_the_search_for_garbage_on() -> None:
    with pytest.raises(OSError, match="no disk"), no_look_at_a_start():
        raise OSError("no disk")

    assert gc.isenabled()


def test_what_lasts_is_never_looked_at() -> None:
    lasting = Cycle()

    spare_the_lasting()
    del lasting
    gc.collect()

    assert (Cycle.gone, gc.get_freeze_count() > 0) == (0, True)


def test_young_garbage_goes_when_it_is_looked_at() -> None:
    gc.disable()
    try:
        Cycle()
        before = Cycle.gone
        look_at_the_young()
    finally:
        gc.enable()

    assert (before, Cycle.gone) == (0, 1)

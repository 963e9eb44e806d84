import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.connect_times import ConnectTimes
from collector.metrics import EstatePage
from tests.collector.histories import Act, histories
from tests.collector.metrics.pages import made
from tests.collector.samples import CONSOLE, HTTPS, REFUSED, at, started, tell, turn


@settings(deadline=None, max_examples=40)
@given(histories, st.booleans(), st.data())
def test_a_page_that_was_kept_says_what_a_new_one_would(
    history: list[tuple[int, Act]], per_agent: bool, data: st.DataObject
) -> None:
    estate, seconds = started(), 0
    kept = EstatePage(estate, ConnectTimes(), per_agent=per_agent)
    for after, act in history:
        seconds += after
        act(estate, at(seconds))
        if data.draw(st.booleans()):
            made(kept, seconds)
    for later in (seconds, seconds + 100, seconds + 1000):
        anew = EstatePage(estate, ConnectTimes(), per_agent=per_agent)
        assert made(kept, later) == made(anew, later)


def test_a_page_that_nobody_waited_for_leaves_nothing_out_of_the_next_one() -> None:
    estate = started()
    page = EstatePage(estate, ConnectTimes(), per_agent=False)
    made(page)
    turn(estate, {CONSOLE: HTTPS})
    given_up = page.made(lambda: at(10))
    for _ in range(3):
        next(given_up)
    given_up.close()

    assert made(page, 10) == made(EstatePage(estate, ConnectTimes(), per_agent=False), 10)


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 13])
def test_a_first_page_that_was_given_up_leaves_nothing_out_of_the_next_one(steps: int) -> None:
    estate = started()
    page = EstatePage(estate, ConnectTimes(), per_agent=True)
    given_up = page.made(lambda: at(0))
    for _ in range(steps):
        next(given_up)
    given_up.close()

    assert made(page) == made(EstatePage(estate, ConnectTimes(), per_agent=True))


def test_what_is_seen_while_a_page_is_made_is_on_it_or_on_the_next_one() -> None:
    estate = started()
    page = EstatePage(estate, ConnectTimes(), per_agent=False)
    steps = page.made(lambda: at(10))
    for count, _ in enumerate(steps):
        if count % 10 == 0:
            tell(estate, {CONSOLE: HTTPS if count % 20 else REFUSED}, 1 + count / 100)

    assert made(page, 10) == made(EstatePage(estate, ConnectTimes(), per_agent=False), 10)

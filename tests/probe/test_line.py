from probe.limits import Limits
from probe.line import Line


def line(*waiting: str, per_second: int = 2, in_flight: int = 3) -> Line[str]:
    made: Line[str] = Line(Limits(per_second=per_second, in_flight=in_flight))
    for one in waiting:
        made.join(one)
    return made


def test_a_second_holds_no_more_than_its_limit_however_often_it_is_asked() -> None:
    waiting = line("a", "b", "c")

    assert [list(waiting.begin(second)) for second in (1000, 1000, 2000)] == [["a", "b"], [], ["c"]]


def test_what_is_under_way_holds_back_what_waits() -> None:
    waiting = line("a", "b", "c", in_flight=1)

    begun = [list(waiting.begin(1000)), list(waiting.begin(2000))]
    waiting.end()
    begun.append(list(waiting.begin(3000)))

    assert begun == [["a"], [], ["b"]]
    assert len(waiting) == 1


def test_who_leaves_is_given_back_and_the_others_keep_their_order() -> None:
    waiting = line("a", "b", "c", "d")

    assert waiting.send_away(lambda one: one in "bd") == ("b", "d")
    assert list(waiting.begin(1000)) == ["a", "c"]


def test_a_clock_that_was_set_back_stops_nobody() -> None:
    waiting = line("a", "b", "c", "d", in_flight=9)

    assert [len(list(waiting.begin(second))) for second in (9000, 1000)] == [2, 2]

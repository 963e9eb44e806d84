from probe.complaints import Complaints, place_of


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def raised_elsewhere(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_the_same_error_at_the_same_place_is_new_once_whatever_it_says() -> None:
    complaints = Complaints()

    assert [complaints.is_new(raised(KeyError(text))) for text in "abc"] == [True, False, False]


def test_another_kind_or_another_place_is_news() -> None:
    complaints = Complaints()
    complaints.is_new(raised(KeyError("a")))

    assert complaints.is_new(raised(ValueError("a")))
    assert complaints.is_new(raised_elsewhere(KeyError("a")))


def test_the_place_is_where_it_was_raised_and_not_where_it_was_seen() -> None:
    one, other = raised(KeyError("a")), raised_elsewhere(KeyError("a"))

    assert place_of(one)[:2] == place_of(other)[:2] == (KeyError, __file__)
    assert place_of(one) != place_of(other)


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert place_of(KeyError("a")) == (KeyError, "", 0)

from probe.limits import Limits


def test_the_most_that_may_be_taken_fits_into_the_most_that_is_read() -> None:
    limits = Limits()

    assert limits.checks * 512 <= limits.body


def test_fifty_paths_at_the_shortest_interval_are_no_excess() -> None:
    limits = Limits()

    assert limits.per_second * limits.interval >= 50

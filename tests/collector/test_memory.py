from collector.memory import Changes, CheckKey, Counts, Goal, ProbeSeen
from flows.cells import observe
from flows.phases import Phase
from tests.collector.samples import HTTPS, NOW


def test_changes_are_empty_by_default() -> None:
    assert Changes().empty


def test_counting_alone_leaves_nothing_to_persist() -> None:
    assert Changes(counts=Counts(dropped=3)).empty


def test_whatever_has_to_be_written_makes_changes_not_empty() -> None:
    goal: Goal = (Phase.PREPARE, "a:b>c:tcp/1")

    assert not Changes(reached=frozenset({goal})).empty
    assert not Changes(probes={"con-01": ProbeSeen(last_seen=NOW, version="0.1.0")}).empty
    assert not Changes(cells={("con-01", "10.1.0.11", "tcp", 443): observe(None, HTTPS, NOW)}).empty


def test_cells_are_told_by_the_host_that_measured_them() -> None:
    one: CheckKey = ("con-01", "10.1.0.11", "tcp", 443)
    two: CheckKey = ("con-01", "10.1.0.12", "tcp", 443)
    other: CheckKey = ("con-02", "10.1.0.11", "tcp", 443)
    seen = observe(None, HTTPS, NOW)

    assert Changes().by_source == {}
    assert Changes(cells={one: seen, two: seen}).by_source == {"con-01": {one: seen, two: seen}}
    assert Changes(cells={one: seen, other: seen, two: seen}).by_source == {
        "con-01": {one: seen, two: seen},
        "con-02": {other: seen},
    }

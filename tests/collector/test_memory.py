from collector.memory import Changes, Counts, Goal, ProbeSeen
from flows.phases import Phase
from tests.collector.samples import NOW


def test_changes_are_empty_by_default() -> None:
    assert Changes().empty


def test_counting_alone_leaves_nothing_to_persist() -> None:
    assert Changes(counts=Counts(dropped=3)).empty


def test_whatever_has_to_be_written_makes_changes_not_empty() -> None:
    goal: Goal = (Phase.PREPARE, "a:b>c:tcp/1")

    assert not Changes(reached=frozenset({goal})).empty
    assert not Changes(probes={"con-01": ProbeSeen(last_seen=NOW, version="0.1.0")}).empty

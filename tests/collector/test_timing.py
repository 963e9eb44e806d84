from collector.timing import Timing


def test_times_are_those_of_the_design_unless_set() -> None:
    assert Timing() == Timing(
        interval=15,
        agent_interval=60,
        deadline=4,
        deadline_windows=5,
        stale_after=3,
        per_destination=20,
    )


def test_no_probe_measures_more_often_than_by_the_shorter_interval() -> None:
    assert Timing(interval=15, agent_interval=60).shortest_interval == 15
    assert Timing(interval=60, agent_interval=15).shortest_interval == 15

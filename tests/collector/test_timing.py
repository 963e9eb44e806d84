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

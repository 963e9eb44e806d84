from flows.phases import PHASES, Phase
from tests.collector.metrics.pages import TINY, TINY_PATH, page, series, value
from tests.collector.samples import HTTPS, REFUSED, started, tell, turn

COUNTS = ("ok", "broken", "unproven", "unverifiable", "pending", "waived", "attested")


def test_one_phase_holds() -> None:
    text = page(started(TINY, Phase.BACKOFFICE))

    assert series(text, "gatewatch_phase_current") == [
        '{phase="baseline"} 0',
        '{phase="prepare"} 0',
        '{phase="backoffice"} 1',
        '{phase="agents"} 0',
        '{phase="complete"} 0',
    ]


def test_a_phase_may_start_once_its_gate_is_ready() -> None:
    estate = started(TINY)
    before = page(estate)
    tell(estate, {TINY_PATH: HTTPS})
    after = page(estate)
    turn(estate, {TINY_PATH: REFUSED}, 20)
    broken = page(estate, 30)

    ready = [value(text, "gatewatch_phase_ready", "prepare") for text in (before, after, broken)]
    assert ready == [0, 1, 0]


def test_the_units_of_a_gate_are_counted_each_once() -> None:
    estate = started(TINY)
    turn(estate, {TINY_PATH: REFUSED})

    found = series(page(estate, 10), "gatewatch_phase_paths", 'phase="prepare"')

    assert sorted(found) == sorted(
        f'{{phase="prepare",verdict="{count}"}} {int(count == "broken")}' for count in COUNTS
    )


def test_a_phase_with_nothing_to_judge_has_no_counts_and_is_not_ready() -> None:
    lonely = TINY.replace("roles: [backend]", "roles: []").replace("[console]", "[sql-server]")

    text = page(started(lonely))

    assert series(text, "gatewatch_phase_paths") == []
    assert series(text, "gatewatch_phase_ready") == [f'{{phase="{phase}"}} 0' for phase in PHASES]
    assert series(text, "gatewatch_phase_done") == [f'{{phase="{phase}"}} 0' for phase in PHASES]


def test_done_asks_for_the_goals_too() -> None:
    goal = TINY.replace("roles: [backend]", "roles: [backend, agent-handler]")
    estate = started(goal)
    old, new = TINY_PATH, TINY_PATH.replace("443", "8443")
    local = "handler-backend:be-01>be-01:tcp/443"
    turn(estate, {old: HTTPS, local: HTTPS})
    before = page(estate, 6)
    turn(estate, {old: HTTPS, local: HTTPS, new: REFUSED}, 20)
    after = page(estate, 26)

    def asked(text: str) -> tuple[float | None, float | None]:
        return (
            value(text, "gatewatch_phase_ready", "prepare"),
            value(text, "gatewatch_phase_done", "prepare"),
        )

    assert (asked(before), asked(after)) == ((1, 0), (1, 1))

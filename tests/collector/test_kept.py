from datetime import datetime

from collector.assignments import check_key
from collector.kept import Kept
from collector.memory import Changes
from collector.state import State
from flows.cells import observe
from flows.outcomes import Observation
from tests.collector.samples import (
    CONSOLE,
    CONSOLE_OLD,
    FILTERED,
    HTTPS,
    at,
    state_of,
)


class Asked:
    """Keeps answers, and notes for whom they were made."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.made: list[str] = []
        self.away: dict[str, bool] = {}
        self.kept = Kept(state, ["con-01", "con-02"], self.make)

    def make(self, host: str, _now: datetime, *, away: bool) -> None:
        self.made.append(host)
        self.away[host] = away

    def see(self, path: str, observation: Observation, seconds: float = 0) -> None:
        key = check_key(self.state.plan.paths[path])
        cell = observe(None, observation, at(seconds))
        touched = self.state.apply(Changes(cells={key: cell}))
        self.kept.change(touched.otherwise | touched.alike if touched else ())

    def anew(self, seconds: float) -> list[str]:
        """Tell for whom answers are made anew at a moment."""
        self.made = []
        anew = list(self.kept.renewing(at(seconds)))
        assert sorted(self.made) == sorted(anew)
        return sorted(anew)


def test_answers_are_made_once() -> None:
    asked = Asked(state_of())

    assert asked.anew(0) == ["con-01", "con-02"]
    assert asked.anew(0) == []
    assert asked.anew(9999) == []


def test_a_report_has_the_answer_of_its_host_made_anew() -> None:
    asked = Asked(state_of())
    asked.anew(0)

    asked.see(CONSOLE, HTTPS)

    assert asked.anew(1) == ["con-01"]
    assert asked.anew(2) == []


def test_a_report_of_a_host_that_is_not_asked_for_changes_nothing() -> None:
    asked = Asked(state_of())
    asked.anew(0)

    asked.see("handler-backend:ah-02>be-02:tcp/443", HTTPS)

    assert asked.anew(1) == []


def test_an_answer_grows_old_with_its_observations() -> None:
    asked = Asked(state_of())
    asked.see(CONSOLE, HTTPS)
    asked.anew(0)

    assert asked.anew(45) == []
    assert asked.anew(45.5) == ["con-01"]
    assert asked.anew(50) == []


def test_a_newer_observation_puts_off_the_age_of_an_answer() -> None:
    asked = Asked(state_of())
    asked.see(CONSOLE, HTTPS)
    asked.anew(0)
    asked.see(CONSOLE, HTTPS, 15)
    asked.anew(15)

    assert asked.anew(46) == []
    assert asked.anew(61) == ["con-01"]


def test_a_probe_that_falls_away_and_comes_back_is_judged_anew() -> None:
    asked = Asked(state_of())
    asked.see(CONSOLE, FILTERED)
    asked.see(CONSOLE_OLD, FILTERED)
    asked.anew(0)

    asked.see(CONSOLE_OLD.replace("con-01", "con-02"), HTTPS)
    anew = asked.anew(1)

    assert anew == ["con-01", "con-02"]
    assert asked.away == {"con-01": True, "con-02": False}
    assert "con-01" in asked.anew(46)
    assert not asked.away["con-01"]


def test_a_question_about_the_past_is_answered_anew() -> None:
    asked = Asked(state_of())
    asked.see(CONSOLE, HTTPS)
    asked.anew(100)

    assert asked.anew(10) == ["con-01", "con-02"]

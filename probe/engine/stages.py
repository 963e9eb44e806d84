"""The stages of one check: which one runs, until when it may, and how long each took."""

from collections.abc import Callable

from flows.outcomes import Stage, StageTimes


class Stages:
    """A stopwatch that is in one stage at a time; each stage gets the whole deadline anew."""

    __slots__ = ("_now", "_seconds", "_since", "_times", "began", "deadline", "ended", "now_in")

    def __init__(self, now: Callable[[], float], seconds: float, first: Stage) -> None:
        self._now = now
        self._seconds = seconds
        self.began = now()
        self._since: float | None = self.began
        self.now_in = first
        """The stage that runs, or ran last."""
        self.deadline = self.began + seconds
        """The moment, of the clock it was made with, at which the stage is over."""
        self.ended = self.began
        """When it was last stopped."""
        self._times: dict[Stage, float] = {}

    def branch(self, stage: Stage) -> "Stages":
        """Go on from here in a stopwatch of its own, for one of several addresses."""
        other = Stages(self._now, self._seconds, stage)
        other.began = self.began
        other._times = dict(self._times)
        return other

    def enter(self, stage: Stage) -> None:
        """Leave the stage that runs for another, or for the same one again."""
        self.stop()
        self._since = self._now()
        self.now_in = stage
        self.deadline = self._since + self._seconds

    def stop(self, *, within_seconds: float = 0.0) -> None:
        """Count no more time; what is still to be tidied up gets a deadline of its own."""
        if self._since is not None:
            self.ended = self._now()
            stage = self.now_in
            self._times[stage] = self._times.get(stage, 0.0) + self.ended - self._since
            self._since = None
        if within_seconds:
            self.deadline = self._now() + within_seconds

    @property
    def times(self) -> StageTimes:
        """How long each stage took that was stopped."""
        return StageTimes(**self._times)

    @property
    def seconds(self) -> float:
        """From the begin of the check to where it was last stopped."""
        return self.ended - self.began

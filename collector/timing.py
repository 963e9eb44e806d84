"""How checks are made: when, how long they may take and count, and what they send."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """What collector.yaml sets of checks (DESIGN 4, Timing); in seconds."""

    interval: float = 15.0
    agent_interval: float = 60.0
    """Between two checks that only paths of SES agents need."""
    deadline: float = 4.0
    """Linux needs 3.1 s to report a dead neighbour."""
    deadline_windows: float = 5.0
    """Windows needs 2 s to report a refusal, and repeats a SYN later than Linux."""
    stale_after: float = 3.0
    """Intervals after which an observation is too old to be judged."""
    per_destination: float = 20.0
    """Checks a second that one destination gets from all sources together."""
    syslog_send: bool = False
    """A check of a syslog server writes one line that is marked as a probe's."""

    @property
    def shortest_interval(self) -> float:
        """Tell the seconds within which no probe has to report twice; the busy report less."""
        return min(self.interval, self.agent_interval)

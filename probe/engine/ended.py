"""How a step of a check says that the check ends here, and why."""

from flows.outcomes import Outcome, Stage


class Ended(Exception):  # noqa: N818 - what the network did is no error of ours
    """The check is over with this outcome; inside the engine and the checks only.

    `measure` makes the observation of it. A check may raise it, or catch it to say more.
    """

    def __init__(
        self,
        outcome: Outcome,
        stage: Stage,
        detail: str = "",
        *,
        sender: str | None = None,
        icmp: tuple[int, int] | None = None,
        routed: bool = True,
    ) -> None:
        super().__init__(f"{outcome} at {stage}: {detail}")
        self.outcome = outcome
        self.stage = stage
        self.detail = detail
        self.sender = sender
        """Who sent the ICMP error that ended it."""
        self.icmp = icmp
        """ICMP type and code."""
        self.routed = routed
        """False where this host has no route."""

"""The estate: what the collector knows, what it decides, and what it answers (DESIGN 2 to 4)."""

from collections.abc import Mapping
from datetime import datetime

from collector.memory import Changes, Memory
from collector.timing import Timing
from collector.views import (
    AgentCount,
    Difference,
    GateAnswer,
    HostRow,
    MatrixRow,
    PathView,
    RollUp,
)
from flows.gates import Rules
from flows.hosts import Version
from flows.judging import PathVerdict
from flows.messages import Assignment, Report
from flows.phases import Phase


class Estate:
    """Everything in memory. Deciding never changes it; only `apply` does, after the write."""

    def __init__(self, memory: Memory, timing: Timing, rules: Rules, now: datetime) -> None:
        raise NotImplementedError

    @property
    def memory(self) -> Memory:
        """What a restart would need, as it is now."""
        raise NotImplementedError

    @property
    def phase(self) -> Phase:
        raise NotImplementedError

    @property
    def revision(self) -> int:
        """Counts what was applied."""
        raise NotImplementedError

    def apply(self, changes: Changes) -> None:
        raise NotImplementedError

    def decide_start(self, now: datetime) -> Changes:
        """Allot the ids that checks of the plan still lack; write and apply it after building."""
        raise NotImplementedError

    def decide_report(self, report: Report, now: datetime) -> Changes:
        raise NotImplementedError

    def decide_phase(
        self, phase: Phase, now: datetime, by: str | None, reason: str = ""
    ) -> Changes:
        raise NotImplementedError

    def decide_versions(
        self, glob: str, version: Version | None, now: datetime, by: str | None
    ) -> Changes:
        raise NotImplementedError

    def decide_inventory(
        self, text: str, name: str, now: datetime, by: str | None
    ) -> tuple[Changes, Difference]:
        raise NotImplementedError

    def decide_goals(self, now: datetime) -> Changes:
        """Find goals of the phase that large groups of agents reached; ask once an interval."""
        raise NotImplementedError

    def assignment(self, host: str) -> Assignment:
        """Raises UsageError for a host without a probe."""
        raise NotImplementedError

    def matrix(self, phase: Phase | None, now: datetime) -> list[MatrixRow]:
        raise NotImplementedError

    def verdicts(self, phase: Phase, now: datetime) -> Mapping[str, PathVerdict]:
        raise NotImplementedError

    def gate(self, phase: Phase, now: datetime, *, done: bool = False) -> GateAnswer:
        raise NotImplementedError

    def path_view(self, path: str, now: datetime) -> PathView:
        raise NotImplementedError

    def hosts(self, now: datetime) -> list[HostRow]:
        raise NotImplementedError

    def agent_states(self, now: datetime) -> list[AgentCount]:
        raise NotImplementedError

    def agent_rollup(self, phase: Phase, now: datetime) -> list[RollUp]:
        raise NotImplementedError

    def broken_latch(self, phase: Phase, path: str, now: datetime) -> bool:
        raise NotImplementedError

    def loss_at(self, path: str, now: datetime) -> datetime | None:
        raise NotImplementedError

"""What the API answers: the bodies of FORMATS that are not the domain's own types."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from collector.estate import Estate
from collector.memory import SilencedBy
from collector.views import AgentCell, Difference, GateAnswer, MatrixRow, PathView, PhaseView
from flows.gates import Count, GateState
from flows.outcomes import Observation, Outcome, Service
from flows.phases import Expectation, Phase
from flows.plan import Scope
from flows.verdicts import Verdict

_ONE_LINE = r"^[^\x00-\x1f\x7f]*$(?!\n)"


class PhaseBody(msgspec.Struct, frozen=True, kw_only=True):
    """The phase that holds."""

    phase: Phase
    since: datetime


class MatrixBody(msgspec.Struct, frozen=True, kw_only=True):
    """All rows of a phase."""

    phase: Phase
    plan: str
    """Digest of the plan in force."""
    rows: list[MatrixRow]
    agents: list[AgentCell] | msgspec.UnsetType = msgspec.UNSET
    """Only where they are rolled up: then no row is of a group's agent."""


class PathBody(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one path: its row of the plan, and what was seen."""

    path: str
    flow: str
    src: str
    dst: str
    dst_address: str
    proto: str
    port: int
    service: Service
    scope: Scope
    groups: tuple[str, ...]
    guide: str
    purpose: str
    check: int | None
    interval: float
    phases: dict[Phase, PhaseView]
    observation: Observation | None
    candidate: Observation | None
    since: datetime | None
    observed_at: datetime | None
    suspect: bool
    flapping: bool
    turns: tuple[datetime, ...]
    silenced: SilencedBy | None
    loss_at: datetime | None


class BlockerBody(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the way of a gate: a path, or of agents a (group, flow, handler)."""

    path: str | None
    group: str | None
    flow: str
    dst: str
    expect: Expectation
    verdict: Verdict
    outcome: Outcome | None
    reason: str
    since: datetime | None
    guide: str


class HostProblemBody(msgspec.Struct, frozen=True, kw_only=True):
    """A host that does not run what the phase needs."""

    host: str
    problem: str


class GateBody(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a gate."""

    phase: Phase
    state: GateState
    done: bool
    counts: dict[Count, int]
    blockers: list[BlockerBody]
    hosts: list[HostProblemBody]
    plan: str
    at: datetime


class GateSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a gate, with its blockers counted."""

    phase: Phase
    state: GateState | None
    """None: there is nothing to judge."""
    done: bool
    counts: dict[Count, int]
    blockers: int
    hosts: int
    """Hosts that do not run what the phase needs."""


class InventoryBody(msgspec.Struct, frozen=True, kw_only=True):
    """The inventory in force, as its operator wrote it."""

    inventory: str
    name: str


class AppliedBody(Difference, frozen=True, kw_only=True):
    """What another inventory changes."""

    applied: bool
    """False for a dry run."""
    warnings: tuple[str, ...]
    """What the inventory may well say, and its operator may not mean."""


class VersionsBody(msgspec.Struct, frozen=True, kw_only=True):
    """The hosts whose version was set."""

    hosts: list[str]
    version: str | None


class PhaseOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let a phase begin."""

    phase: Phase
    force: bool = False
    """Whatever its gate says; needs a reason."""
    reason: str | None = None


class InventoryOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Follow another inventory."""

    inventory: str
    """The text of the file."""
    name: Annotated[
        str, Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")
    ] = "inventory.yaml"
    """The file's name in messages."""
    dry_run: bool = False
    """Only tell what it would change."""


class VersionOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set the version of hosts."""

    glob: Annotated[str, Meta(min_length=1, max_length=255)]
    """Pattern (fnmatch) over names of hosts."""
    version: str | None
    """None takes back what was set."""


def phase_body(estate: Estate) -> PhaseBody:
    """Write the phase that holds."""
    return PhaseBody(phase=estate.phase, since=estate.phase_since)


def path_body(view: PathView) -> PathBody:
    """Write a path's row of the plan and what was seen of it as one."""
    parts = {name: getattr(view, name) for name in view.__struct_fields__}
    path = parts.pop("path")
    row = {name: getattr(path, name) for name in path.__struct_fields__}
    del row["expect"]  # each phase says it
    return PathBody(path=row.pop("id"), **row, **parts)


def gate_body(answer: GateAnswer, plan: str, at: datetime, worst: int | None = None) -> GateBody:
    """Write the answer of a gate; of the paths that block only the first so many."""
    gate = answer.gate
    paths = [unit for unit in gate.blockers if unit.path is not None]
    left_out = frozenset(unit.id for unit in paths[worst:]) if worst else frozenset()
    return GateBody(
        phase=gate.phase,
        state=gate.state,
        done=gate.done,
        counts=gate.counts,
        blockers=[
            BlockerBody(
                path=unit.path,
                group=unit.group,
                flow=unit.flow,
                dst=unit.dst,
                expect=unit.expect,
                verdict=unit.verdict,
                outcome=unit.outcome,
                reason=unit.reason,
                since=answer.since.get(unit.id),
                guide=unit.guide,
            )
            for unit in gate.blockers
            if unit.id not in left_out
        ],
        hosts=[HostProblemBody(host=one.host, problem=one.problem) for one in gate.hosts],
        plan=plan,
        at=at,
    )


def applied_body(difference: Difference, said: list[str], *, applied: bool) -> AppliedBody:
    """Write what another inventory changes."""
    parts = {name: getattr(difference, name) for name in difference.__struct_fields__}
    return AppliedBody(**parts, applied=applied, warnings=tuple(said))

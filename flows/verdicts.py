"""Verdicts: an outcome, judged against an expectation (DESIGN 4, the table)."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import NamedTuple, assert_never

from flows.outcomes import AnsweredBy, Identity, Observation, Outcome, Service
from flows.phases import Expectation


class Verdict(StrEnum):
    """What we think of a path in a phase."""

    OK = "ok"
    BROKEN = "broken"
    UNPROVEN = "unproven"


class Proof(StrEnum):
    """How far an ok reaches."""

    HOST_OR_FIREWALL = "host-or-firewall"
    """A refusal: the host answered, or a firewall in its name; a sighting would tell."""


class Sighting(StrEnum):
    """What a witness at the destination says."""

    SEEN = "seen"
    MISSED = "missed"
    """It was listening, and nothing came."""


class Absence(StrEnum):
    """Why there is no observation to judge."""

    NEVER = "never measured"
    STALE = "stale"
    AWAY = "away"
    """The whole probe sees nothing, while its neighbours do."""


@dataclass(frozen=True, slots=True)
class Context:
    """What else is known when an outcome is judged."""

    control: bool = False
    """The same probe lately reached another port of the same destination."""
    sighting: Sighting | None = None
    shared: bool = False
    """A colocated machine's port, which belongs to one service before its upgrade, then another."""
    planned: frozenset[Service] = frozenset()
    """Other services that the plan has behind this address and port today."""
    needed: bool = False
    """Another flow still needs this address and port."""
    absence: Absence | None = None
    """The observation is too old, or its probe is away."""
    instances: tuple[tuple[str, int], ...] = ()
    """SQL Server instances that the inventory names, with the port it says: for the Browser."""


NOTHING_ELSE = Context()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and how it came about; words for people are made in `flows.reasons`."""

    verdict: Verdict
    proof: Proof | None = None
    unverifiable: bool = False
    """No measurement from this side can prove it; shown as unproven, holds no gate up."""
    absence: Absence | None = None


class Case(Enum):
    """The rows of the table."""

    RIGHT = auto()
    UNDECIDED = auto()
    MISMATCH = auto()
    REFUSED = auto()
    REJECTED = auto()
    FILTERED = auto()
    CUT = auto()
    ANSWERED = auto()
    ANSWERED_WRONG = auto()
    SILENT = auto()
    UNRESOLVED = auto()
    UNREACHABLE = auto()
    DENIED = auto()


class Cell(Enum):
    """The fields of the table; most say a verdict, some ask for what else is known."""

    OK = auto()
    BROKEN = auto()
    UNPROVEN = auto()
    OK_UNLESS_SHARED = auto()
    OK_IF_PLANNED = auto()
    OK_UNLESS_MISSED = auto()
    BY_SIGHTING = auto()
    BY_CODE = auto()
    OK_WITH_CONTROL = auto()
    BROKEN_WITH_CONTROL = auto()
    BROKEN_FOR_BROWSER = auto()


class Row(NamedTuple):
    """What each binding expectation makes of a case."""

    serve: Cell
    permit: Cell
    closed: Cell


TABLE: dict[Case, Row] = {
    Case.RIGHT: Row(Cell.OK, Cell.OK, Cell.BROKEN),
    Case.UNDECIDED: Row(Cell.OK_UNLESS_SHARED, Cell.OK, Cell.BROKEN),
    Case.MISMATCH: Row(Cell.BROKEN, Cell.OK_IF_PLANNED, Cell.BROKEN),
    Case.REFUSED: Row(Cell.BROKEN, Cell.OK_UNLESS_MISSED, Cell.OK),
    Case.REJECTED: Row(Cell.BROKEN, Cell.BROKEN, Cell.BY_CODE),
    Case.FILTERED: Row(Cell.BROKEN, Cell.BY_SIGHTING, Cell.OK_WITH_CONTROL),
    Case.CUT: Row(Cell.BROKEN, Cell.UNPROVEN, Cell.BROKEN),
    Case.ANSWERED: Row(Cell.OK, Cell.OK, Cell.BROKEN),
    Case.ANSWERED_WRONG: Row(Cell.BROKEN, Cell.UNPROVEN, Cell.BROKEN),
    Case.SILENT: Row(Cell.BROKEN_FOR_BROWSER, Cell.UNPROVEN, Cell.UNPROVEN),
    Case.UNRESOLVED: Row(Cell.BROKEN, Cell.BROKEN, Cell.UNPROVEN),
    Case.UNREACHABLE: Row(Cell.BROKEN, Cell.BROKEN, Cell.OK_WITH_CONTROL),
    Case.DENIED: Row(Cell.BROKEN_WITH_CONTROL, Cell.BROKEN_WITH_CONTROL, Cell.OK_WITH_CONTROL),
}

PROHIBITING = {
    4: frozenset({(3, 2), (3, 3), (3, 9), (3, 10), (3, 13)}),
    6: frozenset({(1, 1), (1, 4), (1, 5), (1, 6)}),
}
"""ICMP codes that only a filter or the host itself sends (RFC 792, 1812, 4443), by IP version."""

_CASES: dict[Outcome, Case] = {
    Outcome.REFUSED: Case.REFUSED,
    Outcome.REJECTED: Case.REJECTED,
    Outcome.FILTERED: Case.FILTERED,
    Outcome.RESET: Case.CUT,
    Outcome.HUNG: Case.CUT,
    Outcome.SILENT: Case.SILENT,
    Outcome.UNRESOLVED: Case.UNRESOLVED,
    Outcome.UNREACHABLE: Case.UNREACHABLE,
    Outcome.DENIED: Case.DENIED,
}
_OPEN: dict[Identity | None, Case] = {
    Identity.VERIFIED: Case.RIGHT,
    Identity.UNVERIFIED: Case.RIGHT,
    Identity.UNDECIDED: Case.UNDECIDED,
    Identity.MISMATCH: Case.MISMATCH,
    None: Case.UNDECIDED,
}


def judge(
    expectation: Expectation,
    observation: Observation | None,
    identity: Identity | None,
    service: Service,
    context: Context = NOTHING_ELSE,
) -> Judgement:
    """Judge one observation of one address. Total: every combination has a verdict."""
    absence = Absence.NEVER if observation is None else context.absence
    if expectation is Expectation.RETIRED:
        return Judgement(Verdict.OK, absence=absence)
    if observation is None or absence is not None or observation.outcome is Outcome.FAULT:
        return Judgement(Verdict.UNPROVEN, absence=absence)
    case = case_of(observation, identity)
    cell = _field(TABLE[case], expectation)
    verdict = _settle(cell, observation, service, context)
    trusted = verdict is Verdict.OK and cell is Cell.OK_UNLESS_MISSED and not context.sighting
    return Judgement(
        verdict,
        proof=Proof.HOST_OR_FIREWALL if trusted else None,
        unverifiable=cell is Cell.BROKEN_FOR_BROWSER and verdict is Verdict.UNPROVEN,
    )


def case_of(observation: Observation, identity: Identity | None) -> Case:
    """Find the row of the table; a fault has none and is judged before."""
    match observation.outcome:
        case Outcome.OPEN:
            return _OPEN[identity]
        case Outcome.ANSWERED:
            wrong = identity is Identity.MISMATCH
            return Case.ANSWERED_WRONG if wrong else Case.ANSWERED
        case outcome:
            return _CASES[outcome]


def _field(row: Row, expectation: Expectation) -> Cell:
    match expectation:
        case Expectation.SERVE:
            return row.serve
        case Expectation.CLOSED:
            return row.closed
        case _:
            return row.permit


_SIGHTED = {
    None: Verdict.UNPROVEN,
    Sighting.SEEN: Verdict.OK,
    Sighting.MISSED: Verdict.BROKEN,
}


def _settle(  # noqa: C901, PLR0911 - one branch a field of the table
    cell: Cell, observation: Observation, service: Service, context: Context
) -> Verdict:
    """Turn a field of the table into a verdict by what else is known."""
    match cell:
        case Cell.OK:
            return Verdict.OK
        case Cell.BROKEN:
            return Verdict.BROKEN
        case Cell.UNPROVEN:
            return Verdict.UNPROVEN
        case Cell.OK_UNLESS_SHARED:
            return _ok_or_unproven(ok=not context.shared)
        case Cell.OK_IF_PLANNED:
            return _ok_or_unproven(ok=is_planned(observation, context))
        case Cell.OK_UNLESS_MISSED:
            return Verdict.BROKEN if context.sighting is Sighting.MISSED else Verdict.OK
        case Cell.BY_SIGHTING:
            return _SIGHTED[context.sighting]
        case Cell.BY_CODE:
            return _ok_or_unproven(ok=is_prohibiting(observation) or context.control)
        case Cell.OK_WITH_CONTROL:
            return _ok_or_unproven(ok=context.control)
        case Cell.BROKEN_WITH_CONTROL:
            return Verdict.BROKEN if context.control else Verdict.UNPROVEN
        case Cell.BROKEN_FOR_BROWSER:
            return Verdict.BROKEN if service is Service.SSRP else Verdict.UNPROVEN
        case _:
            assert_never(cell)


def _ok_or_unproven(*, ok: bool) -> Verdict:
    return Verdict.OK if ok else Verdict.UNPROVEN


_KINDS = {
    AnsweredBy.HTTPS: Service.HTTPS,
    AnsweredBy.HTTP: Service.HTTP,
    AnsweredBy.GRPC: Service.GRPC,
    AnsweredBy.TDS: Service.TDS,
    AnsweredBy.MSRPC: Service.MSRPC,
    AnsweredBy.TLS: Service.TLS,
}


def is_planned(observation: Observation, context: Context) -> bool:
    """Decide whether what answered instead is the other service that the plan has there today."""
    kind = _KINDS.get(observation.answered_by) if observation.answered_by else None
    return kind is not None and kind in context.planned


def is_of_the_dead(observation: Observation) -> bool:
    """Decide whether a host that is switched off may show itself so; a firewall may as well."""
    if observation.outcome is Outcome.REJECTED:
        return not is_prohibiting(observation)
    return observation.outcome in {Outcome.FILTERED, Outcome.UNREACHABLE}


def is_prohibiting(observation: Observation) -> bool:
    """Decide whether the ICMP code itself says that a filter closed the port."""
    version = 6 if ":" in (observation.sender or observation.address or "") else 4
    return observation.icmp in PROHIBITING[version]

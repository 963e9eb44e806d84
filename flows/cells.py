"""A cell of the matrix over time: what is confirmed, what is only suspected (DESIGN 4, Timing).

One odd measurement turns nothing. An outcome that differs from the confirmed one makes the cell
`suspect`; the second in a row that says the same turns it. Three turns in ten minutes: `flapping`.
Where something was reached and no longer is, the second says the same however it failed: the router
before a dead host is silent in one check and rejects the next, for as long as the host is dead. And
so it does where something is reached again, whichever node of a balancer it was. Why:
docs/decisions/0017-second-look.md.
"""

from datetime import datetime, timedelta

import msgspec

from flows.outcomes import Observation, Outcome, each_address
from flows.verdicts import is_of_the_dead

FLAPPING_TURNS = 3
FLAPPING_WINDOW = timedelta(minutes=10)
NOT_REACHED = frozenset(
    {
        Outcome.REFUSED,
        Outcome.REJECTED,
        Outcome.FILTERED,
        Outcome.SILENT,
        Outcome.UNRESOLVED,
        Outcome.UNREACHABLE,
    }
)
"""What the network does where nothing is reached; the others tell of a service, or of the probe."""

Kind = tuple[object, ...]


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What is known of one check of one source."""

    confirmed: Observation
    """What verdicts rest on: the newest observation of the confirmed kind."""
    since: datetime
    """When it turned to what is confirmed: the first time that was seen."""
    observed_at: datetime
    """When anything was last seen; an older observation never overwrites a newer one."""
    candidate: Observation | None = None
    """Another kind, seen once: the cell is suspect."""
    candidate_since: datetime | None = None
    turns: tuple[datetime, ...] = ()
    """When it turned within the flapping window."""
    count: int = 1
    """How often in a row the confirmed kind was seen."""
    before_fault: Observation | None = None
    """What was confirmed before the probe could no longer measure: no repair was seen since."""

    @property
    def lasting(self) -> Observation:
        """What the network was last known to do; a probe's fault says nothing of it."""
        return self.before_fault or self.confirmed

    @property
    def suspect(self) -> bool:
        """Whether something else was seen once, and not yet again."""
        return self.candidate is not None

    def flapping(self, now: datetime) -> bool:
        """Decide whether it turned too often of late."""
        recent = [turn for turn in self.turns if now - turn <= FLAPPING_WINDOW]
        return len(recent) >= FLAPPING_TURNS


def kind(observation: Observation) -> Kind:
    """Tell what makes two observations differ: what happened and who answered.

    Not how fast, and not at which address: a name may rotate through its addresses.
    """
    if not observation.addresses:
        return (_kind_at_one(observation),)
    return tuple(sorted(map(_kind_at_one, each_address(observation))))


def _kind_at_one(seen: Observation) -> Kind:
    return (
        seen.outcome,
        str(seen.answered_by),
        seen.sender or "",
        seen.icmp or (),
        seen.certificate.sha256 if seen.certificate else "",
        seen.client_certificate,
    )


def alike(one: Observation, other: Observation) -> bool:
    """Decide whether two observations are of the same kind."""
    if one.addresses or other.addresses:
        return kind(one) == kind(other)
    return (
        one.outcome is other.outcome
        and one.answered_by is other.answered_by
        and (one.sender or "") == (other.sender or "")
        and one.icmp == other.icmp
        and one.client_certificate is other.client_certificate
        and (one.certificate is other.certificate or kind(one) == kind(other))
    )


def bears_out(observation: Observation, cell: Cell) -> bool:
    """Decide whether an observation says again what the candidate of a cell said."""
    if cell.candidate is None:
        return False
    if alike(observation, cell.candidate):
        return True
    now, once, before = map(_reached, (observation, cell.candidate, cell.confirmed))
    return now == once != before


def _reached(seen: Observation) -> Kind:
    """Tell what was reached, whichever of its nodes it was and however nothing was."""
    return () if seen.outcome in NOT_REACHED else (seen.outcome, seen.answered_by)


def observe(cell: Cell | None, observation: Observation, at: datetime) -> Cell:
    """Take a new observation into a cell; the same cell comes back if it is an old one."""
    if cell is None:
        return Cell(confirmed=observation, since=at, observed_at=at)
    if at <= cell.observed_at:
        return cell
    if alike(observation, cell.confirmed):
        return _confirmed_again(cell, observation, at)
    if bears_out(observation, cell):
        return _turned(cell, observation, at)
    return msgspec.structs.replace(cell, observed_at=at, candidate=observation, candidate_since=at)


def _confirmed_again(cell: Cell, observation: Observation, at: datetime) -> Cell:
    return Cell(
        confirmed=observation,
        since=cell.since,
        observed_at=at,
        turns=cell.turns,
        count=cell.count + 1,
        before_fault=cell.before_fault,
    )


def _turned(cell: Cell, observation: Observation, at: datetime) -> Cell:
    recent = tuple(turn for turn in cell.turns if at - turn <= FLAPPING_WINDOW)
    # A dead host that shows itself otherwise is as dead as before.
    has_turned = not (is_of_the_dead(cell.confirmed) and is_of_the_dead(observation))
    return Cell(
        confirmed=observation,
        since=(cell.candidate_since or at) if has_turned else cell.since,
        observed_at=at,
        turns=(*recent, at) if has_turned else recent,
        count=2 if cell.candidate and alike(observation, cell.candidate) else 1,
        before_fault=cell.lasting if observation.outcome is Outcome.FAULT else None,
    )

"""The stages of the migration, and what a stage may ask of a path."""

from enum import StrEnum


class Phase(StrEnum):
    """A stage of the migration, in the order of its members."""

    BASELINE = "baseline"
    PREPARE = "prepare"
    BACKOFFICE = "backoffice"
    AGENTS = "agents"
    COMPLETE = "complete"

    @property
    def before(self) -> "Phase | None":
        """The phase before this one; None for the first."""
        at = PHASES.index(self)
        return PHASES[at - 1] if at else None


PHASES = tuple(Phase)


class Expectation(StrEnum):
    """What a phase asks of a path, the strongest first."""

    SERVE = "serve"
    """The right service must answer."""
    PERMIT = "permit"
    """The network must let it through; nobody need listen yet."""
    CLOSED = "closed"
    """Must not be reachable."""
    ADVISED = "advised"
    """Shown, never binding."""
    RETIRED = "retired"
    """May be removed now."""

    @property
    def binding(self) -> bool:
        """Whether gates, counts, alerts and exit codes hear of it."""
        return self in BINDING


BINDING = frozenset({Expectation.SERVE, Expectation.PERMIT, Expectation.CLOSED})
STRENGTH = {expectation: rank for rank, expectation in enumerate(Expectation)}


def strongest(one: Expectation, other: Expectation) -> Expectation:
    """Of two expectations of the same path, the one that holds."""
    return min(one, other, key=STRENGTH.__getitem__)

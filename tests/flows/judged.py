"""Verdicts for tests: what paths show when all is well, and what may go wrong."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from flows.judging import PathVerdict, judge_path
from flows.outcomes import AnsweredBy, Observation, Outcome, Service
from flows.phases import Expectation, Phase
from flows.plan import Path, Plan
from flows.verdicts import Absence, Context

SPEAKS = {
    Service.HTTPS: AnsweredBy.HTTPS,
    Service.HTTP: AnsweredBy.HTTP,
    Service.GRPC: AnsweredBy.GRPC,
    Service.TDS: AnsweredBy.TDS,
    Service.SSRP: AnsweredBy.SSRP,
    Service.MSRPC: AnsweredBy.MSRPC,
    Service.SYSLOG: AnsweredBy.NONE,
}


class Seen(NamedTuple):
    """What was seen of a path, and what else is known."""

    observation: Observation | None
    context: Context = Context()


def outcome(word: Outcome) -> Seen:
    """Make what was seen from its outcome alone."""
    return Seen(Observation(outcome=word, address="10.0.0.1"))


FILTERED, REFUSED = outcome(Outcome.FILTERED), outcome(Outcome.REFUSED)
REJECTED, SILENT = outcome(Outcome.REJECTED), outcome(Outcome.SILENT)
FAULT, OPEN = outcome(Outcome.FAULT), outcome(Outcome.OPEN)
NEVER = Seen(None)
STALE = Seen(FILTERED.observation, Context(absence=Absence.STALE))


def fine(path: Path, expectation: Expectation) -> Seen:
    """Say what a path shows when all is well: an answer where one is due, else a refusal."""
    if expectation is not Expectation.SERVE:
        return REFUSED
    answered = Outcome.ANSWERED if path.proto == "udp" else Outcome.OPEN
    return Seen(Observation(outcome=answered, answered_by=SPEAKS[path.service]))


def judged(path: Path, phase: Phase, seen: Seen | None = None) -> PathVerdict:
    """Judge what was seen of a path; by default all is well."""
    expectation = path.expect[phase]
    seen = seen or fine(path, expectation)
    return judge_path(path, expectation, seen.observation, None, seen.context)


def all_judged(plan: Plan, phase: Phase, but: Mapping[str, Seen]) -> dict[str, PathVerdict]:
    """Judge every path of a phase; all is well but for the paths that match these globs."""

    def seen_of(path: Path) -> Seen | None:
        found = [seen for glob, seen in but.items() if fnmatchcase(path.id, glob)]
        return found[-1] if found else None

    return {path.id: judged(path, phase, seen_of(path)) for path in plan.of(phase)}

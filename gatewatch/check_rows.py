"""The rows of `gatewatch check` (FORMATS, `check`): what was seen, and what to think of it."""

from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from flows.hosts import Claim
from flows.identity import identify
from flows.judging import PathVerdict
from flows.outcomes import AnsweredBy, Certificate, Identity, Observation, Outcome, Stage
from flows.plan import Path
from flows.verdicts import Verdict
from gatewatch.controls import CONTROL

WAIVED: Final = "waived"
"""The verdict of a path that is not ok where the operator said beforehand not to mind."""
_DIGITS = 6
"""Of seconds: microseconds are the most that any clock here can tell."""


class Address(msgspec.Struct, frozen=True):
    """What was seen at one address of a destination."""

    address: str | None
    outcome: Outcome


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One path; what does not exist is null, what was not asked for is absent."""

    path: str
    flow: str
    src: str
    dst: str
    proto: str
    port: int
    outcome: Outcome
    identity: Identity | None
    answered_by: AnsweredBy | None
    stage: Stage | None
    detail: str | None
    sender: str | None = msgspec.field(name="from")
    icmp: tuple[int, int] | None
    address: str | None
    addresses: tuple[Address, ...]
    seconds: float
    stages: dict[Stage, float]
    rtt_seconds: float | None
    syn_retransmits: int
    certificate: Certificate | None
    verdict: Verdict | Literal["waived"] | UnsetType | None = UNSET
    reason: str | UnsetType | None = UNSET
    advice: tuple[str, ...] | UnsetType = UNSET
    control: bool | UnsetType = UNSET


def row_of(path: Path, observation: Observation, claim: Claim | None) -> Row:
    """Say what was seen, without a verdict."""
    row = _row(path, observation, observation, identify(observation, path.service, claim))
    return msgspec.structs.replace(row, control=True) if path.flow == CONTROL else row


def judged_row(judged: PathVerdict, observation: Observation, waiver: str | None) -> Row:
    """Say what was seen at the address that speaks for the path, and what we think of it.

    `waiver` is the operator's word on a path that is not ok.
    """
    speaks = judged.observation or observation
    return msgspec.structs.replace(
        _row(judged.path, speaks, observation, judged.identity),
        verdict=judged.verdict if waiver is None else WAIVED,
        reason=judged.reason,
        advice=judged.advice if waiver is None else (*judged.advice, waiver),
    )


def unjudged_row(path: Path, observation: Observation) -> Row:
    """Say what a control saw in a run that judges: nobody expects anything of it."""
    row = row_of(path, observation, None)
    return msgspec.structs.replace(row, verdict=None, reason=None, advice=())


def _row(path: Path, seen: Observation, whole: Observation, identity: Identity | None) -> Row:
    every = whole.addresses or (whole,)
    return Row(
        path=path.id,
        flow=path.flow,
        src=path.src,
        dst=path.dst,
        proto=path.proto,
        port=path.port,
        outcome=seen.outcome,
        identity=identity,
        answered_by=seen.answered_by,
        stage=seen.stage,
        detail=seen.detail or None,
        sender=seen.sender,
        icmp=seen.icmp,
        address=seen.address,
        addresses=tuple(Address(one.address, one.outcome) for one in every if one.address),
        seconds=round(seen.seconds, _DIGITS),
        stages={stage: round(seconds, _DIGITS) for stage, seconds in seen.stages.by_stage.items()},
        rtt_seconds=seen.rtt_seconds,
        syn_retransmits=seen.syn_retransmits,
        certificate=seen.certificate,
    )

"""Judging a path in a phase: every address of its destination, the worst one speaks."""

from collections.abc import Collection
from dataclasses import dataclass

from flows.advice import advice
from flows.hosts import Claim, Role
from flows.identity import identify
from flows.inventory import Inventory
from flows.outcomes import Identity, Observation, Service, each_address
from flows.phases import Expectation, Phase
from flows.plan import Path, Plan
from flows.reasons import reason
from flows.verdicts import NOTHING_ELSE, Context, Judgement, Verdict, judge


@dataclass(frozen=True, slots=True)
class PathVerdict:
    """A path, judged in a phase. Its words are made when somebody asks for them."""

    path: Path
    expectation: Expectation
    judgement: Judgement
    identity: Identity | None
    observation: Observation | None
    """Of the address that speaks for the path."""
    context: Context

    @property
    def verdict(self) -> Verdict:
        """What we think of it."""
        return self.judgement.verdict

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        return reason(
            self.observation,
            self.identity,
            self.path.service,
            self.expectation,
            self.judgement,
            self.context,
        )

    @property
    def advice(self) -> tuple[str, ...]:
        """What is worth doing although the verdict does not ask for it."""
        return advice(self.observation, self.identity, self.expectation, self.context)

    def attested_by(self, attested: Collection[str]) -> bool:
        """Decide whether an attestation stands for it: it is a permit that nothing proved."""
        unproven = self.expectation is Expectation.PERMIT and self.verdict is Verdict.UNPROVEN
        return unproven and self.path.id in attested


_WORST = {Verdict.BROKEN: 0, Verdict.UNPROVEN: 1, Verdict.OK: 2}


def judge_path(
    path: Path,
    expectation: Expectation,
    observation: Observation | None,
    claim: Claim | None = None,
    context: Context = NOTHING_ELSE,
) -> PathVerdict:
    """Judge what was last seen of a path against what a phase expects of it."""
    if observation is None or not observation.addresses:
        return _judge_one(path, expectation, observation, claim, context)
    verdicts = (
        _judge_one(path, expectation, one, claim, context) for one in each_address(observation)
    )
    return min(verdicts, key=_weakest_first)


def _weakest_first(judged: PathVerdict) -> tuple[int, bool, bool]:
    """Order verdicts: of two alike, the one that leaves more to prove speaks."""
    judgement = judged.judgement
    return _WORST[judgement.verdict], judgement.unverifiable, judgement.proof is None


def _judge_one(
    path: Path,
    expectation: Expectation,
    observation: Observation | None,
    claim: Claim | None,
    context: Context,
) -> PathVerdict:
    identity = identify(observation, path.service, claim) if observation else None
    judgement = judge(expectation, observation, identity, path.service, context)
    return PathVerdict(path, expectation, judgement, identity, observation, context)


def surroundings(plan: Plan, path: Path, phase: Phase, current: Phase | None = None) -> Context:
    """Collect what the plan itself says about a path's endpoint, for a phase judged today.

    `current` is the phase that holds today where that is another one.
    """
    services = plan.services[path.endpoint]
    today = {phase, current or phase}
    planned = frozenset(
        service
        for service, phases in services.items()
        if service != path.service and phases & today
    )
    needed = plan.needed.get(path.endpoint, {}).get(phase, frozenset()) - {path.flow}
    instances: tuple[tuple[str, int], ...] = ()
    if path.service is Service.SSRP:
        instances = tuple(
            (sql.instance, sql.port)
            for sql in plan.inventory.hosts[path.dst].sql
            if sql.instance is not None
        )
    shared = _changes_hands(plan.inventory, path)
    return Context(shared=shared, planned=planned, needed=bool(needed), instances=instances)


def _changes_hands(inventory: Inventory, path: Path) -> bool:
    """Tell whether a port goes from backend to handler with the upgrade of a colocated machine.

    Whether any agent is in the inventory yet does not matter: the port changes hands all the same.
    """
    ports, destination = inventory.ports, inventory.hosts[path.dst]
    if path.proto != "tcp" or not path.port == ports.backend == ports.agent:
        return False
    machines = (destination, *(inventory.hosts[name] for name in destination.members))
    return any({Role.BACKEND, Role.AGENT_HANDLER} <= machine.roles for machine in machines)

from typing import Any, cast

from flows.gates import GateState
from flows.phases import PHASES, Phase
from gatewatch.demo.services import Post, Services
from gatewatch.demo.walk import (
    LEGACY,
    OLD_BACKEND,
    PUBLIC_API,
    RELEASE_2_6,
    RELEASE_2_7_1,
    Stage,
    Walk,
)

NOT_YET = {("agents", False), ("complete", True)}
"""Gates that the script asks twice: before what they wait for, and after."""


class Estate:
    """Plays services, collector and onlooker, and takes down what happens."""

    def __init__(self, *, stuck: str = "") -> None:
        self.happened: list[str] = []
        self.said: list[str] = []
        self.listening: set[Post] = set(RELEASE_2_6)
        self.phase = Phase.BASELINE
        self._asked: set[tuple[str, bool]] = set()
        self._stuck = stuck

    async def gate(self, phase: str, *, done: bool) -> dict[str, Any]:
        first = (phase, done) not in self._asked
        self._asked.add((phase, done))
        closed = first and (phase, done) in NOT_YET
        state = GateState.NOT_READY if closed or phase == self._stuck else GateState.READY
        blocker = {"path": "a:b>c:tcp/1", "verdict": "broken", "reason": "so it is"}
        host = {"host": "be-02", "problem": "version unknown"}
        return {
            "state": state,
            "counts": {"ok": 3, "broken": int(closed), "waived": 0},
            "blockers": [blocker],
            "hosts": [host] if closed else [],
        }

    async def path(self, path: str) -> dict[str, Any]:
        self.happened.append(f"look at {path}")
        return {"phases": {"backoffice": {"verdict": "broken", "reason": "refused"}}}

    async def set_phase(self, phase: str) -> None:
        self.phase = Phase(phase)
        self.happened.append(f"phase {phase}")

    async def set_version(self, glob: str, version: str) -> None:
        self.happened.append(f"{glob} runs {version}")

    async def open(self, *posts: Post) -> None:
        assert not self.listening.intersection(posts)
        self.listening.update(posts)

    async def close(self, *posts: Post) -> None:
        self.listening.difference_update(posts)

    async def proceed(self, announced: str) -> None:
        self.happened.append(f"[{announced}]")

    @property
    def stage(self) -> Stage:
        services = cast("Services", self)
        return Stage(services, self, self.said.append, self.proceed, patience_seconds=0.0)


async def test_the_walk_goes_through_every_phase_in_their_order() -> None:
    estate = Estate()

    as_scripted = await Walk(estate.stage).walk()

    phases = [one for one in estate.happened if one.startswith("phase ")]
    assert as_scripted
    assert phases == [f"phase {phase}" for phase in PHASES[1:]]


async def test_each_step_is_announced_before_it_is_taken() -> None:
    estate = Estate()

    await Walk(estate.stage).walk()

    for phase in PHASES[1:]:
        at = estate.happened.index(f"phase {phase}")
        assert estate.happened[at - 1].startswith(f"[start {phase}: ")
    upgraded = estate.happened.index("pc-* runs 2.7.1")
    assert estate.happened[upgraded - 1].startswith("[upgrade the agents")


async def test_at_the_end_the_new_release_listens_and_the_legacy_port_does_not() -> None:
    estate = Estate()

    await Walk(estate.stage).walk()

    gone = {OLD_BACKEND, *LEGACY}
    assert estate.listening == (set(RELEASE_2_6) - gone) | set(RELEASE_2_7_1)
    assert PUBLIC_API in estate.listening


async def test_every_gate_is_printed_with_its_counts_and_what_blocks_it() -> None:
    estate = Estate()

    await Walk(estate.stage).walk()

    text = "\n".join(estate.said)
    for phase in PHASES:
        assert f"gate {phase}: READY (3 ok)" in text
    assert (
        "gate agents: NOT_READY (3 ok, 1 broken)\n"
        "  broken a:b>c:tcp/1: so it is\n"
        "  be-02: version unknown\n"
    ) in text


async def test_what_is_not_as_scripted_ends_the_walk_and_is_said() -> None:
    estate = Estate(stuck="backoffice")

    as_scripted = await Walk(estate.stage).walk()

    assert not as_scripted
    assert estate.phase is Phase.PREPARE
    assert estate.said[-1] == "Not as scripted: READY was expected"

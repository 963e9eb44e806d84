"""The walk through the migration: what is done in each phase, and what its gate must say."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from flows.gates import GateState
from flows.phases import Phase
from flows.verdicts import Verdict
from gatewatch.demo.services import Kind, Post, Services

PUBLIC_API = Post(Kind.WEB, "be-02", 10443)
BROKEN_PATH = "public-api:siem>be-02:tcp/10443"
OLD_BACKEND = Post(Kind.WEB, "be-01", 4443)
LEGACY = (Post(Kind.LEGACY, "be-01", 17000), Post(Kind.LEGACY, "ah-02", 17000))
RELEASE_2_6 = (
    OLD_BACKEND,
    Post(Kind.WEB, "be-01", 10443),
    Post(Kind.WEB, "be-02", 4443),
    PUBLIC_API,
    *LEGACY,
    Post(Kind.SQL, "sql-01", 1433),
    Post(Kind.BROWSER, "sql-01", 1434),
    Post(Kind.SYSLOG, "log-01", 1468),
    Post(Kind.SYSLOG_TLS, "log-01", 5614),
    Post(Kind.SYSLOG_UDP, "log-01", 5514),
    Post(Kind.WEB, "update", 4443),
)
RELEASE_2_7_1 = (
    Post(Kind.HANDLER, "be-01", 4443),
    Post(Kind.WEB, "be-01", 8443),
    Post(Kind.HANDLER, "ah-02", 4443),
)

_POLL_SECONDS = 0.2


class Operator(Protocol):
    """What the walk asks of the collector, as an operator would."""

    async def gate(self, phase: str, *, done: bool) -> dict[str, Any]:
        """Ask a gate."""

    async def path(self, path: str) -> dict[str, Any]:
        """Look at one path."""

    async def set_phase(self, phase: str) -> None:
        """Start a phase."""

    async def set_version(self, glob: str, version: str) -> None:
        """Say which version hosts run."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the walk plays on: the services, the operator, and who watches."""

    services: Services
    operator: Operator
    say: Callable[[str], None]
    proceed: Callable[[str], Awaitable[None]]
    """Wait until the onlooker wants the step that the text announces."""
    patience_seconds: float = 60.0
    """How long the estate may take to become what the script says."""


class UnscriptedError(Exception):
    """The estate did not do what the script says; what follows would make no sense."""


class Walk:
    """Walks once from baseline to complete."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def walk(self) -> bool:
        """Play the whole migration; returns whether every gate was as scripted."""
        try:
            await self._play()
        except UnscriptedError as unscripted:
            self._stage.say(f"Not as scripted: {unscripted}")
            return False
        return True

    async def _play(self) -> None:
        await self._gate(Phase.BASELINE, GateState.READY)
        await self._prepare()
        await self._back_office()
        await self._agents()
        await self._complete()

    async def _prepare(self) -> None:
        await self._start(Phase.PREPARE, "open the new ports in the firewall, before any upgrade")
        self._stage.say("Nobody listens on 8443 and the handlers' new port yet: 'refused' is proof")
        self._stage.say("enough that the network lets it through; silence would not be.")
        await self._gate(Phase.PREPARE, GateState.READY, done=True)

    async def _back_office(self) -> None:
        await self._start(Phase.BACKOFFICE, "old and new rules must both hold from here on")
        await self._stage.proceed("the public API of be-02 stops: watch its cell turn red")
        await self._stage.services.close(PUBLIC_API)
        await self._broken(BROKEN_PATH)
        await self._gate(Phase.AGENTS, GateState.NOT_READY)
        await self._stage.proceed("repair it, and upgrade the back office to 2.7.1")
        await self._stage.services.open(PUBLIC_API)
        await self._stage.services.close(OLD_BACKEND)
        await self._stage.services.open(*RELEASE_2_7_1)
        for glob in ("be-02", "con-*"):
            await self._stage.operator.set_version(glob, "2.7.1")
        self._stage.say("be-01 and ah-02 show their version by what answers on their ports.")

    async def _agents(self) -> None:
        await self._start(Phase.AGENTS, "the back office runs 2.7.1, agents follow")
        await self._stage.proceed("upgrade the agents: they leave 17000 for the handlers' new port")
        await self._stage.operator.set_version("pc-*", "2.7.1")

    async def _complete(self) -> None:
        await self._start(Phase.COMPLETE, "everything runs 2.7.1; 17000 must be closed")
        await self._gate(Phase.COMPLETE, GateState.NOT_READY, done=True)
        await self._stage.proceed("close port 17000 on the handlers")
        await self._stage.services.close(*LEGACY)
        await self._gate(Phase.COMPLETE, GateState.READY, done=True)

    async def _start(self, phase: Phase, why: str) -> None:
        await self._gate(phase, GateState.READY)
        await self._stage.proceed(f"start {phase}: {why}")
        await self._stage.operator.set_phase(phase)
        self._stage.say(f"== {phase} ==")

    async def _gate(self, phase: Phase, scripted: GateState, *, done: bool = False) -> None:
        """Wait until a gate says what it should, and print it either way."""

        async def ask() -> tuple[dict[str, Any], bool]:
            gate = await self._stage.operator.gate(phase, done=done)
            return gate, gate["state"] == scripted

        gate, right = await _until(ask, self._stage.patience_seconds)
        question = f"gate {phase}{' --done' if done else ''}"
        self._stage.say(f"{question}: {gate['state']} ({_counted(gate)})")
        for blocker in gate["blockers"][:3] if gate["state"] != GateState.READY else ():
            name = blocker["path"] or f"{blocker['flow']} of group {blocker['group']}"
            self._stage.say(f"  {blocker['verdict']} {name}: {blocker['reason']}")
        for host in gate["hosts"][:3]:
            self._stage.say(f"  {host['host']}: {host['problem']}")
        if not right:
            raise UnscriptedError(f"{scripted} was expected")

    async def _broken(self, path: str) -> None:
        async def ask() -> tuple[dict[str, Any], bool]:
            now = (await self._stage.operator.path(path))["phases"][Phase.BACKOFFICE]
            return now, now["verdict"] == Verdict.BROKEN

        now, right = await _until(ask, self._stage.patience_seconds)
        self._stage.say(f"{path}: {now['verdict']}: {now['reason']}")
        if not right:
            raise UnscriptedError(f"{Verdict.BROKEN} was expected")


async def _until(
    ask: Callable[[], Awaitable[tuple[dict[str, Any], bool]]], patience_seconds: float
) -> tuple[dict[str, Any], bool]:
    """Ask until the answer is the right one, or patience ends; give the last answer."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience_seconds
    while True:
        answer, right = await ask()
        if right or loop.time() > end:
            return answer, right
        await asyncio.sleep(_POLL_SECONDS)


def _counted(gate: dict[str, Any]) -> str:
    return ", ".join(f"{number} {word}" for word, number in gate["counts"].items() if number)

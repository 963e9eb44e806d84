"""An estate of SES agents by the thousand, and the tokens of those who call its collector."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from collector.credentials import TOKEN_PREFIX, Credential, Right, digest_of, new_token
from collector.memory import Changes, InventoryText, PhaseSet
from collector.store.batch import Batch
from collector.store.store import Store
from flows.phases import Phase

OPERATOR, SCRAPER = "bench-operator", "bench-scraper"
_LETTERS = 43
"""As many as 256 random bits take."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large an estate is: each agent has two paths to each handler, an old and a new one."""

    agents: int
    handlers: int
    per_agent: bool = False

    @property
    def paths(self) -> int:
        """Count the paths of agents."""
        return self.agents * self.handlers * 2

    @property
    def verdicts(self) -> int:
        """Count them once for each phase that expects anything: the new ones begin a phase late."""
        return self.agents * self.handlers * (2 * len(Phase) - 1)

    def inventory(self) -> str:
        """Write its inventory."""
        handlers = [f"ah-{n:02d}" for n in range(self.handlers)]
        agents = [agent(n) for n in range(self.agents)]
        lines = ['migration: {name: bench, from: "2.6", to: "2.7.1"}', "hosts:"]
        lines += (
            f"  {name}: {{address: 10.200.0.{n + 1}, roles: [agent-handler], site: dc}}"
            for n, name in enumerate(handlers)
        )
        lines += (
            f"  {name}: {{address: 10.{100 + (n >> 16)}.{n >> 8 & 255}.{n & 255},"
            f" roles: [agent], site: site-{n % 20:02d}}}"
            for n, name in enumerate(agents)
        )
        group = f"  hq: {{handlers: [{', '.join(handlers)}], agents: [{', '.join(agents)}]}}"
        return "\n".join([*lines, "handler_groups:", group, ""])


def agent(number: int) -> str:
    """Name an agent."""
    return f"pc-{number:06d}"


def token_of(name: str) -> str:
    """Give the token of whoever calls: nobody's secret, and as long as a real one."""
    return new_token(TOKEN_PREFIX, lambda: hashlib.sha256(name.encode()).hexdigest()[:_LETTERS])


def fill_store(url: str, scale: Scale) -> None:
    """Let a new store begin with the inventory and everybody's credential, in one transaction."""
    asyncio.run(_fill(url, scale))


async def _fill(url: str, scale: Scale) -> None:
    now = datetime.now(UTC)
    holders = [(OPERATOR, Right.OPERATOR), (SCRAPER, Right.SCRAPER)]
    holders += [(agent(number), Right.PROBE) for number in range(scale.agents)]
    given = (
        Credential(name=name, right=right, sha256=digest_of(token_of(name)), created=now)
        for name, right in holders
    )
    changes = Changes(
        inventory=InventoryText(text=scale.inventory(), name="inventory.yaml"),
        phase=PhaseSet(phase=Phase.BASELINE, since=now),
        credentials={credential.id: credential for credential in given},
    )
    async with Store.open(url) as store, store.turn() as turn:
        await turn.write(Batch(changes=(changes,)), {}, now)

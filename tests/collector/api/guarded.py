"""A collector that asks for credentials, and callers with every right."""

import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from collector.app import assemble
from collector.credentials import TOKEN_PREFIX, Credential, Right, digest_of
from collector.memory import Changes
from collector.settings import Limits, Settings
from collector.store.batch import Batch
from collector.store.store import Store
from tests.collector.samples import NOW
from tests.collector.serving import Caller, Moments, Reply, calling, settings_in

TOKENS = {right: f"{TOKEN_PREFIX}{right}-{'x' * 40}" for right in Right}
NAMES = {Right.PROBE: "con-01", Right.VIEWER: "vera", Right.OPERATOR: "olaf", Right.SCRAPER: "sam"}


@dataclass
class Guarded:
    """Calls with the token of a right."""

    caller: Caller
    clock: Moments

    async def call(
        self,
        right: Right | None,
        method: str,
        where: str,
        body: object = None,
        **more: Mapping[str, str],
    ) -> Reply:
        headers = dict(more.pop("headers", {}))
        if right is not None:
            headers["Authorization"] = f"Bearer {TOKENS[right]}"
        return await self.caller.call(method, where, body, headers=headers, **more)  # type: ignore[arg-type] # its own words


def credentials() -> dict[str, Credential | None]:
    held = [
        Credential(name=NAMES[right], right=right, sha256=digest_of(token), created=NOW)
        for right, token in TOKENS.items()
    ]
    return {one.id: one for one in held}


def guarded_settings(folder: Path, limits: Limits | None = None) -> Settings:
    return dataclasses.replace(settings_in(folder, limits=limits), auth_required=True)


@asynccontextmanager
async def guarding(settings: Settings) -> AsyncIterator[Guarded]:
    """Serve with one credential of each right."""
    async with Store.open(settings.store) as store:
        await assemble(settings, store, NOW)
        async with store.turn() as turn:
            await turn.write(Batch(changes=(Changes(credentials=credentials()),)), {}, NOW)
    clock = Moments()
    async with calling(settings, clock) as caller:
        yield Guarded(caller, clock)

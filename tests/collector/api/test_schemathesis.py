"""Whatever is asked within the API's own description, the collector answers, and never fails."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from collector.api.openapi import document
from collector.api.routes import CALLS
from collector.credentials import Right
from collector.settings import Limits
from tests.collector.api.guarded import TOKENS, guarded_settings, guarding

UNENDING = ["/api/v1/events/stream", "/api/v1/runs/{id}/events"]
"""Their answers end when the collector does."""
SCHEMA = schemathesis.openapi.from_dict(document(CALLS, "test")).exclude(path=UNENDING)
QUIETLY: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
Case = schemathesis.Case[Any]
AUTHORIZED = {"Authorization": f"Bearer {TOKENS[Right.OPERATOR]}"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A collector on a thread of its own: Schemathesis calls it as any client does."""
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    folder = tmp_path_factory.mktemp("schemathesis")
    thread = threading.Thread(target=lambda: asyncio.run(_serve(folder, started)))
    thread.start()
    url, loop, stop = started.result()
    yield url
    loop.call_soon_threadsafe(stop.set)
    thread.join()


async def _serve(
    folder: Path, started: "Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]]"
) -> None:
    stop = asyncio.Event()
    async with guarding(
        guarded_settings(folder, Limits(requests_per_credential=100_000))
    ) as guarded:
        started.set_result((guarded.caller.url, asyncio.get_running_loop(), stop))
        await stop.wait()


def attempt(case: Case, url: str) -> None:
    """Call once; the answer must be one that the description knows, and no failure."""
    response = case.call(base_url=url, headers=AUTHORIZED, timeout=20)
    case.validate_response(response, checks=[not_a_server_error, status_code_conformance])


@SCHEMA.parametrize()
@settings(max_examples=5, **QUIETLY)
def test_no_call_makes_it_fail(case: Case, url: str) -> None:
    attempt(case, url)


@pytest.mark.soak
@SCHEMA.parametrize()
@settings(max_examples=300, **QUIETLY)
def test_no_call_of_very_many_makes_it_fail(case: Case, url: str) -> None:
    attempt(case, url)

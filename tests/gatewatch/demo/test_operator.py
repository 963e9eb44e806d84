from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gatewatch.api_client import Connection, DeclinedError, open_api
from gatewatch.demo.operator import ApiOperator
from tests.collector.samples import CONSOLE, HTTPS
from tests.collector.serving import Caller, calling, settings_in


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path)) as caller:
        yield caller


@pytest.fixture
async def operator(caller: Caller) -> AsyncIterator[ApiOperator]:
    async with open_api(Connection(caller.url)) as api:
        yield ApiOperator(api)


async def test_it_asks_gates(operator: ApiOperator) -> None:
    may_start = await operator.gate("prepare", done=False)
    is_done = await operator.gate("prepare", done=True)

    assert (may_start["phase"], may_start["done"], is_done["done"]) == ("prepare", False, True)
    assert may_start["state"] == "INCONCLUSIVE"


async def test_it_looks_at_a_path(caller: Caller, operator: ApiOperator) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})

    view = await operator.path(CONSOLE)

    assert view["phases"]["baseline"]["verdict"] == "ok"


async def test_it_says_which_version_hosts_run(caller: Caller, operator: ApiOperator) -> None:
    await operator.set_version("pc-*", "2.7.1")

    versions = {row["host"]: row["version"] for row in (await caller.get("hosts")).body}
    assert (versions["pc-001"], versions["pc-003"]) == ("2.7.1", "2.7.1")
    assert versions["con-01"] is None


async def test_it_may_not_start_a_phase_whose_gate_is_not_ready(
    caller: Caller, operator: ApiOperator
) -> None:
    with pytest.raises(DeclinedError):
        await operator.set_phase("agents")

    assert (await caller.get("phase")).body["phase"] == "baseline"


async def test_it_goes_back_to_an_earlier_phase_whatever_its_gate_says(
    caller: Caller, operator: ApiOperator
) -> None:
    await operator.set_phase("baseline")

    assert (await caller.get("phase")).body["phase"] == "baseline"

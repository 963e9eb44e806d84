"""Queries, bodies, hosts and phases are read with a sentence for what is wrong."""

import pytest

from collector.api.asking import host_with_probe, phase_named
from collector.api.problems import ApiError
from flows.inventory_reading import read_inventory
from flows.phases import Phase
from tests.collector.samples import INVENTORY
from tests.collector.serving import Caller

HOSTS = read_inventory(INVENTORY, "inventory.yaml").hosts


def test_a_phase_is_found_by_its_word() -> None:
    assert phase_named("agents") is Phase.AGENTS


def test_a_word_that_is_no_phase_gets_a_hint() -> None:
    with pytest.raises(ApiError, match="there is no phase 'prepar' \\(did you mean 'prepare'"):
        phase_named("prepar")


def test_a_host_with_a_probe_is_found() -> None:
    assert host_with_probe(HOSTS, "con-01").name == "con-01"


def test_a_host_without_a_probe_is_declined() -> None:
    with pytest.raises(ApiError, match="log-01 has no role that measures anything"):
        host_with_probe(HOSTS, "log-01")


async def test_a_parameter_may_stand_in_any_encoding(caller: Caller) -> None:
    reply = await caller.get("matrix?%70hase=%70repare")

    assert reply.body["phase"] == "prepare"


async def test_a_body_needs_no_content_type(caller: Caller) -> None:
    reply = await caller.call(
        "PUT", "phase", {"phase": "baseline"}, headers={"Content-Type": "x/y"}
    )

    assert reply.status == 200

"""Every error is a problem document, whatever made it."""

import pytest

import collector.api.views
from collector.api import problems
from collector.api.problems import Kind
from tests.collector.serving import Caller

KINDS = [kind for kind in vars(problems).values() if isinstance(kind, Kind)]


async def test_an_address_that_is_not_there(caller: Caller) -> None:
    reply = await caller.get("/api/v2/phase")

    assert reply.problem == (404, "not-found", "there is nothing at /api/v2/phase")


async def test_a_method_that_is_not_taken(caller: Caller) -> None:
    reply = await caller.call("DELETE", "phase")

    assert reply.problem == (
        405,
        "wrong-method",
        "/api/v1/phase takes GET,HEAD,PUT, not DELETE",
    )
    assert reply.headers["Allow"] == "GET,HEAD,PUT"


async def test_a_fault_of_ours_names_the_log_and_nothing_else(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(collector.api.views, "host_rows", fail)

    reply = await caller.get("hosts")

    assert reply.problem == (
        500,
        "internal-error",
        "the collector failed at this, and changed nothing; its log says more",
    )
    assert b"secret" not in reply.content
    assert "GET /api/v1/hosts failed" in caplog.text
    assert "RuntimeError: secret" in caplog.text


async def test_a_problem_has_the_members_of_rfc_9457_and_is_not_cached(caller: Caller) -> None:
    reply = await caller.get("gates/never")

    assert list(reply.body) == ["type", "title", "status", "detail"]
    assert reply.headers["Cache-Control"] == "no-store"


async def test_refusals_are_counted_by_kind(caller: Caller) -> None:
    await caller.get("gates/never")

    page = (await caller.get("/metrics/self")).content
    assert b'gatewatch_collector_refusals_total{problem="unknown-phase"} 1.0' in page


def test_no_two_kinds_share_a_type() -> None:
    assert len({kind.slug for kind in KINDS}) == len(KINDS) > 15


def test_every_kind_is_an_error() -> None:
    assert all(400 <= kind.status < 600 for kind in KINDS)

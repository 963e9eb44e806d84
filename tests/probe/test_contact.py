import logging

import pytest

from flows.errors import GatewatchError
from probe.contact import Contact
from tests.fakes.clock import FakeClock


def a_contact(clock: FakeClock) -> Contact:
    return Contact(clock, "No bread", "Bread again")


async def test_a_failure_is_said_once_until_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    contact = a_contact(clock)
    caplog.set_level(logging.INFO)

    contact.failed(GatewatchError("the oven is cold"))
    clock.advance(60)
    contact.failed(GatewatchError("the oven is away"))
    clock.advance(35)
    contact.worked()

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "No bread: the oven is cold"),
        ("INFO", "Bread again after 95 s."),
    ]


def test_success_alone_is_not_worth_a_word(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    a_contact(FakeClock()).worked()

    assert caplog.records == []


def test_each_failure_can_be_seen_by_who_debugs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    contact = a_contact(FakeClock())

    for _ in range(3):
        contact.failed(GatewatchError("the oven is cold"))

    assert [record.levelname for record in caplog.records] == ["WARNING", "DEBUG", "DEBUG"]

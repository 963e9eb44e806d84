import json

import pytest

from tests.fakes.api import FakeApi, problem
from tests.gatewatch.running import operate


async def test_a_version_is_set_for_the_hosts_that_match(
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = FakeApi({("PATCH", "hosts"): {"hosts": ["pc-001", "pc-002"], "version": "2.7.1"}})
    async with api as url:
        code = await operate(url, "host", "set", "pc-*", "--version", "2.7.1")

    assert code == 0
    assert api.calls[0].body == {"glob": "pc-*", "version": "2.7.1"}
    assert capsys.readouterr().out == "pc-001: 2.7.1\npc-002: 2.7.1\n"


async def test_what_was_set_is_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("PATCH", "hosts"): {"hosts": ["pc-001"], "version": None}})
    async with api as url:
        await operate(url, "host", "set", "pc-001", "--unset")

    assert api.calls[0].body == {"glob": "pc-001", "version": None}
    assert capsys.readouterr().out == "pc-001: no longer set\n"


async def test_many_hosts_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    many = [f"pc-{number:03}" for number in range(500)]
    async with FakeApi({("PATCH", "hosts"): {"hosts": many, "version": "2.7.1"}}) as url:
        await operate(url, "host", "set", "pc-*", "--version", "2.7.1")

    assert capsys.readouterr().out == "500 hosts: 2.7.1\n"


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    body = {"hosts": ["pc-001"], "version": "2.7.1"}
    async with FakeApi({("PATCH", "hosts"): body}) as url:
        await operate(url, "host", "set", "pc-001", "--version", "2.7.1", "--format", "json")

    assert json.loads(capsys.readouterr().out) == body


@pytest.mark.parametrize(
    "words",
    [
        ("pc-001", "--version", "new"),
        ("pc-001",),
        ("--version", "2.7.1"),
        ("pc-001", "--version", "2.7.1", "--unset"),
    ],
)
async def test_what_makes_no_sense_is_not_sent(words: tuple[str, ...]) -> None:
    api = FakeApi()
    async with api as url:
        assert await operate(url, "host", "set", *words) == 3

    assert api.calls == []


async def test_a_glob_that_names_nobody_exits_3(capsys: pytest.CaptureFixture[str]) -> None:
    declined = problem(404, "no host is named 'pcc-*'")
    async with FakeApi({("PATCH", "hosts"): declined}) as url:
        code = await operate(url, "host", "set", "pcc-*", "--version", "2.7.1")

    assert code == 3
    assert capsys.readouterr().err == "gatewatch: no host is named 'pcc-*'\n"

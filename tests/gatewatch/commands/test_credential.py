"""Credentials are listed, given and revoked; a token is printed alone, for a file to take."""

import json

import pytest

from tests.fakes.api import FakeApi
from tests.gatewatch.running import operate

HELD = {
    "id": "00112233445566aa",
    "name": "prometheus",
    "role": "scraper",
    "created": "2026-11-23T12:00:00.000Z",
    "by": "alice",
    "until": None,
    "session": False,
}


async def test_a_new_token_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("POST", "credentials"): {**HELD, "token": "gwt_secret"}})
    async with api as url:
        code = await operate(url, "credential", "create", "prometheus", "--role", "scraper")

    assert (code, capsys.readouterr().out) == (0, "gwt_secret\n")
    assert api.calls[0].body == {"name": "prometheus", "role": "scraper", "until": None}


async def test_all_that_are_good_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    page = {**HELD, "id": "f" * 16, "name": "olaf", "role": "operator", "session": True}
    async with FakeApi({("GET", "credentials"): [HELD, page]}) as url:
        code = await operate(url, "credential", "list")

    printed = capsys.readouterr().out
    assert code == 0
    assert "00112233445566aa prometheus scraper" in " ".join(printed.split())
    assert "olaf operator (page)" in " ".join(printed.split())


async def test_one_is_revoked_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("DELETE", "credentials/prometheus"): [HELD]}) as url:
        code = await operate(url, "credential", "revoke", "prometheus")

    assert (code, capsys.readouterr().out) == (0, "revoked: prometheus (00112233445566aa)\n")


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {
        ("GET", "credentials"): [HELD],
        ("POST", "credentials"): HELD,
        ("DELETE", "credentials/a"): [HELD],
    }
    async with FakeApi(answers) as url:
        for words in (("list",), ("create", "x", "--role", "viewer"), ("revoke", "a")):
            assert await operate(url, "credential", *words, "--format", "json") == 0

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == [[HELD], HELD, [HELD]]

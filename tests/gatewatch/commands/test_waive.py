import json

import pytest

from tests.fakes.api import FakeApi
from tests.gatewatch.running import operate

GIVEN = {"id": "1a2b3c4d", "path": "sql:*", "until": "2027-02-01T00:00:00.000Z"}


async def test_paths_are_waived(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("POST", "waivers"): GIVEN})
    async with api as url:
        code = await operate(url, "waive", "sql:*", "--reason", "policy", "--until", "2027-01-31")

    assert code == 0
    assert api.calls[0].body == {"path": "sql:*", "reason": "policy", "until": "2027-01-31"}
    assert capsys.readouterr().out.startswith("1a2b3c4d: sql:* until 2027-0")


async def test_a_waiver_is_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("DELETE", "waivers/1a2b3c4d"): GIVEN}) as url:
        code = await operate(url, "waive", "--remove", "1a2b3c4d")

    assert (code, capsys.readouterr().out) == (0, "1a2b3c4d: sql:* taken back\n")


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {
        ("GET", "waivers"): [GIVEN],
        ("POST", "waivers"): GIVEN,
        ("DELETE", "waivers/a"): GIVEN,
    }
    async with FakeApi(answers) as url:
        for words in (
            ("--list",),
            ("sql:*", "--reason", "policy", "--until", "4h"),
            ("--remove", "a"),
        ):
            assert await operate(url, "waive", *words, "--format", "json") == 0

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == [[GIVEN], GIVEN, GIVEN]

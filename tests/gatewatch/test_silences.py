from datetime import UTC, datetime

import pytest

from gatewatch.silences import Said
from tests.fakes.api import FakeApi
from tests.gatewatch.running import operate

UNTIL = "2027-02-01T00:00:00.000Z"
GIVEN = {"path": "sql:*", "reason": "off by policy", "until": UNTIL, "by": "127.0.0.1"}


@pytest.mark.parametrize(
    ("parts", "about"),
    [({"path": "sql:*"}, "sql:*"), ({"hosts": "be-*"}, "be-*"), ({"site": "dc1"}, "site dc1")],
)
def test_what_it_is_about_is_one_of_three(parts: dict[str, str], about: str) -> None:
    assert Said(until=datetime.now(UTC), **parts).about == about  # type: ignore[arg-type] # text


async def test_a_list_tells_the_inventorys_from_the_operators(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stored = [{"id": None, **GIVEN, "by": None}, {"id": "1a2b3c4d", **GIVEN}]
    async with FakeApi({("GET", "waivers"): stored}) as url:
        code = await operate(url, "waive", "--list")

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert lines[0] == ["id", "what", "from", "until", "why", "by"]
    assert [line[0] for line in lines[2:]] == ["inventory", "1a2b3c4d"]
    assert [line[-1] for line in lines[2:]] == ["-", "127.0.0.1"]


async def test_an_id_may_be_any_text() -> None:
    api = FakeApi()
    async with api as url:
        assert await operate(url, "waive", "--remove", "../phase") == 3

    assert [(call.method, call.call) for call in api.calls] == [("DELETE", "waivers/../phase")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "GLOB, --reason, --until must be said too, or --list, or --remove ID"),
        (("sql:*", "--until", "4h"), "--reason must be said too, or --list, or --remove ID"),
        (("sql:*", "--list"), "--list and --remove go without GLOB, --reason, --until"),
        (("--remove", "a", "--until", "4h"), "--list and --remove go without GLOB, --reason"),
    ],
)
async def test_what_is_not_one_thing_is_not_sent(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    api = FakeApi()
    async with api as url:
        assert await operate(url, "waive", *words) == 3

    assert capsys.readouterr().err.startswith(f"gatewatch: {said}")
    assert api.calls == []

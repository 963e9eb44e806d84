import pytest

from tests.fakes.api import FakeApi
from tests.gatewatch.running import operate

GIVEN = {
    "id": "1a2b3c4d",
    "hosts": None,
    "site": "dc1",
    "reason": "new switch",
    "from": "2027-01-31T22:00:00.000Z",
    "until": "2027-02-01T04:00:00.000Z",
}
REASON = ("--reason", "new switch")


async def test_a_window_is_planned_for_a_site(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("POST", "maintenance"): GIVEN})
    times = ("--from", "2027-01-31T22:00Z", "--until", "2027-02-01T04:00Z")
    async with api as url:
        code = await operate(url, "maintenance", "add", "--site", "dc1", *times, *REASON)

    assert code == 0
    assert api.calls[0].body == {name: value for name, value in GIVEN.items() if name != "id"}
    assert capsys.readouterr().out.startswith("1a2b3c4d: site dc1 from 2027-0")


async def test_a_window_of_hosts_begins_at_once() -> None:
    api = FakeApi({("POST", "maintenance"): GIVEN})
    async with api as url:
        await operate(
            url, "maintenance", "add", "--hosts", "be-*", "--until", "2027-01-31", *REASON
        )

    body = api.calls[0].body
    assert (body["hosts"], body["site"], body["from"], body["until"]) == (
        "be-*",
        None,
        None,
        "2027-01-31",
    )


async def test_windows_are_listed_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {("GET", "maintenance"): [GIVEN], ("DELETE", "maintenance/1a2b3c4d"): GIVEN}
    async with FakeApi(answers) as url:
        assert await operate(url, "maintenance", "list") == 0
        assert await operate(url, "maintenance", "remove", "1a2b3c4d") == 0

    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines[2].split()).startswith("1a2b3c4d site dc1 2027-0")
    assert lines[-1] == "1a2b3c4d: site dc1 taken back"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("add", "--until", "4h", *REASON),
        ("add", "--hosts", "be-01", "--site", "dc1", "--until", "4h", *REASON),
        ("add", "--hosts", "be-01", *REASON),
        ("add", "--hosts", "be-01", "--until", "4h"),
        ("add", "--hosts", "be-01", "--until", "tomorrow", *REASON),
        ("remove",),
    ],
)
async def test_what_makes_no_sense_is_not_sent(words: tuple[str, ...]) -> None:
    api = FakeApi()
    async with api as url:
        assert await operate(url, "maintenance", *words) == 3

    assert api.calls == []

import pytest

from tests.fakes.api import FakeApi
from tests.gatewatch.running import operate

GIVEN = {"id": "1a2b3c4d", "path": "agent:*", "until": "2027-02-01T00:00:00.000Z"}


async def test_paths_are_attested_with_their_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("POST", "attestations"): GIVEN})
    async with api as url:
        code = await operate(
            url, "attest", "agent:*", "--evidence", "rule 88", "--until", "2027-01-31"
        )

    assert code == 0
    assert api.calls[0].body == {"path": "agent:*", "evidence": "rule 88", "until": "2027-01-31"}
    assert capsys.readouterr().out.startswith("1a2b3c4d: agent:* until 2027-0")


async def test_an_attestation_needs_evidence() -> None:
    api = FakeApi()
    async with api as url:
        assert await operate(url, "attest", "agent:*", "--reason", "x", "--until", "4h") == 3
        assert await operate(url, "attest", "agent:*", "--until", "4h") == 3

    assert api.calls == []


async def test_attestations_are_listed_and_taken_back() -> None:
    answers = {("GET", "attestations"): [GIVEN], ("DELETE", "attestations/1a2b3c4d"): GIVEN}
    async with FakeApi(answers) as url:
        assert await operate(url, "attest", "--list") == 0
        assert await operate(url, "attest", "--remove", "1a2b3c4d") == 0

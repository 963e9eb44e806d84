"""Every client command against the real collector: what one says, the other understands."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flows.outcomes import AnsweredBy, Observation, Outcome
from tests.collector.serving import Caller, calling, settings_in
from tests.gatewatch.running import operate

ESTATE = """\
migration: {name: t, from: "2.6", to: "2.7.1"}
hosts:
  con-01: {address: 10.2.0.5, roles: [console]}
  be-02:  {address: 10.1.0.12, roles: [backend]}
options: {separate_backend_8443: ignore}
"""
PATH = "console-backend:con-01>be-02:tcp/443"
HTTPS = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, address="10.1.0.12")
REFUSED = Observation(outcome=Outcome.REFUSED, address="10.1.0.12")


@pytest.fixture
async def collector(tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(settings_in(tmp_path, ESTATE)) as caller:
        yield caller


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


async def test_a_gate_opens_once_its_paths_are_measured(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    unproven = await operate(collector.url, "gate", "baseline")
    await collector.report("con-01", {PATH: HTTPS})
    ready = await operate(collector.url, "gate", "baseline")
    done = await operate(collector.url, "gate", "prepare", "--done", "--format", "json")

    assert (unproven, ready, done) == (2, 0, 0)
    assert "baseline, may it start? READY" in lines(capsys)


async def test_a_broken_path_is_red_in_the_matrix_and_holds_the_phase_up(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    await collector.report("con-01", {PATH: REFUSED})

    codes = [
        await operate(collector.url, "matrix"),
        await operate(collector.url, "gate", "baseline"),
        await operate(collector.url, "phase", "set", "prepare"),
        await operate(
            collector.url, "phase", "set", "prepare", "--force", "--reason", "be-02 is away"
        ),
        await operate(collector.url, "phase"),
    ]

    shown = lines(capsys)
    assert codes == [0, 1, 1, 0, 0]
    assert "con-01 ✗" in shown
    assert sum("10.1.0.12 refused the connection" in line for line in shown) == 3
    assert shown[-1].startswith("prepare, since 2026-11-23")


async def test_a_path_a_host_and_an_event_are_shown(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    await collector.report("con-01", {PATH: HTTPS})

    for words in (("path", PATH), ("hosts",), ("events", "--host", "con-01")):
        assert await operate(collector.url, *words) == 0

    shown = lines(capsys)
    assert "✓ baseline serve an HTTPS server answered" in shown
    assert any(line.startswith("con-01 10.2.0.5 console - - up 2026-11-23") for line in shown)
    assert any("probe con-01 0.1.0 the probe reported for the first time" in line for line in shown)


async def test_versions_are_set_and_taken_back(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await operate(collector.url, "host", "set", "be-*", "--version", "2.7.1") == 0
    assert await operate(collector.url, "hosts", "--format", "json") == 0
    assert await operate(collector.url, "host", "set", "be-*", "--unset") == 0

    said = capsys.readouterr().out.splitlines()
    assert (said[0], said[-1]) == ("be-02: 2.7.1", "be-02: no longer set")
    assert {host["host"]: host["version"] for host in json.loads(said[1])}["be-02"] == "2.7.1"


async def test_an_inventory_is_shown_first_and_applied_then(
    collector: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.yaml").write_text(ESTATE.replace("con-01", "con-02"))

    for more in (("--dry-run",), (), ()):
        words = ("inventory", "apply", str(tmp_path / "new.yaml"), *more)
        assert await operate(collector.url, *words) == 0

    difference = [
        "+ host con-02",
        "- host con-01",
        "+ path console-backend:con-02>be-02:tcp/443",
        f"- path {PATH}",
    ]
    assert lines(capsys) == [
        *difference,
        "nothing was changed (--dry-run)",
        *difference,
        "applied",
        "it means the same as the inventory that holds",
        "applied",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("path", "console-backend:con-01>be-03:tcp/443"), "no path 'console-backend:con-01>be-03"),
        (("host", "set", "bee-*", "--version", "2.7.1"), "no host is named 'bee-*'"),
    ],
)
async def test_what_does_not_exist_is_one_sentence_and_exits_3(
    words: tuple[str, ...], said: str, collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await collector.everything()

    code = await operate(collector.url, *words)

    assert code == 3
    assert capsys.readouterr().err.startswith(f"gatewatch: {said}")
    assert await collector.everything() == before


async def test_what_is_said_of_paths_holds_until_it_is_taken_back(
    collector: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    await collector.report("con-01", {PATH: REFUSED})
    until = ("--until", "2026-12-31")

    codes = [
        await operate(collector.url, "maintenance", "add", "--hosts", "be-*", *until, *BECAUSE),
        await operate(collector.url, "attest", PATH, "--evidence", "the log", *until),
        await operate(collector.url, "gate", "baseline"),
        await operate(collector.url, "waive", PATH, *until, *BECAUSE),
        await operate(collector.url, "gate", "baseline"),
        await operate(collector.url, "waive", "--list"),
    ]
    waiver = lines(capsys)[-1].split()[0]
    codes += [
        await operate(collector.url, "waive", "--remove", waiver),
        await operate(collector.url, "gate", "baseline"),
        await operate(collector.url, "waive", "--remove", waiver),
        await operate(collector.url, "waive", PATH, "--until", "2026-11-01", *BECAUSE),
    ]

    assert codes == [0, 0, 1, 0, 0, 0, 0, 1, 3, 3]
    assert capsys.readouterr().err == (
        f"gatewatch: there is no waiver with the id '{waiver}'\n"
        "gatewatch: until lies in the past: 2026-11-02T00:00:00.000Z, and now it is"
        " 2026-11-23T12:00:00.000Z\n"
    )


BECAUSE = ("--reason", "be-02 is upgraded")

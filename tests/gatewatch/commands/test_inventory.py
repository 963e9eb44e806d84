import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.api import FakeApi
from tests.gatewatch.running import DESIGN, operate


def done(**more: Any) -> dict[str, Any]:
    """Write what became of an inventory."""
    kinds = ("added", "removed", "changed")
    nothing: dict[str, list[str]] = {
        f"{what}_{kind}": [] for what in ("hosts", "paths") for kind in kinds
    }
    return {"applied": True, "sections": [], "warnings": [], **nothing, **more}


async def test_a_new_inventory_is_sent_and_its_difference_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = done(
        hosts_added=["pc-002"],
        hosts_removed=["pc-003"],
        paths_changed=["sql:be-01>sql-01:tcp/1433"],
        sections=["ports"],
        warnings=["be-01 and be-02 have the same address"],
    )
    api = FakeApi({("PUT", "inventory"): body})
    async with api as url:
        code = await operate(url, "inventory", "apply", str(DESIGN))

    said = capsys.readouterr()
    assert code == 0
    assert api.calls[0].body == {
        "inventory": DESIGN.read_text(encoding="utf-8"),
        "name": "design.yaml",
        "dry_run": False,
    }
    assert said.out.splitlines() == [
        "+ host pc-002",
        "- host pc-003",
        "~ path sql:be-01>sql-01:tcp/1433",
        "~ ports",
        "applied",
    ]
    assert said.err == "warning: be-01 and be-02 have the same address\n"


async def test_a_dry_run_says_that_nothing_was_changed(capsys: pytest.CaptureFixture[str]) -> None:
    api = FakeApi({("PUT", "inventory"): done(applied=False)})
    async with api as url:
        await operate(url, "inventory", "apply", str(DESIGN), "--dry-run")

    assert api.calls[0].body["dry_run"] is True
    assert capsys.readouterr().out.splitlines() == [
        "it means the same as the inventory that holds",
        "nothing was changed (--dry-run)",
    ]


async def test_of_many_names_the_first_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    many = [f"pc-{number:03}" for number in range(25)]
    async with FakeApi({("PUT", "inventory"): done(hosts_added=many)}) as url:
        await operate(url, "inventory", "apply", str(DESIGN))

    lines = capsys.readouterr().out.splitlines()
    assert lines[19:] == ["+ host pc-019", "+ and 5 more hosts added", "applied"]


async def test_json_is_the_collectors_own_body(capsys: pytest.CaptureFixture[str]) -> None:
    async with FakeApi({("PUT", "inventory"): done()}) as url:
        await operate(url, "inventory", "apply", str(DESIGN), "--format", "json")

    assert json.loads(capsys.readouterr().out) == done()


async def test_a_bad_file_is_refused_here_with_every_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text("hosts: {}\ncolour: red\n")
    api = FakeApi()
    async with api as url:
        code = await operate(url, "inventory", "apply", str(tmp_path / "bad.yaml"))

    assert code == 3
    assert api.calls == []
    assert len(capsys.readouterr().err.splitlines()) == 3

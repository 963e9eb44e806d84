import re
from pathlib import Path

import pytest

from probe.client import Access
from probe.limits import MIB
from probe.settings import HOUR, Settings, default_data
from probe.settings_reading import KEYS, read_settings

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "probe-settings.md").read_text(encoding="utf-8")
FOLDER = Path("etc")


def rows() -> dict[str, str]:
    """Read the page's table: the default of every key."""
    found = re.findall(r"^\| `([a-z0-9_.]+)` \| (.+?) \| .+ \|$", PAGE, re.MULTILINE)
    return {key: default.strip("`") for key, default in found}


def test_the_page_lists_every_key_and_no_other() -> None:
    keys = {
        f"{key}.{below}" if below else key
        for key, all_below in KEYS.items()
        for below in all_below or ("",)
    }

    assert set(rows()) == keys


def test_the_defaults_of_the_page_are_those_of_the_program() -> None:
    defaults = rows()
    required = {key for key, default in defaults.items() if default == "required"}
    silent = {key for key, default in defaults.items() if default.startswith(("none, ", "this "))}
    tree: dict[str, dict[str, str] | str] = {"collector": "[https://watch.acme.example:8642]"}
    for key, default in defaults.items():
        if key in required | silent | {"raw", "data"}:
            continue
        top, _, below = key.partition(".")
        branch = tree.setdefault(top, {})
        assert isinstance(branch, dict)
        branch[below] = default
    text = "".join(f"{top}: {written(value)}\n" for top, value in tree.items())

    spelled_out = read_settings(text, "probe.yaml", FOLDER, "con-01")

    assert required == {"collector"}
    assert spelled_out == Settings(
        host="con-01",
        access=Access(("https://watch.acme.example:8642",)),
        data=default_data(),
    )


def written(value: dict[str, str] | str) -> str:
    if isinstance(value, str):
        return value
    return "{" + ", ".join(f"{key}: {below}" for key, below in value.items()) + "}"


def test_the_default_folder_depends_on_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAMDATA", "D:/Data")

    assert default_data("posix") == Path("/var/lib/gatewatch")
    assert default_data("nt") == Path("D:/Data/Gatewatch")


def test_the_spool_is_bounded_where_nothing_is_said() -> None:
    settings = Settings("con-01", Access(("http://x",)), FOLDER)

    assert (settings.spool.max_bytes, settings.spool.max_age) == (64 * MIB, 72 * HOUR)

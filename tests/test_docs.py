"""The documentation does not lie: its commands parse, its files load, its links lead somewhere."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from collector.settings_reading import read_settings as read_collector_settings
from flows.inventory_reading import read_inventory
from gatewatch.cli import COMMANDS, build_parser
from probe.settings_reading import read_settings as read_probe_settings
from tests.collector.metrics.documented import documented
from tests.gatewatch.running import run

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ANY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
README = ROOT / "README.md"

_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:^|[\\/\" $])gatewatch\"? (.+)$")
_PLACEHOLDER = re.compile(r"\b[A-Z][A-Z_]+\b|\[|\.\.\.")
SUBCOMMANDS = ("set", "apply")
"""With nothing else, the text names a command and shows none."""
CHANGES = ("Security", "Removed", "Deprecated", "Added", "Changed", "Fixed")


class Block(NamedTuple):
    """A block of code."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """List the blocks of code of a page, without their indentation."""
    found: list[Block] = []
    for language, text in _BLOCK.findall(page.read_text("utf-8")):
        lines = text.splitlines()
        margin = min((len(one) - len(one.lstrip()) for one in lines if one.strip()), default=0)
        found.append(Block(language, "\n".join(one[margin:] for one in lines) + "\n"))
    return found


def shown(page: Path) -> Iterator[str]:
    """Walk the lines that a page shows as commands: in blocks, and in the text between."""
    for block in blocks(page):
        if block.language not in {"yaml", "text"}:
            yield from block.text.splitlines()
    text = _BLOCK.sub("", page.read_text("utf-8"))
    for inline in re.findall(r"`([^`\n]+)`", text):
        named = set(inline.split()) <= {"gatewatch", *COMMANDS, *SUBCOMMANDS}
        if inline.startswith("gatewatch ") and not named and not _PLACEHOLDER.search(inline):
            yield inline


def commands(page: Path) -> list[list[str]]:
    """List the words of each `gatewatch` command that a page shows, without what follows a pipe."""
    found: list[list[str]] = []
    for line in shown(page):
        match = _COMMAND.search(line)
        if match is None:
            continue
        words = shlex.split(re.split(r" [|>&;] ?|  +", match[1])[0])
        if words[0] in COMMANDS or words[0].startswith("-"):
            found.append(words)
    return found


def yaml_of(page: Path, key: str) -> list[str]:
    """List the YAML of a page that has a key at its top."""
    return [
        block.text
        for block in blocks(page)
        if block.language == "yaml" and re.search(rf"^{key}:", block.text, re.MULTILINE)
    ]


def anchors(page: Path) -> set[str]:
    """Name the headings of a page as links do."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@ANY_PAGE
def test_every_command_parses(page: Path) -> None:
    for words in commands(page):
        chosen = next((word for word in words if not word.startswith("-")), None)
        if chosen is not None:
            build_parser(chosen).parse_args(words)


def test_the_commands_are_found_where_they_are_shown() -> None:
    assert ["gate", "backoffice"] in commands(README)
    assert ["path", "console-backend:con-01>be-01:tcp/8443"] in commands(README)
    assert ["gate", "complete", "--done"] in commands(ROOT / "docs" / "phases.md")
    assert ["collector", "-c", "/etc/gatewatch/collector.yaml"] in commands(
        ROOT / "docs" / "install.md"
    )
    windows = [
        words for words in commands(ROOT / "docs" / "install.md") if "ProgramData" in words[-1]
    ]
    assert windows == [["probe", "-c", "C:ProgramDataGatewatchprobe.yaml"]]


def test_every_command_has_its_place_on_the_page_of_commands() -> None:
    page = ROOT / "docs" / "command-line.md"
    shown_there = {words[0] for words in commands(page)}

    assert shown_there >= set(COMMANDS) - {"demo"}
    assert "`gatewatch demo`" in page.read_text("utf-8")


@ANY_PAGE
def test_every_inventory_can_be_read(page: Path) -> None:
    for text in yaml_of(page, "migration"):
        assert read_inventory(text, page.name).hosts


@ANY_PAGE
def test_every_collector_yaml_can_be_read(page: Path) -> None:
    for text in yaml_of(page, "listen"):
        read_collector_settings(text, "collector.yaml", ROOT)


@ANY_PAGE
def test_every_probe_yaml_can_be_read(page: Path) -> None:
    for text in yaml_of(page, "collector"):
        read_probe_settings(text, "probe.yaml", ROOT, "this-host")


def test_every_yaml_of_the_documentation_is_read_by_one_of_these() -> None:
    keys = ("migration", "listen", "collector")
    read = {text for page in PAGES for key in keys for text in yaml_of(page, key)}

    unread = [
        block.text
        for page in PAGES
        for block in blocks(page)
        if block.language == "yaml" and block.text not in read
    ]

    assert unread == []


def on_loopback(folder: Path) -> Path:
    """Write the README's inventory with every host on loopback: no test dials anything else."""
    (text,) = yaml_of(README, "migration")
    file = folder / "inventory.yaml"
    file.write_text(text.replace("address: 10.", "address: 127."), "utf-8")
    return file


def test_the_readmes_plan_is_one(tmp_path: Path) -> None:
    on_loopback(tmp_path)
    (words,) = (words for words in commands(README) if words[0] == "plan")

    ran = run(*words, cwd=tmp_path)

    assert ran.returncode == 0
    assert "con-01,127.2.0.5,be-01,127.1.0.11,tcp,8443,console-backend" in ran.stdout


def test_the_readmes_check_measures(tmp_path: Path) -> None:
    on_loopback(tmp_path)
    (words,) = (words for words in commands(README) if words[0] == "check")

    ran = run(*words, cwd=tmp_path)

    assert ran.returncode == 1
    assert "127.1.0.11 refused the connection" in ran.stdout


def test_what_make_is_asked_for_in_the_readme_it_can_make() -> None:
    lines = [line for block in blocks(README) for line in block.text.splitlines()]
    wanted = {line.split()[1] for line in lines if line.startswith("make ")}
    dry = subprocess.run(
        ["make", "--dry-run", *sorted(wanted)], cwd=ROOT, capture_output=True, check=False
    )

    assert wanted >= {"demo", "test"}
    assert dry.returncode == 0


@ANY_PAGE
def test_every_link_leads_somewhere(page: Path) -> None:
    text = _BLOCK.sub("", page.read_text("utf-8"))
    for link in _LINK.findall(text):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [README]
    while waiting:
        page = waiting.pop().resolve()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for link in _LINK.findall(page.read_text("utf-8")):
            if link.endswith("/") and not link.startswith("https://"):
                waiting += (page.parent / link).glob("*.md")
            elif not link.startswith("https://"):
                waiting.append(page.parent / link.partition("#")[0])

    assert [str(page.relative_to(ROOT)) for page in PAGES if page.resolve() not in reached] == []


def test_the_readme_is_short_and_shows_the_matrix() -> None:
    text = README.read_text("utf-8")

    assert len(text.splitlines()) < 200
    assert "](docs/images/matrix.png)" in text


def test_each_picture_is_one_and_has_its_like_by_night() -> None:
    pictures = {one.name: one.read_bytes() for one in (ROOT / "docs" / "images").glob("*.png")}
    by_day = {name for name in pictures if not name.endswith("-dark.png")}

    assert {"matrix.png", "path.png", "gate.png"} <= by_day
    assert set(pictures) - by_day == {name.replace(".png", "-dark.png") for name in by_day}
    for content in pictures.values():
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert int.from_bytes(content[16:20]) == 1400
        assert len(content) < 150_000


def test_the_changelog_keeps_its_form() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
    releases = [line for line in lines if line.startswith("## ")]
    changes = [line for line in lines if line.startswith("### ")]

    assert lines[0] == "# Changelog"
    assert releases[0] == "## Unreleased"
    dated = re.compile(r"## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d")
    assert all(dated.fullmatch(line) for line in releases[1:])
    assert {line.removeprefix("### ") for line in changes} <= set(CHANGES)
    text = "\n".join(lines)
    entries = re.findall(r"^- (.*?)(?=\n- |\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    assert entries
    assert [entry for entry in entries if not entry.rstrip().endswith(".")] == []


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_and_folders_that_are_named_exist(name: str) -> None:
    text = _BLOCK.sub("", (ROOT / name).read_text("utf-8"))
    tree = {path.name for path in ROOT.iterdir()}
    named = {one for one in re.findall(r"`([\w./-]+)`", text) if one.split("/")[0] in tree}

    assert named
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


def test_expressions_use_metrics_that_exist() -> None:
    known = {one.name for part in ("estate", "self") for one in documented(f"/metrics/{part}")}
    known |= {f"{name}{suffix}" for name in known for suffix in ("_bucket", "_sum", "_count")}

    used = {
        name
        for page in PAGES
        for name in re.findall(r"\bgatewatch_[a-z0-9_]*[a-z0-9]\b", page.read_text("utf-8"))
    }

    assert used - known == set()

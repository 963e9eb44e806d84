"""A line an event, for people or for programs."""

import json
import logging
from collections.abc import Iterator

import pytest

from collector.logs import AsJson, AsText, set_up
from collector.settings import Format, Level, Log


@pytest.fixture
def as_before() -> Iterator[None]:
    """Undo what a program does once for its whole life."""
    root, alembic = logging.getLogger(), logging.getLogger("alembic")
    handlers, level, below = root.handlers[:], root.level, alembic.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    alembic.setLevel(below)


def record(message: str = "%s paths", *arguments: object, error: bool = False) -> logging.LogRecord:
    found = (ValueError, ValueError("x"), None) if error else None
    made = logging.LogRecord("collector.app", logging.INFO, "f", 1, message, arguments, found)
    made.created = 1795435200.1239
    return made


def test_a_line_for_people_has_time_level_and_message() -> None:
    assert AsText().format(record("%s paths", 7)) == "2026-11-23T12:00:00.123Z INFO 7 paths"


def test_a_line_for_programs_is_one_object() -> None:
    assert json.loads(AsJson().format(record("%s paths", 7))) == {
        "at": "2026-11-23T12:00:00.123Z",
        "level": "info",
        "logger": "collector.app",
        "message": "7 paths",
    }


def test_a_fault_stays_on_one_line() -> None:
    line = AsJson().format(record("failed", error=True))

    assert "\n" not in line
    assert json.loads(line)["exception"] == "ValueError: x"


@pytest.mark.usefixtures("as_before")
def test_the_settings_decide(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(Log(Level.WARNING, Format.JSON))

    logging.getLogger("collector").info("not shown")
    logging.getLogger("collector").warning("shown")

    assert json.loads(capsys.readouterr().err)["message"] == "shown"
    assert logging.getLogger("alembic").getEffectiveLevel() == logging.WARNING


@pytest.mark.usefixtures("as_before")
def test_text_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(Log())

    logging.getLogger("collector").info("shown")

    assert capsys.readouterr().err.endswith(" INFO shown\n")

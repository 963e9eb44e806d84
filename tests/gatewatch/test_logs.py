"""A line an event, for people or for programs."""

import json
import logging
from collections.abc import Iterator

import pytest

from flows.log_lines import Format, Level, Log
from gatewatch.logs import start_log

pytestmark = pytest.mark.usefixtures("own_root_logger")


@pytest.fixture
def own_root_logger() -> Iterator[None]:
    """Undo what a program does once for its whole life."""
    root, alembic = logging.getLogger(), logging.getLogger("alembic")
    handlers, level, below = root.handlers[:], root.level, alembic.level
    root.handlers.clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    alembic.setLevel(below)


def test_text_is_one_line_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(Log())

    logging.getLogger("probe.agent").info("Assignment %s: %d checks.", "r1", 3)

    assert capsys.readouterr().err.endswith(" INFO Assignment r1: 3 checks.\n")


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(Log(format=Format.JSON))

    logging.getLogger("probe.agent").warning('Two\nlines and a "quote"')

    line = json.loads(capsys.readouterr().err)
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "probe.agent",
        "message": 'Two\nlines and a "quote"',
    }


def test_json_holds_a_traceback_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(Log(format=Format.JSON))

    logging.getLogger("probe").error("It failed", exc_info=KeyError("broken"))

    assert "KeyError: 'broken'" in json.loads(capsys.readouterr().err)["traceback"]


def test_what_is_below_the_level_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(Log(Level.WARNING))

    logging.getLogger("probe").info("chatter")

    assert capsys.readouterr().err == ""


def test_what_a_migration_might_do_is_not_told() -> None:
    start_log(Log())

    assert not logging.getLogger("alembic.runtime").isEnabledFor(logging.INFO)

"""A line an event, for people or for programs."""

import json
import logging
from collections.abc import Iterator

import pytest

from collector.logs import start_log
from flows.log_lines import Format, Level, Log


@pytest.fixture
def as_before() -> Iterator[None]:
    """Undo what a program does once for its whole life."""
    root, alembic = logging.getLogger(), logging.getLogger("alembic")
    handlers, level, below = root.handlers[:], root.level, alembic.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    alembic.setLevel(below)


@pytest.mark.usefixtures("as_before")
def test_the_settings_decide(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(Log(Level.WARNING, Format.JSON))

    logging.getLogger("collector").info("not shown")
    logging.getLogger("collector").warning("shown")

    assert json.loads(capsys.readouterr().err)["message"] == "shown"
    assert logging.getLogger("alembic").getEffectiveLevel() == logging.WARNING


@pytest.mark.usefixtures("as_before")
def test_text_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(Log())

    logging.getLogger("collector").info("shown")

    assert capsys.readouterr().err.endswith(" INFO shown\n")

import json

import pytest

from flows.errors import Refused
from flows.log_lines import Format, Level, Line, Log, read_log
from flows.reading import open_text

LINE = Line(1795435200.1239, "INFO", "collector.app", "7 paths")
FAILED = Line(1795435200.1239, "ERROR", "probe", "it failed", "ValueError: x")


def test_a_line_for_people_has_time_level_and_message() -> None:
    assert LINE.written(Format.TEXT) == "2026-11-23T12:00:00.123Z INFO 7 paths"
    assert FAILED.written(Format.TEXT).endswith(" ERROR it failed\nValueError: x")


def test_a_line_for_programs_is_one_object() -> None:
    assert json.loads(LINE.written(Format.JSON)) == {
        "at": "2026-11-23T12:00:00.123Z",
        "level": "info",
        "logger": "collector.app",
        "message": "7 paths",
    }
    assert json.loads(FAILED.written(Format.JSON))["traceback"] == "ValueError: x"


def test_the_settings_of_a_log_are_read() -> None:
    assert read_log(open_text("{level: debug, format: json}", "p")) == Log(Level.DEBUG, Format.JSON)
    assert read_log(open_text("{}", "p")) == Log()


def test_an_unknown_level_is_refused() -> None:
    value = open_text("{level: warn}", "probe.yaml")
    read_log(value)

    with pytest.raises(Refused, match="unknown level 'warn'"):
        value.reading.finish()

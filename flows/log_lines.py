"""The log of both programs: how much is said, and what one line of it looks like."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from flows.messages import rfc3339, to_json
from flows.reading import Value
from flows.scalars import one_of

LOG_KEYS = ("level", "format")


class Level(StrEnum):
    """The least that is said."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(StrEnum):
    """How it is written: for people, or one JSON object a line for programs."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Log:
    """What `log:` of probe.yaml and collector.yaml says."""

    level: Level = Level.INFO
    format: Format = Format.TEXT


StartLog = Callable[[Log], None]
"""Has a process write its log so."""


def read_log(value: Value) -> Log:
    """Read `log:`."""
    fields = value.fields(LOG_KEYS)
    return Log(
        level=fields.optional("level", one_of(Level, "level"), Level.INFO),
        format=fields.optional("format", one_of(Format, "format"), Format.TEXT),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a log."""

    created: float
    """Seconds since 1970."""
    level: str
    logger: str
    message: str
    traceback: str | None = None

    def written(self, form: Format) -> str:
        """Write the line."""
        return self._as_json() if form is Format.JSON else self._as_text()

    @property
    def _at(self) -> str:
        return rfc3339(datetime.fromtimestamp(self.created, UTC))

    def _as_text(self) -> str:
        line = f"{self._at} {self.level.upper()} {self.message}"
        return f"{line}\n{self.traceback}" if self.traceback else line

    def _as_json(self) -> str:
        line = {
            "at": self._at,
            "level": self.level.lower(),
            "logger": self.logger,
            "message": self.message,
        }
        if self.traceback:
            line["traceback"] = self.traceback
        return to_json(line).decode()

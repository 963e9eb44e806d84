"""The collector's log: a line an event, on standard error, for people or for programs."""

import logging
import sys
from datetime import UTC, datetime

import msgspec

from collector.settings import Format, Log
from flows.messages import rfc3339


class AsJson(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line = {
            "at": rfc3339(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


class AsText(logging.Formatter):
    """Time, level, message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's own name
        """Write the time as bodies do."""
        del datefmt
        return rfc3339(datetime.fromtimestamp(record.created, UTC))


def set_up(log: Log) -> None:
    """Log as the settings say."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson() if log.format is Format.JSON else AsText())
    logging.basicConfig(level=log.level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)

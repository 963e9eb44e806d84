"""The log of a program, on standard error: the same for probe and collector, who know no other."""

import logging
import sys

from flows.log_lines import Format, Line, Log


class Lines(logging.Formatter):
    """Hands records to the lines that programs write."""

    def __init__(self, form: Format) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """Write a record, with its traceback if it has one."""
        traceback = self.formatException(record.exc_info) if record.exc_info else None
        message = record.getMessage()
        line = Line(record.created, record.levelname, record.name, message, traceback)
        return line.written(self._form)


def start_log(log: Log) -> None:
    """Write the log of this process to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(log.format))
    logging.basicConfig(level=log.level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of each step it might take

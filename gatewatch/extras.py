"""What the base install leaves out: said in a sentence when a command needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from flows.errors import UsageError

_OURS = frozenset({"flows", "probe", "collector", "gatewatch"})


@contextmanager
def needed_by(command: str, extra: str) -> Iterator[None]:
    """Import inside; raises UsageError where a package of an extra is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OURS:
            raise
        raise UsageError(
            f"{command} needs '{package}', which is not installed: pip install 'gatewatch[{extra}]'"
        ) from error

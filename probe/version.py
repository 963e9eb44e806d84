"""The release that runs, as it is told to collectors and web servers."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def own_version() -> str:
    """Name the release that runs."""
    try:
        return version("gatewatch")
    except PackageNotFoundError:
        return "unknown"

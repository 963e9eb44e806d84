"""Say by the exit code whether the collector of this container can keep what it is told."""

import sys
from urllib.error import URLError
from urllib.request import urlopen

READY = "http://127.0.0.1:8642/readyz"


def is_ready(url: str) -> bool:
    """Ask it; whatever goes wrong is a no."""
    try:
        with urlopen(url, timeout=4) as answer:  # noqa: S310 - READY, or a test's own
            return bool(answer.status == 200)
    except (URLError, TimeoutError):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_ready(READY) else 1)

"""What the probe's checks cost, beside what others take for the same: `python bench/probe.py`."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    sys.path.insert(0, str(ROOT))  # a script finds only what stands beside it
    from bench import probe_tcp  # noqa: PLC0415 - findable from here on

    return probe_tcp.main()


if __name__ == "__main__":
    sys.exit(main())

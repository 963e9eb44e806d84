"""Run `python -m gatewatch` where the script is not on the PATH."""

import sys

from gatewatch.cli import main

if __name__ == "__main__":
    sys.exit(main())

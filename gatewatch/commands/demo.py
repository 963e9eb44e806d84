"""`gatewatch demo`: Gatewatch at work on loopback, with nothing to set up."""

import argparse
import asyncio
import importlib.util
import signal
import sys
from contextlib import suppress

from flows.errors import UsageError
from gatewatch.exit_codes import ExitCode

PORT = 8642
"""Of the page, unless another is asked for."""
EPILOG = """\
exit codes: 0 every gate was as scripted, 1 one was not, 3 a port is taken

examples:
  gatewatch demo                 press Enter for each step; the page is at http://127.0.0.1:8642/
  gatewatch demo --auto          the same by itself
  gatewatch demo --once          the walk alone, headless; prints the gate of every phase
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--auto", action="store_true", help="go on by itself, every 8 seconds")
    how.add_argument("--once", action="store_true", help="play the walk headless, then end")
    parser.add_argument(
        "--port",
        type=_port,
        help=f"port of the page (default: {PORT}; with --once a free one)",
    )


def _port(word: str) -> int:
    if not word.isascii() or not word.isdigit() or int(word) > 65535:
        raise argparse.ArgumentTypeError(f"'{word}' is not a port (0 takes a free one)")
    return int(word)


def run(arguments: argparse.Namespace) -> int:
    """Play it."""
    if importlib.util.find_spec("sqlalchemy") is None:
        raise UsageError("the demo runs a collector: install it with 'gatewatch[collector]'")
    try:
        return asyncio.run(_play(arguments))
    except asyncio.CancelledError:
        return ExitCode.INTERRUPTED


async def _play(arguments: argparse.Namespace) -> int:
    # Not before it is known that the collector's libraries are there.
    from gatewatch.demo import onlooker  # noqa: PLC0415 - see above
    from gatewatch.demo.program import Show, play  # noqa: PLC0415 - see above

    _end_when_asked_to()
    if arguments.once:
        show = Show(arguments.port or 0, onlooker.nobody, linger=False)
    else:
        port = PORT if arguments.port is None else arguments.port
        by_hand = not arguments.auto and sys.stdin.isatty()
        proceed = onlooker.by_enter() if by_hand else onlooker.by_clock
        show = Show(port, proceed, linger=True)
    return ExitCode.OK if await play(show) else ExitCode.BROKEN


def _end_when_asked_to() -> None:
    """Let SIGTERM do what Ctrl-C does, also in the background, where shells switch Ctrl-C off."""
    playing = asyncio.current_task()
    assert playing is not None  # noqa: S101 - it is what calls this
    with suppress(NotImplementedError):  # Windows, which sends none
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)

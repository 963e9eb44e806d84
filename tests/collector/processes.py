"""The collector as a process of its own."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
URL = re.compile(r"serving on (\S+)")
CODE = """\
import sys
from pathlib import Path
from collector.program import main
from gatewatch.logs import start_log
sys.exit(main(Path(sys.argv[1]), start_log))
"""


Started = tuple[subprocess.Popen[str], str]
"""A collector's process and its URL."""


async def together(config: Path, count: int, stack: AsyncExitStack) -> list[Started]:
    """Run several at the same time, for each takes seconds to start; they end with the stack."""
    collectors = [running(config) for _ in range(count)]
    for one in collectors:
        stack.push(one.__exit__)
    return await asyncio.gather(*(asyncio.to_thread(one.__enter__) for one in collectors))


@contextmanager
def running(config: Path) -> Iterator[Started]:
    """Run the program as an operator does; gives the process and its URL."""
    command = [sys.executable, "-c", CODE, str(config)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield process, next(found[1] for line in process.stderr if (found := URL.search(line)))
        finally:
            process.kill()

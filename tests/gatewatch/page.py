"""Runs the examples of a page: files from yaml blocks, commands and output from console blocks."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# (\S+)\n")
_PROMPT = "$ "
_REST = "..."


@dataclass(frozen=True, slots=True)
class Example:
    """A command of the page and what it says that is printed."""

    command: str
    printed: tuple[str, ...]

    @property
    def in_background(self) -> bool:
        return self.command.endswith("&")

    @property
    def pattern(self) -> str:
        """What the output must match: `...` is any text, alone on a line any lines."""
        lines = (
            r"(?:.*\n)*?" if line == _REST else re.escape(line).replace(r"\.\.\.", ".*?") + r"\n"
            for line in map(_narrow, self.printed)
        )
        return "".join(lines)

    def fits(self, output: str) -> bool:
        """Tell whether an output is what the page says; tables may be wider or narrower."""
        narrow = "".join(f"{_narrow(line)}\n" for line in output.splitlines())
        return re.fullmatch(self.pattern, narrow) is not None


def _narrow(line: str) -> str:
    return re.sub("─+", "─", re.sub(" +", " ", line)).rstrip()


def files_of(page: str) -> dict[str, str]:
    """Collect the files of a page, by the name in their first line."""
    found = {}
    for kind, content in _BLOCK.findall(page):
        named = _FILE.match(content)
        if kind == "yaml" and named:
            found[named[1]] = content
    return found


def examples_of(page: str) -> list[Example]:
    """List the commands of a page in their order."""
    return [
        example
        for kind, content in _BLOCK.findall(page)
        if kind == "console"
        for example in _examples(content)
    ]


def _examples(content: str) -> Iterator[Example]:
    for part in re.split(rf"^{re.escape(_PROMPT)}", content, flags=re.MULTILINE)[1:]:
        command, *printed = part.splitlines()
        yield Example(command, tuple(printed))


@dataclass
class Shell:
    """Runs commands in a folder; those that go on in the background end with it."""

    folder: Path
    environment: dict[str, str]
    last_code: int = 0
    background: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, example: Example) -> str:
        """Run an example and return what it printed; in the background, what it says first."""
        if example.in_background:
            return self._start(example)
        script = f"(exit {self.last_code}); {example.command}"
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        self.last_code = ran.returncode
        return ran.stdout

    def run_until_it_fits(self, example: Example, seconds: float) -> str:
        """Run an example again and again until it prints what it must, or patience ends."""
        end = time.monotonic() + seconds
        while True:
            output = self.run(example)
            if example.fits(output) or time.monotonic() > end:
                return output

    def end(self) -> list[int]:
        """Ask what runs in the background to end; returns the exit codes."""
        for one in self.background:
            one.send_signal(signal.SIGTERM)
        for one in self.background:
            one.communicate(timeout=30)
        return [one.returncode for one in self.background]

    def _start(self, example: Example) -> str:
        started = subprocess.Popen(
            ["bash", "-c", f"exec {example.command.removesuffix('&')}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.background.append(started)
        assert started.stdout is not None
        wanted = sum(line != _REST for line in example.printed)
        said = ""
        while not example.fits(said) and wanted:
            line = started.stdout.readline()
            if not line:
                break
            said += line
        return said

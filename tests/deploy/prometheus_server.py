"""A real Prometheus, and one who asks it as Grafana does."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

CONFIG = """\
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}/*.yml"]
scrape_configs:
  - job_name: collector
    static_configs: [{{targets: ["{target}"]}}]
"""
RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules"
LISTENING = re.compile(r'msg="Listening on" address=(\S+)')
READY = "Server is ready to receive web requests"
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.1

Series = dict[str, Any]
"""As Prometheus answers: `metric` holds the labels, `value` or `values` the numbers."""


@dataclass(frozen=True)
class Prometheus:
    """Where it listens."""

    address: str

    def ask(self, call: str, **words: str) -> Any:
        """Call its API; an expression that it cannot read is an HTTPError."""
        with urlopen(f"http://{self.address}/api/v1/{call}?{urlencode(words)}") as answer:
            return json.load(answer)["data"]

    def now(self, expression: str) -> list[Series]:
        """Evaluate an expression as of now."""
        found: list[Series] = self.ask("query", query=expression)["result"]
        return found

    def lately(self, expression: str, seconds: float = 120) -> list[Series]:
        """Evaluate it for every second of the last two minutes."""
        end = time.time()
        found: list[Series] = self.ask(
            "query_range", query=expression, start=str(end - seconds), end=str(end), step="1"
        )["result"]
        return found

    def until(self, expression: str) -> None:
        """Wait until an expression gives something; fails where it takes too long."""
        wait_for(lambda: bool(self.now(expression)), expression)


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so; fails where it takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(POLL_SECONDS)


@contextmanager
def scraping(target: str, folder: Path) -> Iterator[Prometheus]:
    """Let a Prometheus with our rules scrape a collector each second; the folder is its own."""
    (folder / "prometheus.yml").write_text(CONFIG.format(target=target, rules=RULES), "utf-8")
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        "--web.listen-address=127.0.0.1:0",
    ]
    log = folder / "prometheus.log"

    with log.open("wb") as said, subprocess.Popen(command, stderr=said) as process:
        try:
            wait_for(lambda: READY in log.read_text("utf-8"), "Prometheus to be ready")
            listening = LISTENING.search(log.read_text("utf-8"))
            assert listening
            yield Prometheus(listening[1])
        finally:
            process.kill()

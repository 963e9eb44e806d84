"""The container is healthy while its collector can keep what it is told."""

import socket
from pathlib import Path

from deploy.collector.healthy import is_ready
from tests.collector.processes import running
from tests.collector.samples import INVENTORY


def test_a_collector_that_serves_is_healthy(tmp_path: Path) -> None:
    (tmp_path / "inventory.yaml").write_text(INVENTORY, "utf-8")
    config = tmp_path / "collector.yaml"
    config.write_text(f"listen: 127.0.0.1:0\nstore: sqlite://{tmp_path}/gatewatch.db\n", "utf-8")

    with running(config) as (_, url):
        assert is_ready(f"{url}/readyz")
        assert not is_ready(f"{url}/nowhere")


def test_where_nobody_serves_nothing_is_healthy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]

    assert not is_ready(f"http://127.0.0.1:{port}/readyz")

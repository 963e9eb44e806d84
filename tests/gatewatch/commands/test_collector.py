import signal
import socket
import subprocess
from pathlib import Path

from tests.gatewatch.running import COMMAND, DESIGN, environment, run


def settings(folder: Path, listen: str, inventory: Path = DESIGN) -> Path:
    """Write a collector.yaml."""
    file = folder / "collector.yaml"
    file.write_text(
        f"listen: {listen}\ninventory: {inventory}\nstore: sqlite:///{folder}/gatewatch.db\n"
    )
    return file


def test_it_serves_until_it_is_asked_to_end(tmp_path: Path) -> None:
    serving = subprocess.Popen(
        [*COMMAND, "collector", "-c", str(settings(tmp_path, "127.0.0.1:0"))],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert serving.stderr is not None

    line = next(line for line in serving.stderr if "serving on http://127.0.0.1:" in line)
    url = line.split()[-1]
    asked = run("phase", "--collector", url)
    serving.send_signal(signal.SIGTERM)
    serving.communicate(timeout=30)

    assert asked.stdout.startswith("baseline")
    assert serving.returncode == 0


def test_a_port_in_use_exits_3_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ran = run("collector", "-c", settings(tmp_path, f"127.0.0.1:{port}"))

    assert ran.returncode == 3
    assert f"cannot listen on 127.0.0.1, port {port}" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_settings_that_are_not_there_exit_3(tmp_path: Path) -> None:
    ran = run("collector", "-c", tmp_path / "none.yaml")

    assert ran.returncode == 3
    assert "none.yaml" in ran.stderr
    assert "Traceback" not in ran.stderr

import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.gatewatch.running import COMMAND, ROOT, environment, run


def test_it_runs_without_a_collector_until_it_is_asked_to_end(tmp_path: Path) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        (tmp_path / "probe.yaml").write_text(
            f"host: con-01\ncollector: ['{url}']\ndata: {tmp_path}\n"
        )
        running = subprocess.Popen(
            [*COMMAND, "probe", "-c", str(tmp_path / "probe.yaml")],
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert running.stderr is not None
        started = next(line for line in running.stderr if "con-01" in line)
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)

    assert started
    assert running.returncode == 0


def test_settings_that_are_not_there_exit_3(tmp_path: Path) -> None:
    ran = run("probe", "-c", tmp_path / "none.yaml")

    assert ran.returncode == 3
    assert "none.yaml" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_way_to_the_probe_loads_no_server_table_or_plan() -> None:
    program = (
        "import sys; from gatewatch.cli import main; main(['probe', '-c', 'none.yaml']);"
        " heavy = {'rich', 'sqlalchemy', 'jinja2', 'cryptography', 'scapy', 'collector'};"
        " sys.exit(len(heavy & set(sys.modules)))"
    )

    loading = [sys.executable, "-c", program]
    ran = subprocess.run(loading, cwd=ROOT, capture_output=True, check=False)

    assert ran.returncode == 0, ran.stderr

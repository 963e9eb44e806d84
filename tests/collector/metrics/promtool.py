"""Prometheus' own opinion of an exposition."""

import shutil
import subprocess


def complaints(page: str) -> str:
    """Let `promtool check metrics` read a page; empty where it has nothing to say."""
    promtool = shutil.which("promtool")
    assert promtool, "a test that asks promtool is marked with needs('promtool')"
    checked = subprocess.run(
        [promtool, "check", "metrics"], input=page, text=True, capture_output=True, check=False
    )
    return checked.stdout + checked.stderr

"""What tests measured of the whole way is printed at the end, wherever it ran."""

from typing import Any

MEASURED = "delays of an alert"
"""Tests record properties of this name."""


def pytest_terminal_summary(terminalreporter: Any) -> None:  # pytest exports no type for it
    """Print the delays from a break to whoever is woken."""
    told = [
        value
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == MEASURED and report.when == "call"
    ]
    if told:
        terminalreporter.section(f"{MEASURED}, from the firewall's rule")
    for line in told:
        terminalreporter.line(line)

from pathlib import Path

import pytest

from flows.errors import Refused
from probe.limits import MIB, Limits
from probe.settings_reading import read_settings

EVERY = """\
limits:
  checks: 100
  interval: 10s
  deadline: 5s
  in_flight: 64
  per_second: 10
  runs: 2
  addresses: 4
  lookups: 8
  body: 2MiB
"""


def read(limits: str) -> Limits:
    content = f"collector: [http://127.0.0.1:8642]\n{limits}"
    return read_settings(content, "probe.yaml", Path("etc"), "con-01").limits


def test_every_limit_is_read() -> None:
    assert read(EVERY) == Limits(100, 10.0, 5.0, 64, 10, 2, 4, 8, 2 * MIB)


def test_what_is_not_said_has_its_default() -> None:
    assert read("limits: {checks: 100}\n") == Limits(checks=100)


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ("{cheks: 1}", "cheks: unknown key (did you mean 'checks'?)"),
        ("{checks: 0}", "checks: 0 is not between 1 and 50000"),
        ("{interval: 100ms}", "interval: is not between 1s and 24h"),
        ("{deadline: 90s}", "deadline: is not between 100ms and 60s"),
        ("{in_flight: 5000}", "in_flight: 5000 is not between 1 and 4096"),
        ("{per_second: 0}", "per_second: 0 is not between 1 and 1000"),
        ("{runs: 0}", "runs: 0 is not between 1 and 1000"),
        ("{addresses: 257}", "addresses: 257 is not between 1 and 256"),
        ("{lookups: 0}", "lookups: 0 is not between 1 and 256"),
        ("{body: 1KiB}", "body: is not between 64KiB and 64MiB"),
    ],
)
def test_each_fault_has_its_sentence(limits: str, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        read(f"limits: {limits}\n")

    assert [str(one) for one in refused.value.problems] == [f"probe.yaml:2: limits.{problem}"]

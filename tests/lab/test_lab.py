"""The lab itself: needs no root, and leaves nothing behind."""

from pathlib import Path

import pytest

from flows.outcomes import Outcome
from tests.lab.lab import Lab
from tests.lab.tasks import Rules, Task, tcp_check
from tests.lab.topology import DESTINATION, ROUTER

pytestmark = pytest.mark.needs("ip", "nft")

OPEN = 80
REJECT = (
    "table inet lab {\nchain forward {\ntype filter hook forward priority 0\n"
    f"tcp dport {OPEN} reject with icmpx type admin-prohibited\n}}\n}}"
)


def test_a_user_namespace_serves_where_nobody_is_root() -> None:
    with Lab(as_user=True) as lab:
        task = Task(checks=(tcp_check(DESTINATION, OPEN),), rules=Rules(router=REJECT))
        (seen,) = lab.measure(task)

    assert (seen.outcome, seen.sender) == (Outcome.REJECTED, ROUTER)


def test_the_rules_of_one_task_are_gone_in_the_next(lab: Lab) -> None:
    check = tcp_check(DESTINATION, OPEN)
    lab.measure(Task(checks=(check,), rules=Rules(router=REJECT)))

    (seen,) = lab.measure(Task(checks=(check,), tcp=(OPEN,)))

    assert seen.outcome is Outcome.OPEN


def test_what_a_lab_cannot_do_fails_the_test_that_asks(lab: Lab) -> None:
    with pytest.raises(AssertionError, match="nft -f -"):
        lab.measure(Task(checks=(), rules=Rules(router="nonsense")))


def test_a_lab_that_ends_leaves_no_process_and_no_mount() -> None:
    with Lab() as lab:
        lab.measure(Task(checks=()))
        child = lab.process

    assert not Path(f"/proc/{child}").exists()
    assert "gatewatch" not in Path("/proc/self/mounts").read_text(encoding="utf-8")

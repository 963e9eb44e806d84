"""Many checks at once: a probe that is busy takes nothing for silence of the network."""

from collections import Counter

import pytest

from flows.outcomes import Outcome
from tests.lab.lab import Lab
from tests.lab.tasks import Task, tcp_check
from tests.lab.topology import DESTINATION

pytestmark = pytest.mark.needs("ip", "nft")

TOGETHER = 512
DEADLINE_SECONDS = 4.0
SERVED = 80
UNSERVED = 81


@pytest.mark.parametrize(
    ("port", "outcome"), [(SERVED, Outcome.OPEN), (UNSERVED, Outcome.REFUSED)], ids=str
)
def test_every_answer_to_a_burst_is_heard(lab: Lab, port: int, outcome: Outcome) -> None:
    burst = (tcp_check(DESTINATION, port, DEADLINE_SECONDS),) * TOGETHER

    observations = lab.measure(Task(checks=burst, tcp=(SERVED,)))

    assert Counter(seen.outcome for seen in observations) == {outcome: TOGETHER}

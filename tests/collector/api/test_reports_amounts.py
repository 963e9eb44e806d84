"""Seconds and counts of a report: what nothing can have would spoil sums for good."""

import msgspec
import pytest

from flows.outcomes import StageTimes
from tests.collector.samples import CONSOLE, HTTPS, NOW, result_of
from tests.collector.serving import Caller, a_report


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ({"seconds": -1.0}, "results[0]: -1.0 is not between 0 and 86400"),
        ({"rtt_seconds": 1e308}, "results[0]: 1e+308 is not between 0 and 86400"),
        ({"stages": StageTimes(connect=-0.5)}, "results[0]: -0.5 is not between 0 and 86400"),
        ({"syn_retransmits": -3}, "results[0]: -3 is not between 0 and 9007199254740992"),
    ],
)
async def test_an_amount_that_nothing_can_have_spoils_no_sum(
    caller: Caller, amount: dict[str, object], sentence: str
) -> None:
    result = result_of(await caller.check_of(CONSOLE), HTTPS, NOW)
    before = await caller.everything()

    reply = await caller.send(a_report("con-01", [msgspec.structs.replace(result, **amount)]))

    assert reply.problem == (422, "wrong-shape", sentence)
    assert await caller.everything() == before

"""Seconds and counts of a report: what nothing can have would spoil sums for good."""

import msgspec
import pytest

from flows.outcomes import StageTimes
from tests.collector.samples import CONSOLE, HTTPS, NOW, result_of
from tests.collector.serving import Caller, a_report


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ({"seconds": -1.0}, "`float` >= 0.0 - at `$.results[0].seconds`"),
        ({"rtt_seconds": 1e308}, "`float` <= 86400.0 - at `$.results[0].rtt_seconds`"),
        (
            {"stages": StageTimes(connect=-0.5)},
            "`float` >= 0.0 - at `$.results[0].stages.connect`",
        ),
        ({"syn_retransmits": -3}, "`int` >= 0 - at `$.results[0].syn_retransmits`"),
    ],
)
async def test_an_amount_that_nothing_can_have_spoils_no_sum(
    caller: Caller, amount: dict[str, object], sentence: str
) -> None:
    result = result_of(await caller.check_of(CONSOLE), HTTPS, NOW)
    before = await caller.everything()

    reply = await caller.send(a_report("con-01", [msgspec.structs.replace(result, **amount)]))

    assert reply.problem == (
        422,
        "wrong-shape",
        f"the body of /api/v1/reports: Expected {sentence}",
    )
    assert await caller.everything() == before

"""A batch knows whether there is anything to write."""

import pytest

from collector.connect_times import Spread
from collector.memory import Changes, Counts
from collector.store.batch import Batch, Taken
from tests.collector.store.samples import NOON, everything


@pytest.mark.parametrize(
    ("batch", "empty"),
    [
        (Batch(), True),
        (Batch(changes=(Changes(), Changes(counts=Counts(dropped=3)))), True),
        (Batch(changes=(Changes(), everything())), False),
        (Batch(taken=(Taken("pc-001", "a", 1, NOON),)), False),
        (Batch(connects={"sql": Spread()}), False),
    ],
)
def test_a_batch_is_empty_when_nothing_of_it_would_be_kept(batch: Batch, empty: bool) -> None:
    assert batch.empty is empty

"""What the checks of a probe share."""

import dataclasses

import pytest

from probe.engine.means import Means
from probe.measuring import open_means


async def test_means_are_made_whole_and_stay_as_they_are() -> None:
    async with open_means(lambda _name, _address, _port: None, source_ipv4="127.0.0.3") as means:
        assert isinstance(means, Means)
        assert (means.source_ipv4, means.source_ipv6) == ("127.0.0.3", None)
        with pytest.raises(dataclasses.FrozenInstanceError):
            means.source_ipv4 = None  # type: ignore[misc]  # that it cannot be is the point

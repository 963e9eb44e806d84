"""Every platform offers the same."""

import pytest

from probe.platforms import THIS_PLATFORM, linux, windows
from probe.platforms.evidence import Platform


@pytest.mark.parametrize("platform", [linux, windows])
def test_a_platform_has_all_that_is_asked_of_one(platform: Platform) -> None:
    asked = [name for name in vars(Platform) if not name.startswith("_")]

    assert all(hasattr(platform, name) for name in [*asked, "DEADLINE_SECONDS"])


def test_windows_gets_the_longer_deadline() -> None:
    assert (linux.DEADLINE_SECONDS, windows.DEADLINE_SECONDS) == (4.0, 5.0)


def test_this_platform_is_chosen_once() -> None:
    assert THIS_PLATFORM is linux

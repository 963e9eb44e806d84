"""The release that runs is the installed one."""

from importlib.metadata import version

from probe.version import own_version


def test_it_is_the_installed_release() -> None:
    assert own_version() == version("gatewatch")

import pytest

from flows.errors import UsageError
from gatewatch.extras import needed_by


def test_a_package_that_is_not_installed_is_named_with_the_way_to_install_it() -> None:
    with (
        pytest.raises(UsageError) as refused,
        needed_by("gatewatch collector", extra="collector"),
    ):
        raise ModuleNotFoundError("No module named 'sqlalchemy'", name="sqlalchemy.ext")

    assert str(refused.value) == (
        "gatewatch collector needs 'sqlalchemy', which is not installed:"
        " pip install 'gatewatch[collector]'"
    )


def test_a_module_of_our_own_that_is_missing_is_our_fault() -> None:
    with (
        pytest.raises(ModuleNotFoundError),
        needed_by("gatewatch collector", extra="collector"),
    ):
        raise ModuleNotFoundError("No module named 'collector.x'", name="collector.x")

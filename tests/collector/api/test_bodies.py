"""Bodies say all that the domain knows of something."""

from datetime import UTC, datetime

import msgspec

from collector.api.bodies import AppliedBody, PathBody, applied_body
from collector.views import Difference, PathView
from flows.plan import Path

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_what_an_inventory_changes_is_told_whole() -> None:
    body = applied_body(Difference(hosts_added=("a",)), ["careful"], applied=True)

    assert msgspec.structs.asdict(body)["hosts_added"] == ("a",)
    assert (body.applied, body.warnings) == (True, ("careful",))
    assert set(Difference.__struct_fields__) < set(AppliedBody.__struct_fields__)


def test_a_path_is_its_row_and_its_view_in_one() -> None:
    row = {"path" if name == "id" else name for name in Path.__struct_fields__} - {"expect"}

    assert set(PathBody.__struct_fields__) == row | set(PathView.__struct_fields__)

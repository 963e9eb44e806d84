"""What is served and what is described are the same."""

from pathlib import Path

from collector.api.routes import CALLS
from collector.app import application
from collector.web import PLACES
from tests.collector.serving import Moments, settings_in


def test_every_route_is_in_the_table_and_the_other_way_round(tmp_path: Path) -> None:
    app = application(settings_in(tmp_path), Moments())
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    of_the_page = {one for one in served if one[1] in PLACES or one[1].startswith("/web/")}

    assert served - of_the_page == {(call.method, call.path) for call in CALLS}
    assert {
        call.path.startswith(("/api/v1/", "/metrics", "/healthz", "/readyz")) for call in CALLS
    } == {True}

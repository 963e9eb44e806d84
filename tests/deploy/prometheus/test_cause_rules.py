"""Which one cause alerts find behind many broken paths; Alertmanager holds the paths back."""

from pathlib import Path

import pytest

from flows.phases import Phase
from tests.collector.samples import FILTERED, REJECTED
from tests.deploy.prometheus.rehearsal import Firing, Rehearsal

pytestmark = pytest.mark.needs("promtool")

CAUSES = (
    "GatewatchSiteUnreachable",
    "GatewatchSiteCutOff",
    "GatewatchDestinationDown",
    "GatewatchSourceCutOff",
)
IN_OFFICE = ("con-01", "con-02", "pc-001", "pc-002")
IN_PLANT = ("con-03", "pc-003")
IN_DC1 = ("be-01", "be-02", "ah-02", "sql-01", "log-01")


@pytest.fixture
def rehearsal() -> Rehearsal:
    made = Rehearsal()
    made.pass_by()
    return made


def cut(rehearsal: Rehearsal, sources: tuple[str, ...], destinations: tuple[str, ...]) -> None:
    rehearsal.see(
        REJECTED,
        [
            path
            for src in sources
            for dst in destinations
            for path in rehearsal.paths(src=src, dst=dst)
        ],
    )
    rehearsal.pass_by()


def test_a_destination_that_nobody_reaches_is_down(rehearsal: Rehearsal, tmp_path: Path) -> None:
    rehearsal.see(FILTERED, rehearsal.paths(dst="be-01"))
    rehearsal.quiet = {"be-01"}
    rehearsal.pass_by(1)
    rehearsal.expect_of(
        CAUSES, Firing("GatewatchDestinationDown", "critical", host="be-01", site="dc1")
    )

    assert rehearsal.complaints(tmp_path) == ""


def test_a_destination_that_one_source_still_reaches_is_not_down(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    cut(rehearsal, ("con-01", "con-02"), ("be-01",))
    rehearsal.expect_of(CAUSES)

    assert rehearsal.complaints(tmp_path) == ""


def test_agents_that_reach_a_handler_show_that_it_is_not_down(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    cut(rehearsal, ("con-01", "con-02", "con-03", "ah-02"), ("be-01",))
    rehearsal.expect_of(CAUSES)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_source_that_reaches_nothing_while_others_do_is_cut_off(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    cut(rehearsal, ("con-01",), IN_DC1)
    rehearsal.expect_of(
        CAUSES, Firing("GatewatchSourceCutOff", "critical", host="con-01", site="office")
    )

    assert rehearsal.complaints(tmp_path) == ""


def test_a_site_that_reaches_nothing_outside_is_cut_off_and_its_hosts_are_no_causes(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    cut(rehearsal, IN_OFFICE, IN_DC1)
    rehearsal.expect_of(CAUSES, Firing("GatewatchSiteCutOff", "critical", site="office"))

    assert rehearsal.complaints(tmp_path) == ""


def test_a_site_that_no_other_site_reaches_is_unreachable_and_nothing_else_is_a_cause(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    cut(rehearsal, IN_OFFICE + IN_PLANT, IN_DC1)
    rehearsal.expect_of(CAUSES, Firing("GatewatchSiteUnreachable", "critical", site="dc1"))

    assert rehearsal.complaints(tmp_path) == ""


def test_two_causes_are_two(rehearsal: Rehearsal, tmp_path: Path) -> None:
    cut(rehearsal, IN_OFFICE, IN_DC1)
    cut(rehearsal, ("be-01", "be-02"), ("sql-01",))
    rehearsal.expect_of(
        CAUSES,
        Firing("GatewatchSiteCutOff", "critical", site="office"),
        Firing("GatewatchDestinationDown", "critical", host="sql-01", site="dc1"),
    )

    assert rehearsal.complaints(tmp_path) == ""


def test_a_cause_neither_comes_nor_goes_while_no_collector_is_scraped(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    cut(rehearsal, ("con-01", "con-02"), ("be-01",))
    cut(rehearsal, ("be-01", "be-02"), ("sql-01",))
    rehearsal.pass_unscraped(8)
    rehearsal.expect_of(
        CAUSES, Firing("GatewatchDestinationDown", "critical", host="sql-01", site="dc1")
    )

    assert rehearsal.complaints(tmp_path) == ""


def test_goals_that_are_pending_are_no_cause(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.PREPARE)
    rehearsal.see(REJECTED, [path for path in rehearsal.paths(dst="be-01") if "8443" in path])
    rehearsal.pass_by()
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""

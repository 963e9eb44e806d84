"""What alerts say of agents, rolled up: rehearsed as in test_path_rules."""

from pathlib import Path

import pytest

from collector.memory import Changes, Reach, Silence, SilencedBy
from flows.phases import Phase
from tests.collector.samples import MSRPC, REFUSED, REJECTED, at
from tests.deploy.prometheus.rehearsal import Firing, Rehearsal

pytestmark = pytest.mark.needs("promtool")

HANDLER = Firing("GatewatchHandlerBroken", host="ah-02", group="hq", site="dc1")
CUT_OFF = Firing("GatewatchAgentsCutOff", group="hq", site="office")


@pytest.fixture
def rehearsal() -> Rehearsal:
    made = Rehearsal()
    made.pass_by()
    return made


def test_one_handler_of_two_is_a_warning(rehearsal: Rehearsal, tmp_path: Path) -> None:
    rehearsal.see(REJECTED, rehearsal.paths(src="pc-001", dst="ah-02"))
    rehearsal.pass_by()
    rehearsal.expect(HANDLER)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_group_that_is_cut_off_at_a_site_is_critical(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    rehearsal.see(REJECTED, rehearsal.paths(src="pc-001"))
    rehearsal.pass_by()
    handlers = HANDLER, HANDLER._replace(host="be-01")
    rehearsal.expect(*handlers, CUT_OFF, CUT_OFF._replace(severity="critical"))

    assert rehearsal.complaints(tmp_path) == ""


def test_a_few_agents_of_many_that_are_cut_off_are_a_warning(tmp_path: Path) -> None:
    many = "".join(
        f"  pc-{number}: {{address: 10.2.8.{number}, roles: [agent], site: office}}\n"
        for number in range(10, 20)
    )
    names = ", ".join(f"pc-{number}" for number in range(10, 20))
    text = Rehearsal.inventory.replace("handler_groups:", f"{many}handler_groups:")
    rehearsal = Rehearsal(inventory=text.replace("[pc-001,", f"[{names}, pc-001,"))
    rehearsal.see(REJECTED, rehearsal.paths(src="pc-10"))
    rehearsal.pass_by()
    rehearsal.expect_of(["GatewatchAgentsCutOff"], CUT_OFF)

    assert rehearsal.complaints(tmp_path) == ""


def test_agents_that_are_switched_off_alert_nobody(rehearsal: Rehearsal, tmp_path: Path) -> None:
    rehearsal.quiet = {"pc-001", "pc-002", "pc-003"}
    rehearsal.pass_by(20)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_agents_that_were_cut_off_stay_so_while_they_are_silent(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    names = ["GatewatchAgentsCutOff"]
    told = CUT_OFF, CUT_OFF._replace(severity="critical")
    rehearsal.see(REJECTED, rehearsal.paths(src="pc-001"))
    rehearsal.pass_by()
    rehearsal.quiet = {"pc-001", "pc-002"}
    rehearsal.pass_by(16)
    rehearsal.expect_of(names, *told)
    rehearsal.quiet = set()
    rehearsal.see(MSRPC, rehearsal.paths(src="pc-001"))
    rehearsal.pass_by()
    rehearsal.expect_of(names)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_site_under_maintenance_alerts_nobody(rehearsal: Rehearsal, tmp_path: Path) -> None:
    window = Silence(
        kind=SilencedBy.MAINTENANCE, glob="dc1", reach=Reach.SITES, reason="move", until=at(9999)
    )
    rehearsal.estate.apply(Changes(silences={"01J": window}))
    rehearsal.see(REJECTED, rehearsal.paths(dst="ah-02"))
    rehearsal.see(REJECTED, rehearsal.paths(dst="be-01"))
    rehearsal.quiet = {"be-01", "be-02", "ah-02"}
    rehearsal.pass_by(24)
    rehearsal.expect()

    assert rehearsal.complaints(tmp_path) == ""


def test_handlers_that_are_down_are_the_cause_and_not_their_agents(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    text = Rehearsal.inventory.replace("handlers: [be-01, ah-02]", "handlers: [be-01]").replace(
        "  ah-02: {address: 10.1.0.13, roles: [agent-handler], site: dc1}\n", ""
    )
    rehearsal = Rehearsal(inventory=text)
    rehearsal.see(REJECTED, rehearsal.paths(dst="be-01"))
    rehearsal.pass_by()
    rehearsal.expect_of(
        ["GatewatchAgentsCutOff", "GatewatchDestinationDown"],
        Firing("GatewatchDestinationDown", "critical", host="be-01", site="dc1"),
    )

    assert rehearsal.complaints(tmp_path) == ""


def test_an_old_port_that_was_closed_while_old_agents_need_it_is_told_as_that(
    tmp_path: Path,
) -> None:
    rehearsal = Rehearsal(Phase.AGENTS)
    rehearsal.pass_by()
    rehearsal.see(REJECTED, rehearsal.paths(flow="agent-legacy", dst="ah-02"))
    rehearsal.pass_by()
    early = Firing("GatewatchClosedTooEarly", "critical", host="ah-02", group="hq", site="dc1")
    rehearsal.expect(HANDLER, early)

    assert rehearsal.complaints(tmp_path) == ""


def test_an_old_port_is_told_once_it_was_closed_and_opened_again(tmp_path: Path) -> None:
    rehearsal = Rehearsal(Phase.COMPLETE)
    old = rehearsal.paths(flow="agent-legacy")
    rehearsal.see(MSRPC, old)
    rehearsal.pass_by()
    rehearsal.expect()
    rehearsal.see(REFUSED, old)
    rehearsal.pass_by()
    rehearsal.expect()
    rehearsal.see(MSRPC, rehearsal.paths(flow="agent-legacy", src="pc-003", dst="ah-02"))
    rehearsal.pass_by()
    again = Firing("GatewatchPortOpenAgain", host="ah-02", group="hq", site="dc1")
    rehearsal.expect(again)

    assert rehearsal.complaints(tmp_path) == ""


def test_a_group_of_which_nothing_is_known_for_days_is_told(tmp_path: Path) -> None:
    rehearsal = Rehearsal(round_seconds=6 * 3600)
    rehearsal.quiet = {"pc-001", "pc-002", "pc-003"}
    rehearsal.pass_by(12)
    rehearsal.expect_of(["GatewatchAgentsUnheard"])
    rehearsal.pass_by(1)
    rehearsal.expect_of(["GatewatchAgentsUnheard"], Firing("GatewatchAgentsUnheard", group="hq"))

    assert rehearsal.complaints(tmp_path) == ""

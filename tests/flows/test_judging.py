"""Judging a path over all addresses of its destination, and what the plan says of its endpoint."""

import pytest

from flows.expansion import expand
from flows.hosts import Claim
from flows.judging import judge_path, surroundings
from flows.outcomes import AnsweredBy, Certificate, Chain, Identity, Observation, Outcome, Service
from flows.phases import Expectation, Phase
from flows.plan import Path, Plan
from flows.verdicts import Context, Proof, Verdict
from tests.flows.judged import FILTERED, judged
from tests.flows.plan_tables import DATA, inventory_of
from tests.flows.texts import plan_of


@pytest.fixture(name="plan", scope="module")
def fixture_plan() -> Plan:
    """Expand the inventory of DESIGN 2."""
    return expand(inventory_of(DATA / "design.yaml"))


@pytest.fixture(name="path")
def fixture_path(plan: Plan) -> Path:
    """Take a path over which HTTPS must answer."""
    return plan.paths["public-api:siem>be-01:tcp/10443"]


@pytest.fixture(name="log")
def fixture_log(plan: Plan) -> Path:
    """Take a path over which nothing answers."""
    return plan.paths["syslog-udp:be-01>log-01:udp/514"]


def seen(outcome: str, address: str = "10.0.0.1", *, routed: bool = True) -> Observation:
    answered_by = AnsweredBy.HTTPS if outcome == "open" else None
    return Observation(
        outcome=Outcome(outcome), address=address, answered_by=answered_by, routed=routed
    )


def named(*addresses: Observation) -> Observation:
    """Make the observation of a name with several addresses."""
    return Observation(outcome=addresses[0].outcome, addresses=addresses)


def test_what_was_never_measured_is_unproven_and_has_no_identity(path: Path) -> None:
    verdict = judge_path(path, Expectation.SERVE, None)

    assert (verdict.verdict, verdict.identity, verdict.observation) == (
        Verdict.UNPROVEN,
        None,
        None,
    )
    assert (verdict.reason, verdict.advice) == ("never measured", ())


def test_a_claim_of_the_inventory_decides_the_identity(path: Path) -> None:
    certificate = Certificate(der=b"", sha256="ab" * 32)
    answer = Observation(
        outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, certificate=certificate
    )

    def verdict(claim: Claim) -> tuple[Verdict, Identity | None]:
        found = judge_path(path, Expectation.SERVE, answer, claim)
        return found.verdict, found.identity

    assert verdict(Claim(sha256="ab" * 32)) == (Verdict.OK, Identity.VERIFIED)
    assert verdict(Claim(sha256="cd" * 32)) == (Verdict.BROKEN, Identity.MISMATCH)


def test_of_several_addresses_the_worst_verdict_speaks(path: Path) -> None:
    both = named(seen("open", "10.0.0.1"), seen("filtered", "10.0.0.2"))

    verdict = judge_path(path, Expectation.SERVE, both)

    assert verdict.verdict is Verdict.BROKEN
    assert verdict.observation == both.addresses[1]
    assert verdict.reason == "no answer from 10.0.0.2: dropped on the way, or there"


def test_a_broken_address_is_worse_than_an_unproven_one(path: Path) -> None:
    verdict = judge_path(path, Expectation.PERMIT, named(seen("filtered"), seen("rejected")))

    assert verdict.verdict is Verdict.BROKEN


@pytest.mark.parametrize("order", [("silent", "fault"), ("fault", "silent")])
def test_an_address_that_may_yet_be_proven_speaks_before_an_unverifiable_one(
    log: Path, order: tuple[str, str]
) -> None:
    verdict = judge_path(log, Expectation.SERVE, named(*map(seen, order)))

    assert (verdict.verdict, verdict.judgement.unverifiable) == (Verdict.UNPROVEN, False)


@pytest.mark.parametrize("order", [("open", "refused"), ("refused", "open")])
def test_the_weaker_proof_of_two_speaks(path: Path, order: tuple[str, str]) -> None:
    verdict = judge_path(path, Expectation.PERMIT, named(*map(seen, order)))

    assert verdict.judgement.proof is Proof.HOST_OR_FIREWALL


def test_a_family_without_a_route_is_not_judged(path: Path) -> None:
    without = seen("unreachable", "fd00::1", routed=False)

    assert judge_path(path, Expectation.SERVE, named(without, seen("open"))).verdict is Verdict.OK


def test_where_no_family_has_a_route_all_are_judged(path: Path) -> None:
    without = seen("unreachable", "fd00::1", routed=False)

    verdict = judge_path(path, Expectation.SERVE, named(without, without))

    assert verdict.verdict is Verdict.BROKEN


def test_words_are_made_of_what_was_seen(path: Path) -> None:
    expired = Certificate(der=b"", sha256="ab" * 32, chain=Chain.EXPIRED)
    answer = Observation(outcome=Outcome.OPEN, answered_by=AnsweredBy.HTTPS, certificate=expired)

    verdict = judge_path(path, Expectation.SERVE, answer)

    assert verdict.reason == "an HTTPS server answered"
    assert verdict.advice == ("the certificate has expired",)


@pytest.mark.parametrize(
    ("phase", "attested", "stands"),
    [
        (Phase.PREPARE, "agent:pc-001>ah-02:tcp/443", True),
        (Phase.PREPARE, "agent:pc-001>be-01:tcp/443", False),
        (Phase.AGENTS, "agent:pc-001>ah-02:tcp/443", False),
    ],
)
def test_an_attestation_stands_for_its_own_permit_only(
    plan: Plan, phase: Phase, attested: str, stands: bool
) -> None:
    unproven = judged(plan.paths["agent:pc-001>ah-02:tcp/443"], phase, FILTERED)

    assert unproven.attested_by({attested}) is stands


def test_what_is_proven_needs_no_attestation(plan: Plan) -> None:
    proven = judged(plan.paths["agent:pc-001>ah-02:tcp/443"], Phase.PREPARE)

    assert not proven.attested_by({proven.path.id})


COLOCATED = """
    be: {address: 10.0.0.1, roles: [backend, agent-handler]}
    con: {address: 10.0.0.2, roles: [console]}
    pc: {address: 10.0.0.3, roles: [agent]}
"""
AGENT, CONSOLE = "agent:pc>be:tcp/443", "console-backend:con>be:tcp/443"


@pytest.mark.parametrize(
    ("phase", "current", "planned"),
    [
        (Phase.PREPARE, None, {Service.HTTPS}),
        (Phase.BACKOFFICE, Phase.PREPARE, {Service.HTTPS}),
        (Phase.AGENTS, Phase.BACKOFFICE, {Service.HTTPS}),
        (Phase.AGENTS, None, set()),
        (Phase.COMPLETE, Phase.AGENTS, set()),
    ],
)
def test_the_old_backend_is_planned_on_a_colocated_port_until_its_upgrade(
    phase: Phase, current: Phase | None, planned: set[Service]
) -> None:
    plan = plan_of(COLOCATED)

    assert surroundings(plan, plan.paths[AGENT], phase, current).planned == planned


def test_after_the_upgrade_the_handler_is_planned_where_the_backend_was() -> None:
    plan = plan_of(COLOCATED)

    around = surroundings(plan, plan.paths[CONSOLE], Phase.AGENTS)

    assert around.planned == {Service.GRPC}


@pytest.mark.parametrize(
    ("path", "shared"), [(AGENT, True), (CONSOLE, True), (CONSOLE.replace("443", "8443"), False)]
)
def test_a_colocated_machine_shares_its_port(path: str, shared: bool) -> None:
    plan = plan_of(COLOCATED)

    assert surroundings(plan, plan.paths[path], Phase.PREPARE).shared is shared


def test_a_port_changes_hands_before_any_agent_is_in_the_inventory() -> None:
    plan = plan_of(COLOCATED.replace("pc: ", "siem: ").replace("[agent]", "[api-client]"))

    assert surroundings(plan, plan.paths[CONSOLE], Phase.PREPARE).shared


def test_a_backend_called_by_a_virtual_address_stands_on_its_members(plan: Plan) -> None:
    """In DESIGN 2 everybody calls ses, and be-01 behind it answers agents as the 2.6 backend."""
    agent, console = "agent:pc-001>be-01:tcp/443", "console-backend:con-01>ses:tcp/443"

    to_member = surroundings(plan, plan.paths[agent], Phase.PREPARE)
    to_virtual = surroundings(plan, plan.paths[console], Phase.AGENTS)

    assert to_member == Context(shared=True, planned=frozenset({Service.HTTPS}))
    assert to_virtual == Context(shared=True, planned=frozenset({Service.GRPC}))


def test_a_handler_of_its_own_shares_nothing(plan: Plan) -> None:
    around = surroundings(plan, plan.paths["agent:pc-001>ah-02:tcp/443"], Phase.PREPARE)

    assert around == Context()


@pytest.mark.parametrize(
    ("path", "phase", "needed"),
    [
        (CONSOLE, Phase.BASELINE, True),
        (CONSOLE, Phase.COMPLETE, True),
        (CONSOLE.replace("443", "8443"), Phase.BASELINE, False),
        ("agent-legacy:pc>be:tcp/17000", Phase.COMPLETE, False),
    ],
)
def test_a_port_is_needed_while_another_flow_must_reach_it(
    path: str, phase: Phase, needed: bool
) -> None:
    plan = plan_of(COLOCATED)

    assert surroundings(plan, plan.paths[path], phase).needed is needed


def test_what_the_inventory_says_of_instances_is_at_hand_for_the_browser_only(plan: Plan) -> None:
    browser, sql = "sql-browser:be-01>sql-01:udp/1434", "sql:be-01>sql-01:tcp/1433"

    of_browser, of_sql = (
        surroundings(plan, plan.paths[path], Phase.BASELINE).instances for path in (browser, sql)
    )

    assert (of_browser, of_sql) == ((("SES", 1433),), ())

"""Gates for tests: asked while all is well, but for what a test breaks."""

from collections.abc import Mapping

from flows.expansion import expand
from flows.gates import Gate, GateState, Rules, Standing, evaluate
from flows.hosts import Version
from flows.phases import Phase
from flows.plan import Plan
from flows.versions import Versions
from tests.flows.judged import Seen, all_judged
from tests.flows.plan_tables import DATA, inventory_of

READY, NOT_READY, INCONCLUSIVE = GateState
NOTHING: Mapping[str, Seen] = {}


def design(**versions: str) -> Plan:
    """Expand the inventory of DESIGN 2, with some versions set."""
    inventory = inventory_of(DATA / "design.yaml")
    set_ = {name.replace("_", "-"): Version(version) for name, version in versions.items()}
    return expand(inventory, Versions(inventory, set_))


def gate(
    plan: Plan,
    phase: Phase,
    but: Mapping[str, Seen] = NOTHING,
    standing: Standing = Standing(),  # noqa: B008 - frozen
    rules: Rules = Rules(),  # noqa: B008 - frozen
    *,
    done: bool = False,
) -> Gate:
    """Ask a gate while all is well, but for the paths that match these globs."""
    return evaluate(plan, phase, all_judged(plan, phase, but), standing, rules, done=done)


def counted(gate: Gate) -> dict[str, int]:
    """List the counts that are not zero."""
    return {str(count): number for count, number in gate.counts.items() if number}


MIGRATED = {"be_01": "2.7.1", "be_03": "2.7.1", "ah_02": "2.7.1", "con_01": "2.7.1"}
"""What is left of DESIGN 2's back office, upgraded."""


# In prepare 33 paths that are no agents' must be served: console-backend 2, handler-backend 3
# (ses at 443 from three machines), public-api 4, policy-update 3, sql 3, sql-browser 3, syslog 9,
# gatewatch 6; and 5 units of agents: agent-legacy 3, gatewatch 1, agent-crl 1. Its goals are 2
# paths to ses at 8443 (those of be-01 and be-03 are local: they bind nobody) and 3 units at 443.
SERVED, GOALS = 38, 5

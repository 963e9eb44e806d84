from collector.metrics.agents import families
from flows.phases import Phase
from tests.collector.metrics.pages import page, series, value
from tests.collector.samples import INVENTORY, MSRPC, REFUSED, at, started, turn

BOTH = ("be-01", "ah-02")


def legacy(agent: str, handler: str) -> str:
    return f"agent-legacy:{agent}>{handler}:tcp/17000"


def test_agents_are_counted_by_how_they_are_served() -> None:
    estate = started()
    turn(estate, {legacy("pc-001", handler): MSRPC for handler in BOTH})
    turn(estate, {legacy("pc-002", handler): REFUSED for handler in BOTH})
    turn(estate, {legacy("pc-003", "be-01"): MSRPC, legacy("pc-003", "ah-02"): REFUSED})

    assert series(page(estate, 10), "gatewatch_group_agents") == [
        '{group="hq",src_site="home",state="served"} 0',
        '{group="hq",src_site="home",state="degraded"} 1',
        '{group="hq",src_site="home",state="cut_off"} 0',
        '{group="hq",src_site="home",state="unknown"} 0',
        '{group="hq",src_site="office",state="served"} 1',
        '{group="hq",src_site="office",state="degraded"} 0',
        '{group="hq",src_site="office",state="cut_off"} 1',
        '{group="hq",src_site="office",state="unknown"} 0',
    ]


def test_agents_that_were_never_measured_are_counted_too() -> None:
    text = page(started())

    assert value(text, "gatewatch_group_agents", "office", "unknown") == 2
    assert value(text, "gatewatch_group_agents", "home", "unknown") == 1


def test_the_paths_of_agents_are_counted_by_verdict() -> None:
    estate = started()
    turn(estate, {legacy("pc-001", "ah-02"): MSRPC, legacy("pc-002", "ah-02"): REFUSED})

    found = series(
        page(estate, 10), "gatewatch_agent_paths", 'phase="baseline"', 'dst="ah-02"', "office"
    )

    pairs = 'phase="baseline",group="hq",src_site="office",dst="ah-02",flow="agent-legacy"'
    assert found == [
        f'{{{pairs},verdict="ok"}} 1',
        f'{{{pairs},verdict="broken"}} 1',
        f'{{{pairs},verdict="unproven"}} 0',
    ]


def test_roll_ups_are_there_whether_agents_stand_one_by_one_or_not() -> None:
    estate = started(phase=Phase.PREPARE)

    rolled, each = page(estate), page(estate, per_agent=True)

    for name in ("gatewatch_group_agents", "gatewatch_agent_paths", "gatewatch_agent_probes"):
        assert series(rolled, name) == series(each, name) != []


def test_a_roll_up_of_many_sites_is_written_in_pieces_between_which_others_have_their_turn() -> (
    None
):
    names = [f"pc-{number:03d}" for number in range(4, 34)]
    more = "".join(
        f"  {name}: {{address: 10.9.2.1, roles: [agent], site: {name}}}\n" for name in names
    )
    text = INVENTORY.replace("handler_groups:\n", f"{more}handler_groups:\n")
    estate = started(text.replace("pc-003]", f"pc-003, {', '.join(names)}]"))

    pieces = list(families(estate, at(0)))

    assert "".join(pieces).count("\ngatewatch_agent_paths{") > 1000
    assert max(piece.count("\n") for piece in pieces) < 300

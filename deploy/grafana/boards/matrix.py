"""Reachability matrix: every path of a phase, by its state, with its history and its agents."""

from grafana_foundation_sdk.builders import stat, statetimeline, table
from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from deploy.grafana.boards.frame import board, collector, many, phase
from deploy.grafana.boards.panels import counted, figure, history, now, over_time, rows
from deploy.grafana.boards.states import (
    BAD,
    DOUBT,
    GOOD,
    LOOKS,
    MEANINGS,
    Look,
    at_site,
    state_map,
    state_of,
)
from deploy.grafana.boards.tables import (
    PATH_BOARD,
    PATH_COLUMNS,
    TINTED,
    grid,
    listing,
    states,
    value,
    worded,
)

UID = "gatewatch-matrix"
CHOSEN = at_site(state_of('phase="$phase",flow=~"$flow"'), "src", "$site")
AGENTS = (
    "max by (group, src_site, flow, dst, verdict)"
    ' (gatewatch_agent_paths{phase="$phase",flow=~"$flow",src_site=~"$site",group=~"$group"})'
)


VERDICTS = {
    "broken": Look("✕ broken", BAD),
    "unproven": Look("? unproven", DOUBT),
    "ok": Look("✓ ok", GOOD),
}


def matrix() -> Dashboard:
    """Build the dashboard of all paths."""
    dashboard = (
        board(
            UID,
            "Gatewatch: reachability matrix",
            "Every path that a phase asks for. Click a state: the collector's page says why.",
        )
        .with_variable(collector())
        .with_variable(phase())
        .with_variable(
            many("flow", "Flow", "label_values(gatewatch_path_info, flow)", "Flows of the catalog.")
        )
        .with_variable(
            many("site", "Site", "label_values(gatewatch_host_info, site)", "Site of the source.")
        )
        .with_variable(
            many("group", "Group", "label_values(gatewatch_group_agents, group)", "Handler groups.")
        )
        .with_panel(_counts())
        .with_panel(_grid())
        .with_panel(_paths())
    )
    dashboard.with_row(Row("History")).with_panel(_history())
    return dashboard.with_row(Row("SES agents")).with_panel(_agents())


def _counts() -> stat.Panel:
    panel = figure(
        "Paths by state",
        f"Of what is chosen above. {MEANINGS}",
        *(
            now(counted(f"({CHOSEN}) == {state}", CHOSEN), look.text, ref=chr(ord("A") + state))
            for state, look in LOOKS.items()
        ),
    )
    for look in LOOKS.values():
        colour = {"mode": "fixed", "fixedColor": look.colour}
        panel.override_by_name(look.text, [DynamicConfigValue(id_val="color", value=colour)])
    return panel.decimals(0).span(24).height(4)


def _grid() -> table.Panel:
    place = f'label_join({CHOSEN}, "place", ":", "dst", "proto", "port")'
    panel = grid(
        "Matrix",
        f"Sources against destinations; where flows share a cell, the worst. {MEANINGS}",
        rows(f"min by (src, place) ({place})"),
        "src",
        "place",
    )
    shown = [
        DynamicConfigValue(id_val="mappings", value=state_map()),
        DynamicConfigValue(id_val="custom.cellOptions", value=TINTED),
    ]
    return panel.override_by_regexp("/:(tcp|udp):/", shown).span(24).height(12)


def _paths() -> table.Panel:
    panel = listing(
        "Paths",
        f"A state leads to its reason, a flow to the history of the path. {MEANINGS}",
        PATH_COLUMNS,
        rows(CHOSEN),
        links={"flow": PATH_BOARD},
    )
    return states(panel).span(24).height(14)


def _history() -> statetimeline.Panel:
    return (
        history(
            "States over time",
            f"As phase $phase judged, whatever phase held. {MEANINGS}",
            over_time(CHOSEN, "{{src}} → {{dst}} {{proto}}/{{port}} {{flow}}"),
        )
        .mappings(state_map())
        .span(24)
        .height(18)
    )


def _agents() -> table.Panel:
    panel = listing(
        "Agents' paths by group, site and handler",
        "How many agents of a group find each of its handlers ok, broken, or cannot prove it.",
        {"group": "group", "src_site": "site", "flow": "flow", "dst": "handler"},
        rows(f"{AGENTS} > 0"),
    )
    worded(panel, "verdict", VERDICTS, "verdict")
    return value(panel, "agents", "short").span(24).height(10)

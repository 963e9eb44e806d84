from datetime import UTC, datetime

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from collector.connect_times import ConnectTimes
from collector.estate import Estate
from collector.memory import Counts
from collector.self_metrics import SelfMetrics
from flows.outcomes import AnsweredBy, Certificate, Observation, Outcome, StageTimes
from tests.collector.metrics.documented import Documented, documented
from tests.collector.metrics.pages import names, page
from tests.collector.metrics.promtool import complaints
from tests.collector.samples import CONSOLE, INVENTORY, REFUSED, SYSLOG, started, turn

OF_THE_ESTATE = {
    "gatewatch_path_ok",
    "gatewatch_path_unproven",
    "gatewatch_path_broken",
    "gatewatch_path_info",
    "gatewatch_path_outcome_info",
    "gatewatch_path_rtt_seconds",
    "gatewatch_path_connect_seconds",
    "gatewatch_path_last_observed_timestamp_seconds",
    "gatewatch_path_loss_timestamp_seconds",
    "gatewatch_path_silenced",
    "gatewatch_flow_connect_seconds",
    "gatewatch_certificate_expiry_timestamp_seconds",
    "gatewatch_phase_current",
    "gatewatch_phase_ready",
    "gatewatch_phase_done",
    "gatewatch_phase_paths",
    "gatewatch_group_agents",
    "gatewatch_agent_paths",
    "gatewatch_host_info",
    "gatewatch_probe_up",
    "gatewatch_probe_last_seen_timestamp_seconds",
    "gatewatch_probe_spooled_results",
    "gatewatch_probe_loop_lag_seconds",
    "gatewatch_probe_late_checks_total",
    "gatewatch_probe_dropped_results_total",
    "gatewatch_probe_spool_durable",
    "gatewatch_probe_clock_skew_seconds",
    "gatewatch_agent_probes",
    "gatewatch_waiver_end_timestamp_seconds",
    "gatewatch_path_in_doubt",
    "gatewatch_path_flapping",
    "gatewatch_agent_paths_watched",
    "gatewatch_agents_broken",
    "gatewatch_host_maintained",
}
"""The names are a contract: rules and dashboards of operators rest on them."""

SEEN = Observation(
    outcome=Outcome.OPEN,
    answered_by=AnsweredBy.HTTPS,
    rtt_seconds=0.0004,
    stages=StageTimes(connect=0.0019),
    certificate=Certificate(der=b"", sha256="ab12", not_after=datetime(2027, 1, 31, tzinfo=UTC)),
)


def full() -> Estate:
    """An estate of which every metric has something to say, in whatever characters."""
    odd_site = INVENTORY.replace("site: office", r'site: "a \"b\" \\ c\nd é"')
    waived_path = '  - {path: "console-backend:con-02>be-01:*", reason: x, until: 2026-11-30}\n'
    estate = started(odd_site + waived_path)
    turn(estate, {CONSOLE: SEEN, SYSLOG: REFUSED})
    return estate


def connects() -> ConnectTimes:
    times = ConnectTimes()
    times.apply(times.after([(["console-backend"], SEEN)]))
    return times


def of_this_process() -> str:
    metrics = SelfMetrics("0.1.0")
    metrics.took([Counts(accepted=1)])
    metrics.refused("not-found")
    with metrics.writing(), metrics.rendering("estate"):
        pass
    return metrics.page().decode()


def estate_text(*, per_agent: bool = False) -> str:
    return page(full(), 10, connects(), per_agent=per_agent)


def families(text: str) -> list[Metric]:
    return list(text_string_to_metric_families(text))


def described(text: str) -> set[Documented]:
    """Tell of each family what the documentation tells."""
    return {
        Documented(
            f"{one.name}_total" if one.type == "counter" else one.name,
            one.type,
            frozenset(label for sample in one.samples for label in sample.labels) - {"le"},
        )
        for one in families(text)
    }


def test_the_names_are_as_agreed() -> None:
    assert sorted(names(estate_text())) == sorted(OF_THE_ESTATE)


def test_every_metric_of_the_estate_is_documented_with_its_type_and_labels() -> None:
    assert described(estate_text()) == documented("/metrics/estate")


def test_every_metric_of_the_process_is_documented_with_its_type_and_labels() -> None:
    own = {one for one in described(of_this_process()) if not one.name.startswith("process_")}

    assert own == documented("/metrics/self")


def test_agents_one_by_one_bring_no_name_of_their_own() -> None:
    assert names(estate_text(per_agent=True)) == names(estate_text())


def test_no_family_and_no_series_comes_twice() -> None:
    text = estate_text(per_agent=True) + of_this_process()

    lines = [line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) == len(set(lines))
    assert len(names(text)) == len(set(names(text)))


def test_the_histogram_of_connects_is_on_the_page() -> None:
    (found,) = (one for one in families(estate_text()) if one.type == "histogram")

    counts = {s.labels.get("le", s.name): s.value for s in found.samples}
    assert counts["0.001"] == 0
    assert counts["0.0025"] == counts["+Inf"] == 1
    assert counts["gatewatch_flow_connect_seconds_count"] == 1
    assert counts["gatewatch_flow_connect_seconds_sum"] == 0.0019


def test_rendering_changes_nothing() -> None:
    estate = full()
    before = estate.memory

    first, second = page(estate, 10), page(estate, 10)

    assert first == second
    assert estate.memory == before


def test_a_page_of_an_empty_estate_is_a_page_all_the_same() -> None:
    nobody = (
        'migration: {name: a, from: "2.6", to: "2.7.1"}\nhosts: {x: {address: 10.0.0.1, roles: []}}'
    )

    text = page(started(nobody))

    assert {one.name for one in families(text)} >= {"gatewatch_phase_current"}


@pytest.mark.needs("promtool")
@pytest.mark.parametrize("per_agent", [False, True])
def test_promtool_has_nothing_to_say(per_agent: bool) -> None:
    text = estate_text(per_agent=per_agent)

    assert complaints(text) == ""
    assert complaints(of_this_process() + text) == ""


def test_the_parser_of_the_client_library_reads_the_same_numbers() -> None:
    text = estate_text()

    read = [sample for family in families(text) for sample in family.samples]

    assert len(read) == sum(not line.startswith("#") for line in text.splitlines())
    assert any(sample.labels.get("src_site") == 'a "b" \\ c\nd é' for sample in read)

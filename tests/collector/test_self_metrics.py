import pytest
from prometheus_client.parser import text_string_to_metric_families

from collector.memory import Counts
from collector.self_metrics import SelfMetrics
from tests.collector.metrics.promtool import complaints


def used() -> SelfMetrics:
    metrics = SelfMetrics("0.1.0")
    metrics.took([Counts(accepted=3, old=1, clamped=2), Counts()])
    metrics.refused("foreign-path")
    with metrics.writing(), metrics.rendering("estate"):
        pass
    return metrics


def samples(metrics: SelfMetrics) -> dict[str, float]:
    return {
        " ".join([one.name, *one.labels.values()]): one.value
        for family in text_string_to_metric_families(metrics.page().decode())
        for one in family.samples
    }


def test_reports_and_the_fate_of_their_results_are_counted() -> None:
    found = samples(used())

    assert found["gatewatch_collector_reports_total"] == 2
    assert {name: value for name, value in found.items() if "results_total" in name} == {
        "gatewatch_collector_results_total accepted": 3,
        "gatewatch_collector_results_total dropped": 0,
        "gatewatch_collector_results_total old": 1,
        "gatewatch_collector_results_total clamped": 2,
    }


def test_refusals_are_counted_by_their_problem() -> None:
    assert samples(used())["gatewatch_collector_refusals_total foreign-path"] == 1


def test_writes_and_scrapes_are_timed() -> None:
    found = samples(used())

    assert found["gatewatch_collector_store_seconds_count"] == 1
    assert found["gatewatch_collector_scrape_seconds_count estate"] == 1


def test_a_write_that_fails_is_timed_too() -> None:
    metrics = SelfMetrics("0.1.0")

    with pytest.raises(OSError, match="full"), metrics.writing():
        raise OSError("full")

    assert samples(metrics)["gatewatch_collector_store_seconds_count"] == 1


def test_a_scrape_that_fails_is_timed_too() -> None:
    metrics = SelfMetrics("0.1.0")

    with pytest.raises(ZeroDivisionError), metrics.rendering("estate"):
        raise ZeroDivisionError

    assert samples(metrics)["gatewatch_collector_scrape_seconds_count estate"] == 1


def test_two_collectors_of_one_process_count_for_themselves() -> None:
    one, other = used(), SelfMetrics("0.1.0")

    assert samples(one)["gatewatch_collector_reports_total"] == 2
    assert samples(other)["gatewatch_collector_reports_total"] == 0


def test_who_waits_is_a_number_that_goes_up_and_down() -> None:
    metrics = SelfMetrics("0.1.0")

    metrics.long_polls.inc()
    metrics.long_polls.inc()
    metrics.long_polls.dec()

    assert samples(metrics)["gatewatch_collector_long_polls"] == 1


def test_it_says_which_release_runs() -> None:
    assert samples(used())["gatewatch_collector_build_info 0.1.0"] == 1


def test_no_series_tells_when_a_counter_began() -> None:
    assert not [name for name in samples(used()) if "_created" in name]


@pytest.mark.needs("promtool")
def test_promtool_has_nothing_to_say() -> None:
    assert complaints(used().page().decode()) == ""

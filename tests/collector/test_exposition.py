import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from collector.exposition import Type, family, histogram, labels, number
from tests.collector.metrics.promtool import complaints

INFINITE = float("inf")
VALUES = st.text(st.characters(exclude_categories=["Cs"]))
"""Any text that UTF-8 can write."""


def test_a_family_stands_below_its_help_and_type() -> None:
    text = family("x_ok", Type.GAUGE, "Whether.", [("", True), (labels({"a": 1}), 0.25)])

    assert text == '# HELP x_ok Whether.\n# TYPE x_ok gauge\nx_ok 1\nx_ok{a="1"} 0.25\n'


def test_a_family_without_series_says_nothing() -> None:
    assert family("x_ok", Type.GAUGE, "Whether.", []) == ""
    assert histogram("x_seconds", "How long.", []) == ""


def test_labels_stand_in_the_order_given() -> None:
    assert labels({"b": "2", "a": "1"}) == '{b="2",a="1"}'
    assert labels({}) == ""


def test_quotes_backslashes_and_new_lines_are_escaped() -> None:
    assert labels({"site": 'a"b\\c\nd'}) == r'{site="a\"b\\c\nd"}'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1, "1"),
        (True, "1"),
        (0.0, "0"),
        (0.25, "0.25"),
        (1795443374.5, "1795443374.5"),
        (INFINITE, "inf"),
        (-INFINITE, "-inf"),
    ],
)
def test_a_value_is_written_as_short_as_it_is(value: float, written: str) -> None:
    assert number(value) == written


def test_a_value_that_is_no_number_is_written_all_the_same() -> None:
    assert math.isnan(float(number(math.nan)))


def test_a_histogram_is_written_with_its_buckets_sum_and_count() -> None:
    text = histogram("x_seconds", "How long.", [({"flow": "sql"}, {0.5: 1, INFINITE: 3}, 2.75)])

    assert text.splitlines() == [
        "# HELP x_seconds How long.",
        "# TYPE x_seconds histogram",
        'x_seconds_bucket{flow="sql",le="0.5"} 1',
        'x_seconds_bucket{flow="sql",le="+Inf"} 3',
        'x_seconds_sum{flow="sql"} 2.75',
        'x_seconds_count{flow="sql"} 3',
    ]


@given(VALUES, VALUES)
def test_any_label_value_survives(one: str, other: str) -> None:
    text = family("x_ok", Type.GAUGE, "Whether.", [(labels({"a": one, "b": other}), 1)])

    (parsed,) = text_string_to_metric_families(text)

    assert [sample.labels for sample in parsed.samples] == [{"a": one, "b": other}]


@given(st.floats(allow_nan=False))
def test_any_value_survives(value: float) -> None:
    text = family("x_ok", Type.GAUGE, "Whether.", [("", value)])

    (parsed,) = text_string_to_metric_families(text)

    assert [sample.value for sample in parsed.samples] == [value]


@pytest.mark.needs("promtool")
def test_prometheus_itself_reads_the_odd_values() -> None:
    samples = [(labels({"a": 'q"\\\n}, '}), INFINITE), (labels({"a": "nan"}), math.nan)]
    text = family("x_ok", Type.GAUGE, "Whether.", samples)

    assert complaints(text) == ""

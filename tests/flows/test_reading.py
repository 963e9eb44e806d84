"""Files read in one pass: every problem with its line, its path and a remedy."""

import pytest

from flows.errors import Refused
from flows.reading import (
    Fields,
    Reading,
    Unfit,
    Value,
    attempt,
    did_you_mean,
    kind_of,
    nearest,
    open_text,
)
from flows.scalars import port, text
from flows.yamltext import Mapping, Scalar, Sequence


def opened(yaml: str) -> Value:
    return open_text(yaml, "a.yaml")


def problems_of(value: Value) -> list[str]:
    return [str(problem) for problem in value.reading.problems]


def unfit(value: Value) -> str:
    raise Unfit(f"nothing fits {value.path or 'here'}")


def test_a_file_without_problems_is_finished_in_peace() -> None:
    opened("a: 1").reading.finish()


def test_a_file_with_problems_is_refused_with_all_of_them() -> None:
    root = opened("a: 1\nb: 2\n")
    fields = root.fields(("a",))
    fields.optional("a", unfit, "")

    with pytest.raises(Refused) as refused:
        root.reading.finish()

    assert str(refused.value) == "a.yaml:1: a: nothing fits a\na.yaml:2: b: unknown key"


def test_what_composing_found_is_not_forgotten() -> None:
    root = opened("a: 1\na: 2\n")

    assert problems_of(root) == ["a.yaml:2: a: duplicate key, first on line 1"]


def test_an_unknown_key_is_noted_on_its_own_line_with_the_nearest_known_one() -> None:
    root = opened("colour: 1\nshap: 2\nxyz: 3\n")

    root.fields(("color", "shape"))

    assert problems_of(root) == [
        "a.yaml:1: colour: unknown key (did you mean 'color'?)",
        "a.yaml:2: shap: unknown key (did you mean 'shape'?)",
        "a.yaml:3: xyz: unknown key",
    ]


def test_a_required_key_that_is_not_there_is_noted_and_its_fallback_read() -> None:
    root = opened("a: {b: 1}\n")
    inner = Value(root.fields(("a",)).at("a").node, "a", root.reading)

    found = inner.fields(("b", "c")).required("c", text, "fallback")

    assert (found, problems_of(root)) == ("fallback", ["a.yaml:1: a.c: is required"])


def test_an_optional_key_has_its_default() -> None:
    fields = opened("a: 1\n").fields(("a", "b"))

    assert (fields.optional("a", port, 9), fields.optional("b", port, 9)) == (1, 9)


def test_a_key_is_there_or_not() -> None:
    fields = opened("a: 1\n").fields(("a", "b"))

    assert ("a" in fields, "b" in fields) == (True, False)


def test_what_should_be_a_mapping_and_is_none_is_one_problem() -> None:
    root = opened("- a\n")

    fields = root.fields(("a", "b"))

    assert fields.required("a", text, "fallback") == "fallback"
    assert problems_of(root) == ["a.yaml:1: a mapping is needed, not a list"]


def test_a_key_can_be_refused_on_its_own_line() -> None:
    root = opened("a:\n  b:\n    - 1\n")
    inner = root.fields(("a",)).at("a")

    inner.fields(("b",)).refuse("b", "not here")
    inner.refuse_key("b", "nor there")
    root.refuse_key("a", "nor this")
    inner.fields(("b",)).at("b").refuse_key("c", "for a list has no keys")

    assert problems_of(root) == [
        "a.yaml:2: a.b: not here",
        "a.yaml:2: a.b: nor there",
        "a.yaml:1: a: nor this",
        "a.yaml:3: a.b.c: for a list has no keys",
    ]


def test_items_and_entries_know_their_path() -> None:
    root = opened("a: [x, {b: y}]\n")
    items = list(root.fields(("a",)).at("a").items())

    assert [item.path for item in items] == ["a[0]", "a[1]"]
    assert [(key, entry.path) for key, entry in items[1].entries()] == [("b", "a[1].b")]
    assert [(key, entry.path) for key, entry in root.entries()] == [("a", "a")]


def test_items_need_a_list_and_entries_a_mapping() -> None:
    root = opened("a: 1\n")

    with pytest.raises(Unfit, match="a list is needed, not a mapping"):
        list(root.items())
    with pytest.raises(Unfit, match="a mapping is needed, not '1'"):
        list(root.fields(("a",)).at("a").entries())


def test_the_items_of_what_was_refused_before_are_none() -> None:
    fields = opened("a: 1\nb: [x]\n").fields(("a", "b"))

    assert [len(list(fields.items(key))) for key in "ab"] == [0, 1]


def test_an_attempt_goes_on_with_its_fallback() -> None:
    value = opened("a")

    assert attempt(value, unfit, "fallback") == "fallback"
    assert attempt(value, text, "fallback") == "a"
    assert problems_of(value) == ["a.yaml:1: nothing fits here"]


def test_a_misspelt_word_is_likely_the_nearest() -> None:
    assert nearest("agnet", ["backend", "agent", "console"]) == "agent"
    assert nearest("mailer", ["backend", "agent"]) is None
    assert did_you_mean("agnet", ["agent"]) == " (did you mean 'agent'?)"
    assert did_you_mean("mailer", ["agent"]) == ""


def test_names_are_suggested_while_the_problems_are_few() -> None:
    reading = Reading("a.yaml")
    hints = []

    for line in range(60):
        hints.append(reading.did_you_mean("pc-1", ["pc-01"]))
        reading.refuse(line, "", "unknown host 'pc-1'")

    assert hints == [" (did you mean 'pc-01'?)"] * 50 + [""] * 10


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        (Mapping(1, {}, {}), "a mapping"),
        (Sequence(1, []), "a list"),
        (Scalar(1, "", quoted=False), "null"),
        (Scalar(1, "~", quoted=False), "null"),
        (Scalar(1, "~", quoted=True), "'~'"),
        (Scalar(1, "", quoted=True), "''"),
        (Scalar(1, "a", quoted=False), "'a'"),
    ],
)
def test_a_node_is_named_for_messages(node: Mapping | Sequence | Scalar, kind: str) -> None:
    assert kind_of(node) == kind


def test_fields_may_be_made_of_any_value() -> None:
    root = opened("a: 1\n")

    assert Fields(root, ("a",)).at("a").path == "a"

"""YAML as its author typed it: lines, quotes, and what is refused."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from flows import yamltext
from flows.errors import Refused
from flows.yamltext import Mapping, Node, Scalar, Sequence, compose
from tests.flows.plan_tables import DATA


def composed(text: str) -> Node:
    root, problems = compose(text, "a.yaml")
    assert problems == []
    return root


def problems_of(text: str) -> list[str]:
    _, problems = compose(text, "a.yaml")
    return [str(problem) for problem in problems]


def refusal_of(text: str) -> str:
    with pytest.raises(Refused) as refused:
        compose(text, "a.yaml")
    return str(refused.value)


def test_every_node_knows_its_line() -> None:
    root = composed("# remark\na:\n  - one\n  - two\nb: {c: three}\n")

    assert root == Mapping(
        2,
        {
            "a": Sequence(3, [Scalar(3, "one", quoted=False), Scalar(4, "two", quoted=False)]),
            "b": Mapping(5, {"c": Scalar(5, "three", quoted=False)}, {"c": 5}),
        },
        {"a": 2, "b": 5},
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.10", Scalar(1, "2.10", quoted=False)),
        ('"2.10"', Scalar(1, "2.10", quoted=True)),
        ("'no'", Scalar(1, "no", quoted=True)),
        ("no", Scalar(1, "no", quoted=False)),
        ("|\n  two\n  lines", Scalar(1, "two\nlines", quoted=True)),
        ("2027-01-31", Scalar(1, "2027-01-31", quoted=False)),
    ],
)
def test_a_value_is_kept_as_it_was_typed(text: str, expected: Scalar) -> None:
    assert composed(text) == expected


def test_an_empty_value_is_an_empty_scalar() -> None:
    assert composed("a:") == Mapping(1, {"a": Scalar(1, "", quoted=False)}, {"a": 1})


def test_an_alias_stands_for_its_anchor() -> None:
    root = composed("a: &x [1]\nb: *x\n")

    assert isinstance(root, Mapping)
    assert root.entries["a"] is root.entries["b"]


def test_a_later_anchor_of_the_same_name_wins() -> None:
    root = composed("a: &x 1\nb: &x 2\nc: *x\n")

    assert isinstance(root, Mapping)
    assert root.entries["c"] == Scalar(2, "2", quoted=False)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3\n", ["a.yaml:3: a: duplicate key, first on line 1"]),
        ("a: {b: 1, b: 2}\n", ["a.yaml:1: a.b: duplicate key, first on line 1"]),
        ("a: 1\n---\nb: 2\n", ["a.yaml:3: a second document; one file holds one"]),
        ("a: !!str 1\n", ["a.yaml:1: a: a YAML tag has no meaning here; remove it"]),
        ("!x a: [!y 1]\n", [
            "a.yaml:1: a: a YAML tag has no meaning here; remove it",
            "a.yaml:1: a[0]: a YAML tag has no meaning here; remove it",
        ]),
        ("!!map\na: 1\n", ["a.yaml:1: a YAML tag has no meaning here; remove it"]),
        ("? [a]\n: {b: 1}\n? {c: d}\n: 1\n", [
            "a.yaml:1: a key must be a plain word",
            "a.yaml:3: a key must be a plain word",
        ]),
    ],
)  # fmt: skip
def test_what_can_be_read_in_spite_of_a_fault_is_read(text: str, problems: list[str]) -> None:
    assert sorted(problems_of(text)) == problems


def test_of_a_repeated_key_the_first_counts() -> None:
    root, _ = compose("a: 1\na: 2\n", "a.yaml")

    assert isinstance(root, Mapping)
    assert root.entries == {"a": Scalar(1, "1", quoted=False)}


def test_an_exclamation_mark_alone_is_no_tag() -> None:
    assert composed("! a") == Scalar(1, "a", quoted=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.yaml:1: the file is empty"),
        ("# only a remark\n", "a.yaml:1: the file is empty"),
        ("a: [\n", "a.yaml:2: not YAML: did not find expected node content"),
        ("a: b: c", "a.yaml:1: not YAML: mapping values are not allowed in this context"),
        ("%YAML 9.9\n---\na", "a.yaml:1: not YAML: found incompatible YAML document"),
        ("é: 1\nb: \x07\n", "a.yaml:2: not YAML: the character U+0007 has no place in it"),
        ("a: 1\nb: \ud800\n", "a.yaml:2: not YAML: the character U+D800 has no place in it"),
        ("a: *b", "a.yaml:1: a: unknown alias '*b'"),
        ("a: &b [*b]", "a.yaml:1: a[0]: unknown alias '*b'"),
        ("a: 1\na: 2\nb: *c", "a.yaml:2: a: duplicate key, first on line 1\n"
         "a.yaml:3: b: unknown alias '*c'"),
    ],
)  # fmt: skip
def test_what_cannot_be_composed_is_refused(text: str, message: str) -> None:
    assert refusal_of(text) == message


def test_24_levels_are_deep_enough() -> None:
    assert isinstance(composed("[" * 24 + "]" * 24), Sequence)
    assert refusal_of("[" * 26 + "]" * 26) == (
        "a.yaml:1: " + "[0]" * 25 + ": nested deeper than 24 levels"
    )


def test_a_bottomless_file_is_refused_at_once() -> None:
    assert "nested deeper than 24 levels" in refusal_of("[" * 900)


def is_read_or_refused(text: str) -> bool:
    """Tell whether composing ends as it should; whatever else is raised fails the test."""
    try:
        root, _ = compose(text, "a.yaml")
    except Refused as refused:
        return bool(refused.problems)
    return root.line >= 1


@given(st.text())
@example("\ufeffa: b")
@example("a: b\x85")
@example("? ")
@example("&a b: *a")
@example("--- a\n--- *b")
def test_any_text_is_read_or_refused(text: str) -> None:
    assert is_read_or_refused(text)


WORDS = "a|: |- |\n|  |[|]|{|}|, |&x |*x|!t |\"|'|#|? |>\n|---\n|...\n|<<: |%|~|2.10|\t|é"


@given(st.lists(st.sampled_from(WORDS.split("|")), max_size=40).map("".join))
def test_any_text_that_looks_like_yaml_is_read_or_refused(text: str) -> None:
    assert is_read_or_refused(text)


def test_without_libyaml_an_inventory_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DATA / "design.yaml").read_text(encoding="utf-8")
    fast = compose(text, "design.yaml")

    monkeypatch.setattr(yamltext, "_LOADER", yaml.SafeLoader)

    assert compose(text, "design.yaml") == fast


def test_without_libyaml_an_unfit_character_is_refused_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(yamltext, "_LOADER", yaml.SafeLoader)

    assert refusal_of("a: 1\nb: \x07\n") == (
        "a.yaml:2: not YAML: the character U+0007 has no place in it"
    )

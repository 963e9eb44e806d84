"""Single values: what a text in a file means, or why it means nothing."""

from collections.abc import Callable
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.reading import Unfit, Value, open_text
from flows.scalars import (
    address,
    duration,
    flag,
    list_of,
    name,
    number,
    one_of,
    port,
    size,
    text,
    word_of,
)


class Fruit(StrEnum):
    """A closed vocabulary."""

    APPLE = "apple"
    PEAR = "pear"


def value_of(yaml: str) -> Value:
    """Read the value of the one key of a file."""
    return next(open_text(f"key: {yaml}\n", "a.yaml").entries())[1]


def refusal_of(read: Callable[[Value], object], yaml: str) -> str:
    with pytest.raises(Unfit) as unfit:
        read(value_of(yaml))
    return str(unfit.value)


NULL = "null is refused; give a value or remove the key"
READERS = [word_of, text, name, flag, number(1, 9), port, one_of(Fruit, "fruit"), address]
READERS += [duration, size]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("null", ["", "~", "null", "Null", "NULL"])
def test_null_is_refused_everywhere(read: Callable[[Value], object], null: str) -> None:
    assert refusal_of(read, null) == NULL


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(("yaml", "kind"), [("[a]", "a list"), ("{a: b}", "a mapping")])
def test_one_value_is_not_several(read: Callable[[Value], object], yaml: str, kind: str) -> None:
    assert refusal_of(read, yaml) == f"one value is needed, not {kind}"


@pytest.mark.parametrize("yaml", ['"null"', '"~"', "nul"])
def test_a_quoted_null_is_a_word(yaml: str) -> None:
    assert word_of(value_of(yaml)) == yaml.strip('"')


@pytest.mark.parametrize(
    "yaml", ["dc1", '"12"', "'no'", '"2.10"', "2.7.1", "a b", "2027-01-31", "10.0.0.1", "1a", "on2"]
)
def test_text_is_taken_as_it_stands(yaml: str) -> None:
    assert text(value_of(yaml)) == yaml.strip("\"'")


@pytest.mark.parametrize(
    "yaml",
    [
        *(
            "2.10",
            "12",
            "-1",
            "+1",
            "1_000",
            "0x1F",
            "1e3",
            "1.5e-3",
            "1.",
            ".5",
            "12:30",
            "1:2:3.4",
        ),
        *("true", "False", "YES", "no", "On", "off", "y", "N", ".inf", "-.Inf", ".NaN"),
    ],
)
def test_what_yaml_would_not_take_for_text_must_be_quoted(yaml: str) -> None:
    assert refusal_of(text, yaml) == f'text is needed; quote it: "{yaml}"'


@pytest.mark.parametrize("yaml", ['""', '"  "'])
def test_text_says_something(yaml: str) -> None:
    assert refusal_of(text, yaml) == "text is needed, not an empty string"


@pytest.mark.parametrize("word", ["a", "A1", "pc-001", "0", "a" * 63, "a--b"])
def test_a_name_has_letters_digits_and_inner_hyphens(word: str) -> None:
    assert name(value_of(word)) == word


@pytest.mark.parametrize("word", ["-a", "a-", "a_b", "a.b", "a" * 64, '"a b"', "é", '"a\\n"'])
def test_anything_else_is_no_name(word: str) -> None:
    assert "is not a name (letters, digits and inner hyphens, at most 63)" in refusal_of(name, word)


@pytest.mark.parametrize(("yaml", "expected"), [("true", True), ("false", False)])
def test_a_flag_is_true_or_false(yaml: str, expected: bool) -> None:
    assert flag(value_of(yaml)) is expected


@pytest.mark.parametrize("yaml", ["yes", "True", '"true"', "1"])
def test_other_words_are_no_flag(yaml: str) -> None:
    word = yaml.strip('"')

    assert refusal_of(flag, yaml) == f"true or false is needed, not '{word}'"


def test_a_number_is_whole_and_in_its_range() -> None:
    read = number(-1, 9)

    assert [read(value_of(yaml)) for yaml in ("-1", "0", "9")] == [-1, 0, 9]
    assert refusal_of(read, "10") == "10 is not between -1 and 9"
    assert refusal_of(read, "-2") == "-2 is not between -1 and 9"


@pytest.mark.parametrize("yaml", ["1.5", '"1"', "one", "1_0", "\uff11", "9" * 30])
def test_anything_else_is_no_whole_number(yaml: str) -> None:
    word = yaml.strip('"')

    assert refusal_of(number(0, 9), yaml) == f"a whole number is needed, not '{word}'"


@pytest.mark.parametrize("yaml", ["1", "443", "65535"])
def test_a_port_is_between_1_and_65535(yaml: str) -> None:
    assert port(value_of(yaml)) == int(yaml)


@pytest.mark.parametrize("yaml", ["0", "65536", "70000", "-1", '"443"', "https", "4.5", "9" * 30])
def test_anything_else_is_no_port(yaml: str) -> None:
    word = yaml.strip('"')

    assert refusal_of(port, yaml) == f"'{word}' is not a port (1 to 65535)"


def test_a_word_of_a_vocabulary_may_be_misspelt() -> None:
    read = one_of(Fruit, "fruit")

    assert read(value_of("pear")) is Fruit.PEAR
    assert refusal_of(read, "aple") == "unknown fruit 'aple' (did you mean 'apple'?)"
    assert refusal_of(read, "stone") == "unknown fruit 'stone' (one of apple, pear)"


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("10.1.0.11", "10.1.0.11"),
        ('"fd00::0:1"', "fd00::1"),
        ('"[fd00::1]"', "fd00::1"),
        ("be-02.acme.example", "be-02.acme.example"),
        ("be-02.acme.example.", "be-02.acme.example."),
        ("BE-02.Acme.example", "be-02.acme.example"),
        ("localhost", "localhost"),
        ("_ldap._tcp.acme", "_ldap._tcp.acme"),
        ("1.acme", "1.acme"),
        ("1a", "1a"),
    ],
)
def test_an_address_is_an_ip_literal_or_a_dns_name(yaml: str, expected: str) -> None:
    assert address(value_of(yaml)) == expected


@pytest.mark.parametrize(
    "yaml",
    ["10.1", "10.1.0.300", "acme.1", "1", "a..b", "-a", "a-", "a b", '"[be-01]"', "a" * 64, '"."'],
)
def test_anything_else_is_no_address(yaml: str) -> None:
    word = yaml.strip('"')

    assert refusal_of(address, yaml) == f"'{word}' is neither an IP address nor a DNS name"


def test_a_dns_name_has_at_most_253_characters() -> None:
    longest = ".".join(["a" * 49] * 5) + ".abc"

    assert (len(longest), address(value_of(longest))) == (253, longest)
    assert "neither" in refusal_of(address, "a" + longest)


@pytest.mark.parametrize(
    ("yaml", "seconds"),
    [
        ("15s", 15.0),
        ("500ms", 0.5),
        ("2m", 120.0),
        ("24h", 86400.0),
        ("1.5s", 1.5),
        ("1d", 86400.0),
    ],
)
def test_a_duration_has_a_unit(yaml: str, seconds: float) -> None:
    assert duration(value_of(yaml)) == seconds


@pytest.mark.parametrize("yaml", ["15", "s", "-1s", "1w", "1 s", "1.2345s"])
def test_anything_else_is_no_duration(yaml: str) -> None:
    assert refusal_of(duration, yaml) == f"'{yaml}' is not a duration such as 15s or 24h"


@pytest.mark.parametrize(
    ("yaml", "octets"),
    [("512", 512), ("512B", 512), ("1KiB", 1024), ("64MiB", 67108864), ("2GiB", 2147483648)],
)
def test_a_size_may_have_a_unit(yaml: str, octets: int) -> None:
    assert size(value_of(yaml)) == octets


@pytest.mark.parametrize("yaml", ["64MB", "-1", "1.5MiB", "MiB"])
def test_anything_else_is_no_size(yaml: str) -> None:
    assert refusal_of(size, yaml) == f"'{yaml}' is not a size such as 64MiB"


def test_of_a_list_the_good_items_are_kept_and_the_bad_ones_noted() -> None:
    value = value_of("[1, x, 3, 70000]")

    assert list_of(port)(value) == (1, 3)
    assert [str(problem) for problem in value.reading.problems] == [
        "a.yaml:1: key[1]: 'x' is not a port (1 to 65535)",
        "a.yaml:1: key[3]: '70000' is not a port (1 to 65535)",
    ]


def test_a_single_value_is_no_list() -> None:
    assert refusal_of(list_of(port), "443") == "a list is needed, not '443'"


@given(st.text(st.characters(codec="ascii", exclude_characters='"\\', exclude_categories=["C"])))
def test_every_reader_takes_any_text_or_says_why_not(word: str) -> None:
    for read in READERS:
        try:
            read(value_of(f'"{word}"'))
        except Unfit as unfit:
            reason = str(unfit)
            assert reason

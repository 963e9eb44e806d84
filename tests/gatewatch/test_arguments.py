import argparse

import pytest

from flows.phases import PHASES, Phase
from gatewatch.arguments import Parser, add_connection, add_glob, add_phase, phase_of


def test_a_wrong_command_line_exits_3_and_shows_the_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = Parser(prog="gatewatch thing")

    with pytest.raises(SystemExit) as left:
        parser.parse_args(["--nonsense"])

    assert left.value.code == 3
    assert capsys.readouterr().err == (
        "usage: gatewatch thing [-h]\ngatewatch thing: unrecognized arguments: --nonsense\n"
    )


@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_is_known_by_its_name(phase: Phase) -> None:
    assert phase_of(phase.value) is phase


def test_an_unknown_phase_gets_a_suggestion_or_the_list() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"did you mean 'prepare'\?"):
        phase_of("prepar")
    with pytest.raises(argparse.ArgumentTypeError, match="one of baseline, prepare, backoffice"):
        phase_of("x")


def test_options_are_not_abbreviated() -> None:
    parser = Parser()
    add_phase(parser, "which")

    with pytest.raises(SystemExit):
        parser.parse_args(["--pha", "prepare"])


def test_a_glob_may_be_repeated_and_is_not_shared_between_parses() -> None:
    parser = Parser()
    add_glob(parser, "--flow", "flows")

    assert parser.parse_args(["--flow", "a*", "--flow", "b"]).flow == ["a*", "b"]
    assert parser.parse_args([]).flow == []


@pytest.mark.parametrize(
    "words", [["--collector", "http://c:1", "set"], ["set", "--collector", "http://c:1"]]
)
def test_the_collector_may_be_named_before_or_after_a_verb(words: list[str]) -> None:
    parser = Parser()
    add_connection(parser)
    add_connection(parser.add_subparsers(dest="verb").add_parser("set"), nested=True)

    arguments = parser.parse_args(words)

    assert (arguments.verb, arguments.collector, arguments.format) == ("set", "http://c:1", "table")

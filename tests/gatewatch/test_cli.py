import subprocess
import sys
from importlib.metadata import version

import pytest

from flows.errors import UsageError
from gatewatch import cli
from gatewatch.cli import COMMANDS, build_parser, main
from gatewatch.exit_codes import ExitCode
from tests.gatewatch.running import ROOT


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_has_a_sentence_the_exit_codes_and_examples(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([name, "--help"])

    said = capsys.readouterr().out
    assert code == ExitCode.OK
    assert COMMANDS[name] in " ".join(said.split())
    assert "exit codes:" in said
    assert f"gatewatch {name}" in said.split("examples:")[1]


def test_the_help_of_all_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--help"])

    said = capsys.readouterr().out
    assert code == ExitCode.OK
    assert all(f"\n    {name} " in said or f"\n    {name}\n" in said for name in COMMANDS)


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == ExitCode.OK
    assert capsys.readouterr().out == f"gatewatch {version('gatewatch')}\n"


def test_without_words_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == ExitCode.USAGE
    assert "commands:" in capsys.readouterr().err


def test_an_unknown_command_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrx"]) == ExitCode.USAGE
    assert "unknown command 'matrx' (did you mean 'matrix'?)" in capsys.readouterr().err


def test_what_a_command_cannot_do_is_said_in_its_sentence_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: list[str]) -> int:
        raise UsageError("no such \x1b[31mhost")

    monkeypatch.setattr(cli, "_run", refuse)

    assert main(["plan"]) == ExitCode.USAGE
    assert capsys.readouterr().err == "gatewatch: no such \\x1b[31mhost\n"


def test_a_fault_of_our_own_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_: list[str]) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "_run", break_down)

    with pytest.raises(ZeroDivisionError):
        main(["plan"])


def test_only_the_chosen_command_gets_its_arguments() -> None:
    parser = build_parser("plan")

    assert parser.parse_args(["plan", "-i", "x"]).inventory == "x"
    with pytest.raises(SystemExit):
        parser.parse_args(["check", "-i", "x"])


def test_the_front_door_loads_nothing_heavy() -> None:
    program = (
        "import sys; from gatewatch.cli import main; main(['--version']);"
        " sys.exit(len({'rich', 'aiohttp', 'asyncio', 'ssl'} & set(sys.modules)))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )

    assert ran.returncode == 0


@pytest.mark.parametrize("words", [("host", "set"), ("inventory", "apply"), ("phase", "set")])
def test_help_of_a_verb_has_the_exit_codes_and_examples_too(
    words: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--help"]) == 0

    said = capsys.readouterr().out
    assert "exit codes:" in said
    assert f"gatewatch {' '.join(words)}" in said.split("examples:")[1]

import pytest

from gatewatch.cli import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--once", "--auto"], "not allowed with argument"),
        (["--port", "http"], "--port"),
        (["--port", "70000"], "--port"),
        (["--port", "-1"], "--port"),
    ],
)
def test_wrong_usage_exits_3(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["demo", *words])

    assert code == 3
    assert said in capsys.readouterr().err


def test_without_the_collectors_libraries_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    code = main(["demo", "--once"])

    assert code == 3
    assert "gatewatch[collector]" in capsys.readouterr().err

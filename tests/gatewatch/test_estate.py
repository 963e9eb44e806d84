from pathlib import Path

import pytest

from flows.errors import UsageError
from flows.expansion import expand
from flows.phases import Phase
from gatewatch.estate import Selection, read_estate, read_text
from tests.gatewatch.running import DESIGN


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^cannot read .*none\.yaml: No such file or directory$"):
        read_text(str(tmp_path / "none.yaml"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^cannot read .*: Is a directory$"):
        read_text(str(tmp_path))


def test_text_must_be_utf_8(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("é".encode("latin-1"))

    with pytest.raises(UsageError, match=r"latin\.yaml is not UTF-8 text \(byte 1\)"):
        read_text(str(tmp_path / "latin.yaml"))


def test_the_mark_that_windows_editors_put_in_front_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "notepad.yaml").write_bytes(b"\xef\xbb\xbf" + DESIGN.read_bytes())

    assert read_estate(str(tmp_path / "notepad.yaml")) == read_estate(str(DESIGN))


def test_no_glob_takes_everything() -> None:
    plan = expand(read_estate(str(DESIGN)))

    assert list(Selection().of(plan)) == list(plan)


def test_a_phase_keeps_what_it_expects_anything_of() -> None:
    plan = expand(read_estate(str(DESIGN)))

    kept = list(Selection().of(plan, Phase.BASELINE))

    assert kept == list(plan.of(Phase.BASELINE))


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        (Selection(flows=("syslog-tcp",)), 3),
        (Selection(flows=("syslog-*",)), 9),
        (Selection(flows=("Syslog-*",)), 0),
        (Selection(sources=("pc-*", "siem")), 13),
        (Selection(sources=("pc-*",), destinations=("be-0[13]",)), 4),
    ],
)
def test_globs_are_case_sensitive_and_all_kinds_must_match(
    selection: Selection, count: int
) -> None:
    plan = expand(read_estate(str(DESIGN)))

    assert len(list(selection.of(plan))) == count

"""What was appended or replaced is on the disk; what could not be leaves the rest as it was."""

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.errors import GatewatchError
from probe.spool_file import NAME, SpoolFile


@pytest.fixture
def file(tmp_path: Path) -> Iterator[SpoolFile]:
    file = SpoolFile(tmp_path / "data")
    yield file
    file.close()


def content(file: SpoolFile) -> bytes:
    return (file._folder / NAME).read_bytes()


def test_folder_and_file_are_made_for_their_owner_only(file: SpoolFile) -> None:
    assert file.open() == b""

    assert stat.S_IMODE(file._folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((file._folder / NAME).stat().st_mode) == 0o600


def test_what_is_appended_stands_behind_what_was_there(file: SpoolFile) -> None:
    file.open()
    file.append(b"one")
    file.append(b"two")
    file.close()

    assert file.open() == b"onetwo"
    assert file.size == 6


def test_what_replaces_stands_alone(file: SpoolFile) -> None:
    file.open()
    file.append(b"one")
    file.replace(b"two")
    file.append(b"three")

    assert content(file) == b"twothree"
    assert not (file._folder / "spool.new").exists()


def test_a_second_probe_is_kept_out(file: SpoolFile) -> None:
    file.open()

    with pytest.raises(GatewatchError) as refused:
        SpoolFile(file._folder).open()

    assert str(refused.value) == (
        f"another probe keeps its results in {file._folder}: stop it, or name another folder"
        " (data:)"
    )


def test_a_disk_that_is_full_keeps_what_was_there(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=True)
    file = SpoolFile(disk)
    try:
        file.open()
        file.append(b"x" * 10_000)
        with pytest.raises(OSError, match="No space left on device"):
            file.append(b"y" * 200_000)
        with pytest.raises(OSError, match="No space left on device"):
            file.replace(b"z" * 200_000)
        file.append(b"!")

        assert content(file)[:10_001] == b"x" * 10_000 + b"!"
    finally:
        file.close()
        subprocess.run(["umount", str(disk)], check=True)

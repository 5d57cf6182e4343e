"""Nothing is half-written and nothing of the user's is lost."""

import errno
from pathlib import Path

import pytest

from core.errors import InputError, StageError
from core.files import file_error, free_name, make_folder, replacing, sha256_of, write_json, write_text


def test_a_failed_write_leaves_the_old_file_and_no_leftover(tmp_path: Path) -> None:
    target = tmp_path / "a.srt"
    target.write_text("old")
    with pytest.raises(RuntimeError), replacing(target) as part:
        part.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a.srt"
    with pytest.raises(InputError) as caught, replacing(target):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.code == "files.disk_full"
    assert str(target) in caught.value.message("en")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EROFS, "files.read_only"), (errno.EACCES, "files.read_only"), (errno.ENOENT, "files.missing"), (errno.ENOTDIR, "files.not_a_folder")],
)
def test_each_kind_of_trouble_has_its_code(number: int, code: str) -> None:
    assert file_error(OSError(number, "x"), Path("f")).code == code


def test_unknown_trouble_is_a_stage_error() -> None:
    assert isinstance(file_error(OSError(errno.EIO, "I/O error"), Path("f")), StageError)


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with pytest.raises(InputError) as caught:
        make_folder(tmp_path / "f" / "g")
    assert caught.value.code == "files.not_a_folder"


def test_make_folder_leaves_only_the_folder(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_text_and_json_are_utf8(tmp_path: Path) -> None:
    write_text(tmp_path / "t", "嘅\n")
    write_json(tmp_path / "j", {"字": 1})
    assert (tmp_path / "t").read_bytes() == b"\xe5\x98\x85\n"
    assert (tmp_path / "j").read_text("utf-8") == '{\n "字": 1\n}\n'


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    assert sha256_of(tmp_path / "f") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_free_name_counts_up(tmp_path: Path) -> None:
    (tmp_path / "a.srt").touch()
    (tmp_path / "a 2.srt").touch()
    assert free_name(tmp_path / "a.srt") == tmp_path / "a 3.srt"
    assert free_name(tmp_path / "b.srt") == tmp_path / "b.srt"

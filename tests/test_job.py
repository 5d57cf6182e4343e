"""The job folder: resume by fingerprint, one run at a time, the user's edits kept."""

import os
from pathlib import Path

import pytest

from core.errors import InputError
from core.job import fingerprint, job_folder_for, open_job


def test_a_finished_stage_is_known_to_the_next_run(tmp_path: Path) -> None:
    with open_job(tmp_path / "a.job", "/m/a.mov") as job:
        job.finish("plan", "f1", 0.5)
    with open_job(tmp_path / "a.job", "/m/a.mov") as job:
        assert job.finished("plan", "f1")
        assert not job.finished("plan", "f2")
        assert not job.finished("extract", "f1")


def test_a_second_run_is_turned_away(tmp_path: Path) -> None:
    with open_job(tmp_path / "a.job", "a"), pytest.raises(InputError) as caught, open_job(tmp_path / "a.job", "a"):
        pass
    assert caught.value.code == "job.busy"


def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "a.job"
    folder.mkdir()
    (folder / "audio.wav.part").write_bytes(b"half")
    with open_job(folder, "a"):
        assert not (folder / "audio.wav.part").exists()


def test_a_damaged_job_file_starts_anew(tmp_path: Path) -> None:
    folder = tmp_path / "a.job"
    folder.mkdir()
    (folder / "job.json").write_text('{"schema": "job/1", "sta')
    with open_job(folder, "a") as job:
        assert job.stages == {}


def test_our_own_file_may_be_replaced_and_an_edited_one_may_not(tmp_path: Path) -> None:
    target = tmp_path / "a.srt"
    target.write_text("ours")
    with open_job(tmp_path / "a.job", "a") as job:
        assert not job.may_replace(target)
        job.wrote(target)
        assert job.may_replace(target)
    target.write_text("edited by hand")
    with open_job(tmp_path / "a.job", "a") as job:
        assert not job.may_replace(target)
        assert job.may_replace(tmp_path / "b.srt")


def test_two_sources_of_one_name_get_two_folders(tmp_path: Path) -> None:
    first = job_folder_for(Path("/one/a.mov"), tmp_path)
    assert first == tmp_path / "a.job"
    with open_job(first, "/one/a.mov"):
        pass
    assert job_folder_for(Path("/two/a.mov"), tmp_path) == tmp_path / "a 2.job"
    assert job_folder_for(Path("/one/a.mov"), tmp_path) == first


def test_a_range_is_a_job_of_its_own(tmp_path: Path) -> None:
    source = Path("/m/a.mov")
    with open_job(job_folder_for(source, tmp_path), source) as job:
        job.asked = {"range": None, "settings": {}}
        job.save()
    assert job_folder_for(source, tmp_path, (25, 50)) == tmp_path / "a 2.job"
    with open_job(tmp_path / "a 2.job", source) as job:
        job.asked = {"range": [25, 50], "settings": {}}
        job.save()
    assert job_folder_for(source, tmp_path, (25, 50)) == tmp_path / "a 2.job"
    assert job_folder_for(source, tmp_path, (25, 51)) == tmp_path / "a 3.job"
    assert job_folder_for(source, tmp_path) == tmp_path / "a.job"


def test_a_name_is_the_first_that_is_free_or_ours(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("theirs")
    (tmp_path / "b.avid.txt").write_text("theirs")
    with open_job(tmp_path / "a.job", "a") as job:
        for _ in range(2):
            path = job.name_for(tmp_path / "a.srt")
            assert path == tmp_path / "a 2.srt"
            path.write_text("ours")
            job.wrote(path)
        path.write_text("ours, then edited")
        assert job.name_for(tmp_path / "a.srt") == tmp_path / "a 3.srt"
        assert job.name_for(tmp_path / "b.avid.txt", ".avid.txt") == tmp_path / "b 2.avid.txt"


def test_a_run_leaves_a_log(tmp_path: Path) -> None:
    with open_job(tmp_path / "a.job", "a") as job:
        log = job.path("log.txt")
    assert "run starts" in log.read_text("utf-8")


def test_fingerprints_depend_on_every_part() -> None:
    assert fingerprint("a", 1) == fingerprint("a", 1)
    assert len({fingerprint("a", 1), fingerprint("a", 2), fingerprint("a"), fingerprint("b", 1)}) == 4


def test_a_source_whose_name_is_no_utf8_keeps_its_job(tmp_path: Path) -> None:
    source = Path(os.fsdecode(b"/m/\xad\xbb.mov"))
    with open_job(job_folder_for(source, tmp_path), source) as job:
        job.finish("plan", "f1", 0.5)
    assert job_folder_for(source, tmp_path) == job.folder
    with open_job(job.folder, source) as again:
        assert again.finished("plan", "f1")

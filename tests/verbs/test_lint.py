"""`canto-beats lint` as a user meets it: exit codes, JSON, a mended file beside the source, jobs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.document import Cue, SubtitleDocument
from core.document_file import write_document
from core.files import write_json
from core.timing import FrameRate
from core.verbs.lint import lint

BAD = """1
00:00:01,000 --> 00:00:03,000
我哋今日去飲茶。

2
00:00:03,010 --> 00:00:06,500
因為疫情嘅關係我哋公司所以好多店舖都執咗
"""
CLEAN = "1\n00:00:01,000 --> 00:00:03,000\n我哋今日去飲茶\n"


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANTO_BEATS_SETTINGS", str(tmp_path_factory.mktemp("home") / "settings.toml"))
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(lint, [str(argument) for argument in arguments])


def test_a_clean_file_exits_with_0(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text(CLEAN, "utf-8")
    result = call(tmp_path / "a.srt")
    assert (result.exit_code, result.output) == (0, "1 subtitles: 0 errors, 0 warnings, 0 notes.\n")


def test_errors_exit_with_1_and_warnings_only_when_strict(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text(BAD, "utf-8")
    (tmp_path / "b.srt").write_text(CLEAN.replace("茶", "茶。"), "utf-8")
    assert call(tmp_path / "a.srt").exit_code == 1
    assert call(tmp_path / "b.srt").exit_code == 0
    assert call(tmp_path / "b.srt", "--strict").exit_code == 1


def test_json_names_each_findings_source(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text(BAD, "utf-8")
    answer = json.loads(call(tmp_path / "a.srt", "--json").stdout)
    assert (answer["cues"], answer["errors"], answer["warnings"], answer["notes"], answer["fixed"]) == (2, 2, 1, 0, None)
    assert [(one["code"], one["cue_id"], one["start_ms"], one["fixable"]) for one in answer["findings"]] == [
        ("lint.gap_lt2", "c00001", 1000, True),
        ("lint.line_end_punct", "c00001", 1000, True),
        ("lint.cpl", "c00002", 3010, True),
    ]
    assert all(one["source"] for one in answer["findings"])


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".ass"])
def test_mending_writes_a_file_beside_and_a_second_time_changes_nothing(suffix: str, tmp_path: Path) -> None:
    from core.formats import read_subtitles, write_subtitles

    (tmp_path / "a.srt").write_text(BAD, "utf-8")
    source = tmp_path / f"a{suffix}"
    if suffix != ".srt":
        write_subtitles(suffix[1:], read_subtitles(tmp_path / "a.srt"), source)
    before = source.read_bytes()
    first = json.loads(call(source, "--fix", "--json").stdout)
    assert (first["errors"], first["warnings"], first["fixed"]) == (0, 0, str(tmp_path / f"a fixed{suffix}"))
    assert source.read_bytes() == before
    again = json.loads(call(tmp_path / f"a fixed{suffix}", "--fix", "--json").stdout)
    assert (again["errors"], again["fixed"]) == (0, None)


def test_a_file_of_the_users_that_has_the_name_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text(BAD, "utf-8")
    (tmp_path / "a fixed.srt").write_text("mine", "utf-8")
    assert json.loads(call(tmp_path / "a.srt", "--fix", "--json").stdout)["fixed"] == str(tmp_path / "a fixed 2.srt")
    assert (tmp_path / "a fixed.srt").read_text("utf-8") == "mine"


def test_a_job_is_checked_with_its_cuts_and_with_what_was_said(tmp_path: Path) -> None:
    job, rate = tmp_path / "a.job", FrameRate(25)
    job.mkdir()
    spoken = SubtitleDocument((Cue("c1", 5, 60, "佢買咗部 MacBook"),), rate)
    write_document(spoken, job / "document.json")
    write_document(SubtitleDocument((Cue("c1", 5, 60, "他買了一部電腦"),), rate, register="written"), job / "document.written.json")
    write_json(job / "layout.json", {"cuts": [0]})
    told = json.loads(call(job, "--json").stdout)
    assert [one["code"] for one in told["findings"]] == ["lint.shot_in"]
    told = json.loads(call(job, "--register", "written", "--json").stdout)
    assert [one["code"] for one in told["findings"]] == ["lint.shot_in", "lint.facts_lost"]
    told = json.loads(call(job, "--fix", "--json").stdout)
    assert (told["findings"], told["fixed"]) == ([], str(job / "document fixed.json"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["no.srt"], "files.missing"),
        (["a.srt", "--preset", "tvb"], "preset.unknown"),
        (["a.srt", "--preset", "bad.toml"], "preset.unknown_limit"),
        (["a.srt", "--rate", "26"], "timing.unknown_rate"),
        ([".", "--register", "written"], "formats.unknown_register"),
    ],
)
def test_what_cannot_be_used_exits_with_2(arguments: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.srt").write_text(CLEAN, "utf-8")
    (tmp_path / "bad.toml").write_text('based_on = "bbc"\nwide = 3\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    result = call(*arguments, "--json")
    assert (result.exit_code, json.loads(result.stdout)["error"]["code"]) == (2, code)

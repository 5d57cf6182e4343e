"""Subtitles that are not drawn: streams that can be switched off, files beside the film, and which subtitles belong to which film."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import av
import pytest

from core.document import SubtitleDocument
from core.document_file import write_document
from core.errors import InputError, StageError
from core.media.burn_subs import Subtitles
from core.media.render import RenderRequest
from core.media.render_plan import Wish
from core.media.render_source import Named, find_film
from core.media.soft import add_stream, write_sidecar
from core.progress import CancelToken, no_report
from fakes.films import cues, run

from .conftest import Films

SPOKEN = cues((2, 9, "喺呢度㗎"), (12, 20, "唔係咩"))
WRITTEN = replace(cues((2, 9, "在這裡"), (12, 20, "不是嗎")), register="written")


def streams(path: Path) -> list[tuple[str, str, list[str]]]:
    """(codec, language, the texts in it) of every subtitle stream."""
    with av.open(str(path)) as film:
        found = []
        for stream in film.streams.subtitles:
            packets = [bytes(packet) for packet in film.demux(stream) if packet.size > 2]
            texts = [data[2 : 2 + int.from_bytes(data[:2], "big")] if stream.codec_context.name == "mov_text" else data for data in packets]
            found.append((stream.codec_context.name, stream.language, [text.decode() for text in texts]))
            film.seek(0)
        return found


def soft(film: Path, out: Path, subtitles: Subtitles, style: str | None = None) -> Path:
    return add_stream(RenderRequest(film, subtitles, Wish(out=out), style), no_report, CancelToken()).path


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "mov_text"), (".mov", "mov_text"), (".mkv", "srt")])
def test_text_streams(films: Films, tmp_path: Path, suffix: str, codec: str) -> None:
    made = soft(films("plain.mp4"), tmp_path / f"a{suffix}", Subtitles(WRITTEN, SPOKEN))
    found = streams(made)
    assert [(name, texts) for name, _, texts in found] == [(codec, ["在這裡", "不是嗎"]), (codec, ["喺呢度㗎", "唔係咩"])]
    if suffix != ".mov":  # QuickTime's own table of languages has no Cantonese
        assert [language for _, language, _ in found] == ["zho", "yue"]


def test_the_picture_and_the_sound_are_copied_bit_for_bit(films: Films, tmp_path: Path) -> None:
    made = soft(films("plain.mp4"), tmp_path / "a.mp4", Subtitles(SPOKEN))
    for kind in ("video", "audio"):
        packets = []
        for path in (films("plain.mp4"), made):
            with av.open(str(path)) as film:
                packets.append([bytes(packet) for packet in film.demux(getattr(film.streams, kind)[0]) if packet.size])
        assert packets[0] == packets[1]


def test_a_look_in_matroska_brings_its_font(films: Films, tmp_path: Path) -> None:
    made = soft(films("mute.mp4"), tmp_path / "a.mkv", Subtitles(WRITTEN, SPOKEN), "bilingual")
    ((codec, _, texts),) = streams(made)
    assert codec == "ssa" and len(texts) == 4
    with av.open(str(made)) as film:
        fonts = [stream.metadata.get("filename") for stream in film.streams if stream.type == "attachment"]
    assert fonts == ["CantoBeatsSansHK-Medium.otf"]


def test_where_text_cannot_go(films: Films, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        soft(films("mute.mp4"), tmp_path / "a.avi", Subtitles(SPOKEN))
    assert caught.value.code == "render.soft_container" and not list(tmp_path.iterdir())


def test_streams_that_do_not_fit_leave_nothing(films: Films, tmp_path: Path) -> None:
    odd = tmp_path / "odd.mkv"
    run("-i", str(films("mute.mp4")), "-frames:v", "3", "-c:v", "wmv2", str(odd))
    with pytest.raises(StageError) as caught:
        soft(odd, tmp_path / "a.mp4", Subtitles(SPOKEN))
    assert caught.value.code == "render.soft_failed" and [path.name for path in tmp_path.iterdir()] == ["odd.mkv"]


def test_files_beside_the_film(tmp_path: Path) -> None:
    request = RenderRequest(tmp_path / "film.mov", Subtitles(SPOKEN))
    assert [one.path.name for one in write_sidecar(request)] == ["film.srt"]
    assert [one.path.name for one in write_sidecar(request)] == ["film 2.srt"]
    both = replace(request, subtitles=Subtitles(WRITTEN, SPOKEN), wish=Wish(out=tmp_path / "x.vtt"))
    assert [one.path.name for one in write_sidecar(both)] == ["x.zh-Hant-HK.vtt", "x.yue-Hant.vtt"]
    assert "喺呢度㗎" in (tmp_path / "x.yue-Hant.vtt").read_text("utf-8")


def a_job(folder: Path, source: Path, written: bool = True) -> Path:
    """A job's folder as a run leaves it."""
    folder.mkdir()
    (folder / "job.json").write_text(json.dumps({"schema": "job/1", "input": str(source), "stages": {}, "delivered": {}}), "utf-8")
    write_document(SPOKEN, folder / "document.json")
    if written:
        write_document(WRITTEN, folder / "document.written.json")
    return folder


def texts_of(document: SubtitleDocument | None) -> list[str]:
    return [cue.text for cue in document.cues] if document else []


@pytest.mark.parametrize(
    ("register", "style", "main", "second"),
    [
        (None, None, "喺呢度㗎", None),
        ("written", None, "在這裡", None),
        ("both", None, "在這裡", "喺呢度㗎"),
        (None, "bilingual", "在這裡", "喺呢度㗎"),
    ],
)
def test_which_of_a_jobs_registers(films: Films, tmp_path: Path, register: str | None, style: str | None, main: str, second: str | None) -> None:
    job = a_job(tmp_path / "plain.job", films("plain.mp4"))
    film, found = find_film(Named(job, register=register, style=style))  # type: ignore[arg-type]
    assert film == films("plain.mp4")
    assert texts_of(found.document)[0] == main and (texts_of(found.second) or [None])[0] == second


def test_a_job_without_the_other_register(films: Films, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_film(Named(a_job(tmp_path / "plain.job", films("plain.mp4"), written=False), register="both"))
    assert caught.value.code == "formats.unknown_register"


def test_the_job_of_an_edit_names_the_way(tmp_path: Path) -> None:
    job = a_job(tmp_path / "edit.job", Path("/edits/早晨.otio"))
    with pytest.raises(InputError) as caught:
        find_film(Named(job))
    assert caught.value.code == "render.timeline_job" and f"--subs {job}" in caught.value.hint()
    film, found = find_film(Named(job), opened=False)
    assert (film, texts_of(found.document)) == (tmp_path / "edit.srt", ["喺呢度㗎", "唔係咩"])


def test_a_folder_that_is_no_job(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_film(Named(tmp_path))
    assert caught.value.code == "formats.not_a_job"


def test_a_film_needs_subtitles(films: Films) -> None:
    with pytest.raises(InputError) as caught:
        find_film(Named(films("mute.mp4")))
    assert caught.value.code == "render.needs_subs"


@pytest.mark.parametrize(("start", "offset_s"), [("00:00:00,080", 0), ("01:00:00,080", -3600), ("02:00:00,080", 0)])
def test_times_that_count_from_the_films_timecode(films: Films, tmp_path: Path, start: str, offset_s: int) -> None:
    """Resolve exports SRT from the timeline's start timecode on; what fits neither way is left for `within` to refuse."""
    srt = tmp_path / "a.srt"
    srt.write_text(f"1\n{start} --> {start.replace(',080', ',400')}\n喺呢度\n", "utf-8")
    _, found = find_film(Named(films("timecode.mov"), srt))
    assert found.offset_frames == offset_s * 1000


def test_a_jobs_cues_on_a_render_of_its_edit(films: Films, tmp_path: Path) -> None:
    """The render starts at 01:00:00:00; the job's range began a second later."""
    job = a_job(tmp_path / "edit.job", Path("/edits/早晨.otio"))
    write_document(replace(SPOKEN, start_frame=90_025), job / "document.json")
    _, found = find_film(Named(films("timecode.mov"), job))
    assert found.offset_frames == 25

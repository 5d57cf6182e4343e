"""Rendering with a Mac's ffmpeg: the command lines, and what happens when Apple's encoder or decoder breaks off half-way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import SetupError
from core.media.burn_subs import Subtitles
from core.media.encoder_table import Quality
from core.media.encoders import choose_encoder
from core.media.ffmpeg import BINARY_VARIABLE, find_ffmpeg
from core.media.picture import look_at
from core.media.render import Rendered, RenderRequest, render
from core.media.render_plan import Wish, burn_filters, may_decode_in_hardware, plan_render, render_arguments
from core.progress import CancelToken, no_report
from fakes.films import cues
from fakes.mac_ffmpeg import Mac, calls, install

from .conftest import Films

HEAD = "-progress pipe:1 -stats_period 0.25 -y"
BURN = "subtitles=f=subs.ass:fontsdir=fonts:wrap_unicode=1"
REC709 = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"
TAIL = "-map_metadata 0 -map_chapters 0"


@pytest.fixture
def mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Puts a Mac's ffmpeg in place."""
    real = find_ffmpeg()

    def put(machine: Mac) -> Path:
        binary = install(tmp_path / "ffmpeg", real, machine)
        monkeypatch.setenv(BINARY_VARIABLE, str(binary))
        return binary

    return put


def burn(film: Path, out: Path, codec: str | None = None, quality: Quality = "standard") -> Rendered:
    subtitles = Subtitles(cues((2, 20, "喺呢度㗎")))
    return render(RenderRequest(film, subtitles, Wish(codec, quality, None, out), "hk_broadcast"), no_report, CancelToken())


@pytest.mark.parametrize(
    ("name", "out", "codec", "quality", "line"),
    [
        (
            "plain.mp4", "a.mp4", None, "standard",
            f"{HEAD} -hwaccel videotoolbox -i FILM -map 0:0 -map 0:a? -dn -sn -vf {BURN} -pix_fmt nv12 -c:v h264_videotoolbox -profile:v high"
            f" -q:v 65 -g 50 -fps_mode passthrough -c:a:0 copy {TAIL} -movflags +faststart -f mp4 PART",
        ),
        (
            "plain.mp4", "a.mov", "hevc", "high",
            f"{HEAD} -hwaccel videotoolbox -i FILM -map 0:0 -map 0:a? -dn -sn -vf {BURN} -pix_fmt nv12 -c:v hevc_videotoolbox -profile:v main"
            f" -q:v 72 -g 50 -fps_mode passthrough -c:a:0 copy {TAIL} -tag:v hvc1 -movflags +faststart -f mov PART",
        ),
        (
            "hlg.mov", "a.mp4", None, "standard",
            f"{HEAD} -hwaccel videotoolbox -i FILM -map 0:0 -map 0:a? -dn -sn -vf {BURN} -pix_fmt p010le -c:v hevc_videotoolbox -profile:v main10"
            f" -q:v 57 -g 50 -fps_mode passthrough {TAIL} -tag:v hvc1 -movflags +faststart -f mp4 PART",
        ),
        (
            "two_sounds.mkv", "a.mov", "prores", "draft",
            f"{HEAD} -hwaccel videotoolbox -i FILM -map 0:0 -map 0:a? -dn -sn -vf {BURN} -pix_fmt p210le -c:v prores_videotoolbox"
            f" -profile:v proxy -fps_mode passthrough -c:a:0 copy -c:a:1 copy {TAIL} -movflags +faststart -f mov PART",
        ),
        (
            "two_sounds.mkv", "a.mp4", "h264", "small",
            f"{HEAD} -i FILM -map 0:0 -map 0:a? -dn -sn -vf {BURN} -pix_fmt yuv420p -c:v libx264 -preset slow -crf 24 -g 50"
            f" -fps_mode passthrough -c:a:0 aac -b:a:0 96000 -c:a:1 copy {TAIL} -movflags +faststart -f mp4 PART",
        ),
        (
            "uneven.mp4", "a.mp4", None, "draft",
            f"{HEAD} -hwaccel videotoolbox -i FILM -map 0:0 -map 0:a? -dn -sn -vf {BURN} -pix_fmt nv12 -c:v h264_videotoolbox -profile:v high"
            f" -q:v 55 -g 26 -fps_mode passthrough -enc_time_base demux {TAIL} -movflags +faststart -f mp4 PART",
        ),
        (
            "odd.mp4", "a.mkv", None, "draft",
            f"{HEAD} -hwaccel videotoolbox -i FILM -map 0:0 -map 0:a? -dn -sn -vf crop=320:180:0:0,{BURN} -pix_fmt nv12 -c:v h264_videotoolbox"
            f" -profile:v high -q:v 55 -g 50 -fps_mode passthrough {TAIL} -f matroska PART",
        ),
    ],
)  # fmt: skip
def test_the_command_line(tmp_path: Path, films: Films, name: str, out: str, codec: str | None, quality: Quality, line: str) -> None:
    binary = install(tmp_path / "ffmpeg", find_ffmpeg(), Mac())
    plan = plan_render(look_at(films(name)), Wish(codec, quality, None, tmp_path / out))
    encoder = choose_encoder(binary, plan.codec.id, quality, plan.picture)
    words = render_arguments(plan, encoder, Path("/PART"), may_decode_in_hardware(plan, encoder))
    assert " ".join(words).replace(str(films(name)), "FILM") == line.replace("PART", "/PART")


@pytest.mark.parametrize(
    ("machine", "encoder", "tried"),
    [
        pytest.param(Mac(), "h264_videotoolbox", ["h264_videotoolbox"], id="nothing breaks"),
        pytest.param(Mac(quality=False), "h264_videotoolbox", ["h264_videotoolbox"], id="an Intel build takes the bitrate"),
        pytest.param(Mac(session=False), "libx264", ["libx264"], id="no session in a virtual machine"),
        pytest.param(Mac(decoder_dies=True), "h264_videotoolbox", ["h264_videotoolbox"] * 2, id="Apple's decoder breaks off"),
        pytest.param(Mac(dies=("h264_videotoolbox",)), "libx264", ["h264_videotoolbox", "h264_videotoolbox", "libx264"], id="the encoder breaks off"),
    ],
)
def test_the_fallback(mac: object, films: Films, tmp_path: Path, machine: Mac, encoder: str, tried: list[str]) -> None:
    binary = mac(machine)  # type: ignore[operator]
    made = burn(films("mute.mp4"), tmp_path / "a.mp4", "h264", "draft")
    assert made.encoder == encoder
    renders = [call for call in calls(binary) if "lavfi" not in call]
    assert [call[call.index("-c:v") + 1] for call in renders] == tried
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "calls", "ffmpeg"]


def test_what_was_given_up_is_told(mac: object, films: Films, tmp_path: Path) -> None:
    mac(Mac(dies=("hevc_videotoolbox",)))  # type: ignore[operator]
    made = burn(films("mute.mp4"), tmp_path / "a.mp4", "hevc", "draft")
    assert [reason.text() for reason in made.reasons] == [
        "HEVC on the processor (libx265 -preset veryfast -crf 27).",
        "hevc_videotoolbox broke off during this render.",
    ]
    mac(Mac(decoder_dies=True))  # type: ignore[operator]
    made = burn(films("mute.mp4"), tmp_path / "b.mp4", "h264", "draft")
    assert made.reasons[-1].text("zh") == "Apple 硬件解碼器處理這條片時失敗，改由處理器解碼。"


def test_an_encoder_that_dies_with_no_other_left(mac: object, films: Films, tmp_path: Path) -> None:
    mac(Mac(dies=("h264_videotoolbox",), software=False))  # type: ignore[operator]
    with pytest.raises(SetupError) as caught:
        burn(films("mute.mp4"), tmp_path / "a.mp4", "h264")
    assert caught.value.code == "encoders.none"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls", "ffmpeg"]


def test_homebrews_ffmpeg_has_no_libass(mac: object, films: Films, tmp_path: Path) -> None:
    mac(Mac(libass=False))  # type: ignore[operator]
    with pytest.raises(SetupError) as caught:
        burn(films("mute.mp4"), tmp_path / "a.mp4")
    assert caught.value.code == "ffmpeg.unusable"
    assert caught.value.params["filters"] == "subtitles"


def test_a_high_definition_picture_without_marks_gets_those_of_rec_709(tmp_path: Path, films: Films) -> None:
    facts = replace(look_at(films("mute.mp4")), width=1920, height=1080)
    assert burn_filters(plan_render(facts, Wish())) == f"{REC709},{BURN}"
    assert burn_filters(plan_render(replace(facts, tagged=True), Wish())) == BURN

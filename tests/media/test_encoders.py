"""Choosing an encoder: the table's command lines against what Macs take, every branch of the fallback, and what is remembered."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from core.errors import InputError, SetupError
from core.media import encoders
from core.media.encoder_table import QUALITIES, Picture, Quality, codecs, container_arguments
from core.media.encoders import Choice, cache_path, choose_encoder, has_videotoolbox, is_encoder_fault, probe_encoders
from core.media.ffmpeg import find_ffmpeg
from fakes.mac_ffmpeg import Mac, calls, install

HD = Picture(1920, 1080, Fraction(25))
UHD = Picture(3840, 2160, Fraction(30))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "cache_path", lambda: tmp_path / "cache" / "encoders.json")


def a_mac(folder: Path, mac: Mac = Mac()) -> Path:  # noqa: B008 - a frozen value
    return install(folder / "ffmpeg", find_ffmpeg(), mac)


def chosen(folder: Path, mac: Mac, codec: str, quality: Quality = "standard", picture: Picture = HD) -> str:
    return " ".join(choose_encoder(a_mac(folder, mac), codec, quality, picture).arguments(picture))


def test_the_probe_is_the_render_in_small(tmp_path: Path) -> None:
    binary = a_mac(tmp_path)
    choose_encoder(binary, "h264", "standard", HD)
    assert [" ".join(call) for call in calls(binary)] == [
        "-nostdin -hide_banner -v error -f lavfi -i testsrc2=s=320x240:r=30:d=0.2 -frames:v 6 "
        "-pix_fmt nv12 -c:v h264_videotoolbox -profile:v high -q:v 65 -g 60 -progress pipe:1 -f null -"
    ]


@pytest.mark.parametrize(
    ("codec", "quality", "line"),
    [
        ("h264", "draft", "-pix_fmt nv12 -c:v h264_videotoolbox -profile:v high -q:v 55 -g 50"),
        ("h264", "standard", "-pix_fmt nv12 -c:v h264_videotoolbox -profile:v high -q:v 65 -g 50"),
        ("h264", "high", "-pix_fmt nv12 -c:v h264_videotoolbox -profile:v high -q:v 75 -g 50"),
        ("h264", "small", "-pix_fmt yuv420p -c:v libx264 -preset slow -crf 24 -g 50"),
        ("hevc", "draft", "-pix_fmt nv12 -c:v hevc_videotoolbox -profile:v main -q:v 60 -g 50"),
        ("hevc", "standard", "-pix_fmt nv12 -c:v hevc_videotoolbox -profile:v main -q:v 65 -g 50"),
        ("hevc", "high", "-pix_fmt nv12 -c:v hevc_videotoolbox -profile:v main -q:v 72 -g 50"),
        ("hevc", "small", "-pix_fmt yuv420p -c:v libx265 -x265-params log-level=error -preset slow -crf 26 -g 50"),
        ("hevc10", "draft", "-pix_fmt p010le -c:v hevc_videotoolbox -profile:v main10 -q:v 50 -g 50"),
        ("hevc10", "standard", "-pix_fmt p010le -c:v hevc_videotoolbox -profile:v main10 -q:v 57 -g 50"),
        ("hevc10", "high", "-pix_fmt p010le -c:v hevc_videotoolbox -profile:v main10 -q:v 63 -g 50"),
        ("prores", "draft", "-pix_fmt p210le -c:v prores_videotoolbox -profile:v proxy"),
        ("prores", "standard", "-pix_fmt p210le -c:v prores_videotoolbox -profile:v standard"),
        ("prores", "high", "-pix_fmt p210le -c:v prores_videotoolbox -profile:v hq"),
    ],
)
def test_on_apple_silicon(tmp_path: Path, codec: str, quality: Quality, line: str) -> None:
    assert chosen(tmp_path, Mac(), codec, quality) == line


@pytest.mark.parametrize(
    ("mac", "codec", "line"),
    [
        pytest.param(Mac(quality=False), "h264", "-pix_fmt nv12 -c:v h264_videotoolbox -profile:v high -b:v 10100000 -g 50", id="Intel, H.264"),
        pytest.param(Mac(quality=False), "hevc10", "-pix_fmt p010le -c:v hevc_videotoolbox -profile:v main10 -b:v 9300000 -g 50", id="Intel, 10 bit"),
        pytest.param(Mac(session=False), "h264", "-pix_fmt yuv420p -c:v libx264 -preset medium -crf 22 -g 50", id="virtual machine, H.264"),
        pytest.param(
            Mac(session=False),
            "hevc",
            "-pix_fmt yuv420p -c:v libx265 -x265-params log-level=error -preset medium -crf 23 -g 50",
            id="virtual machine, HEVC",
        ),
        pytest.param(Mac(prores=False), "prores", "-pix_fmt yuv422p10le -c:v prores_ks -vendor apl0 -profile:v standard", id="base M1, ProRes"),
        pytest.param(Mac(prores=False), "h264", "-pix_fmt nv12 -c:v h264_videotoolbox -profile:v high -q:v 65 -g 50", id="base M1, H.264"),
    ],
)
def test_the_next_way_when_a_mac_refuses(tmp_path: Path, mac: Mac, codec: str, line: str) -> None:
    assert chosen(tmp_path, mac, codec) == line


@pytest.mark.parametrize(
    ("codec", "picture", "bits"),
    [
        ("h264", Picture(1920, 1080, Fraction(30)), 12_000_000),
        ("hevc", Picture(1920, 1080, Fraction(30)), 8_000_000),
        ("h264", UHD, 44_800_000),
        ("hevc", UHD, 27_900_000),
    ],
)
def test_bitrates_are_those_of_uploads(codec: str, picture: Picture, bits: int) -> None:
    assert codecs()[codec].bits_a_second("standard", picture) == bits


def test_nothing_encodes(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        chosen(tmp_path, Mac(session=False, software=False), "h264")
    assert caught.value.code == "encoders.none"
    assert caught.value.params["names"] == "h264_videotoolbox, h264_nvenc, libx264"
    assert "-12903" in caught.value.detail


@pytest.mark.parametrize(("codec", "quality", "code"), [("prores", "small", "encoders.no_small"), ("av1", "high", "encoders.unknown_codec")])
def test_what_nobody_has(tmp_path: Path, codec: str, quality: Quality, code: str) -> None:
    with pytest.raises(InputError) as caught:
        chosen(tmp_path, Mac(), codec, quality)
    assert caught.value.code == code


def test_the_reasons_name_what_runs_and_what_was_passed_over(tmp_path: Path) -> None:
    reasons = choose_encoder(a_mac(tmp_path, Mac(quality=False)), "h264", "standard", HD).reasons
    assert [reason.text("en") for reason in reasons] == [
        "H.264 by Apple's media engine (h264_videotoolbox) at 10.1 Mbit/s: this ffmpeg cannot hold it to a constant quality.",
        "h264_videotoolbox was passed over: Error: -q:v qscale not available for encoder. Use -b:v bitrate instead.",
    ]
    assert reasons[0].text("zh") == "由 Apple 媒體引擎編碼 H.264（h264_videotoolbox），10.1 Mbit/s：這個 ffmpeg 不能要求固定畫質。"


def test_a_picture_too_large_for_the_hardware(tmp_path: Path) -> None:
    choice = choose_encoder(a_mac(tmp_path), "h264", "standard", Picture(7680, 4320, Fraction(25)))
    assert choice.way.encoder == "libx264"
    assert "h264_videotoolbox was passed over: the picture is more than 4096 pixels long." in [reason.text() for reason in choice.reasons]


def test_a_way_that_broke_off_is_not_taken_again(tmp_path: Path) -> None:
    binary = a_mac(tmp_path)
    first = choose_encoder(binary, "h264", "standard", HD)
    second = choose_encoder(binary, "h264", "standard", HD, (first.way,))
    third = choose_encoder(binary, "h264", "standard", HD, (first.way, second.way))
    assert [one.way.bitrate for one in (first, second, third)] == [False, True, False]
    assert third.way.encoder == "libx264"
    assert third.reasons[1].text() == "h264_videotoolbox broke off during this render."


def test_what_works_is_remembered_for_this_binary_on_this_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = a_mac(tmp_path)
    for _ in range(2):
        choose_encoder(binary, "h264", "standard", HD)
    assert len(calls(binary)) == 1
    monkeypatch.setattr(platform, "version", lambda: "Darwin Kernel Version 26.1.0")
    choose_encoder(binary, "h264", "standard", HD)
    assert len(calls(binary)) == 2
    binary.write_text(binary.read_text() + "\n")
    choose_encoder(binary, "h264", "standard", HD)
    assert len(calls(binary)) == 3


def test_a_refusal_is_asked_again_next_time(tmp_path: Path) -> None:
    binary = a_mac(tmp_path, Mac(session=False))
    for _ in range(2):
        choose_encoder(binary, "hevc", "standard", HD)
    assert [call[call.index("-c:v") + 1] for call in calls(binary)].count("hevc_videotoolbox") == 4
    assert [call[call.index("-c:v") + 1] for call in calls(binary)].count("libx265") == 1


def test_a_damaged_memory_costs_time_only(tmp_path: Path) -> None:
    encoders.cache_path().parent.mkdir()
    encoders.cache_path().write_text("[1, 2")
    assert choose_encoder(a_mac(tmp_path), "h264", "draft", HD).way.encoder == "h264_videotoolbox"
    assert list(json.loads(encoders.cache_path().read_text()).values()) == [True]


def test_the_memory_is_in_the_users_cache_folder() -> None:
    assert cache_path().name == "encoders.json" and "canto-beats" in cache_path().parts


def test_the_report_of_a_base_m1(tmp_path: Path) -> None:
    states = {(state.codec, state.encoder): state for state in probe_encoders(a_mac(tmp_path, Mac(prores=False)))}
    assert states["h264", "h264_videotoolbox"].works and states["hevc10", "hevc_videotoolbox"].works and states["prores", "prores_ks"].works
    assert not states["prores", "prores_videotoolbox"].works and not states["hevc", "hevc_nvenc"].works
    refused = states["prores", "prores_videotoolbox"].reason.text("en")
    assert refused == "prores_videotoolbox was passed over: Error: cannot create compression session: -12908"


@pytest.mark.parametrize(("mac", "there"), [(Mac(), True), (Mac(quality=False), True), (Mac(session=False), False)])
def test_whether_there_is_videotoolbox(tmp_path: Path, mac: Mac, there: bool) -> None:
    assert has_videotoolbox(a_mac(tmp_path, mac)) is there


def test_this_machines_own_ffmpeg_has_the_software_twins() -> None:
    for codec, encoder in (("h264", "libx264"), ("prores", "prores_ks")):
        assert choose_encoder(find_ffmpeg(), codec, "draft", HD).way.encoder == encoder


@pytest.mark.parametrize(
    ("complaint", "fault"),
    [
        ("[h264_videotoolbox @ 0x7f] Error: cannot create compression session: -12903", True),
        ("[vost#0:0/h264_videotoolbox @ 0x7f] [enc:h264_videotoolbox @ 0x7f] Error submitting video frame to the encoder", True),
        ("[vost#0:0/h264_videotoolbox @ 0x7f] Error submitting a packet to the muxer: Input/output error", False),
        ("[mov,mp4,m4a,3gp,3g2,mj2 @ 0x7f] moov atom not found", False),
        ("[Parsed_subtitles_0 @ 0x7f] Unable to open subs.ass", False),
    ],
)
def test_only_the_encoders_own_words_are_its_fault(complaint: str, fault: bool) -> None:
    assert is_encoder_fault(codecs()["h264"].ways[0], complaint) is fault
    assert not is_encoder_fault(codecs()["h264"].ways[-1], complaint)


def test_containers() -> None:
    assert container_arguments(codecs()["hevc"], ".mp4") == ("-tag:v", "hvc1", "-movflags", "+faststart", "-f", "mp4")
    assert container_arguments(codecs()["hevc10"], ".mov") == ("-tag:v", "hvc1", "-movflags", "+faststart", "-f", "mov")
    assert container_arguments(codecs()["h264"], ".mp4") == ("-movflags", "+faststart", "-f", "mp4")
    assert container_arguments(codecs()["hevc"], ".mkv") == ("-f", "matroska")


@pytest.mark.parametrize("codec", codecs().values(), ids=lambda codec: codec.id)
def test_the_table_never_gives_videotoolbox_what_it_ignores(codec: object) -> None:
    ways = [way for way in codec.ways if way.family == "videotoolbox"]  # type: ignore[attr-defined]
    words = {word for way in ways for quality in QUALITIES if way.serves(quality) for word in Choice(codec, way, quality, ()).arguments(HD)}  # type: ignore[arg-type]
    assert words and not words & {"-preset", "-crf", "-pass", "-max_ref_frames", "-realtime", "-prio_speed", "-allow_sw"}
    assert codec.ways[-1].family == "software"  # type: ignore[attr-defined]


def test_a_key_frame_every_two_seconds_at_any_rate(tmp_path: Path) -> None:
    choice = choose_encoder(a_mac(tmp_path), "h264", "draft", HD)
    for fps, gop in ((Fraction(24000, 1001), "48"), (Fraction(60), "120"), (None, "60"), (Fraction(1, 10), "1")):
        assert choice.arguments(replace(HD, fps=fps))[-1] == gop

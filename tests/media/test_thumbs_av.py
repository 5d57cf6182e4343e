"""Which frame PyAV gives for a moment, in every way of getting there, and what a picture looks like."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import Cancelled, InputError
from core.media.thumbs_av import take
from core.media.thumbs_base import Ask, Shot
from core.progress import CancelToken
from fakes.counted_film import counted, make, number_of

CONTAINERS = ("film.mp4", "film.mkv", "film.ts", "film.avi")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="module")
def film(folder: Path) -> Path:
    return counted(folder / "film.mp4")


def shots(file: Path, *times: float | str, **wishes: Any) -> list[Shot]:
    return list(take(file, Ask(tuple(Fraction(str(time)) for time in times), **wishes), CancelToken()))


def numbers(found: list[Shot]) -> list[int]:
    return [number_of(shot.pixels) for shot in found]


def copied(folder: Path, film: Path, name: str) -> Path:
    """The film in another container."""
    coding = ("-c:v", "mjpeg", "-q:v", "1") if name == "film.avi" else ("-c", "copy")  # AVI has no place for B frames
    path = folder / name
    return path if path.exists() else make(path, "-i", str(film), *coding)


def key_packets(file: Path) -> list[tuple[int, int]]:
    """(place in the file, bytes) of every key frame."""
    import av

    with av.open(str(file)) as container:
        return [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.is_keyframe and packet.size]


def test_the_key_frame_before_each_moment(film: Path) -> None:
    found = shots(film, 0, 1, "2.9", "3.99")
    assert numbers(found) == [0, 25, 50, 75]
    assert [shot.shown_s for shot in found] == [0, 1, 2, 3]
    assert [shot.asked_s for shot in found] == [0, 1, Fraction("2.9"), Fraction("3.99")]


@pytest.mark.parametrize("name", CONTAINERS)
def test_key_frames_in_every_container(folder: Path, film: Path, name: str) -> None:
    assert numbers(shots(copied(folder, film, name), "1.2", "2.9")) == ([30, 72] if name == "film.avi" else [25, 50])


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_very_frame_in_every_container(folder: Path, film: Path, name: str) -> None:
    assert numbers(shots(copied(folder, film, name), 0, "0.5", "0.52", "1.48", 3, "3.96", exact=True)) == [0, 12, 13, 37, 75, 99]


def test_moments_out_of_step_with_frames_show_what_is_on_screen(film: Path) -> None:
    assert numbers(shots(film, "0.518", "0.521", exact=True)) == [12, 13]


def test_no_two_moments_get_the_same_picture(film: Path) -> None:
    assert numbers(shots(film, "0.2", "0.4", "0.6", "1.2")) == [5, 10, 15, 30]  # closer than key frames: all decoded through
    assert numbers(shots(film, "0.2", "0.6", "3.2")) == [0, 15, 75]  # wider on the whole: only the one whose key frame is taken


def test_beyond_the_end_is_the_last_frame(film: Path) -> None:
    assert numbers(shots(film, 9, exact=True)) == [99]
    assert numbers(shots(film, 9)) == [75]


def test_a_variable_frame_rate(folder: Path) -> None:
    """Frames 0, 1, 2, 10, 11, 12, 20 ... are left; each stays until the next."""
    path = counted(folder / "vfr.mkv", "-fps_mode", "vfr", filters=",select='lt(mod(n,10),3)'")
    assert numbers(shots(path, "0.3", "0.42", "0.7", "1.02", exact=True)) == [2, 10, 12, 22]


@pytest.mark.parametrize(
    ("degrees", "size", "bright"), [(0, (80, 45), "left"), (90, (80, 142), "bottom"), (180, (80, 45), "right"), (270, (80, 142), "top")]
)
def test_a_turned_picture_is_upright(folder: Path, degrees: int, size: tuple[int, int], bright: str) -> None:
    """Counter-clockwise by so many degrees, as ffmpeg's option says it."""
    plain = folder / "plain.mp4"
    if not plain.exists():
        make(plain, "-f", "lavfi", "-i", "color=black:s=64x36:d=0.2,drawbox=0:0:32:36:white:fill", "-c:v", "libx264", "-pix_fmt", "yuv420p")
    turned = make(folder / f"{degrees}.mp4", "-display_rotation", str(degrees), "-i", str(plain), "-c", "copy")
    (shot,) = shots(turned, 0, width=80)
    assert shot.pixels is not None
    assert shot.pixels.shape == (size[1], size[0], 3)
    halves = {"left": shot.pixels[:, :30], "right": shot.pixels[:, -30:], "top": shot.pixels[:20], "bottom": shot.pixels[-20:]}
    assert halves[bright].mean() > 240


def test_a_mirrored_picture_is_upright(folder: Path) -> None:
    plain = make(folder / "left.mp4", "-f", "lavfi", "-i", "color=black:s=64x36:d=0.2,drawbox=0:0:16:36:white:fill", "-c:v", "libx264")
    mirrored = make(folder / "mirrored.mp4", "-display_hflip", "-i", str(plain), "-c", "copy")
    (shot,) = shots(mirrored, 0, width=64)
    assert shot.pixels is not None
    assert (shot.pixels[:, 52:].mean() > 240, shot.pixels[:, :40].mean() < 10) == (True, True)


def test_pixels_that_are_not_square(folder: Path) -> None:
    path = counted(folder / "dv.mov", filters=",setsar=64/45", size="72x58")
    (shot,) = shots(path, 1, width=160)
    assert shot.pixels is not None and shot.pixels.shape == (91, 160, 3)  # 72 * 64/45 : 58 is 1.77


@pytest.mark.parametrize(
    ("tags", "depth"),
    [
        ("scale=out_color_matrix=bt709:out_range=tv,format=yuv444p,setparams=colorspace=bt709", ""),
        ("scale=out_color_matrix=bt601:out_range=tv,format=yuv444p,setparams=colorspace=smpte170m", ""),
        ("scale=out_color_matrix=bt601:out_range=tv,format=yuv444p,setparams=colorspace=unknown", ""),
        ("scale=out_color_matrix=bt709:out_range=pc,format=yuv444p,setparams=colorspace=bt709:range=pc", ""),
        ("scale=out_color_matrix=bt2020:out_range=tv,format=yuv444p10le,setparams=colorspace=bt2020nc", "10"),
    ],
    ids=["709", "601", "untagged", "full range", "2020"],
)
def test_colors_are_those_of_the_matrix_and_range(folder: Path, tags: str, depth: str) -> None:
    path = make(folder / "color.mp4", "-f", "lavfi", "-i", f"color=0xC04020:s=64x36:d=0.2,format=gbrp,{tags}", "-c:v", "libx264", "-qp", "0")
    (shot,) = shots(path, 0, width=64)
    assert shot.pixels is not None
    assert np.abs(shot.pixels[18, 32].astype(int) - (0xC0, 0x40, 0x20)).max() <= 2


@pytest.mark.parametrize(("curve", "code", "expected"), [("smpte2084", 509, (187, 187, 187)), ("arib-std-b67", 721, (228, 228, 228))])
def test_high_dynamic_range_is_toned_down(folder: Path, curve: str, code: int, expected: tuple[int, int, int]) -> None:
    """10-bit codes: PQ of 100 cd/m² (0.508), HLG's graphics white (0.75)."""
    tags = f"setparams=colorspace=bt2020nc:color_trc={curve}:color_primaries=bt2020"
    source = f"color=black:s=64x36:d=0.2,format=yuv420p10le,geq=lum={code}:cb=512:cr=512,{tags}"
    path = make(folder / f"{curve}.mp4", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-qp", "0")
    (shot,) = shots(path, 0, width=64)
    assert shot.pixels is not None
    assert np.abs(shot.pixels[18, 32].astype(int) - expected).max() <= 3


def test_cover_art_is_not_the_picture(folder: Path, film: Path) -> None:
    cover = make(folder / "cover.png", "-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", "1")
    song = make(
        folder / "song.m4a",
        "-f",
        "lavfi",
        "-i",
        "anoisesrc=d=1",
        "-i",
        str(cover),
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "png",
        "-disposition:v",
        "attached_pic",
    )
    with pytest.raises(InputError) as caught:
        shots(song, 0)
    assert caught.value.code == "thumbnails.no_picture"
    both = make(
        folder / "both.mp4",
        "-i",
        str(cover),
        "-i",
        str(film),
        "-map",
        "0",
        "-map",
        "1",
        "-c:v:0",
        "png",
        "-c:v:1",
        "copy",
        "-disposition:v:0",
        "attached_pic",
    )
    assert numbers(shots(both, 2)) == [50]


def test_a_damaged_place_costs_no_other_picture(folder: Path, film: Path) -> None:
    data = bytearray(film.read_bytes())
    at, size = key_packets(film)[1]
    data[at : at + size] = bytes(size)
    (folder / "damaged.mp4").write_bytes(data)
    found = shots(folder / "damaged.mp4", "0.5", "1.5", "3.5")
    assert (number_of(found[0].pixels), number_of(found[2].pixels)) == (0, 75)


def test_what_was_cut_off_has_no_picture(folder: Path, film: Path) -> None:
    whole = make(folder / "whole.mp4", "-i", str(film), "-c", "copy", "-movflags", "+faststart")
    (folder / "cut.mp4").write_bytes(whole.read_bytes()[: key_packets(whole)[2][0]])
    found = shots(folder / "cut.mp4", "0.5", "3.5")
    assert number_of(found[0].pixels) == 0
    assert found[1].pixels is None


@pytest.mark.parametrize(("content", "code"), [(None, "media.missing"), (b"", "media.empty"), (b"no film" * 100, "media.not_media")])
def test_files_that_are_no_film(tmp_path: Path, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(InputError) as caught:
        shots(tmp_path / "a.mp4", 0)
    assert caught.value.code == code


def test_a_still_is_one_picture(folder: Path) -> None:
    still = make(folder / "still.png", "-f", "lavfi", "-i", "color=0x808080:s=64x36", "-frames:v", "1")
    (shot,) = shots(still, 0)
    assert shot.pixels is not None and shot.pixels.shape == (90, 160, 3)


def test_cancel_stops_between_pictures(film: Path) -> None:
    cancel = CancelToken()
    found = take(film, Ask((Fraction(0), Fraction(1), Fraction(2))), cancel)
    assert number_of(next(found).pixels) == 0
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(found)

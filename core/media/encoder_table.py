"""The table of video encoders in `data/encoders.toml` and the command-line options that each of its rows stands for.

To add an encoder, add a row there; to add a codec, a table. Nothing here runs ffmpeg: `encoders.py` tries the rows and chooses.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError

Quality = Literal["draft", "standard", "high", "small"]
Family = Literal["videotoolbox", "nvenc", "software"]
QUALITIES: tuple[Quality, ...] = ("draft", "standard", "high", "small")
_FILE = Path(__file__).parent.parent / "data" / "encoders.toml"
_HD_PIXELS_A_SECOND = 1920 * 1080 * 30
_GOP_S = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """Size in pixels and frames a second of what is to be encoded; the rate is None where nobody knows."""

    width: int
    height: int
    fps: Fraction | None = None


# What every way is tried on: even, and as large as the smallest picture that every hardware encoder takes
PROBE_PICTURE = Picture(320, 240, Fraction(30))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run one encoder. `settings` are the options by quality; `bitrate` ways take theirs from the codec's table."""

    encoder: str
    family: Family
    pixels: str
    options: tuple[str, ...]
    settings: tuple[tuple[str, tuple[str, ...]], ...]
    bitrate: bool = False
    largest: int | None = None

    def serves(self, quality: Quality) -> bool:
        """Whether there is such a setting; only software makes small files."""
        return quality in dict(self.settings) or (self.bitrate and quality != "small")


@dataclass(frozen=True, slots=True)
class Codec:
    """One choice of `--codec`. `containers` are suffixes, the usual one first; `hdr` says that PQ and HLG may be kept in it."""

    id: str
    name: str
    bits: int
    hdr: bool
    intra: bool
    tag: str
    containers: tuple[str, ...]
    growth: float
    mbps: tuple[tuple[str, float], ...]
    ways: tuple[Way, ...]

    def bits_a_second(self, quality: Quality, picture: Picture) -> int:
        """What such a picture usually takes at this quality: the bitrate of `bitrate` ways, and an estimate for the others."""
        share = picture.width * picture.height * float(max(picture.fps or 30, 1)) / _HD_PIXELS_A_SECOND
        return round(max(0.1, round(dict(self.mbps)[quality] * float(share**self.growth), 1)) * 1_000_000)


@cache
def codecs() -> dict[str, Codec]:
    """All codecs by id."""
    return {name: _codec(name, table) for name, table in tomllib.loads(_FILE.read_text("utf-8")).items()}


def codec(name: str, quality: Quality = "standard") -> Codec:
    """The codec called `name`, if it has that quality. Raises InputError `encoders.unknown_codec` or `encoders.no_small`."""
    if name not in codecs():
        raise InputError("encoders.unknown_codec", codec=name, names=", ".join(codecs()))
    if not any(way.serves(quality) for way in codecs()[name].ways):
        raise InputError("encoders.no_small", codec=codecs()[name].name)
    return codecs()[name]


def _codec(name: str, table: dict[str, Any]) -> Codec:
    return Codec(
        id=name,
        name=table["name"],
        bits=table["bits"],
        hdr=table.get("hdr", False),
        intra=table.get("intra", False),
        tag=table.get("tag", ""),
        containers=tuple(table["containers"]),
        growth=table["growth"],
        mbps=tuple(table["mbps"].items()),
        ways=tuple(_way(row) for row in table["ways"]),
    )


def _way(row: dict[str, Any]) -> Way:
    settings = tuple((quality, tuple(row[quality])) for quality in QUALITIES if quality in row)
    options = tuple(row.get("options", ()))
    return Way(row["encoder"], row["family"], row["pixels"], options, settings, row.get("bitrate", False), row.get("largest"))


def encoder_arguments(codec: Codec, way: Way, quality: Quality, picture: Picture) -> tuple[str, ...]:
    """ffmpeg's options for the picture: pixel format, encoder, its options, the quality and the distance of key frames (two seconds)."""
    rate = ("-b:v", str(codec.bits_a_second(quality, picture))) if way.bitrate else dict(way.settings)[quality]
    gop = () if codec.intra else ("-g", str(round(_GOP_S * (picture.fps or 30)) or 1))
    return ("-pix_fmt", way.pixels, "-c:v", way.encoder, *way.options, *rate, *gop)


def container_arguments(codec: Codec, suffix: str) -> tuple[str, ...]:
    """Options of the file: QuickTime plays HEVC only under the tag hvc1, and a player may start before the whole file is there."""
    if suffix == ".mkv":
        return ("-f", "matroska")
    tag = ("-tag:v", codec.tag) if codec.tag else ()
    return (*tag, "-movflags", "+faststart", "-f", suffix.removeprefix("."))


def probe_arguments(codec: Codec, way: Way, quality: Quality) -> tuple[str, ...]:
    """Six frames through the very options that a render uses, thrown away; `frame=` lines on stdout say how many came out."""
    size = f"{PROBE_PICTURE.width}x{PROBE_PICTURE.height}"
    source = ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={PROBE_PICTURE.fps}:d=0.2", "-frames:v", "6")
    return (*source, *encoder_arguments(codec, way, quality, PROBE_PICTURE), "-progress", "pipe:1", "-f", "null", "-")

"""What a burn-in will do to the picture and the sound, decided before anything runs, and the command line that does it.

Every departure from the source (a size made even, fields joined, sound encoded again) is a Reason for the user. To support another container,
add the sounds it carries to `_CARRIES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from ..errors import InputError
from ..hardware import Reason
from .encoder_table import Codec, Picture, Quality, codec, container_arguments
from .encoders import Choice
from .hdr import check_light
from .picture import PictureFacts

Mode = Literal["burn", "soft", "sidecar"]
ASS_NAME, FONT_FOLDER = "subs.ass", "fonts"  # plain names in the folder that ffmpeg runs in: nothing to escape
_NAMED_HEIGHTS: Mapping[str, int] = {"480p": 480, "720p": 720, "1080p": 1080, "1440p": 1440, "2160p": 2160, "4k": 2160, "4320p": 4320, "8k": 4320}
_SIZE = re.compile(r"([1-9]\d{1,4})[xX×]([1-9]\d{1,4})")
_EVERYWHERE = frozenset({"aac", "mp3", "mp3float", "ac3", "eac3", "alac"})
_PCM = frozenset({"pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"})
_CARRIES: Mapping[str, frozenset[str]] = {
    ".mp4": _EVERYWHERE | {"opus"},
    ".mov": _EVERYWHERE | _PCM | {"pcm_s16be", "pcm_s24be", "pcm_s32be"},
    ".mkv": _EVERYWHERE | _PCM | {"opus", "vorbis", "flac", "dca", "truehd"},
}
_SAME_CONTAINER: Mapping[str, str] = {".m4v": ".mp4", ".qt": ".mov"}
_HD_LINES = 720
_APPLE_DECODES = frozenset({"h264", "hevc", "prores"})
_AAC_BITS_A_CHANNEL = 96_000
_SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked of the picture; None leaves the choice to the source. `size` is 'WxH' or a name as '1080p'."""

    codec: str | None = None
    quality: Quality = "standard"
    size: str | None = None
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class RenderPlan:
    """All decisions but the encoder. `filters` stand before the subtitles; `picture` is what is encoded and `suffix` the container."""

    facts: PictureFacts
    codec: Codec
    quality: Quality
    picture: Picture
    filters: tuple[str, ...]
    suffix: str
    reasons: tuple[Reason, ...]

    @property
    def shown(self) -> tuple[int, int]:
        """The rendered frame in square pixels."""
        return round(self.picture.width * self.facts.aspect), self.picture.height

    def expected_bytes(self) -> int:
        """Room the render usually takes: the picture by the codec's table, the sound at 1.5 Mbit/s a stream."""
        rate = self.codec.bits_a_second(self.quality, self.picture) + 1_500_000 * len(self.facts.sounds)
        return round(rate / 8 * float(self.facts.duration_s)) + _SPARE_BYTES // 64


def plan_render(facts: PictureFacts, wish: Wish) -> RenderPlan:
    """Decide codec, container, size and filters.

    Raises InputError `render.bad_size`, `render.container`, `render.dolby_only`, `render.hdr_codec` or `encoders.*`.
    """
    chosen = codec(wish.codec or ("h264" if facts.light == "sdr" else "hevc10"), wish.quality)
    check_light(facts, chosen)
    picture, steps = _picture(facts, wish.size)
    suffix = _suffix(facts.path, chosen, wish.out)
    reasons = (*_light_reasons(facts, chosen, wish), *_picture_reasons(facts, picture), *_sound_reasons(facts, suffix))
    return RenderPlan(facts, chosen, wish.quality, picture, (*_repairs(facts), *steps), suffix, reasons)


def burn_filters(plan: RenderPlan) -> str:
    """The whole chain: repairs, size, then libass on the picture as shown, so that pixels that are not square do not stretch the letters."""
    width, height = plan.shown
    shape = "" if plan.facts.aspect == 1 else f":original_size={width}x{height}"
    return ",".join((*plan.filters, f"subtitles=f={ASS_NAME}:fontsdir={FONT_FOLDER}:wrap_unicode=1{shape}"))


def render_arguments(plan: RenderPlan, encoder: Choice, out: Path, hardware_decoder: bool = False) -> tuple[str, ...]:
    """The command line after the binary: one picture, all sound, chapters and tags; times stay as they are.

    Apple's decoder hands its frames to libass in main memory as long as no output format is named for it.
    """
    source = plan.facts.path.absolute()
    streams = ("-map", f"0:{plan.facts.stream}", "-map", "0:a?", "-dn", "-sn")
    clock = ("-fps_mode", "passthrough", *(("-enc_time_base", "demux") if plan.facts.variable_rate else ()))
    sound = tuple(word for index, words in enumerate(_sound_arguments(plan)) for word in _of_stream(words, index))
    before = ("-progress", "pipe:1", "-stats_period", "0.25", "-y", *(("-hwaccel", "videotoolbox") if hardware_decoder else ()))
    return (
        *before, "-i", str(source), *streams, "-vf", burn_filters(plan), *encoder.arguments(plan.picture), *clock, *sound,
        "-map_metadata", "0", "-map_chapters", "0", *container_arguments(plan.codec, plan.suffix), str(out.absolute()),
    )  # fmt: skip


def may_decode_in_hardware(plan: RenderPlan, encoder: Choice) -> bool:
    """Whether Apple's decoder is worth a try: where its encoder works, for what it decodes."""
    return encoder.way.family == "videotoolbox" and plan.facts.codec in _APPLE_DECODES


def _sound_arguments(plan: RenderPlan) -> Iterator[tuple[str, ...]]:
    for sound in plan.facts.sounds:
        if sound.codec in _CARRIES[plan.suffix]:
            yield ("-c:a", "copy")
        else:
            yield ("-c:a", "aac", "-b:a", str(_AAC_BITS_A_CHANNEL * max(1, min(sound.channels, 6))))


def _of_stream(words: tuple[str, ...], index: int) -> tuple[str, ...]:
    return tuple(f"{word}:{index}" if word.startswith("-") else word for word in words)


def _picture(facts: PictureFacts, size: str | None) -> tuple[Picture, tuple[str, ...]]:
    """The encoded size and the filters that make it: asked for, or the source's without its odd last column and row."""
    width, height = facts.width, facts.height
    if size:
        width, height = _asked(size, facts)
        return Picture(width, height, facts.fps), (f"scale={width}:{height}:flags=bicubic", f"setsar={_ratio(facts.aspect)}")
    if width % 2 or height % 2:
        width, height = width - width % 2, height - height % 2
        return Picture(width, height, facts.fps), (f"crop={width}:{height}:0:0",)
    return Picture(width, height, facts.fps), ()


def _asked(size: str, facts: PictureFacts) -> tuple[int, int]:
    """The largest even size of the source's shape inside what was asked for; a name is the length of the shorter side."""
    match, short = _SIZE.fullmatch(size.strip()), _NAMED_HEIGHTS.get(size.strip().lower())
    if match:
        share = min(Fraction(int(match[1]), facts.width), Fraction(int(match[2]), facts.height))
    elif short:
        share = Fraction(short, min(facts.width, facts.height))
    else:
        raise InputError("render.bad_size", size=size, names=", ".join(_NAMED_HEIGHTS))
    return max(2, 2 * round(facts.width * share / 2)), max(2, 2 * round(facts.height * share / 2))


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _repairs(facts: PictureFacts) -> Iterator[str]:
    if facts.interlaced:
        yield "bwdif=mode=send_frame"
    if not facts.tagged and facts.light == "sdr" and max(facts.width, facts.height) >= _HD_LINES * 16 // 9:
        # marks frames without converting them, for the stream's header and the container's alike; as output options these would convert
        yield "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def _suffix(source: Path, chosen: Codec, out: Path | None) -> str:
    if out is not None and out.suffix and not out.is_dir():
        suffix = _SAME_CONTAINER.get(out.suffix.lower(), out.suffix.lower())
        if suffix not in chosen.containers:
            raise InputError("render.container", suffix=out.suffix, codec=chosen.name, names=", ".join(chosen.containers))
        return suffix
    own = _SAME_CONTAINER.get(source.suffix.lower(), source.suffix.lower())
    return own if own in chosen.containers else chosen.containers[0]


def _light_reasons(facts: PictureFacts, chosen: Codec, wish: Wish) -> Iterator[Reason]:
    if facts.light != "sdr":
        if wish.codec is None:
            yield _reason("render.hdr_needs", light=facts.light.upper(), codec=chosen.name)
        yield _reason("render.hdr_white", light=facts.light.upper())
    if facts.dolby:
        yield _reason("render.dolby_dropped", profile=facts.dolby[0])
    if facts.dynamic_light:
        yield _reason("render.dynamic_dropped")
    if facts.bits > chosen.bits:
        yield _reason("render.fewer_bits", source=facts.bits, codec=chosen.name, bits=chosen.bits)


def _picture_reasons(facts: PictureFacts, picture: Picture) -> Iterator[Reason]:
    if facts.interlaced:
        yield _reason("render.deinterlaced")
    if facts.variable_rate:
        yield _reason("render.variable_rate")
    if (picture.width, picture.height) == (facts.width - facts.width % 2, facts.height - facts.height % 2):
        if facts.width % 2 or facts.height % 2:
            yield _reason("render.odd_size", source=f"{facts.width}x{facts.height}", size=f"{picture.width}x{picture.height}")
    else:
        yield _reason("render.scaled", source=f"{facts.width}x{facts.height}", size=f"{picture.width}x{picture.height}")


def _sound_reasons(facts: PictureFacts, suffix: str) -> Iterator[Reason]:
    if facts.texts:
        yield _reason("render.texts_left_out", count=facts.texts)
    for codec_name in dict.fromkeys(sound.codec for sound in facts.sounds if sound.codec not in _CARRIES[suffix]):
        yield _reason("render.sound_encoded", codec=codec_name, suffix=suffix)


def _reason(code: str, **params: object) -> Reason:
    return Reason(code, tuple((name, str(value)) for name, value in params.items()))

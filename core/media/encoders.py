"""Which encoder makes the picture on this machine, and why: each row of the table is tried with the options that the render will use.

That ffmpeg lists an encoder proves nothing: VideoToolbox has no session in many virtual machines, a build for Intel refuses -q:v, an M1 has no
ProRes engine. `choose_encoder` answers for a render, `probe_encoders` for reports. Encoders themselves: `encoder_table.py`.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import EngineError, SetupError
from ..files import write_json
from ..hardware import Reason
from .encoder_table import Codec, Family, Picture, Quality, Way, codec, codecs, encoder_arguments, probe_arguments

_TIMEOUT_S = 60
_FRAMES = re.compile(r"^frame=(\d+)$", re.MULTILINE)
_NOT_BUILT_IN = "Unknown encoder"
_NO_SUCH_HARDWARE = "Cannot load libcuda", "Cannot load nvcuda", "No capable devices"
# What only the encoder can have said: anything else (a full disk, a damaged source) would stop another encoder just as well.
_FAULTS: Mapping[Family, re.Pattern[str]] = {
    "videotoolbox": re.compile(r"\[(enc:)?\w+_videotoolbox @|compression session|hardware encoder may be busy|VTCompressionSession"),
    "nvenc": re.compile(r"\[(enc:)?\w+_nvenc @|libcuda|OpenEncodeSessionEx|No capable devices"),
    "software": re.compile(r"(?!)"),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying one way: `detail` is the encoder's own complaint, '' when it worked.

    `absent` says that nothing is wrong: this ffmpeg, or this machine, simply has no such encoder.
    """

    way: Way
    works: bool
    absent: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The encoder of one render. `reasons` are for the user: what runs, and what was passed over."""

    codec: Codec
    way: Way
    quality: Quality
    reasons: tuple[Reason, ...]

    def arguments(self, picture: Picture) -> tuple[str, ...]:
        """See `encoder_arguments`."""
        return encoder_arguments(self.codec, self.way, self.quality, picture)


@dataclass(frozen=True, slots=True)
class EncoderState:
    """Whether one codec can be had from one family of encoders on this machine, and the sentence that says so."""

    codec: str
    encoder: str
    family: Family
    works: bool
    reason: Reason


def choose_encoder(binary: Path, codec_name: str, quality: Quality, picture: Picture, avoid: tuple[Way, ...] = ()) -> Choice:
    """The first way of the codec's table that works here for such a picture; `avoid` are ways that failed in this very render.

    Raises InputError `encoders.unknown_codec` or `encoders.no_small`, SetupError `encoders.none` when no way works.
    """
    wanted = codec(codec_name, quality)
    passed_over: list[Reason] = []
    for way in (way for way in wanted.ways if way.serves(quality)):
        if way in avoid:
            passed_over.append(_reason("encoders.failed", encoder=way.encoder))
            continue
        trial = try_way(binary, wanted, way, quality)
        if not trial.works:
            passed_over += [] if trial.absent else [_reason("encoders.refused", encoder=way.encoder, why=trial.detail)]
        elif way.largest and max(picture.width, picture.height) > way.largest:
            passed_over.append(_reason("encoders.too_large", encoder=way.encoder, largest=str(way.largest)))
        else:
            return Choice(wanted, way, quality, (_uses(wanted, way, quality, picture), *dict.fromkeys(passed_over)))
    names = ", ".join(dict.fromkeys(way.encoder for way in wanted.ways if way.serves(quality)))
    raise SetupError("encoders.none", codec=wanted.name, names=names, ffmpeg=binary, detail=" · ".join(one.text() for one in passed_over))


def probe_encoders(binary: Path, quality: Quality = "standard") -> tuple[EncoderState, ...]:
    """Every codec from every family that this ffmpeg has: what works, what refused and in which words. Seconds the first time, then cached."""
    return tuple(state for one in codecs().values() for state in _states(binary, one, quality))


def has_videotoolbox(binary: Path) -> bool:
    """True when Apple's media engine encodes H.264 here, in one way or the other."""
    return any(state.works for state in _states(binary, codec("h264"), "standard") if state.family == "videotoolbox")


def is_encoder_fault(way: Way, complaint: str) -> bool:
    """Whether a render broke because of its hardware encoder, so that the next way is worth a try."""
    return _FAULTS[way.family].search(complaint) is not None


def _states(binary: Path, one: Codec, quality: Quality) -> Iterator[EncoderState]:
    for name in dict.fromkeys(way.encoder for way in one.ways):
        trials = []
        for way in (way for way in one.ways if way.encoder == name):
            trials.append(try_way(binary, one, way, quality))
            if trials[-1].works or trials[-1].absent:
                break
        last = trials[-1]
        if last.works:
            why = _uses(one, last.way, quality, Picture(1920, 1080))
        elif last.absent:
            why = _reason("encoders.absent", encoder=name)
        else:
            why = _reason("encoders.refused", encoder=name, why=last.detail)
        yield EncoderState(one.id, name, last.way.family, last.works, why)


def _uses(one: Codec, way: Way, quality: Quality, picture: Picture) -> Reason:
    if way.bitrate:
        rate = f"{one.bits_a_second(quality, picture) / 1e6:.1f}"
        return _reason(f"encoders.uses_{way.family}_bitrate", codec=one.name, encoder=way.encoder, mbps=rate)
    return _reason(f"encoders.uses_{way.family}", codec=one.name, encoder=way.encoder, setting=" ".join(dict(way.settings)[quality]))


def _reason(code: str, **params: str) -> Reason:
    return Reason(code, tuple(params.items()))


def try_way(binary: Path, one: Codec, way: Way, quality: Quality) -> Trial:
    """Encode six frames, or remember how that went with this very binary, system and options.

    Only what works and what is not in the binary is remembered: a driver may be mended and a session be free tomorrow.
    """
    arguments = probe_arguments(one, way, quality)
    key = _key(binary, arguments)
    cache = _read_cache()
    if key in cache:
        return Trial(way, cache[key], absent=not cache[key], detail="" if cache[key] else _NOT_BUILT_IN)
    trial = _run_probe(binary, way, arguments)
    if trial.works or _NOT_BUILT_IN in trial.detail:
        _remember(key, trial.works)
    return trial


def _run_probe(binary: Path, way: Way, arguments: tuple[str, ...]) -> Trial:
    command = [str(binary), "-nostdin", "-hide_banner", "-v", "error", *arguments]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return Trial(way, False, detail=str(error))
    complaint = done.stderr.decode(errors="replace")
    counts = _FRAMES.findall(done.stdout.decode(errors="replace"))
    if done.returncode == 0 and counts and int(counts[-1]) > 0:
        return Trial(way, True)
    absent = any(words in complaint for words in (_NOT_BUILT_IN, *_NO_SUCH_HARDWARE))
    return Trial(way, False, absent, _first_line(complaint) or f"exit {done.returncode}")


def _first_line(complaint: str) -> str:
    """The encoder's own sentence without the object that said it: '[h264_videotoolbox @ 0x7f] Error: ...' -> 'Error: ...'."""
    line = next((line for line in complaint.splitlines() if line.strip()), "")
    return re.sub(r"^(\[[^\]]*\] )+", "", line).strip()


def _key(binary: Path, arguments: tuple[str, ...]) -> str:
    """A probe stands for one file at one time on one build of the system."""
    try:
        stat = binary.stat()
        identity = (str(binary.resolve()), stat.st_size, stat.st_mtime_ns)
    except OSError:
        identity = (str(binary), 0, 0)
    parts = (*identity, platform.platform(), platform.version(), *arguments)
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()


def cache_path() -> Path:
    """Where probes are remembered: a file in the user's cache folder; deleting it costs a second."""
    from platformdirs import user_cache_path

    return user_cache_path("canto-beats", appauthor=False) / "encoders.json"


def _read_cache() -> dict[str, bool]:
    try:
        data = json.loads(cache_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: value for key, value in data.items() if isinstance(value, bool)} if isinstance(data, dict) else {}


def _remember(key: str, works: bool) -> None:
    path = cache_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, {**_read_cache(), key: works})
    except (OSError, EngineError):  # a cache that cannot be written costs time only
        return

"""A plain WAV read in this process: the same samples at the same places as through ffmpeg, and everything odd left to ffmpeg."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio import decode
from core.audio.decode import ColumnLayout, column_layout, decode_span
from core.audio.pcm import PcmSpan, pcm_span, read_pcm
from core.audio.spans import Span
from core.bench.noise_edit import best_lag
from core.errors import Cancelled, InputError
from core.media.ffmpeg import run_ffmpeg
from core.media.probe import AudioStream, MediaInfo, probe_media
from core.progress import CancelToken

SECONDS = 3


def speech_band(rate: int, channels: int) -> NDArray[np.float64]:
    """The same sound whatever the rate, a different one in each channel: noise from 100 Hz to 6 kHz below -6 dBFS, shape (samples, channels)."""
    columns = []
    for channel in range(channels):
        spectrum = np.zeros(SECONDS * rate // 2 + 1, np.complex128)
        spectrum[SECONDS * 100 : SECONDS * 6000] = np.exp(2j * np.pi * np.random.default_rng(channel).random(SECONDS * 5900))
        columns.append(np.fft.irfft(spectrum) * rate / 7000)
    return np.stack(columns, axis=1)


def write(path: Path, rate: int, channels: int, width: int) -> Path:
    data = np.rint(speech_band(rate, channels) * 2 ** (8 * width - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)[:, :width]
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(data.tobytes())
    return path


def span_of(path: Path, seek_s: str = "0", length_s: str = "1", lanes: Sequence[tuple[int, ...]] = ((),)) -> Span:
    return Span(str(path), 0, Fraction(seek_s), Fraction(length_s), tuple(lanes), ())


def by_ffmpeg(span: Span, monkeypatch: pytest.MonkeyPatch) -> NDArray[np.float32]:
    with monkeypatch.context() as patch:
        patch.setattr(decode, "pcm_span", lambda span, media: None)
        media = probe_media(Path(span.file))
        return np.concatenate(list(decode_span(span, media, CancelToken())))


@pytest.mark.parametrize(("rate", "channels", "width"), [(16_000, 1, 2), (48_000, 1, 2), (48_000, 2, 3), (96_000, 1, 4)])
def test_lag_0_and_the_level_that_ffmpeg_gives(rate: int, channels: int, width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "sound.wav", rate, channels, width)
    span, media = span_of(path, "0.52", "2"), probe_media(path)
    assert pcm_span(span, media) == PcmSpan(path, channels, width, rate, rate * 52 // 100, rate * 252 // 100)
    assert column_layout(span, media).lanes == ((0,),)
    heard = np.concatenate(list(decode_span(span, media, CancelToken())))
    assert heard.shape == (32_000, 1)
    theirs = by_ffmpeg(span, monkeypatch).mean(axis=1)
    middle = slice(500, 31_000)
    assert best_lag(heard[middle, 0], theirs[middle], 800)[0] == 0
    assert heard[middle, 0] == pytest.approx(theirs[middle], abs=3e-4)
    known = speech_band(16_000, channels).mean(axis=1)[8320:][middle]
    assert heard[middle, 0] == pytest.approx(known, abs=1e-3)


@pytest.mark.parametrize(
    ("lanes", "layout"),
    [
        (((1,),), ColumnLayout(((1,),), ((0,),))),
        (((0, 2), (1,)), ColumnLayout(((0, 2), (1,)), ((0,), (1,)))),
        (((0,), (1,), (0, 1)), ColumnLayout(((0,), (1,)), ((0,), (1,), (0, 1)))),
    ],
)
def test_only_what_is_heard_is_resampled(lanes: tuple[tuple[int, ...], ...], layout: ColumnLayout, tmp_path: Path) -> None:
    path = write(tmp_path / "poly.wav", 48_000, 3, 2)
    span, media = span_of(path, lanes=lanes), probe_media(path)
    assert column_layout(span, media) == layout
    heard = np.concatenate(list(decode_span(span, media, CancelToken())))
    known = speech_band(16_000, 3)
    for column, channels in enumerate(layout.columns):
        assert heard[500:15_000, column] == pytest.approx(known[500:15_000, list(channels)].mean(axis=1), abs=1e-3)


def test_it_ends_where_the_file_does(tmp_path: Path) -> None:
    path = write(tmp_path / "sound.wav", 48_000, 1, 2)
    media = probe_media(path)
    assert sum(map(len, decode_span(span_of(path, "2.5", "4"), media, CancelToken()))) == 8000
    assert sum(map(len, decode_span(span_of(path, "9", "1"), media, CancelToken()))) == 0


def media_of(path: Path, **changes: object) -> MediaInfo:
    stream = AudioStream(0, 1, 48_000, Fraction(0), Fraction(SECONDS))
    return replace(MediaInfo(path, Fraction(SECONDS), None, None, False, (stream,)), **changes)


def test_what_looks_odd_is_left_to_ffmpeg(tmp_path: Path) -> None:
    path = write(tmp_path / "sound.wav", 48_000, 1, 2)
    late = AudioStream(0, 1, 48_000, Fraction(1, 2), Fraction(SECONDS))
    assert pcm_span(span_of(path), media_of(path)) is not None
    assert pcm_span(replace(span_of(path), speed=Fraction(2)), media_of(path)) is None
    assert pcm_span(span_of(path, "1/7"), media_of(path)) is None
    assert pcm_span(span_of(path), media_of(path, audio_streams=(late,))) is None
    assert pcm_span(span_of(path), media_of(path, audio_streams=(late, late))) is None
    assert pcm_span(span_of(path), media_of(path, has_picture=True)) is None
    assert pcm_span(span_of(tmp_path / "missing.wav"), media_of(path)) is None


@pytest.mark.parametrize(("rate", "width"), [(44_100, 2), (48_000, 1), (24_000, 2)])
def test_other_rates_and_widths_are_ffmpegs(rate: int, width: int, tmp_path: Path) -> None:
    path = write(tmp_path / "sound.wav", rate, 1, width)
    assert pcm_span(span_of(path), probe_media(path)) is None


@pytest.mark.parametrize("codec", ["pcm_f32le", "pcm_mulaw", "aac"])
def test_samples_that_are_no_whole_numbers_are_ffmpegs(codec: str, tmp_path: Path) -> None:
    path, coded = write(tmp_path / "sound.wav", 48_000, 1, 2), tmp_path / f"coded.{'m4a' if codec == 'aac' else 'wav'}"
    run_ffmpeg(["-i", str(path), "-c:a", codec, "-y", str(coded)], CancelToken())
    assert pcm_span(span_of(coded), probe_media(coded)) is None


def test_a_header_that_promises_too_much_is_ffmpegs(tmp_path: Path) -> None:
    path = write(tmp_path / "sound.wav", 48_000, 1, 2)
    media = probe_media(path)
    path.write_bytes(path.read_bytes()[:-1000])
    assert pcm_span(span_of(path), media) is None


def test_a_file_that_shrinks_meanwhile_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "sound.wav", 48_000, 1, 2)
    pcm = pcm_span(span_of(path, "0", "3"), probe_media(path))
    assert pcm is not None
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(InputError) as caught:
        list(read_pcm(pcm, ((0,),), CancelToken()))
    assert (caught.value.code, "sound.wav" in caught.value.message()) == ("resample.read_failed", True)


def test_it_stops_when_told(tmp_path: Path) -> None:
    path = write(tmp_path / "sound.wav", 48_000, 1, 2)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(decode_span(span_of(path), probe_media(path), cancel))

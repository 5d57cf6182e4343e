"""What ffmpeg is asked for, written out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from core.audio.decode import ColumnLayout, column_layout, decode_arguments, tempo_chain
from core.audio.spans import Span
from core.media.probe import AudioStream, MediaInfo

SPAN = Span("/訪問 #1.mov", 0, Fraction("29.48"), Fraction("2.62"), ((0,),), ())


def media(channels: int) -> MediaInfo:
    return MediaInfo(Path(SPAN.file), Fraction(60), None, None, False, (AudioStream(0, channels, 48000, Fraction(0), Fraction(60)),))


@pytest.mark.parametrize(
    ("channels", "lanes", "layout"),
    [
        (1, ((0,), ()), ColumnLayout(((0,),), ((0,), (0,)))),
        (2, ((1,),), ColumnLayout(((0,), (1,)), ((1,),))),
        (2, ((), (0,), (1,)), ColumnLayout(((0,), (1,)), ((0, 1), (0,), (1,)))),
        (6, ((2,),), ColumnLayout(((2,),), ((0,),))),
        (6, ((), (5,)), ColumnLayout(((0, 1, 2, 3, 4, 5), (5,)), ((0,), (1,)))),
        (6, ((2,), (2, 4), (4,)), ColumnLayout(((2,), (4,)), ((0,), (0, 1), (1,)))),
    ],
)
def test_columns(channels: int, lanes: tuple[tuple[int, ...], ...], layout: ColumnLayout) -> None:
    assert column_layout(replace(SPAN, lanes=lanes), media(channels)) == layout


def test_a_stereo_stream_is_only_resampled() -> None:
    arguments = decode_arguments(SPAN, media(2))
    assert arguments[arguments.index("-ss") + 1] == "29.48"
    assert arguments[arguments.index("-t") + 1] == "2.62"
    assert arguments[arguments.index("-i") + 1] == "/訪問 #1.mov"
    assert arguments.index("-ss") < arguments.index("-i")
    assert arguments[arguments.index("-filter_complex") + 1] == "[0:a:0]aresample=16000:async=1:first_pts=0:osf=flt[s0]"


def test_the_start_of_a_file_is_not_sought() -> None:
    assert "-ss" not in decode_arguments(replace(SPAN, seek_s=Fraction(0)), media(2))


@pytest.mark.parametrize(
    ("speed", "factors"),
    [("1", ""), ("1.1", "1.1"), ("0.5", "0.5"), ("0.2", "0.5 0.5 0.8"), ("100", "100"), ("250", "100 2.5")],
)
def test_tempo_stays_within_the_filters_limits(speed: str, factors: str) -> None:
    assert tempo_chain(Fraction(speed)) == tuple(Fraction(factor) for factor in factors.split())

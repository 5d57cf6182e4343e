"""Spans and placements as written-out numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from core.audio.spans import plan_spans
from core.errors import InputError
from core.timeline import AudioPiece

PIECE = AudioPiece("/a.wav", Fraction(10), Fraction(2), Fraction(30), channels=(0,))


def test_one_piece_is_read_from_at_least_half_a_second_earlier() -> None:
    (span,) = plan_spans([PIECE])
    assert (span.seek_s, span.length_s) == (Fraction("29.48"), Fraction("2.62"))
    (placement,) = span.placements
    assert (placement.first, placement.record, placement.count) == (8_320, 160_000, 32_000)


def test_a_seek_never_goes_before_the_file() -> None:
    (span,) = plan_spans([replace(PIECE, source_start_s=Fraction(-1))])
    assert span.seek_s == 0
    assert span.placements[0].first == -16_000


@pytest.mark.parametrize(("gap_s", "spans"), [(20, 1), (21, 2)])
def test_pieces_share_a_span_up_to_twenty_seconds_apart(gap_s: int, spans: int) -> None:
    second = replace(PIECE, source_start_s=Fraction(32 + gap_s), record_start_s=Fraction(0))
    assert len(plan_spans([second, PIECE])) == spans


def test_a_piece_inside_another_does_not_split_what_follows() -> None:
    long = replace(PIECE, record_duration_s=Fraction(60))
    inside = replace(PIECE, source_start_s=Fraction(31))
    later = replace(PIECE, source_start_s=Fraction(105))
    assert len(plan_spans([long, inside, later])) == 1


def test_files_streams_and_speeds_do_not_share_a_span() -> None:
    fast = replace(PIECE, speed=Fraction(11, 10))
    spans = plan_spans([PIECE, replace(PIECE, file="/b.wav"), replace(PIECE, stream=1), fast, fast])
    assert sorted((span.file, span.stream, span.speed) for span in spans) == [
        ("/a.wav", 0, 1),
        ("/a.wav", 0, Fraction(11, 10)),
        ("/a.wav", 0, Fraction(11, 10)),
        ("/a.wav", 1, 1),
        ("/b.wav", 0, 1),
    ]


def test_lanes_are_listed_once_and_in_order() -> None:
    (span,) = plan_spans([replace(PIECE, channels=(0, 1)), PIECE, PIECE, replace(PIECE, channels=())])
    assert span.lanes == ((), (0,), (0, 1))
    assert sorted(placement.lane for placement in span.placements) == [0, 1, 1, 2]


def test_positions_are_rounded_once() -> None:
    """At 23.976 frame 1 of the source (667.33 samples) under frame 2 of the record (1334.67) is 667.33 apart, so 667: not 1335 - 667 = 668."""
    frame = Fraction(1001, 24000)
    (span,) = plan_spans([replace(PIECE, record_start_s=2 * frame, source_start_s=frame, record_duration_s=24 * frame)])
    (placement,) = span.placements
    assert (placement.record, placement.count) == (1335, 16016)
    assert placement.first == 1335 - 667


def test_a_stretched_piece_starts_at_sample_0() -> None:
    (span,) = plan_spans([replace(PIECE, speed=Fraction(2))])
    assert (span.seek_s, span.skip_s, span.length_s) == (Fraction("29.48"), Fraction("0.52"), Fraction("4.72"))
    assert (span.placements[0].first, span.placements[0].count) == (0, 32_000)


def test_a_piece_shorter_than_half_a_sample_is_no_work() -> None:
    assert plan_spans([replace(PIECE, record_duration_s=Fraction(1, 100_000))]) == ()


@pytest.mark.parametrize(
    ("piece", "code"),
    [(replace(PIECE, record_duration_s=Fraction(0)), "extract.zero_length"), (replace(PIECE, file=None), "extract.no_file")],
)
def test_impossible_pieces(piece: AudioPiece, code: str) -> None:
    with pytest.raises(InputError) as caught:
        plan_spans([piece])
    assert caught.value.code == code


def test_backwards_is_the_planners_mistake() -> None:
    with pytest.raises(ValueError, match="forward"):
        plan_spans([replace(PIECE, speed=Fraction(-1))])

"""Marks of a ruler: round timecodes at every rate, also where drop frame skips labels and a day ends."""

from __future__ import annotations

from fractions import Fraction

import pytest

from core.media.timeline_axis import marks
from core.timing import FrameRate, first_frame_of_second, label_second

NTSC = FrameRate(30000, 1001, True)


def labels(start_s: Fraction | int, end_s: Fraction | int, start_frame: int, rate: FrameRate, apart_s: float) -> list[str]:
    found = marks((Fraction(start_s), Fraction(end_s)), start_frame, rate, apart_s)
    return [mark.timecode for mark in found if mark.timecode]


@pytest.mark.parametrize(
    ("apart_s", "expected"),
    [
        (7.0, ["01:00:00:00", "01:00:10:00", "01:00:20:00"]),
        (1.5, ["01:00:00:00", "01:00:02:00", "01:00:04:00"]),
        (30.5, ["01:00:00:00", "01:01:00:00"]),
    ],
)
def test_labels_are_round_and_far_enough_apart(apart_s: float, expected: list[str]) -> None:
    assert labels(0, 120, 90000, FrameRate(25), apart_s)[: len(expected)] == expected


def test_below_a_second_marks_are_frames_that_divide_it() -> None:
    assert labels(0, 1, 90000, FrameRate(25), 0.1) == ["01:00:00:00", "01:00:00:05", "01:00:00:10", "01:00:00:15", "01:00:00:20"]
    assert labels(0, 1, 0, FrameRate(24), 0.2) == ["00:00:00:00", "00:00:00:06", "00:00:00:12", "00:00:00:18"]


def test_drop_frame_marks_the_first_label_there_is() -> None:
    assert labels(55, 65, 0, NTSC, 4.0) == ["00:00:55;00", "00:01:00;02", "00:01:05;00"]


def test_the_ruler_starts_again_after_a_day() -> None:
    assert labels(0, 20, 24 * 3600 * 25 - 250, FrameRate(25), 9.0) == ["23:59:50:00", "00:00:00:00"]
    assert labels(0, 19, first_frame_of_second(86400, NTSC) - 300, NTSC, 9.0) == ["23:59:50;00", "00:00:00;00"]


def test_marks_lie_where_their_timecode_is() -> None:
    found = marks((Fraction(0), Fraction(10)), 90010, FrameRate(25), 4.0)
    assert [(mark.at_s, mark.timecode) for mark in found] == [
        (Fraction(3, 5), ""), (Fraction(8, 5), ""), (Fraction(13, 5), ""), (Fraction(18, 5), ""), (Fraction(23, 5), "01:00:05:00"),
        (Fraction(28, 5), ""), (Fraction(33, 5), ""), (Fraction(38, 5), ""), (Fraction(43, 5), ""), (Fraction(48, 5), "01:00:10:00"),
    ]  # fmt: skip


@pytest.mark.parametrize("rate", [NTSC, FrameRate(60000, 1001, True), FrameRate(24000, 1001)], ids=str)
def test_seconds_and_their_first_frames_are_inverse(rate: FrameRate) -> None:
    for second in (0, 1, 59, 60, 61, 599, 600, 3599, 3600, 86399, 86400, 90061):
        frame = first_frame_of_second(second, rate)
        assert label_second(frame, rate) == second
        assert second == 0 or label_second(frame - 1, rate) == second - 1

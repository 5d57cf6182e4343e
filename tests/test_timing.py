"""Rates, frames, milliseconds and timecode: expected values from SMPTE practice, written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.timing import (
    FrameRate,
    frame_to_ms,
    frame_to_timecode,
    ms_to_frame_ceil,
    ms_to_frame_floor,
    ms_to_frame_nearest,
    parse_rate,
    timecode_to_frame,
    with_drop_frame,
)

RATES = ("23.976", "24", "25", "29.97", "30", "47.952", "48", "50", "59.94", "60", "100", "119.88", "120")


@pytest.mark.parametrize(
    ("spelling", "rate"),
    [
        ("23.976", FrameRate(24000, 1001)),
        ("23.98", FrameRate(24000, 1001)),
        (23.976024627685547, FrameRate(24000, 1001)),
        ("24000/1001", FrameRate(24000, 1001)),
        (24, FrameRate(24, 1)),
        ("25.0", FrameRate(25, 1)),
        ("29.97 DF", FrameRate(30000, 1001, drop_frame=True)),
        (59.94, FrameRate(60000, 1001)),
        ("119.88", FrameRate(120000, 1001)),
    ],
)
def test_a_host_spelling_gives_the_exact_rate(spelling: str | float, rate: FrameRate) -> None:
    assert parse_rate(spelling) == rate


@pytest.mark.parametrize("spelling", ["", "abc", "15", "23.9", "1/0", "nan", "inf", float("nan"), float("inf"), -25, 0])
def test_an_unknown_rate_is_refused_by_name(spelling: str | float) -> None:
    with pytest.raises(InputError) as caught:
        parse_rate(spelling)
    assert caught.value.code == "timing.unknown_rate"
    assert str(spelling) in caught.value.message("en")


def test_drop_frame_exists_only_at_multiples_of_30000_over_1001() -> None:
    assert with_drop_frame(parse_rate("59.94"), True).drop_frame
    for rate in ("23.976", "25", "30", "47.952"):
        with pytest.raises(InputError):
            with_drop_frame(parse_rate(rate), True)


@pytest.mark.parametrize(
    ("rate", "frame", "timecode"),
    [
        ("24", 86400, "01:00:00:00"),
        ("23.976", 86400, "01:00:00:00"),
        ("25", 90000, "01:00:00:00"),
        ("29.97 DF", 1799, "00:00:59;29"),
        ("29.97 DF", 1800, "00:01:00;02"),
        ("29.97 DF", 17981, "00:09:59;29"),
        ("29.97 DF", 17982, "00:10:00;00"),
        ("29.97 DF", 107892, "01:00:00;00"),
        ("29.97", 107892, "00:59:56:12"),
        ("59.94 DF", 3599, "00:00:59;59"),
        ("59.94 DF", 3600, "00:01:00;04"),
        ("59.94 DF", 215784, "01:00:00;00"),
        ("120", 119, "00:00:00:119"),
    ],
)
def test_frame_and_timecode(rate: str, frame: int, timecode: str) -> None:
    exact = parse_rate(rate)
    assert frame_to_timecode(frame, exact) == timecode
    assert timecode_to_frame(timecode, exact) == frame


@pytest.mark.parametrize("timecode", ["", "1:2:3", "00:60:00:00", "00:00:60:00", "00:00:00:25", "aa:bb:cc:dd"])
def test_a_bad_timecode_is_refused(timecode: str) -> None:
    with pytest.raises(InputError) as caught:
        timecode_to_frame(timecode, parse_rate("25"))
    assert caught.value.code == "timing.bad_timecode"


def test_a_label_that_drop_frame_skips_is_refused() -> None:
    with pytest.raises(InputError):
        timecode_to_frame("00:01:00;00", parse_rate("29.97 DF"))


@given(st.integers(0, 24 * 3600 * 120), st.sampled_from((*RATES, "29.97 DF", "59.94 DF", "119.88 DF")))
def test_timecode_round_trip_within_a_day(frame: int, spelling: str) -> None:
    rate = parse_rate(spelling)
    day = timecode_to_frame("23:59:59:" + str(rate.nominal - 1).zfill(2), rate) + 1
    assert timecode_to_frame(frame_to_timecode(frame % day, rate), rate) == frame % day


@given(st.integers(0, 24 * 3600 * 120), st.sampled_from(RATES))
def test_written_milliseconds_name_the_same_frame_to_rounding_and_flooring_readers(frame: int, spelling: str) -> None:
    rate = parse_rate(spelling)
    ms = frame_to_ms(frame, rate)
    assert ms_to_frame_nearest(ms, rate) == frame
    assert ms_to_frame_floor(ms, rate) == frame


def test_in_times_round_down_and_out_times_up() -> None:
    rate = parse_rate("25")
    assert (ms_to_frame_floor(79, rate), ms_to_frame_ceil(81, rate)) == (1, 3)
    assert (ms_to_frame_floor(80, rate), ms_to_frame_ceil(80, rate)) == (2, 2)


def test_a_rate_prints_as_editors_write_it() -> None:
    assert [str(parse_rate(rate)) for rate in ("24000/1001", "25", "29.97 DF")] == ["23.976", "25", "29.97 DF"]

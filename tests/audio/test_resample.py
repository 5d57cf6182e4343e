"""Every implementation against the same bars: what a tone of each frequency becomes, where a click lands, and how long the answer is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from core.audio.desamp import desamp
from core.audio.resample import method_for, resample, resample_blocks, whole_ratio
from core.bench.resample import by_interpolation, by_kernel, by_soxr
from core.bench.tones import alias_db, levels_db, ripple_db

Resampler = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def by_blocks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    cut = (samples[start : start + 1000, None] for start in range(0, len(samples), 1000))
    return np.concatenate(list(resample_blocks(cut, 1, (48_000, 16_000))))[:, 0]


IMPLEMENTATIONS: dict[str, Resampler] = {
    "engine": lambda samples: resample(samples, 48_000, 16_000),
    "engine, in blocks": by_blocks,
    "vDSP_desamp in numpy": lambda samples: by_kernel(samples, desamp),
    "soxr": by_soxr,
}


@pytest.fixture(params=IMPLEMENTATIONS)
def implementation(request: pytest.FixtureRequest) -> Resampler:
    return IMPLEMENTATIONS[request.param]


def test_aliases_are_100_db_down_and_speech_is_untouched(implementation: Resampler) -> None:
    assert alias_db(implementation, step_hz=500) < -100
    assert ripple_db(implementation) < 0.1


def test_no_delay_and_the_same_length(implementation: Resampler) -> None:
    click = np.zeros(4801, np.float32)
    click[2400] = 1.0
    heard = implementation(click)
    assert (len(heard), heard.dtype, int(np.argmax(heard))) == (1600, np.float32, 800)


def test_linear_interpolation_lets_every_alias_through() -> None:
    """997 Hz and the 15 kHz tone, which comes out as 1 kHz, are equally loud."""
    assert levels_db(by_interpolation, [997, 15_000]) == pytest.approx((0.0, 0.0), abs=0.05)
    assert levels_db(IMPLEMENTATIONS["engine"], [997, 15_000]) == pytest.approx((0.0, -140.0), abs=30)


def test_vdsps_arithmetic_and_soxr_agree_on_speech_band_sound() -> None:
    spectrum = np.zeros(24_001, np.complex64)
    spectrum[100:7000] = np.exp(2j * np.pi * np.random.default_rng(9).random(6900))
    sound = np.fft.irfft(spectrum).astype(np.float32)
    sound /= np.abs(sound).max()
    ours, theirs = by_kernel(sound, desamp), by_soxr(sound)
    assert float(np.sqrt(np.mean((ours - theirs)[200:-200] ** 2) / np.mean(theirs**2))) < 1e-4


def test_other_ratios_are_soxrs_to_the_last_bit() -> None:
    spoken = np.random.default_rng(4).standard_normal(22_050).astype(np.float32)
    assert method_for(22_050, 16_000) == "soxr"
    assert np.array_equal(resample(spoken, 22_050, 16_000), soxr.resample(spoken, 22_050, 16_000))
    assert np.array_equal(resample(spoken, 22_050 * 1.6, 16_000), soxr.resample(spoken, 22_050 * 1.6, 16_000))


def test_a_signal_at_its_own_rate_comes_back_itself() -> None:
    samples = np.ones(10, np.float32)
    assert resample(samples, 16_000, 16_000) is samples
    assert next(resample_blocks(iter([samples[:, None]]), 1, (16_000, 16_000))).base is samples


@pytest.mark.parametrize(
    ("source", "factor"), [(16_000, 1), (32_000, 2), (48_000, 3), (96_000, 6), (192_000, 12), (208_000, None), (44_100, None), (8_000, None)]
)
def test_which_ratios_are_whole(source: int, factor: int | None) -> None:
    assert whole_ratio(source, 16_000) == factor


@pytest.mark.parametrize("rates", [(0, 16_000), (48_000, -1)])
def test_rates_are_more_than_0(rates: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        resample(np.ones(3, np.float32), *rates)
    with pytest.raises(ValueError, match="more than 0"):
        list(resample_blocks(iter([]), 1, rates))

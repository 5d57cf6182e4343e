"""The filter's bars, by its spectrum: flat to 7 kHz, silent from 8 kHz on, no delay."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.fir import low_pass


@pytest.mark.parametrize(("factor", "taps"), [(2, 217), (3, 325), (6, 649), (12, 1297)])
def test_flat_to_7_khz_and_100_db_down_from_8_khz_on(factor: int, taps: int) -> None:
    table = low_pass(factor)
    assert (table.shape, table.dtype) == ((taps,), np.float32)
    gain_db = 20 * np.log10(np.maximum(np.abs(np.fft.rfft(table.astype(np.float64), 1 << 17)), 1e-12))
    hertz = np.arange(len(gain_db)) * factor * 16_000 / (1 << 17)
    assert np.abs(gain_db[hertz <= 7000]).max() < 0.001
    assert gain_db[hertz >= 8000].max() < -102
    # anything less steep would lose speech, anything steeper would need more taps
    assert gain_db[np.argmin(np.abs(hertz - 7500))] == pytest.approx(-6.0, abs=0.1)


def test_it_delays_nothing_and_keeps_the_level() -> None:
    table = low_pass(3)
    assert np.array_equal(table, table[::-1])
    assert float(table.sum(dtype=np.float64)) == pytest.approx(1.0, abs=1e-6)


def test_the_table_cannot_be_changed_by_accident() -> None:
    with pytest.raises(ValueError, match="read-only"):
        low_pass(3)[0] = 1.0


def test_the_first_and_middle_coefficients_are_those_of_the_recipe() -> None:
    """sinc(15/16 * n / 3) under a Kaiser window of shape 10.4: by hand, the middle one is 15/16 / 3 and the window's end 1 / I0(10.4)."""
    table = low_pass(3)
    assert float(table[162]) == pytest.approx(0.3125, abs=2e-6)
    assert float(table[0]) == pytest.approx(0.3125 * np.sinc(50.625) / np.i0(10.4), abs=1e-9)

"""vDSP's arithmetic in numpy, against its formula written out, against scipy, and over blocks of every length."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import upfirdn

from core.audio.desamp import Decimator, desamp, needed_samples
from core.audio.fir import low_pass


def noise(samples: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def decimated(signal: NDArray[np.float32], factor: int, blocks: list[int]) -> NDArray[np.float32]:
    decimator, parts, start = Decimator(factor, desamp), [], 0
    for size in blocks:
        parts.append(decimator.push(signal[start : start + size]))
        start += size
    assert start >= len(signal)
    return np.concatenate([*parts, decimator.finish()])


def test_correlation_order_written_out() -> None:
    """C[0] = 1*1 + 2*10 + 3*100, C[1] = 3*1 + 4*10 + 5*100, C[2] = 5*1 + 6*10 + 7*100: the filter is not turned round."""
    signal = np.array([1, 2, 3, 4, 5, 6, 7], np.float32)
    assert desamp(signal, 2, np.array([1, 10, 100], np.float32), 3).tolist() == [321.0, 543.0, 765.0]


@pytest.mark.parametrize(("factor", "taps", "count", "needed"), [(3, 325, 1, 325), (3, 325, 100, 622), (2, 217, 16000, 32215), (6, 1, 0, 0)])
def test_how_much_it_reads(factor: int, taps: int, count: int, needed: int) -> None:
    assert needed_samples(factor, taps, count) == needed
    filled = np.ones(needed, np.float32)
    assert len(desamp(filled, factor, np.ones(taps, np.float32), count)) == count
    if needed:
        with pytest.raises(ValueError, match="need"):
            desamp(filled[:-1], factor, np.ones(taps, np.float32), count)


@pytest.mark.parametrize("factor", [2, 3, 6])
@pytest.mark.parametrize("asymmetric", [False, True])
def test_it_computes_what_scipy_computes(factor: int, asymmetric: bool) -> None:
    signal, taps = noise(5000), noise(97, 2) if asymmetric else low_pass(factor)
    count = (len(signal) - len(taps)) // factor + 1
    # scipy convolves: the filter turned round, and the first whole overlap is len(taps) - 1 samples in
    whole = np.convolve(signal.astype(np.float64), taps[::-1].astype(np.float64))[len(taps) - 1 :: factor][:count]
    assert desamp(signal, factor, taps, count) == pytest.approx(whole, abs=2e-5)
    late = upfirdn(taps[::-1], np.concatenate((np.zeros(-(len(taps) - 1) % factor, np.float32), signal)), 1, factor)
    assert desamp(signal, factor, taps, count) == pytest.approx(late[-(-(len(taps) - 1) // factor) :][:count], abs=2e-5)


@pytest.mark.parametrize("factor", [2, 3, 6])
@pytest.mark.parametrize("blocks", [[9001], [1] * 20 + [8981], [162, 163, 1, 324, 325, 326, 7700], [4500, 0, 4501], [3000] * 4])
def test_blocks_make_no_difference(factor: int, blocks: list[int]) -> None:
    signal = noise(9001)
    taps = low_pass(factor)
    whole = upfirdn(taps, signal, 1, factor)[len(taps) // 2 // factor :][: {2: 4501, 3: 3000, 6: 1500}[factor]]
    assert decimated(signal, factor, blocks) == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize(
    ("samples", "factor", "answered"),
    [(0, 3, 0), (1, 3, 0), (2, 3, 1), (100, 3, 33), (101, 3, 34), (3, 2, 2), (5, 6, 1), (48000, 3, 16000)],
)
def test_lengths(samples: int, factor: int, answered: int) -> None:
    assert len(decimated(noise(samples), factor, [samples])) == answered


def test_a_click_stays_at_its_time() -> None:
    signal = np.zeros(4800, np.float32)
    signal[1500] = 1.0
    heard = decimated(signal, 3, [700, 900, 3200])
    assert int(np.argmax(np.abs(heard))) == 500
    assert heard[499] == pytest.approx(heard[501], abs=1e-7)

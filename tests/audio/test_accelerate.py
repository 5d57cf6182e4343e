"""The call into vDSP through ctypes, with a C function in Accelerate's place that counts what it is given."""

from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from core.audio import accelerate, desamp
from core.audio.fir import low_pass
from core.audio.resample import method_for, resample, resample_blocks
from core.errors import SetupError

_FLOATS = ctypes.POINTER(ctypes.c_float)
_PROTOTYPE = ctypes.CFUNCTYPE(None, _FLOATS, ctypes.c_long, _FLOATS, _FLOATS, ctypes.c_ulong, ctypes.c_ulong)


@pytest.fixture(autouse=True)
def looked_for_anew() -> object:
    accelerate._library.cache_clear()
    yield
    accelerate._library.cache_clear()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """Pretend to be a Mac; every call of vDSP_desamp as (factor, count, taps)."""
    seen: list[tuple[int, int, int]] = []

    def vdsp_desamp(a: object, factor: int, f: object, c: object, count: int, taps: int) -> None:
        seen.append((factor, count, taps))
        signal = np.ctypeslib.as_array(a, (factor * (count - 1) + taps,))
        np.ctypeslib.as_array(c, (count,))[:] = desamp.desamp(signal, factor, np.ctypeslib.as_array(f, (taps,)), count)

    library = SimpleNamespace(vDSP_desamp=_PROTOTYPE(vdsp_desamp))
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda path: library if path == accelerate.FRAMEWORK else pytest.fail(str(path)))
    return seen


def test_arguments_arrive_as_vdsp_takes_them(calls: list[tuple[int, int, int]]) -> None:
    signal = np.arange(20, dtype=np.float32)
    wanted = desamp.desamp(signal, 3, np.array([1, 10, 100], np.float32), 5)
    # a view with gaps is made dense, for vDSP_desamp knows no stride within the filter
    spread = np.repeat(signal, 2)[::2]
    assert accelerate.desamp(spread, 3, np.array([1, 10, 100], np.float32), 5).tolist() == wanted.tolist()
    assert calls == [(3, 5, 3)]


def test_vdsp_is_never_asked_to_read_beyond_the_end(calls: list[tuple[int, int, int]]) -> None:
    with pytest.raises(ValueError, match="5 samples need 15, not 14"):
        accelerate.desamp(np.zeros(14, np.float32), 3, np.zeros(3, np.float32), 5)
    assert accelerate.desamp(np.zeros(0, np.float32), 3, low_pass(3), 0).tolist() == []
    assert calls == []


def test_a_mac_divides_by_whole_numbers_with_vdsp_and_leaves_the_rest_to_soxr(calls: list[tuple[int, int, int]]) -> None:
    assert [method_for(rate, 16_000) for rate in (16_000, 32_000, 44_100, 48_000, 96_000)] == [
        "same",
        "accelerate",
        "soxr",
        "accelerate",
        "accelerate",
    ]
    signal = np.random.default_rng(5).standard_normal(48_000).astype(np.float32)
    heard = resample(signal, 48_000, 16_000)
    assert sum(count for _, count, _ in calls) == len(heard) == 16_000
    assert {(factor, taps) for factor, _, taps in calls} == {(3, 325)}
    calls.clear()
    pairs = np.stack([signal, -signal], axis=1)
    blocks = np.concatenate(list(resample_blocks((pairs[start : start + 5000] for start in range(0, 48_000, 5000)), 2, (48_000, 16_000))))
    assert blocks[:, 0] == pytest.approx(heard, abs=1e-6)
    assert blocks[:, 1] == pytest.approx(-heard, abs=1e-6)


def test_a_system_without_the_function_says_so_and_soxr_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", lambda path: SimpleNamespace())
    with pytest.raises(SetupError) as caught:
        accelerate.desamp(np.zeros(400, np.float32), 3, low_pass(3), 10)
    assert caught.value.code == "resample.no_accelerate"
    assert "vDSP_desamp" in caught.value.detail
    assert method_for(48_000, 16_000) == "soxr"


@pytest.mark.skipif(sys.platform == "darwin", reason="here it is there")
def test_away_from_a_mac_it_is_not_looked_for() -> None:
    assert not accelerate.available()


@pytest.mark.skipif(sys.platform != "darwin", reason="needs Accelerate")
def test_accelerate_itself_computes_what_numpy_does() -> None:
    signal = np.random.default_rng(6).standard_normal(10_000).astype(np.float32)
    assert accelerate.desamp(signal, 3, low_pass(3), 3000) == pytest.approx(desamp.desamp(signal, 3, low_pass(3), 3000), abs=1e-5)

"""Peaks: levels, the files that players read, and files that are none."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.media.waveform import Peaks, coarser, peaks_of, pyramid, read_peaks, write_dat, write_json_peaks

SIX = Peaks(np.array([[-1, 2], [-5, 3], [0, 9], [-2, 1], [-7, 0], [4, 6]], np.int8))


def test_peaks_of_samples() -> None:
    samples = np.zeros(10, np.int16)
    samples[[1, 4, 9]] = (-512, 32767, -32768)
    assert peaks_of(samples, 4).pairs.tolist() == [[-2, 0], [0, 127], [-128, 0]]


def test_four_pixels_become_one_and_the_last_may_stand_for_fewer() -> None:
    level = coarser(SIX)
    assert (level.pairs.tolist(), level.samples_per_pixel) == ([[-5, 9], [-7, 6]], 640)
    assert coarser(level).pairs.tolist() == [[-7, 9]]


def test_an_hour_has_six_levels_and_the_coarsest_fits_on_a_screen() -> None:
    levels = pyramid(Peaks(np.zeros((360_000, 2), np.int8)))
    assert [len(level.pairs) for level in levels] == [360_000, 90_000, 22_500, 5_625, 1_407, 352]
    assert [level.samples_per_pixel for level in levels] == [160, 640, 2_560, 10_240, 40_960, 163_840]


def test_nothing_has_one_level() -> None:
    assert [len(level.pairs) for level in pyramid(Peaks(np.zeros((0, 2), np.int8)))] == [0]


def test_dat_is_audiowaveforms(tmp_path: Path) -> None:
    write_dat(Peaks(SIX.pairs[:2], 640), tmp_path / "a.dat")
    assert (tmp_path / "a.dat").read_bytes() == struct.pack("<iIiiIi", 2, 1, 16000, 640, 2, 1) + struct.pack("4b", -1, 2, -5, 3)
    found = read_peaks(tmp_path / "a.dat")
    assert (found.pairs.tolist(), found.samples_per_pixel) == ([[-1, 2], [-5, 3]], 640)


def test_json_is_audiowaveforms(tmp_path: Path) -> None:
    write_json_peaks(Peaks(SIX.pairs[:2]), tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == {
        "version": 2, "channels": 1, "sample_rate": 16000, "samples_per_pixel": 160, "bits": 8, "length": 2, "data": [-1, 2, -5, 3],
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF....WAVE",
        struct.pack("<iIiiIi", 2, 1, 16000, 160, 3, 1) + bytes(4),
        struct.pack("<iIiiIi", 1, 1, 16000, 160, 1, 1) + bytes(2),
        struct.pack("<iIiiIi", 2, 0, 16000, 160, 1, 1) + bytes(4),
        struct.pack("<iIiiIi", 2, 1, 44100, 160, 1, 1) + bytes(2),
        struct.pack("<iIiiIi", 2, 1, 16000, 0, 1, 1) + bytes(2),
        struct.pack("<iIiiIi", 2, 1, 16000, 160, 1, 2) + bytes(4),
    ],
    ids=["empty", "other", "short", "version", "16 bits", "rate", "spacing", "stereo"],
)
def test_what_is_no_peaks_file_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.dat").write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_peaks(tmp_path / "a.dat")
    assert caught.value.code == "waveform.damaged_peaks"
    assert "a.dat" in caught.value.message("zh")

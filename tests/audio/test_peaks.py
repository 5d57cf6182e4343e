"""The bytes of a peaks file."""

from __future__ import annotations

import io

import numpy as np
import pytest

from core.audio.peaks import peaks_size, write_header, write_pixels


def test_header_and_pixels() -> None:
    file = io.BytesIO()
    block = np.zeros(161, np.int16)
    block[[3, 7, 160]] = (-32768, 32767, 512)
    write_header(file, 161)
    write_pixels(file, block)
    assert file.getvalue() == (
        b"\x02\x00\x00\x00" b"\x01\x00\x00\x00" b"\x80\x3e\x00\x00" b"\xa0\x00\x00\x00" b"\x02\x00\x00\x00" b"\x01\x00\x00\x00"
        b"\x80\x7f" b"\x02\x02"
    )  # fmt: skip


@pytest.mark.parametrize(("samples", "size"), [(1, 26), (160, 26), (161, 28)])
def test_size(samples: int, size: int) -> None:
    assert peaks_size(samples) == size

"""The curves of high dynamic range against the numbers of the recommendations, and what becomes of them on a plain screen."""

from __future__ import annotations

import numpy as np
import pytest

from core.media.tone import HLG, PQ, hlg_nits, pq_nits, to_srgb


@pytest.mark.parametrize(("code", "nits"), [(0.0, 0.0), (0.5081, 100.0), (0.5807, 203.0), (0.7518, 1000.0), (1.0, 10000.0)])
def test_pq(code: float, nits: float) -> None:
    assert float(pq_nits(np.array(code))) == pytest.approx(nits, rel=0.003)


@pytest.mark.parametrize(("code", "nits"), [(0.0, 0.0), (0.38, 26.0), (0.75, 203.0), (1.0, 1000.0)])
def test_hlg_of_grey(code: float, nits: float) -> None:
    """ITU-R BT.2408-7, table 1: 18 % grey is a signal of 0.38 and 26 cd/m², graphics white 0.75 and 203."""
    assert hlg_nits(np.full(3, code)) == pytest.approx([nits] * 3, rel=0.02)


@pytest.mark.parametrize("curve", [PQ, HLG])
def test_brighter_stays_brighter_and_grey_stays_grey(curve: int) -> None:
    ramp = np.repeat(np.linspace(0, 65535, 200).astype(np.uint16)[:, None], 3, axis=1)
    shown = to_srgb(ramp, curve).astype(int)
    assert (np.ptp(shown, axis=1) <= 1).all()
    assert (np.diff(shown[:, 1]) >= 0).all()
    assert (shown[0].tolist(), shown[-1].tolist()) == ([0, 0, 0], [255, 255, 255])


def test_dark_and_middle_tones_keep_their_light() -> None:
    """26 cd/m² of 203 is a linear 0.128: 0.394 in sRGB."""
    assert to_srgb(np.full((1, 3), round(0.38 * 65535), np.uint16), HLG)[0].tolist() == pytest.approx([100] * 3, abs=2)


def test_a_color_outside_srgb_keeps_its_hue() -> None:
    red = to_srgb(np.array([[32000, 0, 0]], np.uint16), PQ)[0]
    assert red[0] > 120 and red[1] == red[2] == 0

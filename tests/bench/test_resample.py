"""One short run of `bench resample`, and the page that it draws."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from core.bench import resample, resample_plot
from core.bench.tones import levels_db


def test_a_run_measures_ours_and_the_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resample, "_QUICK_SECONDS", 2)
    monkeypatch.setattr(resample, "_ROUNDS", 1)
    monkeypatch.setattr(resample, "find_spec", lambda name: None)
    monkeypatch.setattr(resample, "_peak_mb", lambda name, seconds: float(seconds))
    monkeypatch.setattr(resample.accelerate, "available", lambda: False)
    result = resample.run(quick=True)
    assert [row.name for row in result.rows] == ["ours (soxr)", "vDSP_desamp in numpy", "linear interpolation"]
    for row in result.rows:
        assert list(row.metrics) == ["seconds", "x_realtime", "peak_mb", "ripple_db", "alias_db"]
    ours, twin, straight = (row.metrics["alias_db"] for row in result.rows)
    assert isinstance(ours, float) and isinstance(twin, float) and isinstance(straight, float)
    assert ours < -100 and twin < -100 and straight > -1


def test_memory_is_that_of_a_process_of_its_own() -> None:
    """Two seconds of linear interpolation: 64-bit positions of every sample, 0.77 MB, and their likes."""
    assert 0.7 < resample._peak_mb("linear interpolation", 2) < 30


def test_a_tone_that_passes_is_at_0_db_and_a_filter_of_one_half_at_minus_6() -> None:
    assert levels_db(lambda samples: samples[::3], [440, 15_000]) == pytest.approx((0.0, 0.0), abs=0.05)
    assert levels_db(lambda samples: samples[::3] / 2, [440]) == pytest.approx((-6.02,), abs=0.05)


def test_the_page_says_what_is_measured_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the table our filter's row alone, which does not depend on the machine; soxr's last decibel may."""
    page = (resample_plot.DOCS / resample_plot.PAGE).read_text("utf-8")
    table = [line for line in page.splitlines() if line.startswith("|")]
    monkeypatch.setattr(resample_plot, "CURVES", resample_plot.CURVES[2:])
    assert resample_plot.table().splitlines()[2] == table[4] == "| our filter, vDSP_desamp's arithmetic | 0.000 dB | -104 dB |"
    monkeypatch.setattr(resample_plot, "table", lambda: "\n".join(table))
    assert resample_plot.page() == page


def test_the_picture_has_every_curve_twice() -> None:
    picture = ElementTree.parse(resample_plot.DOCS / resample_plot.PICTURE).getroot()
    curves = picture.findall("{http://www.w3.org/2000/svg}polyline")
    names = [curve[0].text for curve in curves]
    assert names == [name for name, _, _ in resample_plot.CURVES for _ in range(2)]
    assert {len(curve.attrib["points"].split()) for curve in curves} == {400, 410}

"""Draw what the resamplers do to every frequency and write `docs/resampling.md` and its picture.

    python -m core.bench.resample_plot [FOLDER]

Everything in the page is measured while it is made, with tones. Another curve is another entry of `CURVES`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from ..audio.desamp import desamp
from ..audio.fir import low_pass
from ..files import write_text
from .resample import by_interpolation, by_kernel, by_soxr
from .tones import FLAT_TO_HZ, NYQUIST_HZ, RATE, Resampler, alias_db, levels_db, ripple_db

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURE, PAGE = "resampling.svg", "resampling.md"
CURVES: tuple[tuple[str, str, Resampler], ...] = (
    ("straight lines between samples", "#c62828", by_interpolation),
    ("soxr HQ", "#8a8a8a", by_soxr),
    ("our filter, vDSP_desamp's arithmetic", "#1565c0", lambda samples: by_kernel(samples, desamp)),
)
_STEP_HZ = 60
_WIDTH, _LEFT, _RIGHT = 960, 64, 24
_INK, _GRID, _SHADE = "#222", "#ddd", "#faeceb"


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram: rows of the picture from `top` on, `height` of them; the range and grid of frequencies in Hz and of levels in dB."""

    title: str
    top: int
    height: int
    last_hz: int
    step_hz: int
    levels_db: tuple[float, float]
    step_db: float

    def x(self, hertz: float) -> float:
        """Column of a frequency."""
        return _LEFT + hertz / self.last_hz * (_WIDTH - _LEFT - _RIGHT)

    def y(self, level_db: float) -> float:
        """Row of a level, kept inside the diagram."""
        low, high = self.levels_db
        return self.top + self.height * (high - min(max(level_db, low), high)) / (high - low)


_WHOLE = Panel("48 kHz to 16 kHz: level of what comes out for a tone of each frequency, dB", 70, 330, RATE // 2, 2000, (-140.0, 20.0), 20)
_PASS_BAND = Panel("The same, close up: the band that is kept, dB", 480, 200, 8200, 1000, (-1.0, 0.2), 0.2)


def draw() -> str:
    """The picture as SVG."""
    hertz = [_STEP_HZ * number + 5.0 for number in range(RATE // 2 // _STEP_HZ)]
    near = [20.0 * number + 5.0 for number in range(_PASS_BAND.last_hz // 20)]
    parts = [*_frame(_WHOLE), *_frame(_PASS_BAND)]
    for name, color, resampler in CURVES:
        for panel, tones in ((_WHOLE, hertz), (_PASS_BAND, near)):
            parts.append(_curve(panel, color, tones, levels_db(resampler, tones), name))
    parts += [_legend(number, name, color) for number, (name, color, _) in enumerate(CURVES)]
    style = 'font-family="Helvetica, Arial, sans-serif" font-size="13"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} 730" {style}>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>", ""])


def _frame(panel: Panel) -> list[str]:
    low, high = panel.levels_db
    alias = panel.x(NYQUIST_HZ)
    parts = [f'<rect x="{alias:.1f}" y="{panel.top}" width="{panel.x(panel.last_hz) - alias:.1f}" height="{panel.height}" fill="{_SHADE}"/>']
    for hertz in range(0, panel.last_hz + 1, panel.step_hz):
        parts.append(_line(panel.x(hertz), panel.top, panel.x(hertz), panel.top + panel.height))
        parts.append(_text(panel.x(hertz), panel.top + panel.height + 18, f"{hertz // 1000}", "middle"))
    for number in range(round((high - low) / panel.step_db) + 1):
        level = high - number * panel.step_db
        parts.append(_line(_LEFT, panel.y(level), _WIDTH - _RIGHT, panel.y(level)))
        parts.append(_text(_LEFT - 8, panel.y(level) + 4, f"{level:g}" if abs(level) > 1e-9 else "0", "end"))
    parts += [_text(_LEFT, panel.top - 10, panel.title), _text(_WIDTH - _RIGHT, panel.top + panel.height + 36, "tone, kHz", "end")]
    if panel.last_hz > 2 * NYQUIST_HZ:
        parts.append(_text(alias + 10, panel.top + 72, "from 8 kHz on: whatever is heard is an alias"))
    return parts


def _curve(panel: Panel, color: str, hertz: Sequence[float], levels: Sequence[float], name: str) -> str:
    points = " ".join(f"{panel.x(tone):.1f},{panel.y(level):.1f}" for tone, level in zip(hertz, levels, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.6"><title>{escape(name)}</title></polyline>'


def _legend(number: int, name: str, color: str) -> str:
    x = _LEFT + 290 * number
    return f'<path d="M{x} 26h26" stroke="{color}" stroke-width="3"/>' + _text(x + 34, 30, name)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{_GRID}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}">{escape(words)}</text>'


def table() -> str:
    """What was measured, as Markdown."""
    rows = ["| | change of level up to 7 kHz | loudest alias of a tone from 8 to 24 kHz |", "|---|---|---|"]
    for name, _, resampler in CURVES:
        rows.append(f"| {name} | {ripple_db(resampler):.3f} dB | {alias_db(resampler):.0f} dB |")
    return "\n".join(rows)


def page() -> str:
    """The page's text."""
    taps = " · ".join(f"{factor * 16} kHz: {len(low_pass(factor))}" for factor in (2, 3, 6))
    return _PAGE.format(table=table(), taps=taps, picture=PICTURE, flat=FLAT_TO_HZ // 1000)


_PAGE = """# Resampling

Made by `python -m core.bench.resample_plot`; every number in it is measured while the page is made, by sending tones through the very
functions that the engine calls. `canto-beats bench resample` measures speed and memory on the machine at hand.

![Level of what comes out for a tone of each frequency]({picture})

{table}

## What runs where

- A medium is decoded, mixed and resampled by ffmpeg. A plain WAV at a whole multiple of 16 kHz, as Resolve renders it for us, is read in our own
  process (`core/audio/pcm.py`) and resampled there (`core/audio/resample.py`): by `vDSP_desamp` of Apple's Accelerate on a Mac, by soxr elsewhere.
- Every other ratio, 44.1 kHz or a computer voice's 22.05 kHz, is soxr's on every machine.
- vDSP and numpy use one table of coefficients (`core/audio/fir.py`): a sinc under a Kaiser window of shape 10.4 that is cut off at 7.5 kHz, 54
  samples of the new rate to each side. Coefficients: {taps}. The tests hold vDSP's arithmetic in numpy against scipy; `canto-beats selftest` holds
  Accelerate itself against both on your Mac.

## Why not straight lines

`vDSP_vgenp` and `vDSP_vlint` draw straight lines between the samples they are given and read values off them. That is an envelope generator, not a
resampler: nothing is filtered. From 48 kHz to 16 kHz every new sample falls exactly on an old one, so the lines change nothing at all and two
samples of three are thrown away: the red curve. A tone of 15 kHz, a hiss, the whistle of a lamp, all of it above 8 kHz comes back at full level at
a frequency where speech is (15 kHz as 1 kHz), and no later step can tell it from the voice. A resampler must first remove what the new rate cannot
hold: flat to {flat} kHz, gone from 8 kHz on, since 16 kHz is what the recognisers listen to.
"""


def main() -> None:
    """Write both files into the folder named, or into the project's docs."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    write_text(folder / PICTURE, draw())
    write_text(folder / PAGE, page())


if __name__ == "__main__":
    main()

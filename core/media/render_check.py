"""Looks at a finished render before it gets its name: the streams, the length, and the subtitles themselves.

At the middle of a cue the frame must be nearer to the source with the subtitles drawn in than to the source alone, where the two differ; at a
moment without a cue it must look like the source. A render that fails is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, StageError
from ..progress import CancelToken
from .ffmpeg import Place, run_ffmpeg
from .picture import PictureFacts, look_at
from .render_plan import RenderPlan, burn_filters

if TYPE_CHECKING:
    import numpy as np

_LENGTH_SLACK_S = Fraction(1, 2)
_GAP_S, _GOOD_GAP_S = Fraction(1, 5), Fraction(1, 2)
_ROUNDING_S = Fraction(1, 1000)
_VISIBLE = 24  # of 255: how far a pixel must lie from the source to count as subtitle
_ENOUGH_PIXELS = 12
_STRANGE = 20.0  # of 255, mean: no encoder at any of our qualities is that far from its source
_LOOKED_AT = 960  # pixels of the longer side
_ATTEMPTS = 4  # cues that are looked at before one is believed to be invisible (white on white)

Spans = Sequence[tuple[Fraction, Fraction]]


def check_render(plan: RenderPlan, out: Path, place: Place, spans: Spans, cancel: CancelToken) -> PictureFacts:
    """What is in the finished file. `spans` are the cues in seconds, in order.

    Raises StageError `render.check_unreadable`, `render.check_streams`, `render.check_length`, `render.check_no_subtitles` or `render.check_picture`.
    """
    try:
        made = look_at(out)
    except InputError as error:  # it speaks of a file that the user never named
        raise StageError("render.check_unreadable", detail=str(error)) from error
    _check_streams(plan, made)
    if abs(made.duration_s - plan.facts.duration_s) > _LENGTH_SLACK_S:
        raise StageError("render.check_length", made=f"{float(made.duration_s):.1f}", source=f"{float(plan.facts.duration_s):.1f}")
    _check_drawn(plan, out, place, spans, cancel)
    _check_clean(plan, out, place, spans, cancel)
    return made


def _check_streams(plan: RenderPlan, made: PictureFacts) -> None:
    wanted = (plan.picture.width, plan.picture.height, len(plan.facts.sounds), plan.facts.light)
    found = (made.width, made.height, len(made.sounds), made.light)
    if wanted != found:
        raise StageError("render.check_streams", wanted=wanted, found=found)


def _check_drawn(plan: RenderPlan, out: Path, place: Place, spans: Spans, cancel: CancelToken) -> None:
    import numpy as np

    chains = (",".join(plan.filters), burn_filters(plan))
    for at_s in _moments(plan, spans):
        plain, drawn = _frames(plan.facts.path, at_s, chains, place, cancel, plan)
        there = np.abs(plain - drawn) > _VISIBLE
        if there.sum() < _ENOUGH_PIXELS:
            continue
        (made,) = _frames(out, at_s, ("",), place, cancel, plan)
        if np.abs(made - drawn)[there].mean() >= np.abs(made - plain)[there].mean():
            raise StageError("render.check_no_subtitles", at=f"{float(at_s):.2f}")
        return


def _moments(plan: RenderPlan, spans: Spans) -> Sequence[Fraction]:
    """The middles of some cues that lie in the picture, the longest first."""
    inside = [(start_s, min(end_s, plan.facts.duration_s)) for start_s, end_s in spans if start_s < plan.facts.duration_s]
    longest = sorted(inside, key=lambda span: span[0] - span[1])[:_ATTEMPTS]
    return [_middle(plan, *span) for span in longest]


def _middle(plan: RenderPlan, start_s: Fraction, end_s: Fraction) -> Fraction:
    """A moment of a span with a frame at or soon after it: the film's last frames are left alone, and so is rounding."""
    latest_s = plan.facts.duration_s - 2 / (plan.picture.fps or Fraction(25))
    return max(Fraction(0), max(start_s, min((start_s + end_s) / 2, latest_s)) - _ROUNDING_S)


def _check_clean(plan: RenderPlan, out: Path, place: Place, spans: Spans, cancel: CancelToken) -> None:
    import numpy as np

    at_s = _gap(plan, spans)
    if at_s is None:
        return
    (plain,) = _frames(plan.facts.path, at_s, (",".join(plan.filters),), place, cancel, plan)
    (made,) = _frames(out, at_s, ("",), place, cancel, plan)
    if np.abs(made - plain).mean() > _STRANGE:
        raise StageError("render.check_picture", at=f"{float(at_s):.2f}")


def _gap(plan: RenderPlan, spans: Spans) -> Fraction | None:
    """A moment without a cue: in the first good gap, else in the longest, None where all are short. Early moments are quick to seek to."""
    edges = [Fraction(0), *(edge for span in sorted(spans) for edge in span if edge < plan.facts.duration_s), plan.facts.duration_s]
    gaps = list(zip(edges[::2], edges[1::2], strict=False))
    good = (gap for gap in gaps if gap[1] - gap[0] >= _GOOD_GAP_S)
    start_s, end_s = next(good, max(gaps, key=lambda gap: gap[1] - gap[0]))
    return _middle(plan, start_s, end_s) if end_s - start_s > _GAP_S else None


def _frames(file: Path, at_s: Fraction, chains: Sequence[str], place: Place, cancel: CancelToken, plan: RenderPlan) -> np.ndarray:
    """The first frame at or after `at_s` through each of `chains`, grey and no larger than needed: (chains, rows, columns) float32 of 0 to 255."""
    import numpy as np

    share = min(1.0, _LOOKED_AT / max(plan.picture.width, plan.picture.height))
    width, height = (max(1, round(side * share)) for side in (plan.picture.width, plan.picture.height))
    # the chains must see the film's own clock, which starts anew after a seek
    clock = f"setpts=PTS+{float(at_s):.6f}/TB"
    steps = [",".join(step for step in (clock, chain, f"scale={width}:{height}:flags=area", "format=gray") if step) for chain in chains]
    whole = f"split[a][b];[a]{steps[0]}[c];[b]{steps[1]}[d];[c][d]vstack" if len(steps) > 1 else steps[0]
    arguments = ["-ss", f"{float(at_s):.6f}", "-i", str(file.absolute()), "-an", "-sn", "-dn", "-vf", whole]
    data = run_ffmpeg([*arguments, "-frames:v", "1", "-f", "rawvideo", "pipe:1"], cancel, subject=str(file), place=place)
    if len(data) != len(chains) * width * height:
        raise StageError("render.check_length", made=f"{float(at_s):.1f}", source=f"{float(plan.facts.duration_s):.1f}")
    return np.frombuffer(data, np.uint8).reshape(len(chains), height, width).astype(np.float32)

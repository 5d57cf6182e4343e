"""Checks of time: how long, how close to the neighbour, how close to a cut."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import frames_to_read
from .lint_base import Check, Hit, Subject, each_neighbour, hit
from .shots import cut_after, cut_at_or_before, cut_between
from .width import width

_NETFLIX = "Netflix Subtitle Timing Guidelines 360051554394"


def _dur_min(subject: Subject) -> Iterator[Hit]:
    least = subject.limits.shortest
    for index, cue in enumerate(subject.document.cues):
        if (length := cue.end_frame - cue.start_frame) < least:
            yield hit(index, seconds=subject.seconds(length), limit=subject.seconds(least))


def _dur_max(subject: Subject) -> Iterator[Hit]:
    limits = subject.limits
    for index, cue in enumerate(subject.document.cues):
        length = cue.end_frame - cue.start_frame
        if length > limits.soft_longest:
            level = None if length > limits.longest else "warning"
            limit = limits.longest if length > limits.longest else limits.soft_longest
            yield hit(index, level, seconds=subject.seconds(length), limit=subject.seconds(limit))  # type: ignore[arg-type]


def _cps(subject: Subject) -> Iterator[Hit]:
    document, preset = subject.document, subject.preset
    for index, cue in enumerate(document.cues):
        length = cue.end_frame - cue.start_frame
        for limit, level in ((preset.cps_max, None), (preset.cps_warn, "warning")):
            if length < frames_to_read(cue.text, limit, document.rate):
                speed = f"{width(cue.text) * float(document.rate.fps) / length:.1f}"
                yield hit(index, level, speed=speed, limit=f"{limit:g}")  # type: ignore[arg-type]
                break


def _overlap(subject: Subject) -> Iterator[Hit]:
    """Overlaps that the reader of the file had to trim: a document itself has none."""
    places = {cue.id: index for index, cue in enumerate(subject.document.cues)}
    for finding in subject.document.findings:
        if finding.code == "formats.overlap_trimmed" and finding.cue_id in places:
            yield hit(places[finding.cue_id])


def _gap_lt2(subject: Subject) -> Iterator[Hit]:
    gap = subject.limits.gap_least
    for index, first, second in each_neighbour(subject):
        if (apart := second.start_frame - first.end_frame) < gap:
            yield hit(index, span=subject.span(apart), limit=subject.span(gap))


def _gap_3_h(subject: Subject) -> Iterator[Hit]:
    limits = subject.limits
    for index, first, second in each_neighbour(subject):
        apart = second.start_frame - first.end_frame
        closes = second.start_frame - limits.gap - first.start_frame <= limits.longest
        if limits.gap_most < apart < limits.close_below and closes and not cut_between(subject.cuts, first.end_frame, second.start_frame + 1):
            yield hit(index, span=subject.span(apart), limit=subject.span(limits.gap))


def _shot_in(subject: Subject) -> Iterator[Hit]:
    """As far as `snap_in` may move an edge, and half a second before a cut, where no edge belongs."""
    limits = subject.limits
    for index, cue in enumerate(subject.document.cues if subject.preset.shots else ()):
        before, after = cut_at_or_before(subject.cuts, cue.start_frame), cut_after(subject.cuts, cue.start_frame)
        if before is not None and 0 <= cue.start_frame - before < limits.half:
            if 0 < cue.start_frame - before <= limits.early:
                yield hit(index, span=subject.span(cue.start_frame - before))
        elif after is not None and after - cue.start_frame < limits.half:
            yield hit(index, span=subject.span(after - cue.start_frame))


def _shot_out(subject: Subject) -> Iterator[Hit]:
    limits = subject.limits
    for index, cue in enumerate(subject.document.cues if subject.preset.shots else ()):
        before, after = cut_at_or_before(subject.cuts, cue.end_frame), cut_after(subject.cuts, cue.end_frame)
        if before is not None and cue.start_frame < before and cue.end_frame - before < limits.half:
            yield hit(index, span=subject.span(cue.end_frame - before))
        elif after is not None and after - cue.end_frame != limits.gap and after - cue.end_frame - limits.gap <= min(limits.half, limits.linger_max):
            yield hit(index, span=subject.span(after - cue.end_frame))


CHECKS = (
    Check("dur_min", "error", _dur_min, f"{_NETFLIX}: 5/6 s; the preset's own", fix=True),
    Check("dur_max", "error", _dur_max, f"{_NETFLIX}: 7 s; the preset's own", fix=True),
    Check("cps", "error", _cps, "Netflix Traditional Chinese 215994807: 9 characters a second, half-width ones counting half", fix=True),
    Check("overlap", "error", _overlap, "SubtitleDocument: one cue at a time", fix=True),
    Check("gap_lt2", "error", _gap_lt2, f"{_NETFLIX}: two frames", fix=True),
    Check("gap_3_h", "warning", _gap_3_h, f"{_NETFLIX}: gaps under half a second close to two frames", fix=True),
    Check("shot_in", "warning", _shot_in, f"{_NETFLIX}: in-times near a cut", fix=True),
    Check("shot_out", "warning", _shot_out, f"{_NETFLIX}: out-times near a cut", fix=True),
)

"""One clip as straight runs of its sources, and the three things done to such runs: cut, move, judge.

Everything is exact: seconds are Fractions and nothing is rounded. A new reason to skip a clip goes into `why_skipped`, with its text in
`data/messages/plan.json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from ..timeline import AudioPiece, Clip, GainKey, SpeedKey

SILENT_DB = -60.0  # a clip pulled down this far was taken out of the mix
_SLOWEST, _FASTEST = Fraction(1, 20), Fraction(100)  # beyond these nothing that was said can be understood
_NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clip lies on its track, and how far transitions reach into and out of it, in seconds.

    `head_s` and `tail_s` are what the neighbours' transitions ask to be heard before and after the clip; `fade_in_s` and `fade_out_s` are how
    far those transitions reach inside it.
    """

    track: str
    start_s: Fraction
    head_s: Fraction = _NONE
    tail_s: Fraction = _NONE
    fade_in_s: Fraction = _NONE
    fade_out_s: Fraction = _NONE


@dataclass(frozen=True, slots=True)
class _Run:
    """A straight part of a clip's time map; `offset_s` counts from the clip's first moment and is negative in a transition's head."""

    offset_s: Fraction
    duration_s: Fraction
    source_s: Fraction
    speed: Fraction


def clip_pieces(clip: Clip, place: Place) -> tuple[AudioPiece, ...]:
    """The clip's sound on its track's clock, one piece per straight run and audio stream; one skipped piece when it has no sound to give."""
    whole = AudioPiece(clip.media.file, place.start_s, clip.duration_s, name=clip.name, track=place.track)
    if reason := why_skipped(clip):
        return (replace(whole, skipped_because=reason),)
    first, last = _source_of(clip, _NONE), _source_of(clip, clip.duration_s)
    head_s = min(place.head_s, _room(first[0], first[1]))
    left_s = None if clip.media.duration_s is None else clip.media.duration_s - last[0]
    tail_s = min(place.tail_s, place.tail_s if left_s is None else _room(left_s, last[1]))
    duration_s = head_s + clip.duration_s + tail_s
    fade_in_s = head_s + place.fade_in_s or clip.fade_in_s
    fade_out_s = tail_s + place.fade_out_s or clip.fade_out_s
    whole = replace(
        whole,
        record_start_s=place.start_s - head_s,
        record_duration_s=duration_s,
        gain_db=clip.gain_db,
        gain_keys=tuple(GainKey(key.record_s + head_s, key.gain_db) for key in clip.gain_keys),
        fade_in_s=min(fade_in_s, duration_s),
        fade_out_s=min(fade_out_s, duration_s),
    )
    return tuple(_in_streams(clip, _straight(whole, clip, place)))


def why_skipped(clip: Clip) -> str | None:
    """The catalogue key of why a clip is not heard or cannot be rebuilt; None when it can."""
    if not clip.enabled:
        return "plan.clip_disabled"
    if clip.duration_s <= 0:
        return "plan.zero_length"
    if clip.media.still:
        return "plan.still"
    if clip.notes:
        return clip.notes[0]
    if max((key.gain_db for key in clip.gain_keys), default=clip.gain_db) <= SILENT_DB:
        return "plan.silenced"
    if clip.media.offline:
        return "plan.offline"
    return "plan.no_media" if clip.media.file is None else None


def _room(source_s: Fraction, speed: Fraction) -> Fraction:
    """How long a transition can draw on `source_s` seconds of media."""
    return max(_NONE, source_s / speed) if speed > 0 else _NONE


def _source_of(clip: Clip, offset_s: Fraction) -> tuple[Fraction, Fraction]:
    """Position in the file and speed, `offset_s` after the clip's first moment."""
    start_s = clip.source_start_s - (clip.media.start_s or _NONE)
    if not clip.ramp:
        return start_s + offset_s * clip.speed, clip.speed
    record_s = _record_of(clip.ramp, start_s) + offset_s
    before, after = next((pair for pair in pairwise(clip.ramp) if record_s < pair[1].record_s), clip.ramp[-2:])
    slope = _slope(before, after)
    return before.source_s + (record_s - before.record_s) * slope, slope


def _record_of(ramp: tuple[SpeedKey, ...], source_s: Fraction) -> Fraction:
    """Where on the ramp's record clock a source position is heard first; beyond the keys the outer slopes go on."""
    inside = (pair for pair in pairwise(ramp) if pair[0].source_s <= source_s < pair[1].source_s)
    outer = ramp[:2] if source_s < ramp[0].source_s else ramp[-2:]
    before, after = next(inside, outer)
    slope = _slope(before, after)
    return before.record_s + (source_s - before.source_s) / slope if slope else before.record_s


def _slope(before: SpeedKey, after: SpeedKey) -> Fraction:
    return (after.source_s - before.source_s) / (after.record_s - before.record_s)


def _straight(whole: AudioPiece, clip: Clip, place: Place) -> Iterator[AudioPiece]:
    """`whole` cut at every bend of the clip's time map, each part with its source position, speed and, where needed, reason to skip it."""
    first_s = whole.record_start_s - place.start_s
    for run in _runs(clip, first_s, first_s + whole.record_duration_s):
        start_s = place.start_s + run.offset_s
        part = cut(whole, start_s, start_s + run.duration_s)
        if part is not None:
            yield _inside_media(replace(part, source_start_s=run.source_s, speed=run.speed), clip.media.duration_s)


def _runs(clip: Clip, first_s: Fraction, end_s: Fraction) -> Iterator[_Run]:
    bends: list[Fraction] = []
    if clip.ramp:
        origin_s = _record_of(clip.ramp, clip.source_start_s - (clip.media.start_s or _NONE))
        bends = [key.record_s - origin_s for key in clip.ramp[1:-1]]
    edges = [first_s, *(bend for bend in bends if first_s < bend < end_s), end_s]
    for offset_s, next_s in pairwise(edges):
        source_s, speed = _source_of(clip, offset_s)
        yield _Run(offset_s, next_s - offset_s, source_s, speed)


def _inside_media(piece: AudioPiece, media_s: Fraction | None) -> AudioPiece:
    """Mark what cannot be played; drop the silence before the file's first sample, which half a frame of rounding can ask for."""
    if reason := unplayable(piece.speed):
        return replace(piece, source_start_s=_NONE, speed=Fraction(1), skipped_because=reason)
    missing_s = max(_NONE, -piece.source_start_s / piece.speed)
    inside = cut(piece, piece.record_start_s + missing_s, piece.record_start_s + piece.record_duration_s)
    if inside is None or (media_s is not None and inside.source_start_s >= media_s):
        return replace(piece, source_start_s=_NONE, skipped_because="plan.outside_media")
    return inside


def unplayable(speed: Fraction) -> str | None:
    """The catalogue key of why speech at this speed cannot be heard; None when it can."""
    if speed <= 0:
        return "plan.freeze" if speed == 0 else "plan.reverse"
    return None if _SLOWEST <= speed <= _FASTEST else "plan.extreme_speed"


def _in_streams(clip: Clip, pieces: Iterator[AudioPiece]) -> Iterator[AudioPiece]:
    streams: dict[int, list[int]] = {}
    for stream, channel in clip.stream_channels:
        if channel not in streams.setdefault(stream, []):
            streams[stream].append(channel)
    for piece in pieces:
        if piece.skipped_because:
            yield piece
            continue
        for stream, channels in (streams or {0: []}).items():
            yield replace(piece, stream=stream, channels=tuple(sorted(channels)))


def cut(piece: AudioPiece, start_s: Fraction, end_s: Fraction) -> AudioPiece | None:
    """The part of a piece inside [start_s, end_s) of its own clock, None when there is none.

    A fade that is cut keeps what is left of its length. Level key frames are interpolated at the new edges.
    """
    early_s = max(_NONE, start_s - piece.record_start_s)
    late_s = max(_NONE, piece.record_start_s + piece.record_duration_s - end_s)
    duration_s = piece.record_duration_s - early_s - late_s
    if duration_s <= 0:
        # a clip without length is still listed where it lies
        return piece if piece.record_duration_s == 0 and start_s <= piece.record_start_s < end_s else None
    if not (early_s or late_s):
        return piece
    return replace(
        piece,
        record_start_s=piece.record_start_s + early_s,
        record_duration_s=duration_s,
        source_start_s=piece.source_start_s + early_s * piece.speed,
        gain_keys=_cut_keys(piece.gain_keys, early_s, early_s + duration_s),
        fade_in_s=min(max(_NONE, piece.fade_in_s - early_s), duration_s),
        fade_out_s=min(max(_NONE, piece.fade_out_s - late_s), duration_s),
    )


def _cut_keys(keys: tuple[GainKey, ...], start_s: Fraction, end_s: Fraction) -> tuple[GainKey, ...]:
    if not keys:
        return ()
    inner = (GainKey(key.record_s - start_s, key.gain_db) for key in keys if start_s < key.record_s < end_s)
    return (GainKey(_NONE, _gain_at(keys, start_s)), *inner, GainKey(end_s - start_s, _gain_at(keys, end_s)))


def _gain_at(keys: tuple[GainKey, ...], at_s: Fraction) -> float:
    """dB at a moment: linear between keys, level outside them."""
    if at_s <= keys[0].record_s:
        return keys[0].gain_db
    for before, after in pairwise(keys):
        if at_s <= after.record_s:
            part = (at_s - before.record_s) / (after.record_s - before.record_s)
            return before.gain_db + float(part) * (after.gain_db - before.gain_db)
    return keys[-1].gain_db


@dataclass(frozen=True, slots=True)
class Move:
    """From a nested timeline's clock to the one it lies on: `window_s` there is `start_s` here, and `speed` seconds there pass in one here."""

    window_s: Fraction
    start_s: Fraction
    speed: Fraction = Fraction(1)
    gain_db: float = 0.0


def moved(piece: AudioPiece, move: Move) -> AudioPiece:
    """The piece on the outer clock."""
    return replace(
        piece,
        record_start_s=move.start_s + (piece.record_start_s - move.window_s) / move.speed,
        record_duration_s=piece.record_duration_s / move.speed,
        speed=piece.speed * move.speed,
        gain_db=piece.gain_db + move.gain_db,
        gain_keys=tuple(GainKey(key.record_s / move.speed, key.gain_db + move.gain_db) for key in piece.gain_keys),
        fade_in_s=piece.fade_in_s / move.speed,
        fade_out_s=piece.fade_out_s / move.speed,
    )

"""The stage Timeline -> AudioPlan: which seconds of which file are heard when, and what cannot be rebuilt from files.

Pure: reads no file. One clip is the business of `pieces.py`; here are tracks, solo, nested timelines, transitions and the chosen range. A
new kind of item gets a branch in `_item_pieces`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from ..errors import InputError
from ..timeline import AudioPiece, AudioPlan, AudioTrack, Clip, Item, Nested, Timeline, Transition
from .pieces import Move, Place, clip_pieces, cut, moved, unplayable

DEEPEST_NESTING = 4
_ONLY_THE_HOST_CAN = frozenset(
    f"plan.{name}" for name in ("multicam", "unknown_sequence", "nested_too_deep", "nested_cycle", "nested_automation", "unknown_retime", "no_media")
)
_SHOWN_FILES = 5


def plan_audio(timeline: Timeline, *, host_can_render: bool = False) -> AudioPlan:
    """Plan the chosen range of a timeline.

    Record positions are exact sums of the durations before them. Every item that is not heard is listed with its reason. Raises InputError
    `plan.only_zero_length` when no clip has a length, `plan.no_audio` when the range holds no audio item, `plan.all_offline` when nothing can
    be heard and a file is missing, `plan.nothing_audible` when everything is disabled, muted or unusable, and `plan.needs_render` when only
    the host could mix it; the last not with `host_can_render`.
    """
    in_frame, out_frame = timeline.range_frames
    start_s, end_s = in_frame / timeline.rate.fps, out_frame / timeline.rate.fps
    found = tuple(_tracks_pieces(timeline.audio_tracks, ()))
    inside = (cut(piece, start_s, end_s) for piece in found)
    shifted = (replace(piece, record_start_s=piece.record_start_s - start_s) for piece in inside if piece is not None)
    pieces = tuple(_without_duplicates(shifted))
    reasons = dict.fromkeys(piece.skipped_because for piece in pieces if piece.skipped_because in _ONLY_THE_HOST_CAN)
    plan = AudioPlan(
        rate=timeline.rate,
        start_frame=timeline.start_frame + in_frame,
        duration_frames=out_frame - in_frame,
        pieces=pieces,
        cuts=tuple(cut_frame - in_frame for cut_frame in timeline.cuts if in_frame < cut_frame < out_frame),
        name=timeline.name,
        render_reasons=tuple(reason for reason in reasons if reason),
    )
    if not plan.audible and not (host_can_render and plan.render_reasons):
        raise _why_silent(plan, found)
    return plan


def _why_silent(plan: AudioPlan, found: tuple[AudioPiece, ...]) -> InputError:
    if found and all(piece.record_duration_s == 0 for piece in found):
        return InputError("plan.only_zero_length", name=plan.name, clips=", ".join(piece.name for piece in found[:_SHOWN_FILES]))
    if not plan.pieces:
        return InputError("plan.no_audio", name=plan.name)
    offline = sorted({piece.file or piece.name for piece in plan.pieces if piece.skipped_because == "plan.offline"})
    if offline:
        more = " …" if len(offline) > _SHOWN_FILES else ""
        return InputError("plan.all_offline", count=len(offline), files=", ".join(offline[:_SHOWN_FILES]) + more)
    code = "plan.needs_render" if plan.render_reasons else "plan.nothing_audible"
    reasons = sorted({str(piece.skipped_because) for piece in plan.pieces})
    return InputError(code, name=plan.name, count=len(plan.pieces), detail=", ".join(reasons))


def _without_duplicates(pieces: Iterator[AudioPiece]) -> Iterator[AudioPiece]:
    """The same sound placed twice (on the tracks of a stereo pair, say) is added once."""
    seen = set()
    for piece in pieces:
        sound = (piece.file, piece.stream, piece.channels, piece.source_start_s, piece.record_start_s, piece.speed)
        if piece.skipped_because is None and sound in seen:
            yield replace(piece, skipped_because="plan.duplicate")
            continue
        if piece.skipped_because is None:
            seen.add(sound)
        yield piece


def _tracks_pieces(tracks: tuple[AudioTrack, ...], ancestors: tuple[str, ...]) -> Iterator[AudioPiece]:
    """All pieces of a timeline on its own clock; `ancestors` are the identities of the timelines around it."""
    soloed = any(track.solo and track.enabled for track in tracks)
    for track in tracks:
        reason = "plan.track_disabled" if not track.enabled else "plan.track_not_soloed" if soloed and not track.solo else None
        for piece in _track_pieces(track, ancestors):
            yield piece if reason is None else replace(piece, skipped_because=reason)


def _track_pieces(track: AudioTrack, ancestors: tuple[str, ...]) -> Iterator[AudioPiece]:
    position_s = Fraction(0)
    for index, item in enumerate(track.items):
        if isinstance(item, Transition):
            continue
        yield from _item_pieces(item, _place(track, index, position_s), ancestors)
        position_s += item.duration_s


def _place(track: AudioTrack, index: int, start_s: Fraction) -> Place:
    """Where item `index` lies and what the transitions beside it ask of it."""
    before = track.items[index - 1] if index else None
    after = track.items[index + 1] if index + 1 < len(track.items) else None
    place = Place(track.name, start_s)
    if isinstance(before, Transition):
        place = replace(place, head_s=before.in_offset_s, fade_in_s=before.out_offset_s)
    if isinstance(after, Transition):
        place = replace(place, tail_s=after.out_offset_s, fade_out_s=after.in_offset_s)
    return place


def _item_pieces(item: Item, place: Place, ancestors: tuple[str, ...]) -> Iterator[AudioPiece]:
    if isinstance(item, Clip):
        yield from clip_pieces(item, place)
    elif isinstance(item, Nested):
        yield from _nested_pieces(item, place, ancestors)


def _nested_pieces(nested: Nested, place: Place, ancestors: tuple[str, ...]) -> Iterator[AudioPiece]:
    """What the window of a nested timeline shows, moved to the outer clock. Transitions beside it are not heard."""
    if reason := _why_not_opened(nested, ancestors):
        yield AudioPiece(None, place.start_s, nested.duration_s, name=nested.name, track=place.track, skipped_because=reason)
        return
    end_s = nested.window_start_s + nested.duration_s * nested.speed
    move = Move(nested.window_start_s, place.start_s, nested.speed, nested.gain_db)
    for piece in _tracks_pieces(nested.tracks, (*ancestors, nested.identity)):
        visible = cut(piece, nested.window_start_s, end_s)
        if visible is not None:
            yield replace(moved(visible, move), track=place.track)


def _why_not_opened(nested: Nested, ancestors: tuple[str, ...]) -> str | None:
    if not nested.enabled:
        return "plan.clip_disabled"
    if nested.duration_s <= 0:
        return "plan.zero_length"
    if nested.kind != "compound":
        return "plan.multicam" if nested.kind == "multicam" else "plan.unknown_sequence"
    if nested.notes:
        return nested.notes[0]
    if reason := unplayable(nested.speed):
        return reason
    if nested.identity and nested.identity in ancestors:
        return "plan.nested_cycle"
    return "plan.nested_too_deep" if len(ancestors) >= DEEPEST_NESTING else None

"""The stage between passes and files: every edge on a frame that reads well, line breaks where the preset has two lines, then lint.

    voice -> linger -> cuts -> chains -> gaps -> lengths      (`spacing.py`, `shots.py`; presets in `presets.py`)

Only this stage moves time. A new rule for edges goes to `spacing.py`; a new thing to report goes to `lint.py`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..document import Cue, Registers, SpeechRegion, SubtitleDocument
from ..passes.sentences import sentences
from ..timing import FrameRate, ms_to_frame_ceil, ms_to_frame_floor, ms_to_frame_nearest
from .presets import Limits, Preset, limits_of
from .retime import retime
from .slots import EdgeChange, Slot
from .spacing import linger, space
from .width import width
from .wrap import wrap

_PARTICLES = frozenset("呀啊㗎𡃉喇啦嘞囉囖喎啫咋嘛咩呢哩吖噃啩嘅㖞㗎吓𠸏哦喔嗎吧呵")
_MARKS = "，。！？；：、…,.!?;:」』》〉”）)~～ \n"
_SNAP_MS = 300  # how far a recogniser's edge may lie in silence, or speech go on after it, to be taken for the detector's edge


@dataclass(frozen=True, slots=True)
class Layout:
    """The document as it goes out, and every edge that was moved, with its reason."""

    document: SubtitleDocument
    edges: tuple[EdgeChange, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What layout may know about picture and sound: `cuts` in frames from the range's first, speech, and the range's length (None: unknown)."""

    cuts: tuple[int, ...] = ()
    regions: tuple[SpeechRegion, ...] = ()
    length_frames: int | None = None


def lay_out(document: SubtitleDocument, preset: Preset, scene: Scene = Scene(), names: frozenset[str] = frozenset()) -> Layout:
    """Time and lines for a document whose cues have the edges of their voice. Ids, words and wording stay."""
    _, layout = lay_out_registers(Registers(document), preset, scene, names)
    return layout


def lay_out_registers(registers: Registers, preset: Preset, scene: Scene = Scene(), names: frozenset[str] = frozenset()) -> tuple[Registers, Layout]:
    """Both registers on one grid of times that either can be read in, each with its own line breaks; and the Layout of the spoken one."""
    document = registers.spoken
    limits = limits_of(preset, document.rate)
    slots = list(slots_of(document, preset, limits))
    for slot, cue in zip(slots, document.cues, strict=True):
        slot.final_particle = ends_in_particle(cue.text)
    for slot, cue in zip(slots, registers.written.cues if registers.written else (), strict=False):
        slot.least = max(slot.least, frames_to_read(cue.text, preset.cps_max, document.rate))
    length = _length(document, scene, limits)
    _to_voice(slots, scene.regions, document.rate, length)
    linger(slots, limits, length)
    space(slots, limits, scene.cuts if preset.shots else (), length)
    retime(slots, _sentences(document), limits)
    spoken = _placed(document, slots, preset, names)
    written = _placed(registers.written, slots, preset, names) if registers.written else None
    return Registers(spoken, written), Layout(spoken, tuple(_changes(document.cues, slots)))


def _sentences(document: SubtitleDocument) -> Iterator[range]:
    first = 0
    for group in sentences(document):
        yield range(first, first + len(group))
        first += len(group)


def _placed(document: SubtitleDocument, slots: Sequence[Slot], preset: Preset, names: frozenset[str]) -> SubtitleDocument:
    pairs = zip(document.cues, slots, strict=True)
    cues = tuple(replace(cue, start_frame=slot.start, end_frame=slot.end, text=wrap(cue.text, preset, names)) for cue, slot in pairs)
    return replace(document, cues=cues, history=(*document.history, f"lay_out {preset.name}"))


def slots_of(document: SubtitleDocument, preset: Preset, limits: Limits) -> Iterator[Slot]:
    """A slot for each cue as it stands."""
    for cue in document.cues:
        least = max(limits.shortest, frames_to_read(cue.text, preset.cps_max, document.rate))
        yield Slot(cue.id, cue.start_frame, cue.end_frame, cue.start_frame, cue.end_frame, least)


def frames_to_read(text: str, cps: float, rate: FrameRate) -> int:
    """The fewest frames in which `text` reads at no more than `cps` characters a second."""
    return math.ceil(width(text) * rate.fps / cps - 1e-9)


def ends_in_particle(text: str) -> bool:
    """True when the last character but for marks is a particle that ends a sentence."""
    return text.rstrip(_MARKS)[-1:] in _PARTICLES


def _length(document: SubtitleDocument, scene: Scene, limits: Limits) -> int:
    last = document.cues[-1].end_frame if document.cues else 0
    return max(last, scene.length_frames) if scene.length_frames is not None else last + limits.half


def _to_voice(slots: Sequence[Slot], regions: Sequence[SpeechRegion], rate: FrameRate, length: int) -> None:
    """Take the detector's edges for those of the recogniser where they are close: it alone knows where sound begins."""
    starts = [ms_to_frame_floor(region.start_ms, rate) for region in regions]
    ends = [ms_to_frame_ceil(region.end_ms, rate) for region in regions]
    snap = ms_to_frame_nearest(_SNAP_MS, rate)
    for index, slot in enumerate(slots):
        after = bisect_right(ends, slot.start)
        if after < len(starts) and 0 < starts[after] - slot.start <= snap and starts[after] < slot.end:
            slot.move_start(starts[after], "voice")
        last = bisect_left(starts, slot.end) - 1
        limit = slots[index + 1].start if index + 1 < len(slots) else length
        if last >= 0 and slot.start < ends[last] and abs(ends[last] - slot.end) <= snap:
            slot.move_end(min(ends[last], limit), "voice")
        slot.voice_start, slot.voice_end = slot.start, slot.end


def _changes(cues: Sequence[Cue], slots: Sequence[Slot]) -> Iterator[EdgeChange]:
    for cue, slot in zip(cues, slots, strict=True):
        if slot.start != cue.start_frame and slot.start_reason:
            yield EdgeChange(cue.id, "in", cue.start_frame, slot.start, slot.start_reason)
        if slot.end != cue.end_frame and slot.end_reason:
            yield EdgeChange(cue.id, "out", cue.end_frame, slot.end, slot.end_reason)

"""Transcript -> SubtitleDocument: which words make a cue, by a dynamic program over word boundaries.

A pause ends a cue, and so does another speaker where the words name theirs. Inside a run of speech `search.py` weighs marks, pauses, words and
widths (`costs.py`) at the cuts that are legal (`atoms.py`) and breaks as few hard limits as any choice of cuts can. Cues get the edges of their
voice here; `layout.py` makes them fit to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ..document import Cue, SpeechRegion, SubtitleDocument, Transcript, Word
from ..timing import FrameRate, ms_to_frame_ceil, ms_to_frame_floor
from .atoms import Atom, atoms_of
from .presets import DEFAULT, Preset, limits_of, load_preset
from .search import Run, best_cuts, silence_needed
from .spread import words_of


@dataclass(frozen=True, slots=True)
class CueOptions:
    """A silence of `pause_ms` or more ends a cue; `names` are never cut."""

    preset: Preset = field(default_factory=lambda: load_preset(DEFAULT))
    pause_ms: int = 600
    names: frozenset[str] = frozenset()


def make_cues(transcript: Transcript, regions: Sequence[SpeechRegion], rate: FrameRate, range_frames: int, options: CueOptions) -> tuple[Cue, ...]:
    """Cues in order, without overlap, inside [0, range_frames), with the edges of their voice. An id names the frame its cue begins on."""
    pieces: list[tuple[Atom, ...]] = []
    used = 0
    for run in runs_of(transcript, regions, rate, options):
        free = replace(run, before=max(0, run.before - used))
        cuts = best_cuts(free, options.preset, rate)
        pieces += [run.atoms[start:end] for start, end in pairwise((0, *cuts, len(run.atoms)))]
        used = silence_needed(free, cuts, options.preset, rate)
    return tuple(cues_of_pieces(pieces, rate, range_frames))


def document_of(cues: tuple[Cue, ...], rate: FrameRate, start_frame: int, transcript: Transcript) -> SubtitleDocument:
    """The spoken document of these cues."""
    return SubtitleDocument(cues, rate, start_frame, transcript.language, "spoken", ("make_cues",), transcript.findings)


def runs_of(transcript: Transcript, regions: Sequence[SpeechRegion], rate: FrameRate, options: CueOptions) -> list[Run]:
    """All speech in time order, parted at pauses and where another speaker begins.

    Segments of one speaker that follow each other closely share a run, so that a very short one may join.
    """
    parts = [part for segment in transcript.segments for part in _parted(words_of(segment, regions), options.pause_ms)]
    parts.sort(key=lambda words: words[0].start_ms)
    groups: list[list[tuple[Word, ...]]] = []
    for part in parts:
        before = groups[-1][-1][-1] if groups else None
        if before and before.speaker == part[0].speaker and 0 <= part[0].start_ms - before.end_ms < options.pause_ms:
            groups[-1].append(part)
        else:
            groups.append([part])
    bare = [run_of(group, options, rate) for group in groups]
    gap = limits_of(options.preset, rate).gap
    ends = [0, *(run.ends[-1] for run in bare)]
    starts = [*(run.starts[0] for run in bare), ends[-1] + ms_to_frame_floor(options.preset.max_ms, rate)]
    free = [max(0, start - end - gap) for start, end in zip(starts, ends, strict=True)]
    return [replace(run, before=before, after=after) for run, before, after in zip(bare, free[:-1], free[1:], strict=True)]


def run_of(parts: Sequence[Sequence[Word]], options: CueOptions, rate: FrameRate) -> Run:
    """The run of these segments' words, one after the other, without silence around it."""
    atoms: list[Atom] = []
    joints: list[int] = []
    for number, part in enumerate(parts):
        blank = Word(" ", part[-1].end_ms, part[-1].end_ms)
        atoms += atoms_of(part if number + 1 == len(parts) else (*part, blank), options.names, options.preset.hard_width)
        joints.append(len(atoms))
    starts = tuple(ms_to_frame_floor(atom.start_ms, rate) for atom in atoms)
    ends = tuple(ms_to_frame_ceil(atom.end_ms, rate) for atom in atoms)
    return Run(tuple(atoms), starts, ends, frozenset(joints[:-1]))


def _parted(words: Sequence[Word], pause_ms: int) -> list[tuple[Word, ...]]:
    parts: list[list[Word]] = [[]]
    for word in words:
        before = parts[-1][-1] if parts[-1] else word
        if word.start_ms - before.end_ms >= pause_ms or word.speaker != before.speaker:
            parts.append([])
        parts[-1].append(word)
    return [stripped for part in parts if (stripped := _stripped(part))]


def _stripped(words: list[Word]) -> tuple[Word, ...]:
    filled = [index for index, word in enumerate(words) if not word.text.isspace()]
    return tuple(words[filled[0] : filled[-1] + 1]) if filled else ()


def cues_of_pieces(phrases: Sequence[Sequence[Atom]], rate: FrameRate, range_frames: int) -> list[Cue]:
    """A cue of each piece's atoms with the edges of its voice; an in-time that another cue has already is put a frame later."""
    starts = [min(ms_to_frame_floor(atoms[0].start_ms, rate), range_frames) for atoms in phrases]
    for earlier, later in pairwise(range(len(starts))):
        starts[later] = max(starts[later], starts[earlier] + 1)
    cues: list[Cue] = []
    for number, atoms in enumerate(phrases):
        limit = min(starts[number + 1], range_frames) if number + 1 < len(starts) else range_frames
        end = min(max(ms_to_frame_ceil(atoms[-1].end_ms, rate), starts[number] + 1), limit)
        if end <= starts[number]:
            continue
        text = "".join(atom.text for atom in atoms).strip()
        spoken = tuple(word for atom in atoms for word in atom.words if not word.text.isspace())
        cues.append(Cue(f"c{starts[number]:06}", starts[number], end, text, spoken, spoken[0].speaker))
    return cues

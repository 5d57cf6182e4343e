"""A person's changes to a job's subtitles, kept in `edits.json` so that a new run does not lose them.

An edit names the cue it changes and the frames where that cue was. Ids name the frame a cue's voice begins on, so they outlive a run with other
settings unless the cut itself moved; then the cue that lies where the old one lay takes the edit. What a person wrote always wins over what a run
made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from .document import Cue, Register, Registers, SubtitleDocument
from .document_file import read_object
from .files import write_json
from .plain import from_plain, to_plain

FILE = "edits.json"
_SAME_PLACE = 0.5  # of the shorter cue: so much must lie over each other


@dataclass(frozen=True, slots=True)
class Edit:
    """One cue as a person wants it. `was` is where the run had it; None for one that the person added. Fields that are None stay the run's own.

    Frames count from the range's first; `removed` takes the cue out.
    """

    cue_id: str
    was: tuple[int, int] | None = None
    span: tuple[int, int] | None = None
    spoken: str | None = None
    written: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Edits:
    """All edits of a job; at most one for each cue id. Their frames count from the timecode frame `start_frame`, where the range began then."""

    edits: tuple[Edit, ...] = ()
    start_frame: int = 0


def read_edits(folder: Path) -> Edits:
    """The edits of a job folder; none where there is no file. Raises InputError `job.damaged` for a file that is something else."""
    path = folder / FILE
    return from_plain(Edits, read_object(path), path) if path.exists() else Edits()


def write_edits(edits: Edits, folder: Path) -> None:
    """Write a job's edits. Raises InputError `files.*`."""
    write_json(folder / FILE, {"schema": "edits/1", **to_plain(edits)})


def merged(old: Edits, new: Edits) -> Edits:
    """Older edits with newer ones on top, field by field; a cue that a person added and removed again leaves nothing behind."""
    by_id = {edit.cue_id: edit for edit in counted_from(old, new.start_frame)}
    for edit in new.edits:
        before = by_id.pop(edit.cue_id, None)
        if before is None:
            by_id[edit.cue_id] = edit
        elif not (before.was is None and edit.removed):
            by_id[edit.cue_id] = _on_top(before, edit)
    return Edits(tuple(by_id.values()), new.start_frame)


def _on_top(before: Edit, edit: Edit) -> Edit:
    return replace(
        before,
        span=edit.span or before.span,
        spoken=before.spoken if edit.spoken is None else edit.spoken,
        written=before.written if edit.written is None else edit.written,
        removed=edit.removed,
    )


def counted_from(edits: Edits, start_frame: int) -> Iterable[Edit]:
    """The edits with their frames counted from another range's first frame; those before it are left out."""
    shift = edits.start_frame - start_frame
    for edit in edits.edits:
        was, span = (place and (max(0, place[0] + shift), place[1] + shift) for place in (edit.was, edit.span))
        if all(place is None or place[1] > place[0] for place in (was, span)):
            yield replace(edit, was=was, span=span)


def with_edits(registers: Registers, edits: Edits) -> Registers:
    """Both registers with a person's changes; ids and times stay one grid, and machine cues make room for edited ones."""
    if not edits.edits:
        return registers
    rows = _apart(sorted((row for row in _rows(registers, edits) if not row.removed), key=lambda row: (row.start, row.end)))
    spoken = _rebuilt(registers.spoken, rows, "spoken")
    return Registers(spoken, _rebuilt(registers.written, rows, "written") if registers.written else None)


def settled_by(registers: Registers, edits: Edits) -> tuple[tuple[str, Edit], ...]:
    """The id of each cue that `with_edits` changes, adds or takes out, with the edits it does that by as one."""
    return tuple((row.id, row.edit) for row in _rows(registers, edits) if row.edit)


def _rows(registers: Registers, edits: Edits) -> list[_Row]:
    rows = [_Row(cue.id, cue.start_frame, cue.end_frame) for cue in registers.spoken.cues]
    for edit in counted_from(edits, registers.spoken.start_frame):
        _apply(rows, edit)
    return rows


@dataclass(slots=True)
class _Row:
    """A cue's place while edits are applied; `edit` is the one that settled it."""

    id: str
    start: int
    end: int
    edit: Edit | None = None
    removed: bool = False


def _apply(rows: list[_Row], edit: Edit) -> None:
    row = _found(rows, edit)
    if row is None:
        span = edit.span or edit.was
        if edit.removed or span is None:
            return
        name = edit.cue_id  # which another cue may have by now, where the range begins elsewhere
        while any(other.id == name for other in rows):
            name += "'"
        row = _Row(name, *span)
        rows.append(row)
    row.edit, row.removed = _on_top(row.edit, edit) if row.edit else edit, edit.removed
    if edit.span:
        row.start, row.end = edit.span


def _found(rows: Sequence[_Row], edit: Edit) -> _Row | None:
    """The cue of that id if it is still about there, else the one that lies where the old one lay.

    The cue of that id may have an older edit already, which found it by its place when the ids were others.
    """
    free = [row for row in rows if row.edit is None]
    was = edit.was
    if was is None:
        return next((row for row in rows if row.id == edit.cue_id), None)
    same = next((row for row in rows if row.id == edit.cue_id and row.start < was[1] and was[0] < row.end), None)
    best = max(free, key=lambda row: shared((row.start, row.end), was), default=None)
    return same or (best if best and shared((best.start, best.end), was) >= _SAME_PLACE else None)


def shared(one: tuple[int, int], other: tuple[int, int]) -> float:
    """How much of the shorter span lies over the other, 0 to 1."""
    frames = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, frames) / max(1, min(one[1] - one[0], other[1] - other[0]))


def _apart(rows: Sequence[_Row]) -> list[_Row]:
    """Rows in order without overlap: a machine cue gives way to an edited one, and goes where nothing of it is left."""
    kept: list[_Row] = []
    for row in rows:
        while kept and row.start < kept[-1].end:
            before = kept[-1]
            if row.edit is None and before.edit is not None:
                row.start = before.end
                break
            before.end = row.start
            if before.end > before.start:
                break
            kept.pop()
        if row.start < row.end:
            kept.append(row)
    return kept


def _rebuilt(document: SubtitleDocument, rows: Sequence[_Row], register: Register) -> SubtitleDocument:
    by_id = {cue.id: cue for cue in document.cues}
    cues = tuple(_cue(by_id.get(row.id), row, register) for row in rows)
    return replace(document, cues=cues, history=(*document.history, "edits"))


def _cue(cue: Cue | None, row: _Row, register: Register) -> Cue:
    """The cue at its new place; words stay what the recogniser heard. One that a person added has that person's text in both registers."""
    own = row.edit and (row.edit.spoken if register == "spoken" else row.edit.written)
    if cue is not None:
        return replace(cue, start_frame=row.start, end_frame=row.end, text=own or cue.text)
    assert row.edit is not None
    return Cue(row.id, row.start, row.end, own or row.edit.spoken or row.edit.written or "…", flags=("edited",))


def differences(document: SubtitleDocument, edited: SubtitleDocument) -> Edits:
    """What a person did to `document` to get `edited`, whose ids do not count; both count frames from the range's first.

    Cues belong together when their times are the same, else when their texts are, else when they lie over each other; each is used once.
    """
    pairs = _pairs(document.cues, edited.cues)
    found: list[Edit] = []
    used = {cue.id for cue in document.cues}
    for index, cue in enumerate(document.cues):
        was = (cue.start_frame, cue.end_frame)
        if index not in pairs:
            found.append(Edit(cue.id, was, removed=True))
            continue
        new = edited.cues[pairs[index]]
        span = (new.start_frame, new.end_frame) if (new.start_frame, new.end_frame) != was else None
        text = new.text if _plain(new.text) != _plain(cue.text) else None
        if span or text:
            found.append(_edit(cue.id, was, span, text, document.register))
    for number in sorted(set(range(len(edited.cues))) - set(pairs.values())):
        new = edited.cues[number]
        found.append(_edit(_new_id(new.start_frame, used), None, (new.start_frame, new.end_frame), new.text, document.register))
    return Edits(tuple(found), document.start_frame)


def _edit(cue_id: str, was: tuple[int, int] | None, span: tuple[int, int] | None, text: str | None, register: Register) -> Edit:
    return Edit(cue_id, was, span, spoken=text) if register == "spoken" else Edit(cue_id, was, span, written=text)


def _new_id(frame: int, used: set[str]) -> str:
    name = f"e{frame:06}"
    while name in used:
        name += "'"
    used.add(name)
    return name


def _plain(text: str) -> str:
    """Text without what a subtitle file cannot keep: blanks around lines, empty lines."""
    return "\n".join(line.strip() for line in text.replace("→", "-->").splitlines() if line.strip())


def _pairs(cues: Sequence[Cue], edited: Sequence[Cue]) -> dict[int, int]:
    """Place in `cues` -> place in `edited`."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()

    def join(keys: Iterable[tuple[object, int]], others: Iterable[tuple[object, int]]) -> None:
        waiting: dict[object, list[int]] = {}
        for key, place in others:
            waiting.setdefault(key, []).append(place)
        for key, index in keys:
            if waiting.get(key):
                pairs[index] = waiting[key].pop(0)
                taken.add(pairs[index])

    keys: tuple[Literal["span", "text"], ...] = ("span", "text")
    for kind in keys:
        ours = [(_key(cue, kind), index) for index, cue in enumerate(cues) if index not in pairs]
        join(ours, [(_key(cue, kind), place) for place, cue in enumerate(edited) if place not in taken])
    for _, index, place in sorted(_over_each_other(cues, edited, pairs, taken), key=lambda row: -row[0]):
        if index not in pairs and place not in taken:
            pairs[index] = place
            taken.add(place)
    return pairs


def _key(cue: Cue, kind: Literal["span", "text"]) -> object:
    return (cue.start_frame, cue.end_frame) if kind == "span" else _plain(cue.text)


def _over_each_other(cues: Sequence[Cue], edited: Sequence[Cue], pairs: dict[int, int], taken: set[int]) -> Iterable[tuple[float, int, int]]:
    """(share, place, place in `edited`) of free cues that lie over each other by half; both are in time order."""
    first = 0
    for index, cue in enumerate(cues):
        while first < len(edited) and edited[first].end_frame <= cue.start_frame:
            first += 1
        place = first
        while place < len(edited) and edited[place].start_frame < cue.end_frame:
            share = shared((cue.start_frame, cue.end_frame), (edited[place].start_frame, edited[place].end_frame))
            if index not in pairs and place not in taken and share >= _SAME_PLACE:
                yield share, index, place
            place += 1

"""What was heard anew, put in the place of what was there: cues, findings and segments. All of it is pure; what lies outside stays as it is.

Everything new arrives counted from the first frame of its span; `moved_cues` and `moved_findings` count it as the job does. What is one more
file of a job with cues in it needs one more line in `run.py`, not a new function here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..cues.spread import words_of
from ..document import Cue, Finding, Segment, SubtitleDocument, Transcript, Word
from ..timing import FrameRate, frame_to_ms


@dataclass(frozen=True, slots=True)
class Place:
    """Where new cues go: frames [start_frame, end_frame) of a job. `gone` are the ids of its document's cues that give way, `kept` of the others."""

    start_frame: int
    end_frame: int
    gone: frozenset[str]
    kept: frozenset[str]
    rate: FrameRate

    @property
    def start_ms(self) -> int:
        """The first millisecond of the job that belongs to it."""
        return frame_to_ms(self.start_frame, self.rate)

    @property
    def end_ms(self) -> int:
        """The first millisecond after it."""
        return frame_to_ms(self.end_frame, self.rate)

    def holds(self, name: str, start_frame: int, end_frame: int) -> bool:
        """True for a cue that gives way; one that the document does not know goes by its middle."""
        return name in self.gone or (name not in self.kept and 2 * self.start_frame <= start_frame + end_frame < 2 * self.end_frame)


def new_names(cues: Sequence[Cue], place: Place) -> dict[str, str]:
    """Each new cue's id in the job: the frame its voice begins on, as everywhere; `cues` are as `make_cues` left them."""
    names: dict[str, str] = {}
    used = set(place.kept)
    for cue in cues:
        name = f"c{cue.start_frame + place.start_frame:06}"
        while name in used:
            name += "'"
        used.add(name)
        names[cue.id] = name
    return names


def moved_cues(cues: Iterable[Cue], names: Mapping[str, str], place: Place) -> tuple[Cue, ...]:
    """New cues with the job's ids, frames and milliseconds."""
    shift, ms = place.start_frame, place.start_ms
    return tuple(
        replace(cue, id=names[cue.id], start_frame=cue.start_frame + shift, end_frame=cue.end_frame + shift, words=_later(cue.words, ms))
        for cue in cues
    )


def _later(words: Iterable[Word], ms: int) -> tuple[Word, ...]:
    return tuple(replace(word, start_ms=word.start_ms + ms, end_ms=word.end_ms + ms) for word in words)


def moved_findings(findings: Iterable[Finding], names: Mapping[str, str], place: Place) -> Iterator[Finding]:
    """New findings with the job's ids and times; one about everything that was heard is about the span now."""
    for found in findings:
        if found.cue_id is None and found.start_ms is None:
            yield replace(found, start_ms=place.start_ms, end_ms=place.end_ms)
            continue
        start, end = (None if ms is None else ms + place.start_ms for ms in (found.start_ms, found.end_ms))
        yield replace(found, cue_id=names.get(found.cue_id or "", found.cue_id), start_ms=start, end_ms=end)


def counted(new: SubtitleDocument, like: SubtitleDocument, names: Mapping[str, str], place: Place) -> SubtitleDocument:
    """A document of the span, with ids, frames and milliseconds of the job that `like` is a document of."""
    findings = tuple(moved_findings(new.findings, names, place))
    return replace(new, start_frame=like.start_frame, cues=moved_cues(new.cues, names, place), findings=findings)


def with_document(old: SubtitleDocument, new: SubtitleDocument, place: Place) -> SubtitleDocument:
    """The job's document with the cues and findings of `new`, which counts as it does; the history says where."""
    history = (*old.history, f"redo {place.start_frame}-{place.end_frame}")
    return replace(with_cues(old, new.cues, place), findings=with_findings(old.findings, new.findings, place), history=history)


def with_cues(document: SubtitleDocument, new: Iterable[Cue], place: Place) -> SubtitleDocument:
    """The document with `new` where its cues gave way. Cues that stay are untouched: a new one that reaches over one of them is cut back."""
    kept = [cue for cue in document.cues if not place.holds(cue.id, cue.start_frame, cue.end_frame)]
    fitted = list(_between(kept, new))
    return replace(document, cues=tuple(sorted((*kept, *fitted), key=lambda cue: cue.start_frame)))


def _between(kept: Sequence[Cue], new: Iterable[Cue]) -> Iterator[Cue]:
    for cue in new:
        start = max((one.end_frame for one in kept if one.start_frame <= cue.start_frame), default=0)
        end = min((one.start_frame for one in kept if one.start_frame > cue.start_frame), default=cue.end_frame)
        start, end = max(start, cue.start_frame), min(end, cue.end_frame)
        if start < end:
            yield replace(cue, start_frame=start, end_frame=end)


def with_findings(old: Iterable[Finding], new: Iterable[Finding], place: Place) -> tuple[Finding, ...]:
    """Findings about what stays, then the new ones."""
    return (*(found for found in old if not _is_about(found, place)), *new)


def _is_about(found: Finding, place: Place) -> bool:
    if found.cue_id is not None:
        return found.cue_id in place.gone
    if found.start_ms is None:
        return False
    end_ms = found.start_ms if found.end_ms is None else found.end_ms
    return 2 * place.start_ms <= found.start_ms + end_ms < 2 * place.end_ms


def with_segments(old: Transcript, new: Transcript, place: Place) -> Transcript:
    """The transcript with what was heard anew; a segment that reaches over an edge keeps its words on the far side."""
    outside = [part for segment in old.segments for part in _outside(segment, place)]
    inside = [_segment_later(segment, place.start_ms) for segment in new.segments]
    segments = tuple(sorted((*outside, *inside), key=lambda segment: segment.start_ms))
    findings = with_findings(old.findings, moved_findings(new.findings, {}, place), place)
    heard_by = (f"redo {place.start_frame}-{place.end_frame}", new.model)
    return replace(old, segments=segments, options=(*old.options, heard_by), findings=findings)


def _segment_later(segment: Segment, ms: int) -> Segment:
    return replace(segment, start_ms=segment.start_ms + ms, end_ms=segment.end_ms + ms, words=_later(segment.words, ms))


def _outside(segment: Segment, place: Place) -> Iterator[Segment]:
    if segment.end_ms <= place.start_ms or segment.start_ms >= place.end_ms:
        yield segment
        return
    words = words_of(segment, ())
    before = tuple(word for word in words if word.start_ms + word.end_ms < 2 * place.start_ms)
    after = tuple(word for word in words if word.start_ms + word.end_ms >= 2 * place.end_ms)
    for part in (_trimmed(before), _trimmed(after)):
        if part:
            text = "".join(word.text for word in part)
            yield replace(segment, start_ms=part[0].start_ms, end_ms=part[-1].end_ms, text=text, words=part)


def _trimmed(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Without blanks at the ends, and without the marks of what went."""
    places = [index for index, word in enumerate(words) if not word.text.isspace()]
    said = [index for index in places if any(map(str.isalnum, words[index].text))]
    return words[said[0] : places[-1] + 1] if said else ()

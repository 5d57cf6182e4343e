"""What was heard (Transcript) and what is shown (SubtitleDocument), with the rules that always hold for them.

Times in a Transcript are integer milliseconds from the range's first frame; times in a SubtitleDocument are integer timeline frames from the
same point. A new kind of evidence about a cue becomes a Finding, not a new field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .timing import FrameRate

Level = Literal["error", "warning", "info"]
Register = Literal["spoken", "written"]


@dataclass(frozen=True, slots=True)
class SpeechRegion:
    """A stretch of speech; `confidence` is the detector's mean probability in it."""

    start_ms: int
    end_ms: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Word:
    """One Chinese character or one Latin word with its time; `speaker` where whoever made the words knew who says it."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One line as the recogniser heard it; never rewritten. `avg_logprob` is the mean natural log probability of its tokens.

    `speaker` holds for its words that name none. The recognisers here name nobody; who does gets cues that no two people share.
    """

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    avg_logprob: float = 0.0
    no_speech: float = 0.0
    flags: tuple[str, ...] = ()
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should look at: a lint result, a refused rewrite, dropped or doubtful text. `code` is a catalogue key."""

    code: str
    message: str
    level: Level = "warning"
    cue_id: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """All segments in time order, with the model and options that made them."""

    segments: tuple[Segment, ...]
    model: str
    language: str
    options: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle. `end_frame` is exclusive; `words` stay the recogniser's evidence whatever a pass does to `text`."""

    id: str
    start_frame: int
    end_frame: int
    text: str
    words: tuple[Word, ...] = ()
    speaker: str | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubtitleDocument:
    """Cues in order on one timeline. `start_frame` is the range's first frame as an absolute timecode frame number.

    Raises ValueError when cues are unsorted, overlap, are empty or share an id.
    """

    cues: tuple[Cue, ...]
    rate: FrameRate
    start_frame: int = 0
    language: str = "yue"
    register: Register = "spoken"
    history: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if len({cue.id for cue in self.cues}) != len(self.cues):
            raise ValueError("cue ids are not unique")
        end = 0
        for cue in self.cues:
            if cue.start_frame < end:
                raise ValueError(f"cue {cue.id} starts at frame {cue.start_frame}, before the previous end {end}")
            if cue.end_frame <= cue.start_frame:
                raise ValueError(f"cue {cue.id} has no length")
            if not cue.text.strip():
                raise ValueError(f"cue {cue.id} has no text")
            end = cue.end_frame


@dataclass(frozen=True, slots=True)
class Registers:
    """The same cues as spoken (口語) and, where wanted, as written Chinese (書面語): ids and times are one grid.

    Raises ValueError when the ids differ.
    """

    spoken: SubtitleDocument
    written: SubtitleDocument | None = None

    def __post_init__(self) -> None:
        if self.written and [cue.id for cue in self.written.cues] != [cue.id for cue in self.spoken.cues]:
            raise ValueError("the registers have other cues")

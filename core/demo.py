"""`canto-beats demo`: the shipped sample timeline through the whole engine, checked against its script.

The practice model is embedded so that this needs no download; it knows one computer voice and is never used for a user's media by itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .document import SubtitleDocument
from .messages import Language, text
from .pipeline import Result
from .progress import CancelToken
from .settings import Settings, output_root
from .summary import as_object, as_text
from .timing import frame_to_ms

if TYPE_CHECKING:
    from rich.console import Console

SAMPLE = Path(__file__).parent / "practice" / "sample"
_ROWS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sample's script with its true times on the timeline."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A demo run: the result, its character error rate against the script, and how far cue edges lie from the speech (worst and share)."""

    result: Result
    error_rate: float
    worst_edge_ms: int


def sample_timeline() -> Path:
    """The shipped .otio."""
    return next(SAMPLE.glob("*.otio"))


def script() -> tuple[Line, ...]:
    """What is really said in the sample, in time order."""
    data = json.loads((SAMPLE / "script.json").read_text("utf-8"))
    return tuple(Line(line["text"], line["start_ms"], line["end_ms"]) for line in data["lines"])


def run_demo(out: Path | None, settings: Settings, cancel: CancelToken) -> Outcome:
    """Transcribe the sample into `out` (default: Demo in the output folder) and compare with the script."""
    from .run import transcribe_inputs

    (result,) = transcribe_inputs([sample_timeline()], out or output_root(settings) / "Demo", None, settings, cancel)
    assert result.work.registers is not None
    document = result.work.registers.spoken
    return Outcome(result, error_rate(document, script()), worst_edge_ms(document, script()))


def error_rate(document: SubtitleDocument, lines: tuple[Line, ...]) -> float:
    """Character error rate of all cues joined against the script joined, punctuation and spaces left out (edits / script characters)."""
    import jiwer

    heard = "".join(cue.text for cue in document.cues)
    said = "".join(line.text for line in lines)
    return float(jiwer.cer(_letters(said), _letters(heard)))


def _letters(value: str) -> str:
    return "".join(character for character in value if character.isalnum())


def worst_edge_ms(document: SubtitleDocument, lines: tuple[Line, ...]) -> int:
    """The largest part of a cue, in ms, that lies where nobody speaks, before or after the script lines that it overlaps."""
    worst = 0
    for cue in document.cues:
        start, end = frame_to_ms(cue.start_frame, document.rate), frame_to_ms(cue.end_frame, document.rate)
        inside = [line for line in lines if line.start_ms < end and line.end_ms > start]
        if not inside:
            return end - start
        worst = max(worst, min(line.start_ms for line in inside) - start, end - max(line.end_ms for line in inside))
    return worst


def outcome_json(outcome: Outcome) -> str:
    """The result object with `error_rate` and `worst_edge_ms` added."""
    more = {"error_rate": round(outcome.error_rate, 4), "worst_edge_ms": outcome.worst_edge_ms}
    return json.dumps({**as_object(outcome.result), **more}, ensure_ascii=False)


def show_outcome(outcome: Outcome, console: Console, language: Language) -> None:
    """A table of the cues, the error rate, where the files are, and what to try next."""
    from .console import cue_table

    assert outcome.result.work.registers is not None
    document = outcome.result.work.registers.spoken
    console.print(cue_table(document, document.start_frame, language, _ROWS))
    rate = f"{outcome.error_rate:.1%}"
    for line in (
        text("demo.error_rate", language, rate=rate, edge=outcome.worst_edge_ms),
        as_text([outcome.result], language),
        "",
        text("demo.next", language),
    ):
        console.print(line, markup=False, highlight=False, soft_wrap=True)

"""Which weights recognise, with which backend, on which device: settled before any work begins, so that a missing model costs no time.

`transcribe` is the stage between speech and cues: chunks in, one Transcript out, every doubt a Finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..document import Finding, Segment, Transcript
from ..files import stat_identity
from ..hardware import Device, Reason
from ..messages import Language, text
from ..settings import Settings
from .base import SHARED_TIMES, ChunkResult, TranscribeOptions
from .filters import sift, whole_file
from .select import AsrKind, choose_device

if TYPE_CHECKING:
    from ..audio.wav import Audio
    from ..speech.chunks import Chunk

LANGUAGE = "yue"
_REGISTER = "香港粵語口語字幕。"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A model folder with the backend and device that will run it, and why. `batch_size` chunks at once had room when it was chosen.

    `aligner` is the folder of a model that finds the times which this one does not.
    """

    model: str
    folder: Path
    backend: str
    device: Device
    reasons: tuple[Reason, ...]
    batch_size: int = 8
    aligner: Path | None = None

    def fingerprint(self) -> list[object]:
        """What a transcript depends on: the weights by name, size and time, and what runs them."""
        folders = (self.folder, self.aligner) if self.aligner else (self.folder,)
        return [self.model, self.backend, self.device, *(_identity(folder) for folder in folders)]

    def prompt(self, settings: Settings) -> str:
        """What every chunk is told stands before it: the register, and the names to spell right. The practice model has never seen a prompt.

        Raises InputError `passes.glossary_unreadable`.
        """
        from ..passes.glossary import read_glossary
        from ..weights import PRACTICE

        if self.model == PRACTICE:
            return ""
        names = read_glossary(Path(settings.glossary).expanduser()).names if settings.glossary else ()
        return _REGISTER + "、".join(names)


class Count(Protocol):
    """StageProgress.update."""

    def __call__(self, done: float, total: float | None, unit: str = "", note: str = "") -> None: ...


def choose_recogniser(settings: Settings) -> Recogniser:
    """The model asked for, or the best installed one that fits now; never the practice model unless it was named.

    Raises SetupError `weights.*` or `hardware.*` with the command that helps, InputError `weights.unknown_model`.
    """
    from ..engine_plan import plan_installed
    from ..profile import HardwareProfile
    from ..weights import installed_asr, locate

    named = locate(settings.asr_model) if settings.asr_model else None
    kind: AsrKind = engine_of(settings.asr_model, named) if settings.asr_model and named else "asr"
    choice = choose_device(settings.device, kind)
    aligner, told = _aligner(kind)
    if settings.asr_model and named:
        name, folder = settings.asr_model, named
        rows, reasons = _rows(name, choice.device)
    else:
        plan, reasons = plan_installed(HardwareProfile.probe((choice.device,)), choice.device, installed_asr(choice.device))
        name, folder, rows = plan.model, locate(plan.model), plan.batch_size
    return Recogniser(name, folder, choice.backend, choice.device, (*choice.reasons, *told, *reasons), settings.batch_size or rows, aligner)


def engine_of(name: str, folder: Path) -> AsrKind:
    """Whether a model of the table, or else a folder by its config.json, is a Qwen3-ASR; all others are taken for Whisper."""
    from ..models.table import model_table
    from .layout import read_json
    from .qwen_folder import MODEL_TYPE

    entry = next((entry for entry in model_table() if entry.id == name), None)
    found = entry.engine if entry else read_json(folder / "config.json").get("model_type")
    return "qwen3_asr" if found == MODEL_TYPE else "asr"


def _aligner(kind: str) -> tuple[Path | None, tuple[Reason, ...]]:
    """What finds Qwen3-ASR's times, and what the user is told of it; Whisper finds its own."""
    from .qwen_align import aligner_id, installed_aligner

    if kind != "qwen3_asr":
        return None, ()
    folder = installed_aligner()
    return folder, (Reason("asr.aligned" if folder else "asr.no_aligner", (("aligner", aligner_id()),)),)


def _identity(folder: Path) -> list[list[object]]:
    return stat_identity(sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")))


def _rows(model: str, device: Device) -> tuple[int, tuple[Reason, ...]]:
    """How many chunks at once the memory has room for now, and why if they are fewer than usual."""
    from ..engine_plan import plan_model
    from ..profile import HardwareProfile

    plan, reasons = plan_model(HardwareProfile.probe((device,)), device, model)
    return plan.batch_size, reasons


class Heard(Protocol):
    """Takes the lines of a finished chunk, in order; none of them is ever revised."""

    def __call__(self, segments: tuple[Segment, ...]) -> None: ...


def transcribe(
    audio: Audio, chunks: tuple[Chunk, ...], recogniser: Recogniser, settings: Settings, count: Count, heard: Heard | None = None
) -> Transcript:
    """Everything that was said in `chunks`; `count` hears of every finished chunk and may raise Cancelled, `heard` gets its lines.

    Raises SetupError and StageError `asr.*`, InputError `passes.glossary_unreadable`. A chunk that gave no text or ran into the token limit,
    and every line that was dropped or is doubtful, leaves a Finding.
    """
    from ..backends import create_transcriber

    segments: list[Segment] = []
    findings: list[Finding] = []
    count(0, len(chunks))
    if not chunks:
        return Transcript((), recogniser.model, LANGUAGE, findings=(_silence(settings.language_ui),))
    # the choice may be hours old, and Resolve may have opened since
    rows, reasons = (settings.batch_size, ()) if settings.batch_size else _rows(recogniser.model, recogniser.device)
    if rows < recogniser.batch_size:
        findings += [Finding(reason.code, reason.text(settings.language_ui), "info") for reason in reasons]
    options = TranscribeOptions(LANGUAGE, min(rows, recogniser.batch_size), prompt=recogniser.prompt(settings))
    extra = {"aligner": recogniser.aligner} if recogniser.aligner else {}
    with create_transcriber(recogniser.backend, recogniser.folder, recogniser.device, extra) as transcriber:
        for done, result in enumerate(transcriber.transcribe(audio, chunks, options), 1):
            sifted = sift(result, chunks[result.chunk_index], audio.duration_ms, settings.language_ui)
            segments += sifted.segments
            findings += [*_doubts(result, chunks[result.chunk_index], settings.language_ui), *sifted.findings]
            if heard and sifted.segments:
                heard(sifted.segments)
            count(done, len(chunks), note=sifted.segments[-1].text if sifted.segments else "")
    findings += whole_file(findings, len(chunks), settings.language_ui)
    if any(SHARED_TIMES in segment.flags for segment in segments):
        findings.append(Finding("asr.shared_times", text("asr.shared_times", settings.language_ui), "warning"))
    ordered = tuple(sorted(segments, key=lambda segment: segment.start_ms))
    return Transcript(ordered, recogniser.model, LANGUAGE, (("backend", recogniser.backend), ("device", recogniser.device)), tuple(findings))


def _silence(language: Language) -> Finding:
    return Finding("asr.no_speech_found", text("asr.no_speech_found", language), "warning")


def _doubts(result: ChunkResult, chunk: Chunk, language: Language) -> list[Finding]:
    codes = []
    if result.hit_cap:
        codes.append("asr.words_may_be_missing")
    if not result.segments:
        codes.append("asr.nothing_understood")
    return [
        Finding(code, text(code, language, second=f"{chunk.start_ms / 1000:.1f}"), "warning", None, chunk.start_ms, chunk.end_ms) for code in codes
    ]

"""Runs the burn-in: news of how far it is, the next encoder when a hardware one breaks, and never a half file under the final name.

Only complaints that the hardware itself made lead to another try; a full disk or a damaged source would stop the next encoder just as well.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import StageError
from ..hardware import Reason
from ..progress import CancelToken, Reporter, StageProgress
from .encoder_table import Way
from .encoders import Choice, choose_encoder, is_encoder_fault
from .ffmpeg import Place, stream_output
from .render_plan import RenderPlan, may_decode_in_hardware, render_arguments

_DECODER_FAULT = re.compile(r"hwaccel|hardware accelerator failed|videotoolbox_vld|\[(h264|hevc|prores) @ .*videotoolbox", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: which encoder made how many frames in how many seconds, and what had to be given up on the way."""

    encoder: Choice
    frames: int
    seconds: float
    reasons: tuple[Reason, ...]

    @property
    def frames_a_second(self) -> float:
        """Frames a second of wall time."""
        return self.frames / max(self.seconds, 1e-6)


def run_render(plan: RenderPlan, place: Place, out: Path, reporter: Reporter, cancel: CancelToken) -> Run:
    """Render into `out`, which is overwritten; a hardware decoder that breaks is left out, then the encoders are tried in turn.

    `place` names the binary and the folder with the subtitles. Raises StageError `render.failed` or `ffmpeg.failed`, SetupError `encoders.none` or
    `ffmpeg.disk_full`, InputError `media.*`, and Cancelled.
    """
    assert place.binary is not None
    avoid: tuple[Way, ...] = ()
    reasons: tuple[Reason, ...] = ()
    while True:
        encoder = choose_encoder(place.binary, plan.codec.id, plan.quality, plan.picture, avoid)
        for hardware_decoder in (True, False) if may_decode_in_hardware(plan, encoder) else (False,):
            try:
                frames, seconds = _run_once(render_arguments(plan, encoder, out, hardware_decoder), plan, place, reporter, cancel)
                return Run(encoder, frames, seconds, reasons)
            except StageError as error:
                if hardware_decoder and _DECODER_FAULT.search(error.detail):
                    reasons = (*reasons, Reason("render.decoder_failed", ()))
                    continue
                if not is_encoder_fault(encoder.way, error.detail):
                    raise
            avoid = (*avoid, encoder.way)
            break


def _run_once(arguments: Iterable[str], plan: RenderPlan, place: Place, reporter: Reporter, cancel: CancelToken) -> tuple[int, float]:
    news = _News(plan, reporter, cancel)
    for data in stream_output(tuple(arguments), cancel, subject=str(plan.facts.path), place=place):
        news.hear(data)
    return news.frames, news.seconds


class _News:
    """ffmpeg's -progress lines as our progress: seconds of film done, frames a second as the note."""

    def __init__(self, plan: RenderPlan, reporter: Reporter, cancel: CancelToken) -> None:
        self._total_s = float(plan.facts.duration_s)
        self._stage = StageProgress("render", (1, 1), reporter, cancel)
        self._began_s = time.monotonic()
        self._rest = b""
        self._values: dict[str, str] = {}
        self.frames = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began_s

    def hear(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            name, _, value = line.decode(errors="replace").partition("=")
            self._values[name] = value.strip()
            if name == "progress":
                self._tell()

    def _tell(self) -> None:
        self.frames = _whole(self._values.get("frame", ""))
        done_s = _whole(self._values.get("out_time_us", "")) / 1e6
        self._stage.update(min(done_s, self._total_s), self._total_s, "s", f"{self.frames / max(self.seconds, 1e-6):.0f} fps")


def _whole(value: str) -> int:
    """ffmpeg writes N/A before the first packet."""
    return int(value) if value.lstrip("-").isdigit() else 0

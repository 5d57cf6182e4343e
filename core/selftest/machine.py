"""What this machine does without Resolve, judged: encoders and renders, pictures and sound by Apple's libraries and by their portable twins, and
how fast models compute. Runs on every system; what a system has not is said to be not here.

To add a probe: a function (folder) -> Verdict in a topic file, a line in `PROBES`, its question and its reasons in `data/messages/selftest.json`.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..errors import Cancelled, EngineError
from . import computing, encoding, pictures, sound
from .desk import plain
from .run import Answer, Outcome
from .verdict import Verdict, both_languages


class MachineProbe(NamedTuple):
    """`name` is also the end of the catalogue key of its question; `run` gets a folder of its own for files."""

    name: str
    run: Callable[[Path], Verdict]


PROBES = (
    MachineProbe("machine", computing.machine),
    MachineProbe("apple_names", computing.apple_names),
    MachineProbe("encoders", encoding.encoders),
    MachineProbe("render", encoding.render_each_codec),
    MachineProbe("thumbnails", pictures.thumbnails),
    MachineProbe("waveform", pictures.waveform),
    MachineProbe("resampling", sound.resampling),
    MachineProbe("mlx", computing.mlx),
    MachineProbe("mps", computing.mps),
    MachineProbe("power", computing.power),
)


def run_machine(folder: Path, news: Callable[[str], None] = lambda name: None) -> Outcome:
    """Run all probes; `news` gets the name of each as it starts. A probe that breaks has failed, and the next one runs. Ctrl-C ends it early."""
    answers: list[Answer] = []
    stopped = False
    try:
        for probe in PROBES:
            news(probe.name)
            answers.append(_ask(probe, folder / "machine" / probe.name))
    except (KeyboardInterrupt, Cancelled):
        stopped = True
    return Outcome(tuple(answers), {}, (), stopped, tuple(probe.name for probe in PROBES))


def _ask(probe: MachineProbe, folder: Path) -> Answer:
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        verdict = probe.run(folder)
        return Answer(probe.name, _since(began), plain(verdict.data), "", [], verdict.name, both_languages(verdict.reason))
    except EngineError as error:
        return Answer(probe.name, _since(began), {"code": error.code, "detail": plain(error.detail)}, "", [], "fail", both_languages(error))
    except Exception:
        return Answer(probe.name, _since(began), {}, traceback.format_exc(), [], "fail")
    finally:
        with suppress(OSError):  # of a probe that wrote something
            folder.rmdir()


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)

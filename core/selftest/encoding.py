"""Whether this machine's encoders encode: each tried alone, then five seconds of film rendered with a subtitle burnt in, once a codec."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..document import Cue, SubtitleDocument
from ..errors import EngineError, SetupError
from ..media.burn_subs import Subtitles
from ..media.encoder_table import codecs
from ..media.encoders import probe_encoders
from ..media.ffmpeg import find_ffmpeg, run_ffmpeg
from ..media.render import RenderRequest, render
from ..media.render_plan import Wish
from ..progress import CancelToken, no_report
from ..timing import FrameRate
from .verdict import Verdict, failed, not_here, passed

SECONDS = 5
SIZE = "1280x720"
_RATE = FrameRate(25)


def encoders(folder: Path) -> Verdict:
    """Every encoder of the table on six frames, with a render's own options."""
    binary = find_ffmpeg()
    states = probe_encoders(binary)
    data: dict[str, Any] = {"ffmpeg": str(binary)}
    data |= {f"{state.codec} · {state.encoder}": [state.works, state.reason.text("en")] for state in states}
    apple = [state for state in states if state.family == "videotoolbox"]
    if sys.platform != "darwin":
        return not_here("selftest.needs_mac", data, what="VideoToolbox")
    # an M1 has no ProRes engine, and says so itself
    refused = [state for state in apple if not state.works and state.codec in ("h264", "hevc", "hevc10")]
    if refused:
        return failed("selftest.encoders_refused", data, names=", ".join(state.codec for state in refused), why=refused[0].reason.text("en"))
    return passed("selftest.encoders_work", data, count=sum(state.works for state in apple))


def render_each_codec(folder: Path) -> Verdict:
    """Five seconds of a test picture with a cue, as `canto-beats render` would do it; the files stay for a look."""
    source = _source(folder)
    data = {name: _render(source, folder / f"{name}{one.containers[0]}", name) for name, one in codecs().items()}
    broken = [name for name, facts in data.items() if "error" in facts]
    if broken:
        return failed("selftest.render_broke", data, names=", ".join(broken), why=data[broken[0]]["error"])
    made = {name: facts for name, facts in data.items() if "encoder" in facts}
    by_software = [name for name in made if sys.platform == "darwin" and name in ("h264", "hevc") and "videotoolbox" not in made[name]["encoder"]]
    if by_software:
        return failed("selftest.render_by_software", data, names=", ".join(by_software))
    return passed("selftest.render_done", data, shown=", ".join(f"{facts['encoder']} {facts['fps']} fps" for facts in made.values()))


def _source(folder: Path) -> Path:
    path = folder / "source.mp4"
    picture = ["-f", "lavfi", "-i", f"testsrc2=s={SIZE}:r={_RATE.fps}:d={SECONDS}"]
    tone = ["-f", "lavfi", "-i", f"sine=f=440:r=48000:d={SECONDS}"]
    run_ffmpeg([*picture, *tone, "-c:v", "mpeg4", "-q:v", "3", "-pix_fmt", "yuv420p", "-c:a", "aac", "-y", str(path)], CancelToken())
    return path


def _render(source: Path, out: Path, codec: str) -> dict[str, Any]:
    """Encoder, frames a second and reasons; `absent` where this machine has none for the codec, `error` where one broke."""
    cues = (Cue("1", 25, 100, "五秒試片：嘅咗哋啲喺冇㗎嚟攞瞓"),)
    request = RenderRequest(source, Subtitles(SubtitleDocument(cues, _RATE)), Wish(codec=codec, out=out))
    try:
        done = render(request, no_report, CancelToken())
    except EngineError as error:
        key = "absent" if isinstance(error, SetupError) and error.code == "encoders.none" else "error"
        return {key: error.message("en"), "detail": error.detail}
    return {
        "encoder": done.encoder,
        "fps": round(done.frames_a_second),
        "frames": done.frames,
        "bytes": done.path.stat().st_size,
        "reasons": [one.text("en") for one in done.reasons],
    }

"""`canto-beats render`: subtitles drawn into a film, laid beside its streams, or written beside the file.

`render` takes any SubtitleDocument, so that the plugin and the command line share it:

    render(RenderRequest(Path("film.mov"), Subtitles(document)), reporter, cancel)

Facts about the source: `picture.py`; decisions: `render_plan.py`; text: `burn_subs.py`; running: `render_run.py`; proof: `render_check.py`;
without drawing: `soft.py`. Nothing is ever overwritten, and a render that fails leaves nothing behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ..document import Finding
from ..errors import EngineError, SetupError, StageError
from ..files import free_name, make_folder, replacing
from ..hardware import Reason
from ..messages import Language
from ..progress import CancelToken, Reporter
from .burn_subs import Burnable, Canvas, Subtitles, burnable, within
from .ffmpeg import AUDIO_FILTERS, Place, find_ffmpeg, read_complaints
from .fonts import check_drawn
from .picture import look_at
from .render_check import check_render
from .render_plan import ASS_NAME, FONT_FOLDER, Mode, Wish, plan_render
from .render_run import Run, run_render

FILTERS = AUDIO_FILTERS | {"subtitles", "scale", "crop", "setpts", "setsar", "setparams", "format"}
_FIELD_FILTERS = frozenset({"bwdif"})


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What to burn into what. `style` None is the usual look for the picture's shape; `font` is a file or folder of the user's."""

    source: Path
    subtitles: Subtitles
    wish: Wish = field(default_factory=Wish)
    style: str | None = None
    font: Path | None = None
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One finished file. `encoder` is ffmpeg's name, '' where nothing was encoded; `frames_a_second` of wall time; `reasons` say what was done and
    why, `findings` what a person should look at."""

    path: Path
    mode: Mode
    encoder: str = ""
    frames: int = 0
    seconds: float = 0.0
    reasons: tuple[Reason, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def frames_a_second(self) -> float:
        """Frames a second, 0 where nothing was encoded."""
        return self.frames / self.seconds if self.seconds else 0.0


def render(request: RenderRequest, reporter: Reporter, cancel: CancelToken) -> Rendered:
    """Burn subtitles into a copy of the film and look at the result.

    Raises InputError `render.*`, `fonts.*`, `formats.*`, `media.*` and `files.*` for what cannot be rendered as asked, SetupError `ffmpeg.*`,
    `encoders.none` or `render.no_room`, StageError `render.*` or `ffmpeg.failed` when it breaks, and Cancelled.
    """
    facts = look_at(request.source)
    plan = plan_render(facts, request.wish)
    subtitles, late = within(request.subtitles, facts.duration_s, request.language)
    burn = burnable(subtitles, request.style, request.font, Canvas(*plan.shown, facts.light), request.language)
    target = target_for(request.source, request.wish.out, plan.suffix)
    check_room(target.parent, plan.expected_bytes())
    with stage(burn, find_ffmpeg(FILTERS | (_FIELD_FILTERS if facts.interlaced else frozenset()))) as place:
        check_font(burn, place, subtitles)
        with replacing(target) as part, unchanged(request.source):
            run = run_render(plan, place, part, reporter, cancel)
            made = check_render(plan, part, place, subtitles.spans_s(), cancel)
    lost = (Reason("render.static_light_lost"),) if facts.static_light and not made.static_light else ()
    reasons = (*run.encoder.reasons, *run.reasons, *plan.reasons, *lost, *burn.reasons)
    return _rendered(target, run, reasons, (*late, *burn.findings))


def _rendered(target: Path, run: Run, reasons: tuple[Reason, ...], findings: tuple[Finding, ...]) -> Rendered:
    return Rendered(target, "burn", run.encoder.way.encoder, run.frames, round(run.seconds, 3), reasons, findings)


def target_for(source: Path, out: Path | None, suffix: str) -> Path:
    """Where the result goes: the file asked for, else beside the source or in the folder asked for; a taken name gets a number.

    Raises InputError `files.*` when nothing can be written there.
    """
    wanted = (out.expanduser() if out else source.parent).absolute()
    if out is None or wanted.is_dir():
        wanted = wanted / f"{source.stem}.subtitled{suffix}"
    make_folder(wanted.parent)
    free, number = free_name(wanted), 2
    while free.with_name(free.name + ".part").exists():  # another render is at it
        free, number = free_name(wanted.with_name(f"{wanted.stem} {number}{wanted.suffix}")), number + 1
    return free


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise SetupError `render.no_room` when the disk cannot hold what the render usually takes."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise SetupError("render.no_room", folder=folder, needed=_gb(needed_bytes), free=_gb(free))


def _gb(amount: int) -> str:
    return f"{amount / 1e9:.2f}"


@contextmanager
def stage(burn: Burnable | None, binary: Path) -> Iterator[Place]:
    """A folder with the subtitles and the font under plain names, for ffmpeg to run in; removed at the end."""
    with TemporaryDirectory(prefix="canto-beats-") as name:
        folder = Path(name)
        if burn:
            (folder / ASS_NAME).write_text(burn.ass, "utf-8")
            (folder / FONT_FOLDER).mkdir()
            for number, file in enumerate(burn.font.files):
                shutil.copyfile(file, folder / FONT_FOLDER / f"{number}{file.suffix.lower()}")
        yield Place(binary, folder)


def check_font(burn: Burnable, place: Place, subtitles: Subtitles) -> None:
    """Draw the first cue once, in words: libass' own log must name our font. Raises StageError `fonts.not_taken`."""
    assert place.binary is not None
    start_s, end_s = subtitles.spans_s()[0]
    chain = f"setpts=PTS+{float((start_s + end_s) / 2):.6f}/TB,subtitles=f={ASS_NAME}:fontsdir={FONT_FOLDER}"
    arguments = ["-v", "verbose", "-f", "lavfi", "-i", "color=s=320x180:r=25:d=0.04", "-vf", chain, "-frames:v", "1", "-f", "null", "-"]
    check_drawn(read_complaints(place.binary, arguments, place.folder), burn.font)


@contextmanager
def unchanged(source: Path) -> Iterator[None]:
    """Work on a file that must stay as it is. Raises StageError `render.source_changed` in place of whatever its change led to."""
    before = _identity(source)
    try:
        yield
        changed = _identity(source) != before
    except EngineError as error:
        if _identity(source) == before:
            raise
        raise StageError("render.source_changed", file=source, detail=str(error)) from error
    if changed:
        raise StageError("render.source_changed", file=source)


def _identity(path: Path) -> tuple[int, ...]:
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns

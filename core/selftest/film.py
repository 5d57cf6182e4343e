"""The film: the plugin's own renders of one second, and whether the picture shows what was asked: no letters, or letters.

Pictures are compared where this Python has PyAV; inside Resolve's own Python the files are left for a look.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .desk import Desk
from .operations import files_in
from .stage import append_srt, at_25, new_timeline, picture, timeline_id, write_srt

_RANGE = (30, 55)  # frames from the start, all inside the first cue
_KINDS = (("clean", "h264", False), ("burnt", "h264", True), ("burnt_h265", "h265", True), ("master", "master", False))
_OFFERED = {"VideoQuality": "High", "FormatWidth": 1920, "FormatHeight": 1080, "AudioBitDepth": 16, "AudioSampleRate": 48000}
_SEEN = 60  # of 255: a letter's edge is brighter or darker than the picture by more, two encodings of one picture differ by less


def film(desk: Desk) -> dict[str, Any]:
    """Codecs by their ids, keys that SetRenderSettings refuses, four renders with their speed, and how burnt and clean pictures differ."""
    if not desk.host.can_delete_presets():
        return {"left_out": "before 19.1 the preset that each render saves could not be deleted again"}
    timeline = new_timeline(desk, "film", [picture(desk)])
    name = timeline_id(desk, timeline)
    desk.host.add_subtitle_track(name, 0)
    append_srt(desk, write_srt(desk, "film", at_25()))
    found = desk.host.timeline() or {}
    facts: dict[str, Any] = {"resolution": desk.host.resolution(name), "formats": desk.host.render_formats()}
    facts["codecs"] = {extension: desk.host.render_codecs(extension) for extension in ("mov", "mp4")}
    facts["renders"] = {kind: _render(desk, found, (kind, codec, burn)) for kind, codec, burn in _KINDS}
    facts["refused"] = _refused(desk)
    paths = {kind: Path(one["path"]) for kind, one in facts["renders"].items() if "path" in one}
    facts["burnt_against_clean"] = {
        kind: _difference(paths["clean"], paths[kind]) for kind in ("burnt", "burnt_h265") if {"clean", kind} <= set(paths)
    }
    desk.host.open_page("edit")
    return {**facts, "files": files_in(desk, "film")}


def _render(desk: Desk, timeline: dict[str, Any], what: tuple[str, str, bool]) -> dict[str, Any]:
    """One render by the plugin's own code: what it made, or the error's code with its evidence."""
    from resolve_plugin.errors import PluginError
    from resolve_plugin.film_render import FilmWish, render_film
    from resolve_plugin.resolve_api import ResolveHost
    from resolve_plugin.undo import Journal

    kind, codec, burn = what
    folder, news, began = desk.folder / "film" / kind, [], time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    wish = FilmWish(
        timeline_id=timeline.get("id", ""),
        start_frame=timeline.get("start_frame", 0),
        span=_RANGE,
        folder=str(folder),
        codec=codec,
        quality="standard",
        subtitle_track=1 if burn else None,
        keep=str,
    )
    journal = Journal({}, lambda: None)
    try:
        path = render_film(ResolveHost(desk.calls), journal, wish, lambda *one: news.append(one))
    except PluginError as error:
        return {"error": error.code, "detail": error.detail, "left": journal.state}
    seconds = round(time.monotonic() - began, 1)
    return {"path": path, "bytes": Path(path).stat().st_size, "seconds": seconds, "news": news[:20], "left": journal.state}


def _refused(desk: Desk) -> list[str]:
    """Settings that this version does not take one by one, asked on a Deliver page that is put back from a preset."""
    backup = f"Canto-Beats film {desk.folder.name}"
    desk.host.open_page("deliver")
    desk.host.save_render_preset(backup)
    try:
        return list(desk.host.offer_render_settings(dict(_OFFERED)) or [])
    finally:
        desk.host.load_render_preset(backup)
        desk.host.delete_render_preset(backup)


def _difference(clean: Path, burnt: Path) -> dict[str, Any]:
    """How far the first pictures lie apart: {"largest" (of 255), "share" of pixels that differ clearly, "letters"}."""
    try:
        import av
        import numpy as np
    except ImportError:
        return {"left_out": "no PyAV in this Python: look at the files"}
    pictures = []
    for path in (clean, burnt):
        with av.open(str(path)) as container:
            pictures.append(next(container.decode(video=0)).to_ndarray(format="gray").astype(np.int16))
    if pictures[0].shape != pictures[1].shape:
        return {"sizes": [list(one.shape) for one in pictures]}
    apart = np.abs(pictures[0] - pictures[1])
    share = float((apart > _SEEN).mean())
    return {"largest": int(apart.max()), "share": round(share, 5), "letters": share > 0}

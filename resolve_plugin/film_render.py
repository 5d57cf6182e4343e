"""The film by a render job of Resolve: with the subtitles burnt in by Resolve, or clean, for us to burn them in.

Format and codec are chosen by the ids that this Resolve lists at run time. From 20.2 on a script can say what becomes of subtitles; before, a
clean film is had by switching the subtitle tracks off, and burning in cannot be asked for. No key names the encoder: on a Mac these codecs
are VideoToolbox's, unless the user chose otherwise on the Deliver page.
To offer another codec, add it to `_WANTED`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import PluginError
from .render_job import JobPlan, News, render, unique_name
from .resolve_api import ResolveHost
from .undo import Journal

BURN_IN_SINCE = [20, 2]
_PRORES = ("PRORES422HQ", "PRORES422", "APPLEPRORES422HQ", "APPLEPRORES422", "PRORES422LT")
# Containers and codecs, the best first; 'master' is what a clean film is kept in until our subtitles are burnt in.
_WANTED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "h264": (("mp4", "mov"), ("H264",)),
    "h265": (("mp4", "mov"), ("H265", "HEVC")),
    "master": (("mov",), _PRORES),
}
_MASTERS = ("master", "h264", "h265")
_QUALITY = {"draft": "Medium", "standard": "High", "high": "Best"}
_BURN_KEYS = {"ExportSubtitle", "SubtitleFormat"}


@dataclass(frozen=True)
class FilmWish:
    """A range relative to the timeline's start (end exclusive) or None for all; the folder that Resolve writes into, which is ours alone.

    `codec` is h264, h265 or master, `quality` draft, standard or high; `subtitle_track` is burnt in, None renders a clean film. `keep` takes
    the finished file and answers where it is from then on.
    """

    timeline_id: str
    start_frame: int
    span: tuple[int, int] | None
    folder: str
    codec: str
    quality: str
    subtitle_track: int | None
    keep: Callable[[str], str]


def can_burn_in(host: ResolveHost) -> bool:
    """Whether a script can tell this version to burn subtitles in."""
    version: list[int] = host.about()["version"]
    return version[:2] >= BURN_IN_SINCE


def render_film(host: ResolveHost, journal: Journal, wish: FilmWish, news: News) -> str:
    """Path of the film. Raises what `render_job.render` raises, with the subject `film`; also `film.no_codec` and `film.no_burn_in`."""

    def set_up(host: ResolveHost, _: Journal, where: dict[str, Any]) -> None:
        lossy = _choose_format(host, wish.codec)
        host.set_render_settings({**where, "ExportVideo": True, "ExportAudio": True})
        _choose_subtitles(host, wish)
        width, height = host.resolution(wish.timeline_id)
        offered: dict[str, Any] = {"FormatWidth": width, "FormatHeight": height, "AudioBitDepth": 16, "AudioSampleRate": 48000}
        if lossy:
            offered["VideoQuality"] = "Best" if wish.codec == "master" else _QUALITY[wish.quality]
        host.offer_render_settings(offered)

    name = unique_name()
    plan = JobPlan(wish.timeline_id, wish.start_frame, wish.span, wish.folder, name, "film", "subtitle", set_up, wish.keep)
    return render(host, journal, plan, news)


def _choose_subtitles(host: ResolveHost, wish: FilmWish) -> None:
    """Only the track to burn in is on, none for a clean film; and the key says the same where there is one."""
    for track in host.tracks(wish.timeline_id, "subtitle"):
        host.enable_track(wish.timeline_id, "subtitle", track["index"], track["index"] == wish.subtitle_track)
    burn = wish.subtitle_track is not None
    if not can_burn_in(host):
        if burn:
            raise PluginError("film.no_burn_in")
        return
    refused = host.offer_render_settings({"ExportSubtitle": burn, **({"SubtitleFormat": "BurnIn"} if burn else {})})
    if burn and _BURN_KEYS & set(refused):
        raise PluginError("film.no_burn_in", detail=f"refused: {', '.join(refused)}")


def _choose_format(host: ResolveHost, codec: str) -> bool:
    """Set the first container and codec that fit; True when the codec has a quality to choose. Raises PluginError `film.no_codec`."""
    extensions = set(host.render_formats().values())
    seen: list[str] = []
    for wanted in _MASTERS if codec == "master" else (codec,):
        containers, names = _WANTED[wanted]
        for container in (one for one in containers if one in extensions):
            listed = host.render_codecs(container)
            seen += [f"{container}/{one}" for one in listed.values()]
            if any(host.set_render_format(container, one) for one in _matching(listed, names)):
                return wanted != "master"
    raise PluginError("film.no_codec", detail=", ".join(seen), codec=codec)


def _matching(listed: dict[str, str], names: tuple[str, ...]) -> list[str]:
    """Ids out of {description: id} that mean one of `names`: the same word first, then longer ones, as H264_NVIDIA."""
    words = {one: (_word(one), _word(description)) for description, one in listed.items()}
    same = [one for name in names for one, pair in words.items() if name in pair]
    longer = [one for name in names for one, pair in words.items() if any(word.startswith(name) for word in pair)]
    return list(dict.fromkeys(same + longer))


def _word(text: str) -> str:
    return re.sub("[^A-Z0-9]", "", text.upper())

"""Where subtitles go and on which frame: the track that an append picks, and how import rounds milliseconds."""

from __future__ import annotations

from typing import Any

from .desk import Desk
from .stage import append_srt, at_25, new_timeline, picture, subtitle_counts, timeline_id, write_srt

# What is on the two subtitle tracks before the append: (cues on 1, cues on 2, enabled 1, enabled 2)
_CASES = (
    ("both empty, both on", False, False, True, True),
    ("first filled, both on", True, False, True, True),
    ("both filled, both on", True, True, True, True),
    ("both empty, only second on", False, False, False, True),
    ("first filled, only second on", True, False, False, True),
    ("both filled, only second on", True, True, False, True),
    ("both empty, only first on", False, False, True, False),
    ("both empty, none on", False, False, False, False),
)
RATES = ("23.976", "24", "25", "29.97", "29.97 DF", "30", "50", "59.94", "59.94 DF", "60")
_EXACT = {"23.976": (24000, 1001), "29.97": (30000, 1001), "59.94": (60000, 1001)}


def append_target(desk: Desk) -> dict[str, Any]:
    """Which subtitle track an append chooses, and whether switching tracks off steers it."""
    return {case[0]: _target(desk, number, case) for number, case in enumerate(_CASES, 1)}


def _target(desk: Desk, number: int, case: tuple[str, bool, bool, bool, bool]) -> dict[str, Any]:
    host, timeline = desk.host, new_timeline(desk, f"append target {number}", [picture(desk)])
    name = timeline_id(desk, timeline)
    for index in (1, 2):
        host.add_subtitle_track(name, index - 1)
    for index, filled in enumerate(case[1:3], 1):
        if filled:
            for other in (1, 2):
                host.enable_track(name, "subtitle", other, other == index)
            append_srt(desk, write_srt(desk, f"target-{number}-filled-{index}", [(8000, 9000, f"there before {index}")]))
    for index, enabled in enumerate(case[3:5], 1):
        host.enable_track(name, "subtitle", index, enabled)
    before = [track["count"] for track in subtitle_counts(desk, name)]
    append_srt(desk, write_srt(desk, f"target-{number}", at_25()))
    after = subtitle_counts(desk, name)
    start = (host.timeline() or {}).get("start_frame", 0)
    first = [[item["start"] - start for item in host.items(name, "subtitle", track["index"]) or []] for track in after]
    return {"before": before, "after": [track["count"] for track in after], "starts": first}


def without_track(desk: Desk) -> dict[str, Any]:
    """What an append answers and does when there is no subtitle track at all."""
    timeline = new_timeline(desk, "no subtitle track", [picture(desk)])
    path = write_srt(desk, "no-track", at_25())
    clips = desk.call(desk.pool, "ImportMedia", [str(path)]) or [None]
    answer = desk.call(desk.pool, "AppendToTimeline", [{"mediaPoolItem": clips[0]}]) if clips[0] is not None else None
    desk.calls.structural()
    return {"answer": answer, "tracks": subtitle_counts(desk, timeline_id(desk, timeline))}


def text_read_back(desk: Desk) -> dict[str, Any]:
    """How texts come back: line breaks, markup, characters beyond the first plane, spaces at the ends."""
    texts = ("一行\n兩行", "<i>斜</i>", "𠮷野家 👍🏽", " 前後 ", '& < > "', "a\u3000b")
    timeline = new_timeline(desk, "texts", [picture(desk)])
    name = timeline_id(desk, timeline)
    desk.host.add_subtitle_track(name, 0)
    append_srt(desk, write_srt(desk, "texts", [(number * 1000, number * 1000 + 800, text) for number, text in enumerate(texts, 1)]))
    return {"wanted": list(texts), "read": [item["text"] for item in desk.host.items(name, "subtitle", 1) or []]}


def rounding(desk: Desk) -> dict[str, Any]:
    """The frame that import makes of n/fps and of one millisecond before and after, at every rate."""
    return {rate: _rounding_at(desk, rate) for rate in RATES}


def timeline_at(desk: Desk, label: str, rate: str) -> tuple[Any, dict[str, Any]]:
    """A new empty timeline set to a rate of RATES, and what it says about its rate afterwards."""
    timeline = new_timeline(desk, f"{label} {rate}")
    number, _, drop = rate.partition(" ")
    answers = [
        desk.call(timeline, "SetSetting", key, value)
        for key, value in (("useCustomSettings", "1"), ("timelineFrameRate", number), ("timelineDropFrameTimecode", "1" if drop else "0"))
    ]
    return timeline, {"set": answers, "timeline": desk.host.timeline()}


def _rounding_at(desk: Desk, rate: str) -> dict[str, Any]:
    timeline, facts = timeline_at(desk, "rounding", rate)
    name, number = timeline_id(desk, timeline), rate.partition(" ")[0]
    up, down = _EXACT.get(number, (int(float(number)), 1))
    wanted = []
    for step, frame in enumerate((101, 202, 303, 1001, 2002, 3003)):
        exact_ms = -(-1000 * down * frame // up)  # ceil(1000 * frame / rate), as our own files have it
        wanted.append((frame, exact_ms + step % 3 - 1))
    desk.host.add_subtitle_track(name, 0)
    cues = [(ms, ms + 300, f"{frame} {ms}") for frame, ms in wanted]
    append_srt(desk, write_srt(desk, f"rounding-{rate.replace(' ', '-')}", cues))
    start = (facts["timeline"] or {}).get("start_frame", 0)
    items = desk.host.items(name, "subtitle", 1) or []
    return {**facts, "frame_and_ms": wanted, "read": [[item["start"] - start, item["end"] - start, item["text"]] for item in items]}

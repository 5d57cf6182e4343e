"""Documents that any test of a format, an export or a reader may use."""

from __future__ import annotations

from dataclasses import replace

from core.document import Cue, SubtitleDocument
from core.timing import FrameRate, timecode_to_frame

RATES = {
    "23.976": FrameRate(24000, 1001),
    "24": FrameRate(24),
    "25": FrameRate(25),
    "29.97": FrameRate(30000, 1001),
    "29.97 DF": FrameRate(30000, 1001, True),
    "30": FrameRate(30),
    "50": FrameRate(50),
    "59.94": FrameRate(60000, 1001),
    "59.94 DF": FrameRate(60000, 1001, True),
    "60": FrameRate(60),
    "120": FrameRate(120),
}
STARTS = ("00:00:00:00", "01:00:00:00", "23:59:59:00")


def two_speakers() -> SubtitleDocument:
    """Three cues at 25 frames a second on a timeline that begins at 01:00:00:00."""
    cues = (
        Cue("c00001", 0, 50, "你今晚去邊度食飯？", speaker="阿明"),
        Cue("c00002", 52, 100, "去旺角㗎\n食車仔麵", speaker="阿欣"),
        Cue("c00003", 100, 130, "OK，八點見"),
    )
    return SubtitleDocument(cues, FrameRate(25), 90000)


def long_document(rate: FrameRate, start: str) -> SubtitleDocument:
    """Cues of every length from one frame on, touching and apart, with some an hour in; over midnight when `start` is just before it."""
    start_frame = timecode_to_frame(start, rate)
    cues, frame = [], 0
    for number in range(1, 49):
        length = 1 + (number - 1) * 7 % 53
        cues.append(Cue(f"c{number:05}", frame, frame + length, f"第{number}句嘅㗎𨋢 OK"))
        frame += length + (0, 2, 17, 1001)[number % 4]
    for number in range(49, 55):
        frame += 600 * rate.nominal + number
        cues.append(Cue(f"c{number:05}", frame, frame + 3 * rate.nominal + 1, f"一小時內\n第{number}句"))
        frame += 3 * rate.nominal + 1
    return SubtitleDocument(tuple(cues), rate, start_frame)


def written_twin() -> SubtitleDocument:
    """`two_speakers` in written Chinese: the same ids and times."""
    spoken = two_speakers()
    texts = ("你今晚去哪裏吃飯？", "去旺角呀\n吃車仔麵", "好，八點見")
    cues = tuple(replace(cue, text=text) for cue, text in zip(spoken.cues, texts, strict=True))
    return replace(spoken, cues=cues, language="zh-Hant-HK", register="written")

"""What is said in the sample timeline, and how it is cut.

Change lines, voices or cuts here, run `python -m core.practice.make_sample` and commit what it writes. Lines hold Chinese characters only,
because the practice model knows nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .voice import Voice

RATE = 25
START_FRAME = 90000  # 01:00:00:00
NAME = "茶餐廳的早晨"

_HOST = Voice("f1", 150, 52)
_OWNER = Voice("m3", 150, 45)
_GUEST = Voice("m1", 150, 50)
_NARRATOR = Voice("f4", 155, 48)


@dataclass(frozen=True, slots=True)
class Take:
    """One spoken line of a source."""

    text: str
    voice: Voice


@dataclass(frozen=True, slots=True)
class Source:
    """One media file: its takes in order, and the timecode frame of its first sample. `kind` decides how it is recorded."""

    kind: Literal["camera", "recorder", "phone", "room"]
    file: str
    start_frame: int
    takes: tuple[Take, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """One clip: takes `first` to `last` of a source with a little air around them, `gap` frames after the end of the clip before.

    `gain_keys` are (frames after the clip's start, dB). A disabled cut takes its time on the track and is not heard.
    """

    source: Source
    first: int
    last: int
    gap: int = 0
    speed: Fraction = Fraction(1)
    gain_db: float = 0.0
    gain_keys: tuple[tuple[int, float], ...] = ()
    fade_in: int = 0
    enabled: bool = True


CAMERA = Source(
    "camera",
    "訪問 主鏡 #1.mov",
    90000,  # 01:00:00:00
    (
        Take("呢間茶餐廳好多人食嘢", _HOST),
        Take("你覺得邊樣嘢最好食", _HOST),
        Take("唔好意思我講多次", _HOST),
        Take("最鍾意飲嘅就係奶茶", _OWNER),
        Take("其實我哋嘅奶茶好出名", _OWNER),
        Take("你幾時開始做嘢", _HOST),
        Take("我做咗差唔多二十年", _OWNER),
        Take("你屋企人有冇幫手", _HOST),
        Take("屋企人都會幫手", _OWNER),
        Take("禮拜六好多人食早餐", _OWNER),
    ),
)
RECORDER = Source(
    "recorder",
    "錄音機 T02.wav",
    1308250,  # 14:32:10:00
    (Take("老細有冇嘢好食", _GUEST), Take("你可以試吓我哋嘅奶茶", _OWNER)),
)
PHONE = Source(
    "phone",
    "旁白 補錄.m4a",
    0,
    (
        Take("食完早餐我哋出去行街", _NARRATOR),
        Take("我覺得呢個地方好靚", _NARRATOR),
        Take("以前呢度有好多細路仔", _NARRATOR),
        Take("佢哋成日喺度玩", _NARRATOR),
        Take("而家啲細路仔都大個晒", _NARRATOR),
        Take("不過佢哋都會返嚟食飯", _NARRATOR),
        Take("希望呢啲地方可以留低", _NARRATOR),
        Take("如果你得閒可以過嚟", _NARRATOR),
        Take("我哋下個禮拜再見", _NARRATOR),
    ),
)
ROOM = Source("room", "環境聲.mp3", 0)
SOURCES = (CAMERA, RECORDER, PHONE, ROOM)

CAMERA_TRACK = (
    Cut(CAMERA, 0, 1, gap=25),
    Cut(CAMERA, 2, 2, gap=10, enabled=False),
    Cut(CAMERA, 3, 4, gap=10, gain_db=-4.0),
    Cut(CAMERA, 5, 6, gap=15, gain_keys=((0, 0.0), (60, -1.5), (120, -6.0))),
)
RECORDER_CUT = Cut(RECORDER, 0, 1, gap=12)
CAMERA_AGAIN = (Cut(CAMERA, 7, 7, gap=12), Cut(CAMERA, 8, 9))
NARRATION = (
    Cut(PHONE, 0, 2, gap=20, fade_in=5),
    Cut(PHONE, 3, 5, gap=12, speed=Fraction(11, 10)),
    Cut(PHONE, 6, 8, gap=12),
)
ROOM_FRAMES = 200  # room tone on a track of its own, beneath the last camera clip and the first narration

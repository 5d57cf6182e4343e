"""Make `docs/formats/` again: one sample file a format, one picture a look, and the table of formats.

Run `python -m tests.formats.make_docs` after a writer or a look has changed; `test_docs.py` compares the files. Pictures need an ffmpeg with
libass and the fonts Noto Sans CJK and LXGW WenKai on the machine, so they are only made here; `--no-pictures` leaves them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from core.document import Cue, SubtitleDocument
from core.formats import FORMATS, REFUSED, write_subtitles
from core.formats.ass_styles import LANDSCAPE, PORTRAIT, look, looks
from core.formats.base import WriteOptions
from core.media.ffmpeg import run_ffmpeg
from core.progress import CancelToken
from core.timing import FrameRate

DOCS = Path(__file__).parents[2] / "docs" / "formats"
_SPOKEN = ("阿明，你搭𨋢上嚟未呀？", "仲喺樓下等緊㗎", "-你食咗飯未？\n-未呀，Uber 遲到", "嗰間茶餐廳啲嘢好好食", "聽日 10 點喺 IFC 見")
_WRITTEN = ("阿明，你坐電梯上來了嗎？", "還在樓下等", "-你吃飯了沒有？\n-還沒有，Uber 遲到", "那家茶餐廳的東西很好吃", "明天 10 點在 IFC 見")
_FOR = {
    "srt": ("every player and editor", "milliseconds", "timeline's first frame"),
    "vtt": ("web players", "milliseconds", "timeline's first frame"),
    "ass": ("burning in, players, fansub tools", "centiseconds (up to 100 fps)", "timeline's first frame"),
    "ttml": ("broadcast and streaming delivery (IMSC 1.1)", "frames", "timeline's first frame"),
    "itt": ("Final Cut Pro, Compressor, iTunes", "timecode", "timeline's timecode"),
    "fcpxml": ("Final Cut Pro; into Resolve's own export", "frames as fractions", "timeline's timecode"),
    "avid": ("Media Composer's SubCap", "timecode", "timeline's timecode"),
    "edl": ("markers in Resolve for review", "timecode", "timeline's timecode"),
    "csv": ("spreadsheets", "timecode and seconds", "timeline's timecode"),
    "txt": ("reading, translating", "none", "-"),
    "json": ("other programs", "frames, milliseconds, timecode", "range's first frame"),
    "otio": ("OTIO hosts, as markers; Resolve titles with --titles", "frames", "timeline's first frame"),
    "otioz": ("the same with its media in one file", "frames", "timeline's first frame"),
}
_PICTURES = """
The pictures show each look of `--style` over ffmpeg's colour bars, drawn by libass with Noto Sans CJK HK; `kai_drama` with LXGW WenKai, whose
Hong Kong edition, the look's own font, centres its punctuation.

![hk_broadcast](hk_broadcast.png)
![hk_box](hk_box.png)
![kai_drama](kai_drama.png)
![bilingual](bilingual.png)
![social_9x16](social_9x16.png)"""
_FONTS = {"kai_drama": "LXGW WenKai"}


def sample(register: str = "spoken") -> SubtitleDocument:
    """Five cues at 23.976 on a timeline that begins at 01:00:00:00."""
    speakers = ("阿欣", "阿明", None, "阿明", "阿明")
    texts = _SPOKEN if register == "spoken" else _WRITTEN
    cues = tuple(Cue(f"c{n:05}", 60 * n - 48, 60 * n + 10, texts[n - 1], speaker=speakers[n - 1]) for n in range(1, 6))
    document = SubtitleDocument(cues, FrameRate(24000, 1001), 86400)
    return document if register == "spoken" else replace(document, register="written", language="zh-Hant-HK")


def samples() -> Iterator[tuple[str, str, SubtitleDocument, WriteOptions]]:
    """(file name, format, document, options) of every sample."""
    plain = WriteOptions(title="Sample", length_frames=360)
    for name, made in FORMATS.items():
        yield f"sample{made.suffix}", name, sample(), plain
    for name in ("fcpxml", "otio"):
        yield f"sample_titles{FORMATS[name].suffix}", name, sample(), replace(plain, titles=True)
    yield "sample_bilingual.ass", "ass", sample("written"), replace(plain, style="bilingual", second=sample())


def table() -> str:
    """The Markdown table of formats."""
    rows = ["| format | suffix | for | times | zero | read back |", "|---|---|---|---|---|---|"]
    for name, made in FORMATS.items():
        rows.append(f"| {name} | {made.suffix} | {' | '.join(_FOR[name])} | {'yes' if made.reads else 'no'} |")
    refused = ", ".join(sorted(REFUSED))
    return "\n".join([*rows, "", f"Refused, because they cannot carry Chinese: {refused}.", _PICTURES, ""])


def picture(name: str, folder: Path) -> bytes:
    """A PNG of the look over ffmpeg's test picture, at half the picture's size."""
    chosen = look(name)
    width, height = PORTRAIT if chosen.portrait else LANDSCAPE
    file = folder / "subs.ass"
    options = WriteOptions(style=name, second=sample(), font=_FONTS.get(name, "Noto Sans CJK HK"))
    write_subtitles("ass", sample("written" if chosen.second else "spoken"), file, options)
    filters = f"boxblur=20,eq=saturation=0.5:brightness=-0.1,ass=f={file},scale={width // 2}:-2:flags=area"
    source = f"smptehdbars=s={width}x{height}:r=24000/1001:d=10"
    arguments = ["-f", "lavfi", "-i", source, "-ss", "5.6", "-vf", filters, "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "pipe:1"]
    return run_ffmpeg(arguments, CancelToken())


def main() -> None:
    DOCS.mkdir(parents=True, exist_ok=True)
    for file, name, document, options in samples():
        write_subtitles(name, document, DOCS / file, options)
    (DOCS / "README.md").write_text(f"# Formats\n\n{table()}", "utf-8")
    if "--no-pictures" not in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            for name in looks():
                (DOCS / f"{name}.png").write_bytes(picture(name, Path(folder)))


if __name__ == "__main__":
    main()

"""Make `docs/render/` again: what `canto-beats render` does, the table of encoders, and a picture of each look over the sample's film.

Run `python -m tests.media.make_docs` after the table or a look has changed; `test_docs.py` compares the text and asks for the pictures.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from core.document import Cue, SubtitleDocument
from core.formats.ass_styles import look, looks
from core.media.burn_subs import Subtitles
from core.media.encoder_table import QUALITIES, Codec, Way, codecs
from core.media.render import RenderRequest, render
from core.media.render_plan import Wish
from core.progress import CancelToken, no_report
from core.timing import FrameRate
from fakes.films import run

DOCS = Path(__file__).parents[2] / "docs" / "render"
_FILM = Path(__file__).parents[2] / "core" / "practice" / "sample" / "訪問 主鏡 #1.mov"
_LONG = "Supercalifragilisticexpialidocious internationalisation of the MTR Island Line"
_SPOKEN = ("嘅咗哋啲喺冇㗎嚟攞瞓揾𨋢", "-你去唔去瞓覺㗎？\n-我仲未揾到部𨋢呀", _LONG, "我哋今日喺茶餐廳度食咗個早餐先返工")
_WRITTEN = ("的了們些在沒有來拿睡找電梯", "你去不去睡覺？\n我還未找到電梯", _LONG, "我們今天在茶餐廳吃了早餐才上班")
_TEXT = """# Rendering

`canto-beats render FILM --subs FILE` draws subtitles into a copy of the film (`--burn`), adds them as a stream that can be switched off
(`--soft`) or writes a file beside it (`--sidecar`). `canto-beats preview FILM --subs FILE --at TC` makes one PNG of a moment. A job's
folder stands for the film it was made of and its subtitles; the job of an edit needs the edit's own render: `canto-beats render THAT.mov
--subs JOB`.

## Encoders

The first of these that works is used. Each is tried with six frames and the very options of the render before it is trusted, and the result
names the one that ran and why others were passed over. When hardware breaks off half-way, the next one takes over; any other failure ends
the render.

{encoders}

VideoToolbox holds a constant quality only in builds for Apple Silicon; elsewhere it gets a bitrate. A ProRes engine is in every chip from
M2 on and in the M1 Pro, Max and Ultra. HEVC is tagged hvc1, which QuickTime asks for. Nothing here has run on a Mac or an NVIDIA card yet.

## Colours

PQ and HLG pictures are kept in ten bits (hevc10 or prores) and refused elsewhere. Their subtitles are drawn at the reference white of
graphics, 203 candela a square metre (ITU-R BT.2408), not at the brightest value. Dolby Vision keeps the HDR10 or HLG picture under it;
profile 5, which has none, is refused. A picture of 720 lines or more without marks is marked as Rec. 709.

## Looks

The built-in font is Canto-Beats Sans HK, a subset of Noto Sans CJK HK Medium with every character of Big5-HKSCS and all unified ideographs
(SIL OFL 1.1). A character that the font lacks stops the render before it begins. A line wider than the picture is drawn smaller, below 60 %
on several lines; both are reported. `kai_drama` asks for LXGW WenKai HK and takes the built-in font without it.

{pictures}
"""


def text() -> str:
    """README.md."""
    pictures = "\n".join(f"![{name}]({name}.png)" for name in looks())
    return _TEXT.format(encoders="\n".join(_table()), pictures=pictures)


def _table() -> Iterator[str]:
    yield f"| codec | encoder | pixels | {' | '.join(QUALITIES)} |"
    yield "|---|---|---|" + "---|" * len(QUALITIES)
    for codec in codecs().values():
        for way in codec.ways:
            cells = (codec.id, way.encoder, way.pixels, *(_cell(codec, way, quality) for quality in QUALITIES))
            yield f"| {' | '.join(cells)} |"


def _cell(codec: Codec, way: Way, quality: str) -> str:
    if way.bitrate:
        return "" if quality == "small" else f"{dict(codec.mbps)[quality]:g} Mbit/s at 1080p30"
    return " ".join(dict(way.settings).get(quality, ()))


def picture(name: str, folder: Path) -> bytes:
    """A sheet of four moments of a real render: one line, two, long Latin, and a full line."""
    from PIL import Image

    portrait = look(name).portrait
    crop = "crop=202:360,scale=1080:1920" if portrait else "scale=1920:1080"
    film, out = folder / f"{name}.film.mp4", folder / f"{name}.mp4"
    run("-ss", "2", "-t", "4", "-i", str(_FILM), "-vf", crop, "-an", "-c:v", "libx264", "-preset", "ultrafast", "-y", str(film))
    bilingual = look(name).second is not None
    subtitles = Subtitles(_document(_WRITTEN), _document(_SPOKEN)) if bilingual else Subtitles(_document(_SPOKEN))
    made = render(RenderRequest(film, subtitles, Wish(quality="draft", out=out), name), no_report, CancelToken())
    tile = "scale=270:-2:flags=area,tile=4x1" if portrait else "scale=640:-2:flags=area,tile=2x2"
    chain = f"select='eq(n,12)+eq(n,37)+eq(n,62)+eq(n,87)',{tile}"
    data = run("-i", str(made.path), "-vf", chain, "-frames:v", "1", "-f", "image2", "-c:v", "png", "-")
    kept = BytesIO()
    with Image.open(BytesIO(data)) as sheet:
        sheet.quantize(256).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _document(texts: tuple[str, ...]) -> SubtitleDocument:
    return SubtitleDocument(tuple(Cue(f"c{n}", 25 * n, 25 * n + 25, line) for n, line in enumerate(texts)), FrameRate(25))


def main() -> None:
    """Write everything."""
    DOCS.mkdir(parents=True, exist_ok=True)
    (DOCS / "README.md").write_text(text(), "utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for name in looks():
            (DOCS / f"{name}.png").write_bytes(picture(name, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())

"""`python -m core.practice.make_sample [--out DIR]`: write the sample timeline, its media and its script; needs the extra `practice`.

What is said and how it is cut stands in `sample_script.py`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from ..files import make_folder, write_text
from .sample_edit import place, spoken_lines, to_otio
from .sample_media import record
from .sample_script import NAME, SOURCES

SAMPLE = Path(__file__).parent / "sample"


def make_sample(folder: Path) -> None:
    """Write `<name>.otio`, the media and `script.json` into `folder`.

    Raises SetupError `practice.no_voice` or `ffmpeg.missing`, StageError `practice.voice_failed`, and InputError `files.*`.
    """
    make_folder(folder)
    recordings = {source.file: record(source, folder) for source in SOURCES}
    edit = place(recordings)
    lines = [
        {"text": line.text, "start_ms": round(line.start_s * 1000), "end_ms": round(line.end_s * 1000)} for line in spoken_lines(edit, recordings)
    ]
    # one line of text a line, so that a change of the script shows as such
    rows = ",\n".join("  " + json.dumps(line, ensure_ascii=False) for line in lines)
    write_text(folder / "script.json", f'{{"timeline": "{NAME}.otio", "lines": [\n{rows}\n]}}\n')
    write_text(folder / f"{NAME}.otio", to_otio(edit, recordings))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m core.practice.make_sample", description="Make the sample timeline.")
    parser.add_argument("--out", type=Path, default=SAMPLE, help="folder to write into (default: the shipped one)")
    make_sample(parser.parse_args(arguments).out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

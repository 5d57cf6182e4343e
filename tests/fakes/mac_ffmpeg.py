"""An ffmpeg as a Mac has it, for tests: `install(path, real, Mac(...))` writes an executable that behaves as `mac_ffmpeg_process.py` says.

To imitate another machine, add a field to Mac and its branch to `refuse` there.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mac:
    """One machine and its ffmpeg.

    `quality`: -q:v works (builds for Apple Silicon). `session`: VideoToolbox can open one (not in many virtual machines). `prores`: a ProRes
    engine (not in a base M1). `libass`: the build has subtitles. `software`: it has libx264 and its kin. `dies`: encoders that break off in a real
    render, after a probe went well. `decoder_dies`: so does Apple's decoder.
    """

    quality: bool = True
    session: bool = True
    prores: bool = True
    libass: bool = True
    software: bool = True
    dies: tuple[str, ...] = ()
    decoder_dies: bool = False


def install(path: Path, real: Path, mac: Mac) -> Path:
    """Write the executable and an empty record of its calls."""
    facts = {**asdict(mac), "real": str(real), "calls": str(path.with_name("calls"))}
    path.with_name("calls").write_text("")
    lines = ("import sys", f"sys.path.insert(0, {str(Path(__file__).parent)!r})", "from mac_ffmpeg_process import main", f"main({facts!r})")
    path.write_text(f"#!{sys.executable} -SE\n" + "\n".join(lines) + "\n")
    path.chmod(0o755)
    return path


def calls(path: Path) -> list[list[str]]:
    """The calls so far that encode something, without the listing of filters and looks at files."""
    lines = path.with_name("calls").read_text("utf-8").splitlines()
    return [call for call in map(ast.literal_eval, lines) if "-c:v" in call]

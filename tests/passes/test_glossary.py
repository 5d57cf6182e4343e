"""The glossary file and what the pass does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.document import Cue, SubtitleDocument
from core.errors import InputError
from core.passes.base import PassContext, run_passes
from core.passes.glossary import Glossary, read_glossary
from core.passes.names import glossary
from core.timing import FrameRate


def test_a_glossary_file(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("\ufeff# crew\n陳大文\n陳大民 => 陳大文\n\nDaVinci Resolve  # the host\n", "utf-8")
    assert read_glossary(file) == Glossary(("陳大文", "DaVinci Resolve"), (("陳大民", "陳大文"),))


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(InputError, match=r"names\.txt cannot be read as a glossary"):
        read_glossary(tmp_path / "names.txt")


def test_slips_and_capitals_are_put_right() -> None:
    names = Glossary(("陳大文", "DaVinci Resolve", "Ann"), (("陳大民", "陳大文"), ("陳大民先生", "陳大文先生")))
    document = SubtitleDocument((Cue("a", 0, 9, "陳大民先生用davinci resolve"), Cue("b", 9, 20, "annoying ann")), FrameRate(25))
    done, changes = run_passes(document, (glossary,), PassContext(glossary=names))
    assert [cue.text for cue in done.cues] == ["陳大文先生用DaVinci Resolve", "annoying Ann"]
    assert [change.note.reasons for change in changes] == [("passes.name",), ("passes.name",)]

"""docs/formats/ shows what the writers make today. When this fails after a wanted change: `python -m tests.formats.make_docs`."""

import zipfile
from pathlib import Path

import pytest

from core.document import SubtitleDocument
from core.formats import write_subtitles
from core.formats.ass_styles import looks
from core.formats.base import WriteOptions

from .make_docs import DOCS, samples, table


@pytest.mark.parametrize(("file", "name", "document", "options"), list(samples()))
def test_a_sample_is_what_its_writer_makes(file: str, name: str, document: SubtitleDocument, options: WriteOptions, tmp_path: Path) -> None:
    write_subtitles(name, document, tmp_path / file, options)
    assert content(DOCS / file) == content(tmp_path / file)


def content(path: Path) -> bytes:
    if path.suffix == ".otioz":
        with zipfile.ZipFile(path) as bundle:
            return bundle.read("content.otio")
    return path.read_bytes()


def test_the_table_lists_every_format() -> None:
    assert table() in (DOCS / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(looks()))
def test_every_look_has_a_picture(name: str) -> None:
    data = (DOCS / f"{name}.png").read_bytes()
    size = tuple(int.from_bytes(data[start : start + 4]) for start in (16, 20))
    assert size == ((540, 960) if looks()[name].portrait else (960, 540))
    assert 10_000 < len(data) <= 200_000


def test_nothing_else_lies_in_the_folder() -> None:
    expected = {file for file, *_ in samples()} | {f"{name}.png" for name in looks()} | {"README.md"}
    assert {file.name for file in DOCS.iterdir()} == expected

"""docs/render/ says what the table says today. When this fails after a wanted change: `python -m tests.media.make_docs`."""

import pytest

from core.formats.ass_styles import looks

from .make_docs import DOCS, text


def test_the_page_is_what_the_table_makes() -> None:
    assert (DOCS / "README.md").read_text("utf-8") == text()


@pytest.mark.parametrize("name", sorted(looks()))
def test_every_look_has_a_sheet(name: str) -> None:
    data = (DOCS / f"{name}.png").read_bytes()
    size = tuple(int.from_bytes(data[start : start + 4]) for start in (16, 20))
    assert size == ((1080, 480) if looks()[name].portrait else (1280, 720))
    assert 10_000 < len(data) <= 150_000

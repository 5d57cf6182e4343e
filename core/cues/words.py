"""Reading the word lists of `data/words/`: words separated by spaces, any number a line, `#` starts a remark line.

To add a word, put it in the list whose first line describes it. To add a list, write the file with such a line and read it by its name.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "data" / "words"


@cache
def word_list(name: str) -> frozenset[str]:
    """The words of `data/words/<name>.txt`."""
    lines = (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())

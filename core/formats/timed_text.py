"""The shape that SRT and WebVTT share, read with patience: a line with two times, then text up to the next such line.

An own parser, because pysrt drops what follows a blank line inside a cue and pysubs2 a last line that is a number. Each format gives its
pattern; another one of this shape (SBV, say) needs only that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..timing import FrameRate
from .base import Line, ms_span


def timed_lines(text: str, times: re.Pattern[str], rate: FrameRate, *, blank_ends: bool = False) -> Iterator[Line]:
    """Lines of `text`; `times` has the groups h1 m1 s1 f1 h2 m2 s2 f2, of which the hours may be missing.

    The number right above a line of times belongs to it. With `blank_ends`, a blank line ends a cue (WebVTT); otherwise it
    stays inside one (SRT in the wild).
    """
    rows = text.split("\n")
    found = [(number, match) for number, row in enumerate(rows) if (match := times.match(row))]
    for index, (number, match) in enumerate(found):
        last = index + 1 == len(found)
        body = rows[number + 1 :] if last else _without_label(rows[number + 1 : found[index + 1][0]], index + 2)
        if blank_ends:
            body = body[: next((i for i, row in enumerate(body) if not row.strip()), len(body))]
        start, end = ms_span(_ms(match, "1"), _ms(match, "2"), rate)
        yield Line(start, end, "\n".join(body))


def _without_label(body: list[str], ordinal: int) -> list[str]:
    """The rows without the next cue's number: the last row, when it is a number under a blank row or that cue's place in the file."""
    label = body[-1].strip() if body else ""
    under_blank = len(body) > 1 and not body[-2].strip()
    return body[:-1] if label.isdecimal() and (under_blank or label == str(ordinal)) else body


def _ms(match: re.Match[str], side: str) -> int:
    hours, minutes, seconds, fraction = (match.group(name + side) for name in "hmsf")
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0")[:3])

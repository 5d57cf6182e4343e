"""The fake's own arithmetic of rates and timecode, written apart from the plugin's and the engine's so that an error of theirs shows."""

from __future__ import annotations

from fractions import Fraction

_NOMINALS = (24, 25, 30, 48, 50, 60, 120)


def exact(rate: float) -> Fraction:
    """The exact rate of what Resolve reports: 23.976 is 24 * 1000/1001."""
    if float(rate).is_integer():
        return Fraction(int(rate))
    nominal = min(_NOMINALS, key=lambda one: abs(one * 1000 / 1001 - rate))
    return Fraction(nominal * 1000, 1001)


def label_of(frame: int, rate: float, drop_frame: bool) -> str:
    """Timecode of a frame number: minutes are found one by one, each dropping its first labels unless it is a tenth."""
    nominal = round(rate)
    if not drop_frame:
        seconds, ff = divmod(frame, nominal)
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{ff:02}"
    minute = 0
    while frame >= _minute_length(minute, nominal):
        frame -= _minute_length(minute, nominal)
        minute += 1
    frame += nominal * 60 - _minute_length(minute, nominal)
    seconds, ff = divmod(frame, nominal)
    return f"{minute // 60:02}:{minute % 60:02}:{seconds:02};{ff:02}"


def frame_of(label: str, rate: float, drop_frame: bool) -> int:
    """Frame number of a timecode; the inverse of `label_of`."""
    hours, minutes, seconds, ff = (int(part) for part in label.replace(";", ":").split(":"))
    nominal = round(rate)
    minute = hours * 60 + minutes
    whole = sum(_minute_length(one, nominal) for one in range(minute)) if drop_frame else minute * nominal * 60
    skipped = nominal * 60 - _minute_length(minute, nominal) if drop_frame else 0
    return whole + seconds * nominal + ff - skipped


def _minute_length(minute: int, nominal: int) -> int:
    return nominal * 60 - (0 if minute % 10 == 0 else nominal // 15)

"""Captions put into an FCPXML that Resolve (or Final Cut Pro) exported: everything in it stays, captions are anchored to its items.

A caption goes into the spine item it begins in, in that item's local time, at the place among its children that the DTD allows.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from ..document import SubtitleDocument
from ..errors import InputError
from ..timing import frame_to_seconds
from .base import WriteOptions, reading
from .fcpxml_items import caption
from .fcpxml_read import Sequence, first_sequence, load, seconds
from .xml import local_name

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element

_HOSTS = frozenset({"asset-clip", "audio", "clip", "gap", "mc-clip", "ref-clip", "sync-clip", "title", "video"})
_AFTER_CAPTIONS = frozenset({"marker", "chapter-marker", "rating", "keyword", "analysis-marker", "metadata", "reserved"}) | frozenset(
    {"audio-channel-source", "audio-role-source", "sync-source", "filter-video", "filter-video-mask", "filter-audio"}
)
_OLDEST = (1, 8)  # the first version that knows <caption>


def with_captions(document: SubtitleDocument, options: WriteOptions) -> _Element:
    """The root of `options.host` with the document's cues as captions of its first sequence.

    Raises InputError `formats.host_too_old`, `formats.host_rate`, `formats.host_empty`, `formats.damaged` and what `load` raises.
    """
    host = options.host
    assert host is not None
    root = load(host)
    with reading(host):
        _check_version(root, host)
        sequence = first_sequence(root, host)
        if sequence.rate.fps != document.rate.fps:
            raise InputError("formats.host_rate", file=host, rate=sequence.rate, wanted=document.rate)
        items = [item for item in sequence.spine if local_name(item) in _HOSTS]
        if not items:
            raise InputError("formats.host_empty", file=host)
        _add(replace(document, rate=sequence.rate), options.offset_frames, sequence, items)
        return root


def _check_version(root: _Element, host: Path) -> None:
    major, _, minor = (root.get("version") or "0").partition(".")
    if (int(major), int(minor or 0)) < _OLDEST:
        raise InputError("formats.host_too_old", file=host, version=root.get("version"))


def _add(document: SubtitleDocument, offset_frames: int, sequence: Sequence, items: list[_Element]) -> None:
    _forget_earlier(sequence, f"cb-{document.register}-")
    for number, cue in enumerate(document.cues, 1):
        at = sequence.origin + frame_to_seconds(cue.start_frame + offset_frames, sequence.rate)
        item = _item_at(items, at)
        local = seconds(item.get("start")) + at - seconds(item.get("offset"))
        _insert(item, caption(cue, document, number, _rational(local)))


def _forget_earlier(sequence: Sequence, prefix: str) -> None:
    """Take out the captions of an earlier export: two of one role may not overlap."""
    for definition in list(sequence.element.iter("text-style-def")):
        element = definition.getparent()
        if (definition.get("id") or "").startswith(prefix) and local_name(element) == "caption":
            element.getparent().remove(element)


def _item_at(items: list[_Element], at: Fraction) -> _Element:
    """The last item that has begun; before the first item, the first. An anchored item may lie beyond the end of what it is anchored to."""
    begun = [item for item in items if seconds(item.get("offset")) <= at]
    return begun[-1] if begun else items[0]


def _rational(value: Fraction) -> str:
    return f"{value.numerator}s" if value.denominator == 1 else f"{value.numerator}/{value.denominator}s"


def _insert(item: _Element, new: _Element) -> None:
    position = next((i for i, child in enumerate(item) if local_name(child) in _AFTER_CAPTIONS), len(item))
    item.insert(position, new)

"""Marks an HEVC film in MP4 as Dolby Vision, for tests: puts the configuration box that says so into its sample entry."""

from __future__ import annotations

import struct
from pathlib import Path

_PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_ENTRY_HEAD = 8 + 78  # box header and the fixed fields of a visual sample entry


def mark(source: Path, target: Path, profile: int, compatibility: int) -> Path:
    """Write `target`, which is `source` with a 'dvcC' box of that profile and base layer compatibility (Dolby Vision Streams in ISOBMFF, 3.2)."""
    flags = (profile << 9) | (6 << 3) | 0b101  # level 6, with metadata and a base layer
    box = struct.pack(">I4sBBHI", 32, b"dvcC", 1, 0, flags, compatibility << 28) + bytes(16)
    data = bytearray(source.read_bytes())
    entry = data.index(b"hvc1") - 4
    places = [data.rindex(name, 0, entry) - 4 for name in _PARENTS] + [data.rindex(b"stsd", 0, entry) - 4, entry]
    for place in places:
        struct.pack_into(">I", data, place, struct.unpack_from(">I", data, place)[0] + len(box))
    at = entry + _ENTRY_HEAD
    target.write_bytes(bytes(data[:at] + box + data[at:]))
    return target

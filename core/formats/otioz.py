"""`.otioz`: the `.otio` file and the media it plays in one zip, through OpenTimelineIO's own bundler. Offline media stay references.

The bundler reads media addresses as URLs; Resolve writes bare paths, in which '#', '?' and '%20' are themselves, so they are made URLs first.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..document import SubtitleDocument
from ..errors import InputError
from ..files import replacing
from ..otio.media import path_of_url
from .base import LARGEST_BYTES, ReadOptions, WriteOptions
from .otio import read as read_edit
from .otio import timeline_of

_EDIT = "content.otio"  # its name inside every bundle


def write(document: SubtitleDocument, path: Path, options: WriteOptions) -> None:
    """Write the bundle. Raises InputError `formats.same_names` when two media files share a name, `files.*`, and as `otio.write` does."""
    import opentimelineio as otio
    from opentimelineio.adapters import file_bundle_utils, otioz

    timeline = timeline_of(document, options)
    folder = options.host.parent if options.host else Path()
    for clip in timeline.find_clips():
        _as_url(clip.media_reference, folder)
    with replacing(path) as part:
        part.unlink(missing_ok=True)
        try:
            otioz.write_to_file(timeline, str(part), media_policy=file_bundle_utils.MediaReferencePolicy.MissingIfNotFile)
        except otio.exceptions.OTIOError as error:
            raise InputError("formats.same_names", detail=repr(error)) from error


def _as_url(reference: Any, folder: Path) -> None:
    url = getattr(reference, "target_url", None)
    if file := path_of_url(url, folder) if url else None:
        # the bundler decodes '%' twice, once by itself and once in url2pathname
        reference.target_url = Path(file).as_uri().replace("%25", "%2525") if file.startswith("/") else url


def read(path: Path, options: ReadOptions) -> SubtitleDocument:
    """The cues of the edit in the bundle. Raises InputError `formats.not_otioz` and as `otio.read` does."""
    with TemporaryDirectory() as folder:
        edit = Path(folder) / f"{path.stem}.otio"
        try:
            with zipfile.ZipFile(path) as bundle:
                if bundle.getinfo(_EDIT).file_size > LARGEST_BYTES:
                    raise InputError("formats.too_big", file=path, limit=LARGEST_BYTES >> 20)
                edit.write_bytes(bundle.read(_EDIT))
        except (OSError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise InputError("formats.not_otioz", file=path, detail=repr(error)) from error
        return read_edit(edit, options)

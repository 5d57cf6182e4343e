"""document.json: the one file that the plugin, the exporters and later runs read a job's cues from.

The rate is written as 'n/d' beside `drop_frame`, so that any reader keeps it exact; everything else is SubtitleDocument field by field.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .document import SubtitleDocument
from .errors import InputError
from .files import write_json
from .plain import from_plain, to_plain


def write_document(document: SubtitleDocument, path: Path) -> None:
    """Write a document, aside and then renamed. Raises InputError `files.*`."""
    write_json(path, document_to_plain(document))


def document_to_plain(document: SubtitleDocument) -> dict[str, Any]:
    """The whole of document.json as plain values."""
    rate = document.rate
    return {"schema": "document/1", **to_plain(document), "rate": f"{rate.numerator}/{rate.denominator}", "drop_frame": rate.drop_frame}


def read_document(path: Path) -> SubtitleDocument:
    """The document in `path`. Raises InputError `job.damaged` for anything else and OSError when it cannot be opened."""
    data = read_object(path)
    try:
        numerator, _, denominator = str(data["rate"]).partition("/")
        rate = {"numerator": int(numerator), "denominator": int(denominator), "drop_frame": bool(data["drop_frame"])}
    except (KeyError, ValueError) as error:
        raise InputError("job.damaged", file=path, detail=repr(error)) from error
    return from_plain(SubtitleDocument, {**data, "rate": rate}, path)


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object from a job folder. Raises InputError `job.damaged` for anything else and OSError when it cannot be opened."""
    try:
        data = json.loads(path.read_text("utf-8", "surrogateescape"))
    except ValueError as error:
        raise InputError("job.damaged", file=path, detail=repr(error)) from error
    if not isinstance(data, dict):
        raise InputError("job.damaged", file=path)
    return data

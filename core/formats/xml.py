"""XML in and out through lxml: nothing is fetched, no entity is expanded, and text that XML cannot hold is left out.

For formats written in XML only; the elements are theirs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..files import replacing
from .base import read_bytes

if TYPE_CHECKING:
    from lxml.etree import _Element

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def parse_xml(path: Path) -> _Element:
    """The root element of a file. Raises InputError `formats.not_xml` and what `read_bytes` raises."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    data = read_bytes(path)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError("formats.not_xml", file=path, detail=repr(error)) from error


def write_xml(root: _Element, path: Path, doctype: str | None = None) -> None:
    """Write an indented UTF-8 document, aside and then renamed. Raises InputError `files.*`."""
    from lxml import etree

    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False, pretty_print=True, doctype=doctype)
    with replacing(path) as part:
        part.write_bytes(b'<?xml version="1.0" encoding="UTF-8"?>\n' + data)  # lxml would write single quotes, which simple readers do not know


def clean(text: str) -> str:
    """Text without the control characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def local_name(element: _Element) -> str:
    """An element's name without its namespace; '' for what is no element (a comment, an unexpanded entity)."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""

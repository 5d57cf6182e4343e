"""Between our frozen values and plain JSON: one converter for every file in a job folder.

Fractions become 'n/d' strings, so that nothing is rounded on the way. A new value type needs nothing here unless JSON cannot hold a field of it.
A field that a file lacks takes its default, so that jobs of earlier versions stay readable: a new field needs one.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import InputError

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")


@cache
def _converter() -> Converter:
    from cattrs import Converter
    from cattrs.gen import make_dict_unstructure_fn, override

    from .document import Word

    converter = Converter()
    # a document has thousands of words, and hardly ever somebody who says them
    converter.register_unstructure_hook(Word, make_dict_unstructure_fn(Word, converter, speaker=override(omit_if_default=True)))
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Fraction, lambda value, _: Fraction(value))
    return converter


def to_plain(value: object) -> Any:
    """Dicts, lists, strings and numbers that `json` can write."""
    return _converter().unstructure(value)


def from_plain(kind: type[T], data: object, source: object) -> T:
    """Rebuild a value of `kind`. Raises InputError `job.damaged` naming `source` when the data does not fit."""
    try:
        return _converter().structure(data, kind)
    except Exception as error:  # cattrs groups many exception types; any of them means the same to the user
        raise InputError("job.damaged", file=source, detail=repr(error)) from error

"""Small pictures of a film: by AVFoundation on a Mac for the files that it plays, by PyAV for others and whenever AVFoundation does not answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..errors import Cancelled
from ..progress import CancelToken
from . import thumbs_apple, thumbs_av
from .thumbs_base import Ask, Shot

_log = logging.getLogger(__name__)


def take(file: Path, ask: Ask, cancel: CancelToken) -> Iterator[Shot]:
    """A Shot for each moment of `ask`, in order. Raises what `thumbs_av.take` raises."""
    done = 0
    if thumbs_apple.available() and file.suffix.lower() in thumbs_apple.SUFFIXES:
        try:
            for shot in thumbs_apple.take(file, ask, cancel):
                yield shot
                done += 1
            return
        except Cancelled:
            raise
        except Exception as error:  # pyobjc raises what it likes
            _log.warning("AVFoundation gave %d of %d pictures of %s, PyAV takes the rest: %r", done, len(ask.times_s), file, error)
    yield from thumbs_av.take(file, replace(ask, times_s=ask.times_s[done:]), cancel)

"""Networks that transformers loads from a folder: nothing is fetched, nothing is drawn on the screen, nothing is made up.

Every torch backend loads through this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import SetupError
from .resident import Kind


def pretrained(kind: Kind, maker: Any, folder: Path, **options: Any) -> Any:
    """The network of the transformers class `maker`, with `options` of its `from_pretrained`.

    Raises SetupError `<kind>.broken_weights` when tensors are missing, where transformers would go on with random ones.
    """
    with _quiet():
        net, report = maker.from_pretrained(folder, local_files_only=True, use_safetensors=True, output_loading_info=True, **options)
    if missing := sorted(report["missing_keys"]):
        raise SetupError(f"{kind}.broken_weights", file=folder, detail=f"missing: {', '.join(missing[:8])}")
    return net


@contextmanager
def _quiet() -> Iterator[None]:
    """The library draws a progress bar and warnings on stderr, which belongs to us."""
    from transformers.utils import logging

    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()

"""The text model that a user names, ready for its `with`: none, a model id or a folder."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from .base import TextModel

RULES_ONLY = "none"


def open_text_model(name: str, device: str = "auto") -> AbstractContextManager[TextModel | None]:
    """A context that gives the model, or None for 'none'; nothing is loaded before it is entered.

    Raises SetupError `weights.not_installed` and `backends.unavailable`, InputError `weights.*` and `backends.unknown`.
    """
    if name == RULES_ONLY:
        return nullcontext()
    from ..asr.select import choose_device
    from ..backends import create_text_model
    from ..weights import locate

    folder = locate(name)
    choice = choose_device(device)
    return create_text_model("lm_mlx" if choice.device == "mlx" else "lm_hf", folder, choice.device)

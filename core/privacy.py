"""Nothing leaves this machine: libraries that report home are told not to, before they are imported.

Found to matter: onnxruntime from 1.32 on makes a device id in the user's cache and sends events as soon as it is imported. For another
library, add its variable to `_OFF`.
"""

from __future__ import annotations

import os

_OFF = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def no_telemetry() -> None:
    """Set every switch in this process's environment, which its children inherit; call it before the library's first import."""
    os.environ.update(_OFF)

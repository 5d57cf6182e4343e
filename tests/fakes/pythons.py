"""Fake Pythons: shell scripts that answer as the installer's questions expect, without a network."""

from __future__ import annotations

import json
from pathlib import Path

from core import __version__

FITTING = {
    "version": [3, 12, 4],
    "final": True,
    "name": "CPython",
    "bits": 64,
    "machine": "x86_64",
    "venv": True,
    "free_threaded": False,
}

# Answers the search's question; makes a virtual environment whose Python pretends to be pip and, after that, to import the engine.
_SCRIPT = """#!/bin/sh
for last; do :; done
case "$*" in
*"-m venv"*)
    mkdir -p "$last/bin"
    cat > "$last/bin/python" <<'INNER'
#!/bin/sh
here=$(dirname "$0")
case "$*" in
*"pip install"*)
    echo "$*" >> "$here/../calls"
    if [ -n "$FAKE_PIP_FAILS" ]; then echo "$FAKE_PIP_FAILS"; exit 1; fi
    echo "Collecting numpy>=1.26 (from canto-beats-resolve==0.1.0)"
    echo "  Downloading numpy-2.4.6-cp312-cp312-macosx_14_0_arm64.whl (16.0 MB)"
    echo "Installing collected packages: numpy"
    touch "$here/installed";;
*"import core"*) test -e "$here/installed";;
*"core doctor --json"*)
    echo "$*" >> "$here/../calls"
    echo "a library's chatter"
    if [ -n "$FAKE_DOCTOR" ]; then echo "$FAKE_DOCTOR"; exit 1; fi
    echo '{"version": "@VERSION@", "checks": [{"name": "ffmpeg", "ok": '"${FAKE_FFMPEG:-true}"', "value": "/venv/ffmpeg"}]}';;
*) echo "ran $*" >> "$here/../calls"; exit "${FAKE_VERB_EXIT:-0}";;
esac
INNER
    chmod +x "$last/bin/python";;
*) echo '@FACTS@';;
esac
"""


def make_python(path: Path, **facts: object) -> Path:
    """A fake Python at `path` with FITTING's facts except those given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    script = _SCRIPT.replace("@FACTS@", json.dumps({**FITTING, **facts})).replace("@VERSION@", __version__)
    path.write_text(script, "utf-8")
    path.chmod(0o755)
    return path

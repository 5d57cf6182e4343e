"""Files of the plugin: written beside the target and moved into place, so that a reader never sees half of one."""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any

_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


def write_text(path: str, content: str) -> None:
    """Write UTF-8 text atomically. Raises OSError."""
    part = f"{path}.{os.getpid()}.part"
    with open(part, "w", encoding="utf-8", newline="\n") as file:
        file.write(content)
    os.replace(part, path)


def write_json(path: str, value: Any) -> None:
    """Write JSON atomically. Raises OSError."""
    write_text(path, json.dumps(value, ensure_ascii=False))


def read_json(path: str) -> Any:
    """The value of a JSON file, or None when it is missing or not JSON."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def safe_name(name: str) -> str:
    """`name` as part of a file name on every system; 'Timeline' when nothing is left."""
    return " ".join(_UNSAFE.sub(" ", name).split()).strip(" .")[:80] or "Timeline"


def move_new(source: str, target: str) -> None:
    """Move a file to a name that nobody uses, on the same disk. Raises FileExistsError instead of replacing anything, OSError otherwise."""
    try:
        os.link(source, target)  # unlike a rename, this cannot replace a file that came meanwhile
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links
        if os.path.exists(target):
            raise FileExistsError(target) from None
        os.rename(source, target)
        return
    os.remove(source)


def fresh_path(folder: str, stem: str, extension: str) -> str:
    """A path in `folder` that nobody has used: the time is part of the name, a number follows when even that is taken."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    number = 1
    while True:
        name = f"{stem} {stamp}{'' if number == 1 else f'-{number}'}{extension}"
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            return path
        number += 1

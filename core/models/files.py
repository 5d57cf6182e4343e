"""Which files of a hub repository a model needs, and the manifest that says a model folder is complete.

To accept a new kind of weights file, add a choice to `_WEIGHTS`; the first choice that a repository has is taken. Pickles (`pytorch_model.bin`)
are not a choice: loading one can run any code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import SetupError
from ..files import write_json
from .hub import HubFile, Revision
from .table import Layout

MANIFEST = "manifest.json"

_SMALL = re.compile(
    r"(config|generation_config|preprocessor_config|processor_config|tokenizer|tokenizer_config|vocab|normalizer"
    r"|added_tokens|special_tokens_map|chat_template)\.json|merges\.txt|tokenizer\.model|chat_template\.jinja|LICENSE(\.\w+)?"
)
_SAFETENSORS = (
    r"model\.safetensors(\.index\.json)?",
    r"model-\d+-of-\d+\.safetensors|model\.safetensors\.index\.json",
)
_WEIGHTS: dict[Layout, tuple[str, ...]] = {
    "hf": _SAFETENSORS,
    "mlx": (r"weights\.safetensors", r"weights\.npz", *_SAFETENSORS),
}


def needed_files(revision: Revision, layout: Layout) -> tuple[HubFile, ...]:
    """Configuration, tokenizer, licence and one form of the weights, small files first; nothing from subfolders.

    Raises SetupError `weights.no_weights` when the repository holds no weights in this layout.
    """
    top = [file for file in revision.files if "/" not in file.path and "\\" not in file.path]
    small = [file for file in top if _SMALL.fullmatch(file.path)]
    return tuple(sorted(small + _weights(revision, top, layout), key=lambda file: file.size_bytes))


def _weights(revision: Revision, top: list[HubFile], layout: Layout) -> list[HubFile]:
    for pattern in _WEIGHTS[layout]:
        chosen = [file for file in top if re.fullmatch(pattern, file.path)]
        if any(not file.path.endswith(".json") for file in chosen):
            return chosen
    raise SetupError("weights.no_weights", repo=revision.repo, layout=layout)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was installed: `files` maps a name to its bytes."""

    model_id: str
    repo: str
    commit: str
    layout: str
    files: dict[str, int]


def write_manifest(folder: Path, model_id: str, revision: Revision, layout: Layout, files: Iterable[HubFile]) -> None:
    """Mark `folder` complete; call it last. Raises InputError `files.*` when it cannot be written."""
    listed = [{"path": file.path, "bytes": file.size_bytes, "sha256": file.sha256, "git_sha1": file.git_sha1} for file in files]
    write_json(
        folder / MANIFEST,
        {"schema": "model/1", "id": model_id, "repo": revision.repo, "commit": revision.commit, "layout": layout, "files": listed},
    )


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a complete model folder, or None when it is missing, damaged, or a listed file is gone or has another size."""
    try:
        data = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = {str(file["path"]): int(file["bytes"]) for file in data["files"]}
        manifest = Manifest(data["id"], data["repo"], data["commit"], data["layout"], files)
        complete = all((folder / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return manifest if complete else None

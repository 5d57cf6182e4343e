"""Where model weights are, and how they get there: find, choose, install, remove.

Models live in one folder each under `models_folder()`; a folder counts as installed when its manifest, written last, is there and every
file it lists has its size. Nothing here asks the network unless `install` really has something to fetch. New models: `data/models.toml`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import InputError, SetupError
from .files import make_folder
from .hardware import Device
from .models.download import Download, DownloadOptions, amount, wait_for
from .models.files import MANIFEST, needed_files, read_manifest, write_manifest
from .models.hub import Hub, HubOptions, Revision, Unreachable
from .models.table import Layout, ModelEntry, model_entry, model_table

if TYPE_CHECKING:
    from .profile import HardwareProfile

PRACTICE = "practice"
_PRACTICE_FOLDER = Path(__file__).parent / "practice" / "model"


def models_folder() -> Path:
    """CANTO_BEATS_MODELS, else `models` in the system's place for application data."""
    if named := os.environ.get("CANTO_BEATS_MODELS"):
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("canto-beats", appauthor=False) / "models"


def folder_of(entry: ModelEntry) -> Path:
    """Where this model is, or would be."""
    return _PRACTICE_FOLDER if entry.id == PRACTICE else models_folder() / entry.id


def is_installed(entry: ModelEntry) -> bool:
    """True when every file of the model is there; reads no file but the manifest."""
    if entry.id == PRACTICE:
        return (_PRACTICE_FOLDER / "config.json").is_file()
    return read_manifest(folder_of(entry)) is not None


def locate(name: str) -> Path:
    """The folder of 'practice', of a model id, or of a path to a model folder.

    Raises SetupError `weights.not_installed` or `weights.practice_missing`, InputError `weights.unknown_model` or `weights.not_a_model`.
    """
    if name in {entry.id for entry in model_table()}:
        entry = model_entry(name)
        if is_installed(entry):
            return folder_of(entry)
        code = "weights.practice_missing" if name == PRACTICE else "weights.not_installed"
        raise SetupError(code, name=name, folder=folder_of(entry))
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise InputError("weights.unknown_model", name=name, names=", ".join(entry.id for entry in model_table()))
    if not (folder / "config.json").is_file():
        raise InputError("weights.not_a_model", folder=folder)
    return folder


def installed_asr(device: Device) -> tuple[ModelEntry, ...]:
    """The installed Whisper models that a run on `device` can load, in the table's order; never the practice model.

    Raises SetupError `weights.none_installed`, which names the command to get the recommended one.
    """
    whisper = (entry for entry in model_table() if entry.kind == "asr" and entry.engine == "whisper" and entry.id != PRACTICE)
    # torch reads Hugging Face's layout only; MLX converts that one by itself
    found = tuple(entry for entry in whisper if (device == "mlx" or entry.layout == "hf") and is_installed(entry))
    if not found:
        best = recommended_asr()
        raise SetupError("weights.none_installed", model=best.id, size=size_text(best))
    return found


def this_machine() -> tuple[HardwareProfile, Device]:
    """This machine, and the device that a run takes by itself: the processor where none can be used yet."""
    from .asr.select import choose_device
    from .profile import HardwareProfile

    try:
        device = choose_device().device
    except SetupError:
        device = "cpu"
    return HardwareProfile.probe((device,)), device


def recommended_asr() -> ModelEntry:
    """The model to get first: the one that the engine's plan for this machine names."""
    from . import engine_plan

    return engine_plan.recommended_asr(*this_machine())


def size_text(entry: ModelEntry) -> str:
    """The download's size for people; '?' where nobody published it."""
    return "?" if entry.download_gb is None else amount(entry.download_gb * 1e9)


def install(entry: ModelEntry, hub_options: HubOptions | None = None, options: DownloadOptions | None = None) -> Path:
    """Make sure the model is on this disk and return its folder; asks nothing of the network when it already is.

    A second call while another runs, here or in another process, waits for it. Raises Cancelled and SetupError `weights.*`, see
    `Download.fetch` and `Hub.revision`, and InputError `files.*` for a folder that cannot be written.
    """
    if entry.id == PRACTICE:
        raise InputError("weights.built_in")
    folder, options = folder_of(entry), options or DownloadOptions()
    if read_manifest(folder):
        return folder
    make_folder(folder)
    with _locked(entry, lambda: wait_for(0.1, options.cancel)):
        if not read_manifest(folder):
            hub = Hub(hub_options or HubOptions.from_environment())
            revision = _ask(hub, entry, options)
            files = needed_files(revision, entry.layout)
            Download(hub, revision, folder, options).fetch(files)
            write_manifest(folder, entry.id, revision, entry.layout, files)
    return folder


def _ask(hub: Hub, entry: ModelEntry, options: DownloadOptions) -> Revision:
    for attempt in range(options.attempts):
        try:
            options.cancel.check()
            return hub.revision(entry.repo, entry.revision)
        except Unreachable as fault:
            if attempt + 1 == options.attempts:
                code = "weights.slow_network" if fault.timed_out else "weights.no_network"
                raise SetupError(code, host=hub.host, detail=str(fault)) from fault
            wait_for(fault.wait_s or options.backoff_s * 2**attempt, options.cancel)
    raise ValueError("attempts must be at least 1")


@contextmanager
def _locked(entry: ModelEntry, wait: Callable[[], None]) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(models_folder() / f".{entry.id}.lock")
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            wait()
    try:
        yield
    finally:
        lock.release()


def convert(name: str, layout: Layout) -> Path:
    """Convert an installed Hugging Face Whisper model, or a folder of one, and return the folder of the result; made once, then found again.

    Recognition on MLX does this by itself at first use. Raises what `locate` raises, SetupError `weights.not_convertible` for a model that
    is in `layout` already or is not Whisper's, and what `core.asr.convert.mlx_folder` raises.
    """
    from .asr.convert import mlx_folder
    from .asr.layout import read_folder

    entry = next((entry for entry in model_table() if entry.id == name), None)
    folder = locate(name)
    if layout != "mlx" or (entry and entry.engine != "whisper"):
        raise SetupError("weights.not_convertible", name=name, layout=layout)
    model = read_folder(folder)
    if model.layout == layout:
        raise SetupError("weights.not_convertible", name=name, layout=layout)
    return mlx_folder(model).path


def remove(entry: ModelEntry) -> bool:
    """Delete the model's own folder, half-finished downloads and its conversion included; False when there was none.

    Raises InputError `weights.built_in` for the practice model and `weights.busy` while it is being downloaded.
    """
    if entry.id == PRACTICE:
        raise InputError("weights.built_in")
    folder = folder_of(entry)
    if not folder.is_dir():
        return False
    with _locked(entry, lambda: _refuse_busy(entry)):
        if conversion := _conversion(entry, folder):
            shutil.rmtree(conversion)
        # The manifest goes first: a removal that is cut off must not leave a folder that looks installed.
        (folder / MANIFEST).unlink(missing_ok=True)
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
    return True


def _conversion(entry: ModelEntry, folder: Path) -> Path | None:
    """The converted copy in the cache, if there is one."""
    from .asr.convert import default_cache, fingerprint
    from .asr.layout import read_folder

    if entry.engine != "whisper" or entry.layout != "hf" or not read_manifest(folder):
        return None
    try:
        target = default_cache() / fingerprint(read_folder(folder))
    except SetupError:  # weights that cannot be read have no conversion
        return None
    return target if target.is_dir() else None


def _refuse_busy(entry: ModelEntry) -> None:
    raise InputError("weights.busy", name=entry.id)

"""Model folders, whole and broken in every way a download can break them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.asr.layout import Tensor, read_folder, read_header
from core.errors import SetupError


@pytest.fixture
def model(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "model"))


def cut(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1])


def cut_in_the_header(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:100])


def empty(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def web_page(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"<!DOCTYPE html><html><body>Sign in</body></html>")


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def no_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def config_is_a_list(folder: Path) -> None:
    (folder / "config.json").write_text("[]", "utf-8")


def config_without_sizes(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "whisper"}', "utf-8")


def another_kind(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "qwen2"}', "utf-8")


def a_shard_is_missing(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}), "utf-8")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (shutil.rmtree, "asr.no_folder"),
        (cut, "asr.broken_weights"),
        (cut_in_the_header, "asr.broken_weights"),
        (empty, "asr.broken_weights"),
        (web_page, "asr.broken_weights"),
        (no_weights, "asr.no_weights"),
        (a_shard_is_missing, "asr.no_weights"),
        (no_config, "asr.bad_config"),
        (config_is_a_list, "asr.bad_config"),
        (config_without_sizes, "asr.bad_config"),
        (another_kind, "asr.not_whisper"),
    ],
)
def test_damage_is_named(model: Path, damage: Callable[[Path], None], code: str) -> None:
    damage(model)
    with pytest.raises(SetupError) as caught:
        read_folder(model)
    assert caught.value.code == code
    assert caught.value.message("en") and caught.value.hint("zh")


def test_missing_shards_are_listed(model: Path) -> None:
    a_shard_is_missing(model)
    with pytest.raises(SetupError) as caught:
        read_folder(model)
    assert caught.value.params["files"] == "model-00002-of-00002.safetensors"


def test_a_whole_folder(model: Path) -> None:
    found = read_folder(model)
    assert (found.layout, found.n_mels, found.n_vocab, found.n_text_ctx) == ("hf", 80, 51866, 448)
    assert found.weights == (model / "model.safetensors",)
    assert found.generation["suppress_tokens"] == [1, 2]


def test_generation_facts_of_older_folders_are_in_config(model: Path) -> None:
    (model / "generation_config.json").unlink()
    config = json.loads((model / "config.json").read_text("utf-8"))
    (model / "config.json").write_text(json.dumps(config | {"suppress_tokens": [7]}), "utf-8")
    assert read_folder(model).generation == {"suppress_tokens": [7]}


MLX_CONFIG = '{"n_audio_state": 16, "n_mels": 80, "n_vocab": 51865, "n_text_ctx": 448}'


def test_mlx_folders_with_either_file(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(MLX_CONFIG, "utf-8")
    np.savez(tmp_path / "weights.npz", a=np.zeros(1))
    assert read_folder(tmp_path).weights == (tmp_path / "weights.npz",)
    save_file({"a": np.zeros(1)}, tmp_path / "weights.safetensors")
    found = read_folder(tmp_path)
    assert (found.layout, found.weights, found.generation) == ("mlx", (tmp_path / "weights.safetensors",), {})


def test_a_cut_npz_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(MLX_CONFIG, "utf-8")
    np.savez(tmp_path / "weights.npz", a=np.zeros(1000))
    file = tmp_path / "weights.npz"
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(SetupError) as caught:
        read_folder(tmp_path)
    assert caught.value.code == "asr.broken_weights"


def test_header_of_a_file(tmp_path: Path) -> None:
    save_file({"a": np.zeros((2, 3), dtype=np.float16)}, tmp_path / "x.safetensors")
    size = (tmp_path / "x.safetensors").stat().st_size
    assert read_header(tmp_path / "x.safetensors") == {"a": Tensor("F16", (2, 3), size - 12, size)}

"""Hugging Face weights to MLX's layout: names, shapes, shards, number formats, and a cache that is never half-written."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from core.asr.convert import fingerprint, mlx_folder, mlx_name
from core.asr.layout import read_folder
from core.errors import InputError, SetupError

from ..fakes.whisper_model import random_weights, write_model


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("model.encoder.conv1.weight", "encoder.conv1.weight"),
        ("model.encoder.layers.3.self_attn.q_proj.bias", "encoder.blocks.3.attn.query.bias"),
        ("model.encoder.layers.3.self_attn_layer_norm.weight", "encoder.blocks.3.attn_ln.weight"),
        ("model.encoder.layers.3.fc1.weight", "encoder.blocks.3.mlp1.weight"),
        ("model.encoder.layers.3.final_layer_norm.bias", "encoder.blocks.3.mlp_ln.bias"),
        ("model.encoder.layer_norm.weight", "encoder.ln_post.weight"),
        ("model.decoder.embed_tokens.weight", "decoder.token_embedding.weight"),
        ("model.decoder.embed_positions.weight", "decoder.positional_embedding"),
        ("model.decoder.layers.12.encoder_attn.k_proj.weight", "decoder.blocks.12.cross_attn.key.weight"),
        ("model.decoder.layers.12.encoder_attn.out_proj.weight", "decoder.blocks.12.cross_attn.out.weight"),
        ("model.decoder.layers.12.encoder_attn_layer_norm.bias", "decoder.blocks.12.cross_attn_ln.bias"),
        ("model.decoder.layers.12.fc2.bias", "decoder.blocks.12.mlp2.bias"),
        ("model.decoder.layer_norm.bias", "decoder.ln.bias"),
        ("model.encoder.embed_positions.weight", None),
        ("proj_out.weight", None),
    ],
)
def test_names(theirs: str, ours: str | None) -> None:
    assert mlx_name(theirs) == ours


def test_a_conversion_is_whole_and_made_once(tiny: Path, tmp_path: Path) -> None:
    source = read_folder(tiny)
    made = mlx_folder(source, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [made.path.name] == [fingerprint(source)]
    assert (made.layout, made.n_mels, made.n_vocab, made.n_text_ctx) == ("mlx", 80, 51866, 448)
    assert made.generation == source.generation
    theirs, ours = random_weights(), load_file(made.weights[0])
    np.testing.assert_array_equal(ours["encoder.conv2.weight"], theirs["model.encoder.conv2.weight"].swapaxes(1, 2))
    np.testing.assert_array_equal(ours["decoder.token_embedding.weight"], theirs["model.decoder.embed_tokens.weight"])
    np.testing.assert_array_equal(ours["alignment_heads"], [[0, 1]])
    # 44 tensors less the encoder's positions, and the alignment heads
    assert len(ours) == len(theirs)
    before = made.weights[0].stat().st_mtime_ns
    assert mlx_folder(source, tmp_path).weights[0].stat().st_mtime_ns == before


def test_an_mlx_folder_is_left_alone(tiny: Path, mlx_cache: Path) -> None:
    made = mlx_folder(read_folder(tiny), mlx_cache)
    assert mlx_folder(made, mlx_cache) is made


def test_shards_in_float32_and_bfloat16_give_the_same_weights(tiny: Path, tmp_path: Path) -> None:
    # every fourth value of a bfloat16 is exact in float16, so both formats must come out bit for bit
    tensors = {name: np.round(value.astype(np.float32) * 4) / 4 for name, value in random_weights().items()}
    whole = write_model(tmp_path / "whole", tensors)
    sharded = Path(shutil.copytree(tiny, tmp_path / "sharded"))
    (sharded / "model.safetensors").unlink()
    names = sorted(tensors)
    save_file({name: tensors[name] for name in names[:20]}, sharded / "model-00001-of-00002.safetensors")
    _save_bfloat16(sharded / "model-00002-of-00002.safetensors", {name: tensors[name] for name in names[20:]})
    places = {name: f"model-0000{1 if name in names[:20] else 2}-of-00002.safetensors" for name in names}
    (sharded / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}), "utf-8")
    one, two = (load_file(mlx_folder(read_folder(folder), tmp_path / "cache").weights[0]) for folder in (whole, sharded))
    assert one.keys() == two.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, two[name], err_msg=name)


def _save_bfloat16(file: Path, tensors: dict[str, np.ndarray]) -> None:
    header, data = {}, b""
    for name, value in tensors.items():
        raw = (np.ascontiguousarray(value).view(np.uint32) >> 16).astype("<u2").tobytes()
        header[name] = {"dtype": "BF16", "shape": value.shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + data)


def test_other_weights_or_settings_get_another_folder(tiny: Path, tmp_path: Path) -> None:
    first = fingerprint(read_folder(tiny))
    changed = Path(shutil.copytree(tiny, tmp_path / "changed"))
    assert fingerprint(read_folder(changed)) == first
    file = changed / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    second = fingerprint(read_folder(changed))
    (changed / "generation_config.json").write_text("{}", "utf-8")
    assert len({first, second, fingerprint(read_folder(changed))}) == 3


def test_a_failed_conversion_leaves_nothing(tmp_path: Path) -> None:
    tensors: dict[str, np.ndarray] = {**random_weights(), "model.decoder.layers.0.fc1.bias": np.zeros(64, dtype=np.int32)}
    source = read_folder(write_model(tmp_path / "model", tensors))
    with pytest.raises(SetupError) as caught:
        mlx_folder(source, tmp_path / "cache")
    assert caught.value.code == "asr.number_type"
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_full_disk_is_named_before_anything_is_written(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(InputError) as caught:
        mlx_folder(read_folder(tiny), tmp_path / "cache")
    assert caught.value.code == "files.disk_full"
    assert list((tmp_path / "cache").iterdir()) == []

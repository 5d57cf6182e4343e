"""What each backend says to weights it cannot use, and the kinds it can."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from core import hardware
from core.asr.base import TranscribeOptions, Transcriber
from core.asr.convert import mlx_folder
from core.asr.layout import read_folder
from core.asr.whisper_hf import WhisperHf
from core.asr.whisper_mlx import WhisperMlx
from core.audio.wav import Audio
from core.document import SpeechRegion
from core.errors import EngineError, SetupError, StageError
from core.resident import computing, loading
from core.speech.chunks import Chunk

from ..fakes.whisper_model import random_weights, write_model, write_wav

BOTH: dict[str, Callable[[Path, Path], Transcriber]] = {
    "hf": lambda folder, cache: WhisperHf(folder, "cpu"),
    "mlx": lambda folder, cache: WhisperMlx(folder, "mlx", cache),
}


@pytest.fixture(params=BOTH.values(), ids=BOTH)
def make(request: pytest.FixtureRequest) -> Callable[[Path, Path], Transcriber]:
    made: Callable[[Path, Path], Transcriber] = request.param
    return made


def refusal(transcriber: Transcriber) -> EngineError:
    with pytest.raises(SetupError) as caught, transcriber:
        pass
    assert caught.value.message("en") and caught.value.hint("en") and caught.value.message("zh") and caught.value.hint("zh")
    return caught.value


def test_a_missing_tensor_is_not_made_up(make: Callable[[Path, Path], Transcriber], tmp_path: Path) -> None:
    tensors = random_weights()
    del tensors["model.decoder.layers.0.fc1.bias"]
    error = refusal(make(write_model(tmp_path / "model", tensors), tmp_path / "cache"))
    assert error.code == "asr.broken_weights"
    assert "fc1" in error.detail or "mlp1" in error.detail


def test_tensors_of_another_size_are_refused(make: Callable[[Path, Path], Transcriber], tmp_path: Path) -> None:
    tensors = random_weights()
    tensors["model.encoder.layers.0.fc1.weight"] = np.zeros((64, 8), dtype=np.float16)
    assert refusal(make(write_model(tmp_path / "model", tensors), tmp_path / "cache")).code == "asr.broken_weights"


def test_a_cut_file_is_refused(make: Callable[[Path, Path], Transcriber], tiny: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny, tmp_path / "model"))
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])
    assert refusal(make(folder, tmp_path / "cache")).code == "asr.broken_weights"


def test_a_folder_that_is_not_there(make: Callable[[Path, Path], Transcriber], tmp_path: Path) -> None:
    assert refusal(make(tmp_path / "nothing", tmp_path / "cache")).code == "asr.no_folder"


def test_english_only_vocabulary(make: Callable[[Path, Path], Transcriber], tmp_path: Path) -> None:
    tensors = random_weights()
    tensors["model.decoder.embed_tokens.weight"] = tensors["model.decoder.embed_tokens.weight"][:51864]
    folder = write_model(tmp_path / "model", tensors, vocab_size=51864)
    assert refusal(make(folder, tmp_path / "cache")).code == "asr.unknown_vocabulary"


def test_torch_cannot_read_mlx_folders(tiny: Path, mlx_cache: Path) -> None:
    assert refusal(WhisperHf(mlx_folder(read_folder(tiny), mlx_cache).path, "cpu")).code == "asr.needs_hf"


def test_torch_needs_a_vocabulary(tiny: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny, tmp_path / "model"))
    (folder / "tokenizer.json").unlink()
    assert refusal(WhisperHf(folder, "cpu")).code == "asr.no_vocabulary"


def test_loading_writes_nothing_on_the_terminal(
    make: Callable[[Path, Path], Transcriber], tiny: Path, mlx_cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with make(tiny, mlx_cache):
        pass
    assert capfd.readouterr() == ("", "")


def test_both_backends_read_the_same_words(make: Callable[[Path, Path], Transcriber], tiny: Path, mlx_cache: Path) -> None:
    with make(tiny, mlx_cache) as transcriber:
        assert transcriber._model.text([26410, 10756, 227, 159, 245, 236]) == "你好嘅㗎"  # type: ignore[attr-defined]


def tokens_of(transcriber: Transcriber, audio: Audio) -> tuple[int, ...]:
    with transcriber:
        (result,) = transcriber.transcribe(audio, [Chunk(0, 2000, (SpeechRegion(0, 2000),))], TranscribeOptions(max_tokens=12, temperatures=()))
    return result.tokens


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    return write_wav(tmp_path / "audio.wav", np.random.default_rng(5).standard_normal(32_000).clip(-1, 1) * 0.1)


def test_vocab_and_merges_serve_as_well_as_a_tokenizer_file(tiny: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny, tmp_path / "model"))
    table = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]
    (folder / "vocab.json").write_text(json.dumps(table["vocab"]), "utf-8")
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in table["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", "utf-8")
    (folder / "tokenizer.json").unlink()
    with WhisperHf(folder, "cpu") as transcriber:
        assert transcriber._model
        assert transcriber._model.text((26410, 10756, 227, 159, 245, 236)) == "你好嘅㗎"
        # half a character
        assert transcriber._model.text((26410, 159)) == "你好\ufffd"


def test_mlx_reads_npz(tiny: Path, mlx_cache: Path, tmp_path: Path, audio: Audio) -> None:
    made = mlx_folder(read_folder(tiny), mlx_cache).path
    folder = Path(shutil.copytree(made, tmp_path / "npz"))
    np.savez(folder / "weights.npz", **load_file(folder / "weights.safetensors"))
    (folder / "weights.safetensors").unlink()
    assert tokens_of(WhisperMlx(folder), audio) == tokens_of(WhisperMlx(made), audio)


@pytest.mark.parametrize(("bits", "same"), [(8, 3), (4, 1)])
def test_mlx_reads_quantised_weights(tiny: Path, mlx_cache: Path, tmp_path: Path, audio: Audio, bits: int, same: int) -> None:
    import mlx.core as mx

    # the smallest group that MLX packs is 32 wide: two of the tiny model's matrices qualify
    made = mlx_folder(read_folder(tiny), mlx_cache).path
    folder = Path(shutil.copytree(made, tmp_path / "q8"))
    weights = dict(mx.load(str(folder / "weights.safetensors")))
    for name in ("encoder.blocks.0.mlp2", "decoder.blocks.0.mlp2"):
        packed, scales, biases = mx.quantize(weights[f"{name}.weight"], group_size=32, bits=bits)
        weights |= {f"{name}.weight": packed, f"{name}.scales": scales, f"{name}.biases": biases}
    mx.save_safetensors(str(folder / "weights.safetensors"), weights)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"quantization": {"group_size": 32, "bits": bits}}), "utf-8")
    assert tokens_of(WhisperMlx(folder), audio)[:same] == tokens_of(WhisperMlx(made), audio)[:same]


def test_an_mlx_folder_without_a_list_forbids_what_openai_forbids(tiny: Path, mlx_cache: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(mlx_folder(read_folder(tiny), mlx_cache).path, tmp_path / "bare"))
    (folder / "generation_config.json").unlink()
    with WhisperMlx(folder) as transcriber:
        assert transcriber._model
        # '"', '#' and '♪' of openai/whisper's non_speech_tokens
        assert {1, 2}.issubset(transcriber._model.special.suppressed)
        assert len(transcriber._model.special.suppressed) == 82


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "asr.out_of_memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), "asr.out_of_memory"),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB)"), "asr.out_of_memory"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:114] DefaultCPUAllocator: can't allocate memory"), "asr.out_of_memory"),
        (RuntimeError("[METAL] Command buffer execution failed: Insufficient Memory"), "asr.out_of_memory"),
        (RuntimeError("[malloc] Unable to allocate 8000000000 bytes."), "asr.out_of_memory"),
        (RuntimeError("shapes do not match"), "asr.failed"),
    ],
)
def test_failures_while_computing(error: Exception, code: str) -> None:
    with pytest.raises(StageError) as caught, computing("asr", Path("/models/large"), "mps"):
        raise error
    assert (caught.value.code, caught.value.params) == (code, {"model": "large", "device": "mps"})


def test_full_memory_while_loading_is_no_broken_file() -> None:
    with pytest.raises(StageError) as caught, loading("asr", Path("/models/large"), "cuda"):
        raise RuntimeError("CUDA out of memory")
    assert caught.value.code == "asr.out_of_memory"


def test_mlx_loads_without_numba_and_torch(tiny: Path, mlx_cache: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.asr.whisper_mlx import WhisperMlx\n"
        f"with WhisperMlx(Path({str(tiny)!r}), 'mlx', Path({str(mlx_cache)!r})): pass\n"
        "print(sorted({'numba', 'scipy', 'torch', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("name", BOTH)
def test_half_precision_as_on_a_graphics_processor(name: str, tiny: Path, mlx_cache: Path, audio: Audio, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tokens_of(BOTH[name](tiny, mlx_cache), audio)
    monkeypatch.setattr(hardware, "number_format", lambda device: "float16")
    half = BOTH[name](tiny, mlx_cache)
    with half:
        assert str(half._model.dtype).endswith(".float16")  # type: ignore[attr-defined]
    assert tokens_of(half, audio)[:3] == whole[:3]


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize(("has", "expected"), [(True, ".bfloat16"), (False, ".float16")])
def test_weights_made_in_bfloat16_stay_so_where_the_graphics_processor_has_it(
    name: str, has: bool, expected: str, tmp_path: Path, audio: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _bfloat16_model(name, tmp_path)
    whole = tokens_of(BOTH[name](folder, tmp_path), audio)
    monkeypatch.setattr(hardware, "number_format", lambda device: "float16")
    monkeypatch.setattr(hardware, "_has_bfloat16", lambda device: has)
    half = BOTH[name](folder, tmp_path)
    with half:
        assert str(half._model.dtype).endswith(expected)  # type: ignore[attr-defined]
    assert tokens_of(half, audio)[:3] == whole[:3]


def _bfloat16_model(name: str, folder: Path) -> Path:
    """A model with bfloat16 weights, in the layout that the backend reads without converting."""
    import torch
    from safetensors.torch import load_file as load
    from safetensors.torch import save_file as save

    made = write_model(folder / "model", random_weights())
    if name == "mlx":
        made = mlx_folder(read_folder(made), folder / "cache").path
    (file,) = made.glob("*.safetensors")
    tensors = load(file)
    save({key: value.bfloat16() if value.is_floating_point() else value for key, value in tensors.items()}, file, {"format": "pt"})
    assert torch.bfloat16 in {value.dtype for value in load(file).values()}
    return made

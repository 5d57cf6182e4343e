"""Finding, choosing, converting and removing weights."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import weights
from core.asr import select
from core.asr.select import EngineChoice
from core.bench.plans import GIB, machines
from core.engine_plan import plan_engine
from core.errors import EngineError, InputError, SetupError
from core.models.table import model_entry, model_table
from core.settings import Settings

from .fakes.hub_server import FakeHub, Fault
from .fakes.models import ENTRY, FOLDER, hub_with_model, install, pretend, set_home


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return set_home(tmp_path, monkeypatch)


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with hub_with_model() as hub:
        yield hub


def test_every_entry_can_be_read_and_shown() -> None:
    ids = [entry.id for entry in model_table()]
    assert len(ids) == len(set(ids))
    for entry in model_table():
        assert entry.note("en").strip() and entry.note("zh").strip() and entry.note("en") != entry.note("zh")
        assert entry.memory_gb > 0 and entry.licence and entry.source
        assert entry.repo.count("/") == (0 if entry.id == "practice" else 1)


def test_whisper_entries_force_cantonese_only_where_the_vocabulary_has_it() -> None:
    languages = {entry.id: (entry.vocabulary, entry.language) for entry in model_table() if entry.engine == "whisper"}
    assert languages["whisper-small-cantonese"] == (51865, "zh")
    assert {pair for name, pair in languages.items() if name != "whisper-small-cantonese"} == {(51866, "yue")}


def test_the_table_offers_no_model_under_a_research_licence() -> None:
    data = tomllib.loads((Path(weights.__file__).parent / "data" / "models.toml").read_text("utf-8"))
    assert not [block["repo"] for block in data["model"] if "Qwen2.5-3B" in block["repo"] or "research" in block["licence"].lower()]


def test_locate_takes_an_installed_id_a_folder_and_practice(server: FakeHub, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(server)
    assert weights.locate(FOLDER) == home / FOLDER
    own = tmp_path / "我的 模型"
    own.mkdir()
    (own / "config.json").write_text("{}")
    assert weights.locate(str(own)) == own
    monkeypatch.setattr(weights, "_PRACTICE_FOLDER", own)
    assert weights.locate("practice") == own


@pytest.mark.parametrize(
    ("name", "kind", "code", "hint"),
    [
        ("whisper-large-v3", SetupError, "weights.not_installed", "canto-beats models get whisper-large-v3"),
        ("whisper-larg-v3", InputError, "weights.unknown_model", "whisper-large-v3"),
        ("EMPTY", InputError, "weights.not_a_model", "config.json"),
        ("practice", SetupError, "weights.practice_missing", "install.py"),
    ],
)
def test_locate_says_what_is_wrong(name: str, kind: type[EngineError], code: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_PRACTICE_FOLDER", tmp_path / "nowhere")
    with pytest.raises(kind) as caught:
        weights.locate(str(tmp_path) if name == "EMPTY" else name)
    assert caught.value.code == code
    assert hint in caught.value.hint()


MACHINES = dict(machines())


@pytest.mark.parametrize("name", [name for name, profile in MACHINES.items() if plan_engine(profile, Settings()).device])
def test_the_recommended_model_is_the_one_of_the_plan(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_engine(MACHINES[name], Settings())
    monkeypatch.setattr(weights, "this_machine", lambda: (replace(MACHINES[name], available_bytes=GIB), plan.device))
    assert plan.asr and weights.recommended_asr().id == plan.asr.model


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("M1 8 GB", "whisper-small-cantonese"),
        ("M2 (Air) 16 GB", "whisper-turbo-cantonese"),
        ("M2 (Air) 24 GB", "whisper-large-v3-mlx"),
        ("CUDA 24 GB", "whisper-large-v3"),
        ("Processor only 64 GB", "whisper-turbo-cantonese"),
    ],
)
def test_the_recommended_model_of_a_machine(name: str, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "this_machine", lambda: (MACHINES[name], plan_engine(MACHINES[name], Settings()).device))
    assert weights.recommended_asr().id == model


def test_a_machine_that_can_compute_nothing_yet_is_advised_as_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> EngineChoice:
        raise SetupError("asr.device_unusable", device="auto", why="nothing is installed")

    monkeypatch.setattr(select, "choose_device", none)
    assert weights.this_machine()[1] == "cpu"


def test_without_a_real_model_the_default_is_an_error_that_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setattr(weights, "_PRACTICE_FOLDER", tmp_path)
    monkeypatch.setattr(weights, "this_machine", lambda: (MACHINES["Processor only 16 GB"], "cpu"))
    assert weights.is_installed(model_entry("practice"))
    with pytest.raises(SetupError) as caught:
        weights.installed_asr("cpu")
    assert caught.value.code == "weights.none_installed"
    assert "canto-beats models get whisper-turbo-cantonese " in caught.value.hint("en")
    assert "canto-beats models get whisper-turbo-cantonese（" in caught.value.hint("zh")
    assert "--asr-model practice" in caught.value.hint("en")


def test_the_installed_models_are_those_that_the_device_can_load(home: Path) -> None:
    pretend(home, "whisper-large-v3-mlx", "whisper-small-cantonese", "qwen3-asr-1.7b-8bit", "qwen3-8b-hf")
    assert [entry.id for entry in weights.installed_asr("cpu")] == ["whisper-small-cantonese"]
    assert [entry.id for entry in weights.installed_asr("mlx")] == ["whisper-large-v3-mlx", "whisper-small-cantonese"]


def test_remove_deletes_the_model_s_own_folder_and_nothing_else(server: FakeHub, home: Path) -> None:
    install(server)
    (home / "other").mkdir()
    assert weights.remove(ENTRY) is True
    assert weights.remove(ENTRY) is False
    assert not (home / FOLDER).exists() and (home / "other").is_dir()


def test_remove_through_a_link_leaves_what_it_points_to(home: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "film.mov").write_bytes(b"film")
    home.mkdir()
    (home / FOLDER).symlink_to(precious)
    assert weights.remove(ENTRY) is True
    assert (precious / "film.mov").read_bytes() == b"film" and not (home / FOLDER).is_symlink()


def test_remove_refuses_a_model_on_its_way(server: FakeHub, home: Path) -> None:
    server.faults["model.safetensors"] = Fault(times=1, cut_after=300_000, stall=True)
    run = threading.Thread(target=install, args=(server,))
    run.start()
    assert server.reached.wait(10)
    with pytest.raises(InputError) as caught:
        weights.remove(ENTRY)
    assert caught.value.code == "weights.busy"
    server.hold.set()
    run.join()
    assert weights.is_installed(ENTRY)


def test_the_practice_model_is_neither_fetched_nor_removed() -> None:
    for act in (weights.remove, weights.install):
        with pytest.raises(InputError) as caught:
            act(model_entry("practice"))
        assert caught.value.code == "weights.built_in"


def _whisper_folder(path: Path) -> Path:
    """The smallest folder that the converter takes: one tensor."""
    from safetensors.numpy import save_file

    sizes = ("d_model", "encoder_attention_heads", "encoder_layers", "decoder_attention_heads", "decoder_layers")
    config = dict.fromkeys(sizes, 1) | {"model_type": "whisper", "num_mel_bins": 80, "max_source_positions": 1500}
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(config | {"vocab_size": 51866, "max_target_positions": 448}))
    save_file({"model.decoder.layer_norm.weight": np.ones(1, np.float32)}, path / "model.safetensors")
    return path


def test_convert_makes_the_mlx_layout_and_remove_takes_it_along(home: Path, tmp_path: Path) -> None:
    pretend(home, FOLDER)
    _whisper_folder(home / FOLDER)
    made = weights.convert(FOLDER, "mlx")
    assert made.parent == tmp_path / "cache"
    assert json.loads((made / "config.json").read_text())["n_vocab"] == 51866
    assert weights.remove(ENTRY) is True
    assert list((tmp_path / "cache").iterdir()) == []


def test_convert_takes_a_folder(tmp_path: Path) -> None:
    assert (weights.convert(str(_whisper_folder(tmp_path / "own")), "mlx") / "weights.safetensors").is_file()


@pytest.mark.parametrize("name", ["qwen3-4b-hf", "FOLDER"])
def test_what_is_not_a_hugging_face_whisper_is_not_converted(name: str, home: Path, tmp_path: Path) -> None:
    pretend(home, "qwen3-4b-hf")
    own = weights.convert(str(_whisper_folder(tmp_path / "own")), "mlx")
    with pytest.raises(SetupError) as caught:
        weights.convert(str(own) if name == "FOLDER" else name, "mlx")
    assert caught.value.code == "weights.not_convertible"

"""The training code, small enough for a CPU: parts against their references, then the command with a stop in the middle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration

from core.errors import StageError
from core.practice import train
from core.practice import vocabulary as v
from core.practice.compact import IGNORED, CompactVocabulary
from core.practice.compose import LogMel, compose
from core.practice.evaluate import MODEL, Recogniser
from core.practice.loader import shards_at, to_device
from core.practice.network import Network, NetworkShape, weighted_loss
from core.practice.shards import ShardFolder
from core.practice.windows import Plan, Planner, Pool, WindowShape

SHAPE = WindowShape(24, 10.0, 128)


@pytest.fixture(scope="module")
def vocabulary() -> CompactVocabulary:
    return CompactVocabulary.of_text(np.array([100, 200, 300]))


@pytest.fixture(scope="module")
def plan(vocabulary: CompactVocabulary) -> Plan:
    """Windows over forty utterances of 1 s; utterance i reads as token 100, 200 or 300 and sounds as the constant 1000."""
    lengths = np.full(40, 16_000)
    tokens = np.array([1 + index % 3 for index in range(40)])
    pool = Pool(np.arange(40) * 16_000, lengths, tokens, np.arange(41))
    return Planner(SHAPE, vocabulary).plan(pool, np.random.default_rng(3))


def _told(plan: Plan, row: int, vocabulary: CompactVocabulary) -> list[int]:
    return [vocabulary.full[number - 1] for number in plan.labels[row] if number != IGNORED]


def test_labels_say_where_the_speech_is(plan: Plan, vocabulary: CompactVocabulary) -> None:
    seen = 0
    for row in range(SHAPE.batch):
        told = _told(plan, row, vocabulary)
        stamps = [token - v.FIRST_TIMESTAMP for token in told if token >= v.FIRST_TIMESTAMP]
        mine = plan.window == row
        starts = [round(start / 320) for start in plan.target[mine]]
        if plan.weights[row].sum() > 0 and len(stamps) == 2 * len(starts) > 0:
            assert stamps[::2] == starts
            seen += 1
        assert told[-1] == v.END
        assert told[0] == (v.YUE if mine.any() else v.NO_SPEECH)
    assert seen >= 5


def test_inputs_lead_the_labels_by_one(plan: Plan, vocabulary: CompactVocabulary) -> None:
    stamped = [row for row in range(SHAPE.batch) if plan.tokens[row, 0] == vocabulary.number(v.START)]
    assert len(stamped) >= 15
    for row in stamped:
        length = int((plan.labels[row] != IGNORED).nonzero()[0].max())
        fixed = [place for place in range(2, length) if not vocabulary.is_text(int(plan.labels[row, place]))]
        assert [plan.tokens[row, place + 1] for place in fixed] == [plan.labels[row, place] for place in fixed]


def test_composed_sound_stands_where_the_plan_says(plan: Plan) -> None:
    speech = torch.full((640_002,), 1000, dtype=torch.int16)
    device = torch.device("cpu")
    quiet = {name: np.full_like(column, -200.0) if name in ("noise_db", "tone_db") else column * 0 for name, column in plan.scene.items()}
    quiet["end"] = plan.scene["end"]
    tensors = to_device(Plan(**{**{f: getattr(plan, f) for f in Plan.__slots__}, "scene": quiet}), device)
    samples = compose(tensors, speech, SHAPE, torch.Generator(device)).numpy()
    expected = np.zeros_like(samples)
    for row, start, length, gain in zip(plan.window, plan.target, plan.length, plan.gain, strict=True):
        expected[row, start : start + length] = min(1.0, 1000 / 32768 * gain)
    assert len(plan.window) > 20
    np.testing.assert_allclose(samples, expected, atol=1e-6)


def test_a_window_ends_in_exact_zeros(plan: Plan) -> None:
    device = torch.device("cpu")
    samples = compose(to_device(plan, device), torch.ones(640_002, dtype=torch.int16), SHAPE, torch.Generator(device))
    ends = plan.scene["end"].astype(int)
    assert (ends < SHAPE.samples).any()
    assert all(samples[row, end:].abs().sum() == 0 for row, end in enumerate(ends))


def test_log_mel_equals_the_feature_extractor() -> None:
    sound = np.random.default_rng(1).standard_normal(480_000).astype(np.float32) * 0.1
    expected = WhisperFeatureExtractor.from_pretrained(MODEL)(sound, sampling_rate=16_000, return_tensors="pt").input_features
    assert torch.allclose(LogMel(torch.device("cpu"))(torch.from_numpy(sound)[None]), expected, atol=1e-4)


def test_the_network_equals_transformers() -> None:
    shape = NetworkShape(64, 1, 1)
    reference = WhisperForConditionalGeneration(WhisperConfig(**shape.hugging_face())).float().eval()
    network = Network(shape, v.VOCAB_SIZE).eval()
    network.load_state_dict({name.removeprefix("model."): value for name, value in reference.model.state_dict().items()})
    features, tokens = torch.randn(1, 80, 3000), torch.randint(0, v.VOCAB_SIZE, (1, 12))
    with torch.no_grad():
        expected = reference(features, decoder_input_ids=tokens).logits
        found = network(features, tokens) @ network.decoder.embed_tokens.weight.T
    assert torch.allclose(found, expected, atol=1e-4)


def test_the_shared_row_gives_the_full_softmax(vocabulary: CompactVocabulary) -> None:
    rows, states = torch.randn(vocabulary.size, 8), torch.randn(1, 1, 8)
    label = torch.tensor([[vocabulary.number(200)]])
    bias = torch.zeros(vocabulary.size)
    bias[0] = vocabulary.shared_bias
    found = weighted_loss(states, (rows, bias), label, torch.ones(1, 1))
    full = -torch.log_softmax(states[0, 0] @ vocabulary.expand(rows).T, 0)[200]
    assert torch.allclose(found, full, atol=1e-4)


def test_shards_grow_with_the_steps_only() -> None:
    assert [shards_at(step, 157) for step in (0, 89, 90, 13_410, 50_000)] == [8, 8, 9, 157, 157]


def test_a_failed_voice_ends_the_waiting(tmp_path: Path) -> None:
    shards = ShardFolder(tmp_path, 10)
    assert not shards.ready(0)
    shards.failure_path.write_text("no voice", "utf-8")
    with pytest.raises(StageError):
        shards.ready(0)


def _train(folder: Path, *more: str) -> None:
    tiny = ["--utterances", "40", "--batch-divisor", "48", "--loaders", "0", "--device", "cpu"]
    sizes = ["--width", "64", "--encoder-layers", "1", "--decoder-layers", "1"]
    assert train.main(["--work", str(folder / "work"), "--out", str(folder / "out"), *tiny, *sizes, *more]) == 0


def test_the_command_trains_goes_on_and_exports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pycantonese")
    _train(tmp_path, "--steps", "1", "--short-steps", "1", "--stop-after", "train")
    spoken = (tmp_path / "work" / "voice" / "000.npy").stat().st_mtime_ns
    _train(tmp_path, "--steps", "2", "--short-steps", "1")
    assert "going on from step 1" in capsys.readouterr().err
    assert (tmp_path / "work" / "voice" / "000.npy").stat().st_mtime_ns == spoken
    assert {file.name for file in (tmp_path / "out").iterdir()} == {file.name for file in MODEL.iterdir()} - {"README.md"}
    assert len(Recogniser(tmp_path / "out").texts([np.zeros(16_000, np.float32)], timestamps=False)) == 1

"""Qwen3-ASR and its aligner with random weights in their real layout, beside mlx-audio's own way with the same weights."""

from __future__ import annotations

import copy
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.asr.base import SHARED_TIMES, TranscribeOptions
from core.asr.mel import log_mel_bare
from core.asr.qwen_align import QwenAligner
from core.asr.qwen_decoding import sentences_of
from core.asr.qwen_folder import load_net, read_qwen
from core.asr.qwen_mlx import QwenMlx
from core.asr.qwen_net import QwenModel, TextChooser, features_of
from core.audio.wav import SAMPLE_RATE, Audio
from core.document import SpeechRegion
from core.errors import EngineError, SetupError
from core.speech.chunks import Chunk

from ..fakes.qwen_model import ALIGNER_CONFIG, CONFIG, MARK, TEXT_STOP, Tensors, as_published, random_weights, write_qwen
from ..fakes.whisper_model import random_weights as whisper_weights
from ..fakes.whisper_model import write_model, write_wav

SOUND = (np.random.default_rng(3).standard_normal(5 * SAMPLE_RATE) * 0.1).clip(-1, 1).astype(np.float32)
CHUNK = Chunk(1_000, 4_000, (SpeechRegion(1_200, 2_000), SpeechRegion(2_600, 3_900)))
SHORT = TranscribeOptions(max_tokens=12, temperatures=())


@pytest.fixture(scope="module")
def model(tiny_qwen: Path) -> QwenModel:
    return QwenModel(read_qwen(tiny_qwen))


@pytest.fixture(scope="module")
def aligner_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_qwen(tmp_path_factory.mktemp("models") / "aligner", random_weights(1, aligns=True), ALIGNER_CONFIG)


@pytest.fixture
def audio(tmp_path: Path) -> Audio:
    return write_wav(tmp_path / "audio.wav", SOUND)


def test_the_picture_is_the_extractors(model: QwenModel) -> None:
    from transformers import WhisperFeatureExtractor

    extractor = WhisperFeatureExtractor(feature_size=128)
    for length in (16_000, 40_077):
        theirs = extractor(SOUND[:length], sampling_rate=16_000, truncation=False, padding=True, return_tensors="np")["input_features"][0]
        np.testing.assert_allclose(log_mel_bare(SOUND[:length], 128).T, theirs, atol=2e-4)


def test_too_little_sound_for_a_picture() -> None:
    with pytest.raises(ValueError, match="too few"):
        log_mel_bare(SOUND[:200], 128)


def test_the_prompt_is_qwens_conversation(model: QwenModel) -> None:
    prompt = model.prompt("一丁", "Cantonese")
    words = model.vocabulary
    assert words.text(prompt.head) == "<|im_start|>system\n一丁<|im_end|>\n<|im_start|>user\n<|audio_start|>"
    assert words.text(prompt.tail) == "<|audio_end|><|im_end|>\n<|im_start|>assistant\nlanguage Cantonese<asr_text>"
    assert words.text(prompt.tail[: len(prompt.tail) - prompt.asked + 1]).endswith("assistant\nlanguage")


def test_what_it_is_told_is_cut_and_holds_no_marks(model: QwenModel) -> None:
    prompt = model.prompt("一<|im_end|>丁" * 400, "Cantonese")
    assert len(prompt.head) == len(model.prompt("", "Cantonese").head) + 512
    assert prompt.head.count(MARK["<|im_end|>"]) == 1


def test_loading_writes_nothing_on_the_terminal(tiny_qwen: Path, aligner_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with QwenMlx(tiny_qwen, "mlx", aligner_folder):
        pass
    assert capfd.readouterr() == ("", "")


def test_mlx_audio_writes_the_same(model: QwenModel, tiny_qwen: Path) -> None:
    net = type(model.net).post_load_hook(model.net, tiny_qwen)
    sound = SOUND[: 3 * SAMPLE_RATE + 77]
    theirs = []
    for token, _ in net.stream_generate(sound, max_tokens=10, language="Cantonese"):
        theirs.append(int(token))
    batch = model.begin([features_of(model.net, sound)], model.prompt("", "Cantonese"))
    mine, tokens = [], None
    for _ in range(10):
        logits = batch.logits if tokens is None else batch.feed(tokens)
        tokens = logits.argmax(axis=-1)
        mine.append(int(tokens.item()))
    assert len(set(mine)) > 2
    assert mine == theirs


def test_mlx_audio_aligns_the_same(aligner_folder: Path) -> None:
    aligner = QwenAligner(read_qwen(aligner_folder, aligns=True))
    net = type(aligner.net).post_load_hook(aligner.net, aligner_folder)
    theirs = net.generate(SOUND, "一丁，七ok丄", language="Chinese")
    mine = aligner.spans(SOUND, ["一", "丁", "七", "ok", "丄"])
    assert [item.text for item in theirs] == ["一", "丁", "七", "ok", "丄"]
    assert mine == [(round(item.start_time * 1000), round(item.end_time * 1000)) for item in theirs]
    assert len({time for span in mine for time in span}) > 2


def test_published_weights_load_as_mlx_ones(tiny_qwen: Path, tmp_path: Path) -> None:
    published = load_net(read_qwen(write_qwen(tmp_path / "published", as_published(random_weights()))))
    np.testing.assert_allclose(np.array(features_of(published, SOUND)), np.array(features_of(load_net(read_qwen(tiny_qwen)), SOUND)), atol=1e-6)


def test_shards_load(tiny_qwen: Path, tmp_path: Path, audio: Audio) -> None:
    from safetensors.numpy import load_file, save_file

    folder = Path(shutil.copytree(tiny_qwen, tmp_path / "model"))
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    parts = {"model-00001-of-00002.safetensors": names[:9], "model-00002-of-00002.safetensors": names[9:]}
    for name, own in parts.items():
        save_file({key: tensors[key] for key in own}, folder / name)
    index = {"weight_map": {key: name for name, own in parts.items() for key in own}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")
    assert heard(folder, audio)[0].tokens == heard(tiny_qwen, audio)[0].tokens


@pytest.mark.parametrize("key", ["quantization", "quantization_config"])
def test_packed_weights_load(tmp_path: Path, key: str) -> None:
    import mlx.core as mx

    tensors: dict[str, Any] = {name: mx.array(value) for name, value in random_weights().items()}
    packed, scales, biases = mx.quantize(tensors["model.layers.0.mlp.down_proj.weight"], group_size=32, bits=8)
    base = "model.layers.0.mlp.down_proj"
    tensors |= {f"{base}.weight": packed, f"{base}.scales": scales.astype(mx.bfloat16), f"{base}.biases": biases.astype(mx.bfloat16)}
    folder = write_qwen(tmp_path / "q8", random_weights(), CONFIG | {key: {"group_size": 32, "bits": 8, "mode": "affine"}})
    mx.save_safetensors(str(folder / "model.safetensors"), tensors)
    net = load_net(read_qwen(folder))
    whole = load_net(read_qwen(write_qwen(tmp_path / "whole", random_weights())))
    tokens = mx.array([[300, 400, 500]])
    np.testing.assert_allclose(np.array(net.model(tokens)), np.array(whole.model(tokens)), atol=0.1)
    assert net.model.layers[0].mlp.down_proj.bits == 8


def heard(folder: Path, audio: Audio, aligner: Path | None = None, options: TranscribeOptions = SHORT) -> list[Any]:
    with QwenMlx(folder, "mlx", aligner) as transcriber:
        return list(transcriber.transcribe(audio, [CHUNK], options))


def test_without_an_aligner_characters_share_the_speech_and_say_so(tiny_qwen: Path, audio: Audio) -> None:
    (result,) = heard(tiny_qwen, audio)
    words = [word for segment in result.segments for word in segment.words]
    assert words
    assert {segment.flags for segment in result.segments} == {(SHARED_TIMES,)}
    # 800 and 1,300 ms of speech, shared evenly
    assert words[0].start_ms == 1_200
    assert words[-1].end_ms == 3_900
    assert all(any(region.start_ms <= word.start_ms <= word.end_ms <= region.end_ms for region in CHUNK.regions) for word in words)
    assert {word.confidence for word in words} != {1.0}


def test_the_aligner_places_words_inside_the_speech(tiny_qwen: Path, aligner_folder: Path, audio: Audio) -> None:
    (result,) = heard(tiny_qwen, audio, aligner_folder)
    (alone,) = heard(tiny_qwen, audio)
    assert result.tokens == alone.tokens
    words = [word for segment in result.segments for word in segment.words]
    assert [word.text for word in words] == [word.text for segment in alone.segments for word in segment.words]
    assert all(segment.flags == () for segment in result.segments)
    ends = [CHUNK.start_ms]
    for word in words:
        assert ends[-1] <= word.start_ms <= word.end_ms
        assert any(region.start_ms <= word.start_ms <= word.end_ms <= region.end_ms for region in CHUNK.regions)
        ends.append(word.end_ms)
    last = result.segments[-1]
    assert CHUNK.start_ms <= result.segments[0].start_ms < last.end_ms <= CHUNK.end_ms


def test_no_times_asked_for_no_words(tiny_qwen: Path, aligner_folder: Path, audio: Audio) -> None:
    (result,) = heard(tiny_qwen, audio, aligner_folder, TranscribeOptions(max_tokens=12, temperatures=(), times=False))
    assert result.segments
    assert [(segment.words, segment.flags) for segment in result.segments] == [((), ())] * len(result.segments)


def test_what_the_model_is_told_changes_what_it_hears(tiny_qwen: Path, audio: Audio) -> None:
    told = TranscribeOptions(max_tokens=12, temperatures=(), prompt="一丁七丄")
    assert heard(tiny_qwen, audio, options=told)[0].tokens != heard(tiny_qwen, audio)[0].tokens


def test_a_temperature_draws_by_the_chunks_own_number(model: QwenModel) -> None:
    import mlx.core as mx

    logits = mx.array(np.random.default_rng(0).standard_normal((2, model.net.vocab_size)).astype(np.float32))
    draws = np.array([[0.1, 0.9], [0.5, 0.5]], dtype=np.float32)
    both, alone = model.chooser(2, 1.0, draws), model.chooser(1, 1.0, draws[1:])
    first = [both.choose(logits)[0].tolist() for _ in range(2)]
    second = [alone.choose(logits[1:])[0].tolist() for _ in range(2)]
    assert [row[1] for row in first] == [row[0] for row in second]
    assert first[0][0] != first[1][0]


def test_second_tries_are_the_same_in_every_run_and_batch(tiny_qwen: Path, audio: Audio) -> None:
    chunks = [CHUNK, Chunk(0, 1_500, (SpeechRegion(0, 1_500),))]
    found = []
    for size in (2, 1):
        with QwenMlx(tiny_qwen) as transcriber:
            results = transcriber.transcribe(audio, chunks, TranscribeOptions(batch_size=size, max_tokens=8))
            found.append([(result.tokens, result.temperature) for result in results])
    assert found[0] == found[1]
    # a random model is unsure of what it writes, so both temperatures were tried
    assert {temperature for _, temperature in found[0]} & {0.2, 0.4}


def test_on_a_graphics_processor_numbers_stay_bfloat16(
    tiny_qwen: Path, aligner_folder: Path, tmp_path: Path, audio: Audio, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlx.core as mx

    folders = [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in (tiny_qwen, aligner_folder)]
    for folder in folders:
        weights: dict[str, Any] = mx.load(str(folder / "model.safetensors"))  # type: ignore[assignment]
        mx.save_safetensors(str(folder / "model.safetensors"), {name: value.astype(mx.bfloat16) for name, value in weights.items()})
    monkeypatch.setattr("core.asr.qwen_folder.number_format", lambda device: "float16")
    with QwenMlx(folders[0], "mlx", folders[1]) as transcriber:
        assert transcriber._model
        assert transcriber._model.net.model.embed_tokens.weight.dtype == mx.bfloat16
        (result,) = transcriber.transcribe(audio, [CHUNK], SHORT)
    assert result.segments and result.avg_logprob < 0
    assert result.tokens[:1] == heard(tiny_qwen, audio)[0].tokens[:1]


def chosen(chooser: TextChooser, wanted: int, size: int) -> int:
    import mlx.core as mx

    logits = np.zeros((1, size), dtype=np.float32)
    logits[0, wanted] = 5.0
    return int(chooser.choose(mx.array(logits))[0].item())


@pytest.mark.parametrize("mark", ["<|audio_pad|>", "<asr_text>", "<|im_start|>"])
def test_marks_are_never_written(model: QwenModel, mark: str) -> None:
    assert chosen(model.chooser(1, 0.0, None), MARK[mark], model.net.vocab_size) < TEXT_STOP


@pytest.mark.parametrize("mark", ["<|endoftext|>", "<|im_end|>"])
def test_either_end_mark_ends_a_row_for_good(model: QwenModel, mark: str) -> None:
    chooser = model.chooser(1, 0.0, None)
    assert chosen(chooser, 300, model.net.vocab_size) == 300
    assert chosen(chooser, MARK[mark], model.net.vocab_size) == MARK["<|im_end|>"]
    assert chosen(chooser, 300, model.net.vocab_size) == MARK["<|im_end|>"]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("今日好好。我哋去行山", ["今日好好。", "我哋去行山"]),
        ("係咪呀？！「係」。", ["係咪呀？！", "「係」。"]),
        ("佢話：「好！」跟住走咗", ["佢話：「好！」", "跟住走咗"]),
        ("OK! see you", ["OK! ", "see you"]),
        ("3.5，好", ["3.5，好"]),
        ("", [""]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


def refusal(folder: Path, aligner: Path | None = None) -> EngineError:
    with pytest.raises(SetupError) as caught, QwenMlx(folder, "mlx", aligner):
        pass
    assert all(caught.value.message(language) and caught.value.hint(language) for language in ("en", "zh"))
    return caught.value


def _without(name: str) -> Tensors:
    tensors = random_weights()
    del tensors[name]
    return tensors


def test_folders_that_cannot_be_used(tiny_qwen: Path, aligner_folder: Path, tmp_path: Path) -> None:
    small = random_weights() | {"model.norm.weight": np.ones(8, dtype=np.float32)}
    bare = Path(shutil.copytree(tiny_qwen, tmp_path / "bare"))
    for name in ("vocab.json", "merges.txt"):
        (bare / name).unlink()
    marks = Path(shutil.copytree(tiny_qwen, tmp_path / "marks"))
    (marks / "tokenizer_config.json").write_text('{"tokenizer_class": "Qwen2Tokenizer"}', "utf-8")
    cut = Path(shutil.copytree(tiny_qwen, tmp_path / "cut"))
    (cut / "model.safetensors").write_bytes((cut / "model.safetensors").read_bytes()[:-100])
    error = refusal(write_qwen(tmp_path / "missing", _without("audio_tower.layers.0.fc1.bias")))
    assert (error.code, "audio_tower.layers.0.fc1.bias" in error.detail) == ("asr.broken_weights", True)
    assert refusal(write_qwen(tmp_path / "small", small)).code == "asr.broken_weights"
    assert refusal(cut).code == "asr.broken_weights"
    assert refusal(bare).code == "asr.no_vocabulary"
    assert (refusal(marks).code, "<asr_text>" in refusal(marks).detail) == ("asr.no_vocabulary", True)
    assert refusal(tmp_path / "nothing").code == "asr.no_folder"
    assert refusal(aligner_folder).code == "asr.not_qwen"
    assert refusal(write_model(tmp_path / "whisper", whisper_weights())).code == "asr.not_qwen"
    assert refusal(tiny_qwen, tiny_qwen).code == "asr.not_qwen"


def test_a_broken_aligner_is_named(tiny_qwen: Path, aligner_folder: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(aligner_folder, tmp_path / "aligner"))
    (broken / "vocab.json").write_text("{", "utf-8")
    error = refusal(tiny_qwen, broken)
    assert (error.code, error.params["folder"]) == ("asr.no_vocabulary", str(broken))


def test_languages(tiny_qwen: Path, tmp_path: Path, audio: Audio) -> None:
    only_german = write_qwen(tmp_path / "german", random_weights(), copy.deepcopy(CONFIG) | {"support_languages": ["German"]})
    for folder, language in ((tiny_qwen, "de"), (only_german, "yue")):
        with pytest.raises(SetupError) as caught:
            heard(folder, audio, options=TranscribeOptions(language=language))
        assert caught.value.code == "asr.no_language"


def test_a_chunk_above_22_seconds_is_heard_in_parts(tiny_qwen: Path, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "long.wav", np.tile(SOUND, 6))
    chunks = [Chunk(1_000, 4_000, (SpeechRegion(1_200, 3_900),)), Chunk(4_000, 26_001, (SpeechRegion(4_200, 10_000), SpeechRegion(10_500, 25_000)))]
    with QwenMlx(tiny_qwen) as transcriber:
        first, second = transcriber.transcribe(audio, chunks, SHORT)
    assert (first.chunk_index, second.chunk_index) == (0, 1)
    # what is random never ends, so each part fills its twelve places and is heard again as two
    assert (len(first.tokens), len(second.tokens)) == (24, 48)
    assert all(4_000 <= segment.start_ms < segment.end_ms <= 26_001 for segment in second.segments)


def test_loading_takes_only_the_modules_of_this_model(model: QwenModel) -> None:
    # all of them would take six seconds
    others = {name for name in sys.modules if name.startswith("mlx_audio.stt.models.") and ".qwen3_asr" not in name}
    assert others <= {"mlx_audio.stt.models.base"}

"""The contract of TextModel, over every implementation on tiny Qwen2 and Qwen3 models, and the fake that the passes are tested with."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from core import hardware
from core.errors import SetupError, StageError
from core.llm.base import Message, Reply, TextModel
from core.llm.lm_hf import LmHf
from core.llm.lm_mlx import LmMlx
from core.llm.prompts import instructions, prefix, prompt
from core.llm.select import open_text_model
from core.passes.numbered import numbered, parse
from core.progress import Cancelled

from ..fakes.text_model import GoodModel

PROMPTS = [
    prompt(numbered(lines), (), ()) for lines in (["佢唔喺度"], ["我走喇", "你呢？", "好靚"], ["食咗飯未呀？"], ["嗰個人係邊個嚟㗎？", "唔知"])
]
TOKENS = 24
REAL = ("lm_hf/qwen2", "lm_hf/qwen3", "lm_mlx/qwen2", "lm_mlx/qwen3")


def make(name: str, folders: dict[str, Path], batch_size: int = 3) -> TextModel:
    backend, _, family = name.partition("/")
    if backend == "fake":
        return GoodModel()
    return LmHf(folders[family], "cpu", batch_size) if backend == "lm_hf" else LmMlx(folders[family], "mlx", batch_size)


@pytest.fixture(params=("fake", *REAL))
def model(request: pytest.FixtureRequest, tiny_models: dict[str, Path]) -> Iterator[TextModel]:
    with make(request.param, tiny_models) as entered:
        yield entered


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest, tiny_models: dict[str, Path]) -> Iterator[TextModel]:
    with make(request.param, tiny_models) as entered:
        yield entered


def test_one_reply_for_each_prompt_in_order_whatever_stands_beside_it(model: TextModel) -> None:
    together = list(model.generate(prefix("written"), PROMPTS, TOKENS))
    alone = [next(model.generate(prefix("written"), [one], TOKENS)) for one in PROMPTS]
    assert together == alone
    assert len({reply.text for reply in together}) == len(PROMPTS)


def test_prompts_without_a_prefix(model: TextModel) -> None:
    together = list(model.generate((), PROMPTS, TOKENS))
    assert together == [next(model.generate((), [one], TOKENS)) for one in PROMPTS]


def test_nothing_asked_is_nothing_answered(model: TextModel) -> None:
    assert list(model.generate(prefix("written"), [], TOKENS)) == []


def test_a_caller_may_stop_listening_and_ask_again(model: TextModel) -> None:
    first = list(islice(model.generate(prefix("half"), PROMPTS, TOKENS), 1))
    assert first == list(model.generate(prefix("half"), PROMPTS, TOKENS))[:1]


def test_it_can_be_stopped_while_it_writes(model: TextModel) -> None:
    steps = []

    def stop() -> None:
        steps.append(None)
        if len(steps) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(model.generate(prefix("written"), PROMPTS, TOKENS, (), stop))
    assert len(steps) == 3


def test_the_limit_of_tokens_is_kept_and_told(real: TextModel) -> None:
    replies = list(real.generate(prefix("written"), PROMPTS, 5))
    assert [(reply.tokens, reply.hit_cap) for reply in replies] == [(5, True)] * 4


def test_both_backends_write_the_same_and_follow_the_prefix(tiny_models: dict[str, Path]) -> None:
    for family in ("qwen2", "qwen3"):
        with make(f"lm_hf/{family}", tiny_models) as one:
            by_torch, other = list(one.generate(prefix("written"), PROMPTS, TOKENS)), list(one.generate(prefix("half"), PROMPTS, TOKENS))
        with make(f"lm_mlx/{family}", tiny_models) as two:
            assert list(two.generate(prefix("written"), PROMPTS, TOKENS)) == by_torch
        assert by_torch != other


def test_a_reply_ends_with_the_lines_asked_for(real: TextModel, monkeypatch: pytest.MonkeyPatch) -> None:
    free = next(real.generate(prefix("written"), PROMPTS[:1], TOKENS))
    # the fifth token of the reply stands for a line break
    turns = real._model._turns  # type: ignore[attr-defined]
    text = turns.text
    fifth = _tokens(real, PROMPTS[0])[4]
    monkeypatch.setattr(turns, "text", lambda ids: "".join("\n" if one == fifth else f"[{one}]" for one in ids))
    turns.breaks.cache_clear()
    stopped = next(real.generate(prefix("written"), PROMPTS[:1], TOKENS, [1]))
    assert (stopped.tokens, stopped.hit_cap) == (5, False)
    assert stopped.text.count("[") == 4 and "\n" not in stopped.text
    monkeypatch.setattr(turns, "text", text)
    assert next(real.generate(prefix("written"), PROMPTS[:1], TOKENS)) == free


def test_an_end_mark_ends_a_reply_and_the_others_go_on(real: TextModel, monkeypatch: pytest.MonkeyPatch) -> None:
    free = list(real.generate(prefix("written"), PROMPTS, TOKENS))
    written = [_tokens(real, one) for one in PROMPTS]
    end = next(token for token in written[1] if all(token not in other for other in (written[0], *written[2:])))
    turns = real._model._turns  # type: ignore[attr-defined]
    monkeypatch.setattr(turns, "ends", frozenset({end}))
    ended = list(real.generate(prefix("written"), PROMPTS, TOKENS))
    place = written[1].index(end)
    assert ended[1] == Reply(turns.text(written[1][:place]), place)
    assert [ended[0], *ended[2:]] == [free[0], *free[2:]]


def _tokens(model: TextModel, one: str) -> list[int]:
    """The token ids of a reply, by asking for one token more each time what the text grows by."""
    writer = model._model  # type: ignore[attr-defined]
    seen: list[list[int]] = []
    text, writer._turns.text = writer._turns.text, lambda ids: seen.append(list(ids)) or ""
    try:
        next(model.generate(prefix("written"), [one], TOKENS))
    finally:
        writer._turns.text = text
    return seen[-1]


def test_only_the_thread_that_entered_may_ask(real: TextModel) -> None:
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            next(real.generate(prefix("written"), PROMPTS[:1], 2))
        except ValueError as error:
            caught.append(error)

    other = threading.Thread(target=ask)
    other.start()
    other.join()
    assert len(caught) == 1


@pytest.mark.parametrize("name", REAL)
def test_leaving_lets_go_of_the_weights(name: str, tiny_models: dict[str, Path]) -> None:
    with make(name, tiny_models) as model:
        next(model.generate(prefix("written"), PROMPTS[:1], 2))
        net = model._model._net  # type: ignore[attr-defined]
        weights = weakref.ref(getattr(net, "net", net))
        del net
    gc.collect()
    assert weights() is None
    with pytest.raises(ValueError, match="inside its with"):
        next(model.generate((), PROMPTS, 2))


def test_a_prefix_is_read_once(tiny_models: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with LmHf(tiny_models["qwen2"], "cpu", 2) as model:
        assert model._model
        reads: list[int] = []
        read = model._model._net.read
        monkeypatch.setattr(model._model._net, "read", lambda tokens: reads.append(len(tokens)) or read(tokens))
        for task in ("written", "written", "half"):
            list(model.generate(prefix(task), PROMPTS, 2))
    assert len(reads) == 2 and min(reads) > 100


@pytest.mark.parametrize("family", ["qwen2", "qwen3"])
def test_a_batch_whose_numbers_break_is_written_again_row_by_row(family: str, tiny_models: dict[str, Path]) -> None:
    with LmHf(tiny_models[family], "cpu", 4) as model:
        expected = list(model.generate(prefix("written"), PROMPTS, TOKENS))
        net = model._model._net.net  # type: ignore[union-attr]
        sizes: list[int] = []

        def spoil(module: object, arguments: object, options: dict[str, Any], out: Any) -> None:
            """As padding does in half precision: the third step of a batch computes NaN for one of its rows."""
            sizes.append(len(options["input_ids"]))
            if sizes[-1] == 4 and sizes.count(4) == 3:
                out.logits[2] = float("nan")

        net.register_forward_hook(spoil, with_kwargs=True)
        assert list(model.generate(prefix("written"), PROMPTS, TOKENS)) == expected
        # three steps together, then every step of each row by itself
        assert sizes[:3] == [4, 4, 4] and set(sizes[3:]) == {1} and len(sizes) == 3 + sum(reply.tokens for reply in expected)


@pytest.mark.parametrize("name", REAL)
def test_numbers_that_break_for_a_row_alone_are_an_error_that_names_a_fix(name: str, tiny_models: dict[str, Path]) -> None:
    with make(name, tiny_models) as model:
        net = model._model._net  # type: ignore[attr-defined]
        norm = getattr(net, "net", net).model.norm
        norm.weight = type(norm.weight)(norm.weight * float("nan"))
        with pytest.raises(StageError) as caught:
            list(model.generate(prefix("written"), PROMPTS, TOKENS))
    assert caught.value.code == "llm.not_finite"
    assert caught.value.hint("en") and caught.value.hint("zh")


def test_half_precision_that_runs_over_is_found(tiny_models: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(_with_loud_weights(tiny_models["qwen2"])) == 4
    monkeypatch.setattr(hardware, "number_format", lambda device: "float16")
    monkeypatch.setattr(hardware, "_has_bfloat16", lambda device: False)
    with pytest.raises(StageError) as caught:
        _with_loud_weights(tiny_models["qwen2"])
    assert caught.value.code == "llm.not_finite"


def _with_loud_weights(folder: Path) -> list[Reply]:
    """Replies of a network whose first layer computes numbers above 65504, the largest of float16."""
    with LmHf(folder, "cpu") as model:
        weight = model._model._net.net.model.layers[0].mlp.down_proj.weight  # type: ignore[union-attr]
        weight.data.mul_(1e4)
        return list(model.generate(prefix("written"), PROMPTS, 4))


def test_weights_are_quantised_to_four_bits_while_loading(tiny_models: dict[str, Path]) -> None:
    with LmMlx(tiny_models["qwen2"], bits=4) as model:
        assert model._model and "scales" in model._model._net.model.layers[0].mlp.up_proj
        assert len(list(model.generate(prefix("written"), PROMPTS, 4))) == 4


def test_none_is_no_model() -> None:
    with open_text_model("none") as model:
        assert model is None


def test_weights_quantised_for_mlx_are_refused_by_torch(tiny_models: dict[str, Path], tmp_path: Path) -> None:
    for file in tiny_models["qwen2"].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = (tmp_path / "config.json").read_text().replace("{", '{"quantization": {"bits": 4, "group_size": 64},', 1)
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(SetupError) as caught:
        LmHf(tmp_path, "cpu").__enter__()
    assert caught.value.code == "llm.needs_mlx"


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("config.json", "{", "llm.bad_config"),
        ("config.json", '{"model_type": "whisper", "architectures": ["WhisperForConditionalGeneration"]}', "llm.bad_config"),
        ("tokenizer.json", None, "llm.no_vocabulary"),
        ("tokenizer.json", "{", "llm.no_vocabulary"),
        ("chat_template.jinja", None, "llm.no_chat_template"),
        ("model.safetensors", "cut short", "llm.broken_weights"),
    ],
)
@pytest.mark.parametrize("backend", [LmHf, LmMlx])
def test_a_damaged_folder_is_an_error_that_names_a_fix(
    backend: type, file: str, content: str | None, code: str, tiny_models: dict[str, Path], tmp_path: Path
) -> None:
    for one in tiny_models["qwen3"].iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(content)
    with pytest.raises(SetupError) as caught:
        backend(tmp_path, "cpu" if backend is LmHf else "mlx").__enter__()
    assert caught.value.code == code
    assert caught.value.hint("zh")


@pytest.mark.parametrize("task", ["written", "half", "proofread"])
def test_prompts_show_what_they_ask_for(task: str) -> None:
    system, *turns = prefix(task)
    assert system.role == "system" and "編號" in system.content
    assert [turn.role for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
    for asked, answered in zip(turns[::2], turns[1::2], strict=True):
        lines = [row for row in asked.content.splitlines() if not row.startswith(("前文", "後文"))]
        assert len(parse(answered.content, len(lines))) == len(lines) == len(parse("\n".join(lines), len(lines)))
    assert instructions(task).startswith(system.content)
    assert prefix(task)[0] == Message("system", system.content)


def test_neighbours_stand_outside_the_numbers() -> None:
    assert prompt("1. 乙", ("甲",), ("丙", "丁")) == "前文（不用改寫）：甲\n1. 乙\n後文（不用改寫）：丙／丁"

"""The contract of TextModel, over every implementation and the fake that the passes are tested with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from core.llm.base import Message, TextModel
from core.llm.prompts import instructions, prefix, prompt
from core.passes.numbered import numbered, parse

from ..fakes.text_model import GoodModel

MODELS: dict[str, Callable[[], TextModel]] = {"fake": GoodModel}
PROMPTS = [prompt(numbered(lines), (), ()) for lines in (["佢唔喺度"], ["我走喇", "你呢？", "好靚"], ["食咗飯未呀？"])]


@pytest.fixture(params=MODELS.values(), ids=MODELS.keys())
def model(request: pytest.FixtureRequest) -> Iterator[TextModel]:
    with request.param() as entered:
        yield entered


def test_one_reply_for_each_prompt_in_order(model: TextModel) -> None:
    together = [reply.text for reply in model.generate(prefix("written"), PROMPTS, 64)]
    alone = [next(model.generate(prefix("written"), [one], 64)).text for one in PROMPTS]
    assert together == alone


def test_nothing_asked_is_nothing_answered(model: TextModel) -> None:
    assert list(model.generate(prefix("written"), [], 64)) == []


def test_a_caller_may_stop_listening_and_ask_again(model: TextModel) -> None:
    first = list(islice(model.generate(prefix("half"), PROMPTS, 64), 1))
    assert first == list(model.generate(prefix("half"), PROMPTS, 64))[:1]


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

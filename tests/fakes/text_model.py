"""Text models without weights: one that answers well, and one that misbehaves in every way a real one was seen to, by seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from core.llm.base import Message, Reply, never
from core.llm.prompts import instructions
from core.progress import CancelToken
from core.rules.engine import engine

_NUMBERED = re.compile(r"(?m)^(\d+)\. (.*)$")


@dataclass
class GoodModel:
    """Answers every line as `answers` says, else with the rules' text; `prompts` keeps what it was asked."""

    answers: dict[str, str] = field(default_factory=dict)
    prompts: list[str] = field(default_factory=list)
    entered: int = 0

    def __enter__(self) -> Self:
        self.entered += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.entered -= 1

    def generate(
        self, prefix: Sequence[Message], prompts: Sequence[str], max_tokens: int, lines: Sequence[int] = (), check: Callable[[], None] = never
    ) -> Iterator[Reply]:
        for prompt in prompts:
            check()
            self.prompts.append(prompt)
            yield Reply(written_out(self.lines(prompt)), hit_cap=False)

    def lines(self, prompt: str) -> list[str]:
        return [self.answers.get(line, engine("written").line(line)) for _, line in _NUMBERED.findall(prompt)]


def written_out(lines: Sequence[str]) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


Fault = Callable[[list[str], random.Random], str]


def _merged(lines: list[str], rng: random.Random) -> str:
    at = rng.randrange(len(lines))
    joined = lines[at] + (lines[at + 1] if at + 1 < len(lines) else "而且還有後續")
    return written_out([*lines[:at], joined, *lines[at + 2 :]])


def _swapped(lines: list[str], rng: random.Random) -> str:
    return written_out(rng.sample(lines, len(lines)))


def _swapped_numbers(lines: list[str], rng: random.Random) -> str:
    rows = written_out(lines).split("\n")
    return "\n".join(rng.sample(rows, len(rows)))


def _missing(lines: list[str], rng: random.Random) -> str:
    rows = written_out(lines).split("\n")
    rows.pop(rng.randrange(len(rows)))
    return "\n".join(rows)


def _emptied(lines: list[str], rng: random.Random) -> str:
    at = rng.randrange(len(lines))
    return written_out([*lines[:at], rng.choice(["", " ", "。", "……"]), *lines[at + 1 :]])


def _changed(old: str, choices: Sequence[str]) -> Fault:
    """Put one of `choices` in place of every match of `old`."""
    return lambda lines, rng: written_out([re.sub(old, lambda found: rng.choice(choices), line) for line in lines])


FAULTS: dict[str, Fault] = {
    "none": lambda lines, rng: written_out(lines),
    "merged": _merged,
    "swapped": _swapped,
    "swapped numbers": _swapped_numbers,
    "missing": _missing,
    "empty": _emptied,
    "extra": lambda lines, rng: written_out([*lines, "還有一句沒有人說過的話"]),
    "chatter": lambda lines, rng: "Sure! Here are the rewritten lines:\n" + written_out(lines) + "\nLet me know if you need anything else.",
    "chatter in a line": lambda lines, rng: written_out([f"改寫：{line}" for line in lines]),
    "refusal": lambda lines, rng: "I'm sorry, but I can't help with that.",
    "nothing": lambda lines, rng: "",
    "leaked prompt": lambda lines, rng: written_out([instructions("written")[at * 9 : at * 9 + 20].replace("\n", "") for at in range(len(lines))]),
    "leaked prompt alone": lambda lines, rng: instructions("written"),
    "leaked example": lambda lines, rng: written_out(["他昨天在中環吃了兩碗雲吞麵"] * len(lines)),
    "repetition": lambda lines, rng: written_out([line + line[-2:] * 3000 for line in lines]),
    "repetition of rows": lambda lines, rng: written_out(lines) + ("\n" + f"{len(lines)}. {lines[-1]}") * 500,
    "broken characters": lambda lines, rng: written_out([line[: len(line) // 2] + "\ufffd\ufffd" + line[len(line) // 2 :] for line in lines]),
    "control characters": lambda lines, rng: written_out([line + "\x00\x1b[0m" for line in lines]),
    "digits changed": _changed(r"\d", "0123456789"),
    "numbers invented": lambda lines, rng: written_out([line + rng.choice(["三百元", "共1500米", "第八名"]) for line in lines]),
    "numerals changed": _changed("[三五七]", "二四六"),
    "denial dropped": _changed("[不沒未]有?", [""]),
    "denial added": _changed("[是會想]", ["不是", "不會", "不想"]),
    "Latin changed": _changed("[A-Za-z]+", ["the", "電郵", "app", ""]),
    "names changed": _changed("陳大文|將軍澳", ["他", "陳大民", "將軍"]),
    "quotation rewritten": _changed("「[^」]*」", ["「我不會離開」", ""]),
    "officialese": lambda lines, rng: written_out([f"茲特此通知閣下，{line}" for line in lines]),
    "no numbers": lambda lines, rng: "\n".join(lines),
    "wrong numbers": lambda lines, rng: "\n".join(f"{number * 7}. {line}" for number, line in enumerate(lines, 1)),
    "breaks": lambda lines, rng: written_out([line[:2] + "\n" + line[2:] for line in lines]),
}
STREAM_FAULTS = ("error at once", "error on the way", "cancel", "short", "endless")


@dataclass
class FaultyModel(GoodModel):
    """Every reply has a fault drawn by `seed`; one run in four the stream itself fails too."""

    seed: int = 0
    cancel: CancelToken = field(default_factory=CancelToken)
    calls: int = 0

    def generate(
        self, prefix: Sequence[Message], prompts: Sequence[str], max_tokens: int, lines: Sequence[int] = (), check: Callable[[], None] = never
    ) -> Iterator[Reply]:
        self.calls += 1
        rng = random.Random(f"{self.seed}/{self.calls}")
        stream = rng.choice(STREAM_FAULTS) if rng.random() < 0.25 else ""
        if stream == "error at once":
            raise rng.choice([RuntimeError("out of memory"), ValueError("probability tensor contains nan"), OSError("gone")])
        last = rng.randrange(len(prompts))
        for number, prompt in enumerate(prompts):
            if stream and stream != "endless" and number == last:
                if stream == "error on the way":
                    raise RuntimeError("command buffer failed")
                if stream == "cancel":
                    self.cancel.cancel()
                if stream == "short":
                    return
            lines = self.lines(prompt)
            yield Reply(FAULTS[rng.choice(list(FAULTS))](lines, rng), hit_cap=rng.random() < 0.1)
        while stream == "endless":
            yield Reply(written_out(["再來一句"] * 3))

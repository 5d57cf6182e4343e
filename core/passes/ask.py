"""Lines through a text model and its replies through the guards: in groups first, then each refused line once more on its own.

The caller gets, for every line, an accepted text or None, and every refused reply with its reasons. A model that fails twice is not asked again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ..errors import EngineError
from ..llm.base import Reply, TextModel
from ..llm.prompts import instructions, prefix, prompt
from ..progress import CancelToken
from .diff import Refusal
from .guards import Candidate, reasons
from .numbered import NotNumberedError, numbered, parse

GROUP = 8  # lines a prompt: enough context, short enough that one bad line costs little
_NEIGHBOURS = 2
_TOKENS_PER_CHARACTER = 2.5
_PATIENCE = 2

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """What to ask: `name` of the prompt, the lines, what the rules make of them, the glossary, and how to stop and tell."""

    name: str
    lines: tuple[str, ...]
    rules: tuple[str, ...]
    names: tuple[str, ...]
    cancel: CancelToken
    progress: Callable[..., None]


@dataclass(slots=True)
class Answers:
    """`texts` by line number where a reply passed every guard; `refused` by line number; `failures` are the model's own errors."""

    texts: dict[int, str] = field(default_factory=dict)
    refused: dict[int, list[Refusal]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def ask(model: TextModel, task: Task) -> Answers:
    """Put every line to the model, at most twice. Raises Cancelled; a model's failure ends the asking and is told in the answers."""
    answers = Answers()
    groups = [range(start, min(start + GROUP, len(task.lines))) for start in range(0, len(task.lines), GROUP)]
    for lines, reply in _replies(model, task, groups, answers):
        _judge(lines, reply, task, answers)
    alone = [range(line, line + 1) for line in range(len(task.lines)) if line not in answers.texts]
    for lines, reply in _replies(model, task, alone, answers):
        _judge(lines, reply, task, answers)
    return answers


def _replies(model: TextModel, task: Task, groups: Sequence[range], answers: Answers) -> Iterator[tuple[range, str]]:
    """Each group with its reply, as far as the model gets; after a failure it goes on with the next group, unless patience is at its end."""
    done = 0
    while done < len(groups) and len(answers.failures) < _PATIENCE:
        left = groups[done:]
        prompts = [_prompt(task, lines) for lines in left]
        longest = max(sum(len(task.lines[line]) + 4 for line in lines) for lines in left)
        try:
            limit = 32 + int(longest * _TOKENS_PER_CHARACTER)
            stream = model.generate(prefix(task.name), prompts, limit, [len(lines) for lines in left], task.cancel.check)
            for lines, reply in zip(left, islice(stream, len(left)), strict=False):
                task.cancel.check()
                done += 1
                task.progress(lines.stop, len(task.lines), "lines")
                yield lines, _text(reply)
            return
        except (EngineError, RuntimeError, ValueError, MemoryError, OSError) as error:
            _log.warning("the text model failed: %r", error)
            answers.failures.append(str(error) or type(error).__name__)
            done += 1


def _text(reply: Reply) -> str:
    """The reply; of one that ran into the token limit, its whole lines only."""
    return reply.text.rpartition("\n")[0] if reply.hit_cap else reply.text


def _prompt(task: Task, lines: range) -> str:
    before = task.lines[max(0, lines.start - _NEIGHBOURS) : lines.start]
    after = task.lines[lines.stop : lines.stop + _NEIGHBOURS]
    return prompt(numbered([task.lines[line] for line in lines]), before, after)


def _judge(lines: range, reply: str, task: Task, answers: Answers) -> None:
    """Sort a group's reply into accepted and refused lines."""
    try:
        found: Mapping[int, str] = parse(reply, len(lines))
    except NotNumberedError:
        for line in lines:
            answers.refused.setdefault(line, []).append(Refusal(reply, ("passes.guard_not_numbered",)))
        return
    told = instructions(task.name)
    for number, line in enumerate(lines, 1):
        text = found.get(number)
        if text is None:
            answers.refused.setdefault(line, []).append(Refusal(reply, ("passes.guard_missing",)))
            continue
        around = range(max(0, lines.start - _NEIGHBOURS), min(len(task.lines), lines.stop + _NEIGHBOURS))
        others = tuple(task.rules[other] for other in around if other != line and task.rules[other] != task.rules[line])
        why = reasons(Candidate(task.lines[line], text, task.rules[line], others, told, task.names))
        if why:
            answers.refused.setdefault(line, []).append(Refusal(text, why))
        else:
            answers.texts[line] = text

"""The two files of a run: report.json with everything, report.md to read and to send."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from .. import __version__
from ..messages import Language, text
from .run import Answer, Outcome

_LINES, _WIDTH = 40, 600  # of a probe's data in the readable report; the JSON has all


def write_report(outcome: Outcome, folder: Path, language: Language) -> tuple[Path, Path]:
    """Write both files into `folder`; returns (JSON, Markdown). Raises OSError."""
    written = time.strftime("%Y-%m-%d %H:%M:%S %z")
    everything = {
        "schema": "selftest/1",
        "version": __version__,
        "written": written,
        "ok": outcome.ok,
        "stopped": outcome.stopped,
        "restored": outcome.restored,
        "operations": list(outcome.operations),
        "probes": [answer._asdict() for answer in outcome.answers],
    }
    return (
        _write(folder / "report.json", json.dumps(everything, ensure_ascii=False, indent=1) + "\n"),
        _write(folder / "report.md", _readable(outcome, written, language)),
    )


def _write(path: Path, words: str) -> Path:
    part = path.with_name(path.name + ".part")
    part.write_text(words, "utf-8")
    os.replace(part, path)
    return path


def _readable(outcome: Outcome, written: str, language: Language) -> str:
    done = {answer.name for answer in outcome.answers}
    lines = [f"# Canto-Beats {__version__} selftest", "", text("selftest.written", language, time=written), ""]
    lines += [f"- {text(f'selftest.restored_{name}', language)}: {'✓' if back else '✗'}" for name, back in outcome.restored.items()]
    lines += [f"- {text('selftest.left_out', language)}: {name}" for name in outcome.asked if name not in done]
    lines += [f"- {_verdict(answer, language)}" for answer in outcome.answers if answer.verdict]
    for answer in outcome.answers:
        lines += ["", *_section(answer, language)]
    return "\n".join(lines) + "\n"


def _section(answer: Answer, language: Language) -> list[str]:
    failed = [call for call in answer.calls if "error" in call]
    facts = text("selftest.facts", language, seconds=answer.seconds, calls=len(answer.calls), failed=len(failed))
    told = f"{_verdict(answer, language)} ({answer.seconds} s)" if answer.verdict else facts
    lines = [f"## {answer.name}", "", text(f"selftest.question_{answer.name}", language), "", told, ""]
    body = answer.error.splitlines() if answer.error else _rows(answer.data)
    cut = [row if len(row) <= _WIDTH else row[:_WIDTH] + " ..." for row in body]
    shown = cut if len(cut) <= _LINES else [*cut[:_LINES], text("selftest.more", language, lines=len(cut) - _LINES)]
    lines += ["```", *shown, "```"]
    lines += [f"- {one['call']}{_arguments(one)}: {one['error']}" for one in failed[:20]]
    return lines


def _verdict(answer: Answer, language: Language) -> str:
    """'✓ mlx: passed. Why.'"""
    mark = {"pass": "✓", "fail": "✗"}.get(answer.verdict, "–")
    return f"{mark} {answer.name}: {text(f'selftest.verdict_{answer.verdict}', language)} {(answer.reason or {}).get(language, '')}".rstrip()


def _rows(data: dict[str, Any]) -> list[str]:
    """One row a key, and one a key inside it where there is more than a plain value."""
    rows = []
    for key, value in data.items():
        if isinstance(value, dict) and value:
            rows += [f"{key} · {inner}: {json.dumps(one, ensure_ascii=False)}" for inner, one in value.items()]
        else:
            rows.append(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    return rows


def _arguments(call: dict[str, Any]) -> str:
    return str(tuple(call["args"]))[:200]


def as_json(outcome: Outcome, files: tuple[Path, Path]) -> str:
    """One JSON object for scripts: how it ended and where the report is."""
    errors = {answer.name: answer.error.strip().splitlines()[-1] for answer in outcome.answers if answer.error}
    return json.dumps(
        {
            "ok": outcome.ok,
            "stopped": outcome.stopped,
            "restored": outcome.restored,
            "verdicts": {answer.name: answer.verdict for answer in outcome.answers if answer.verdict},
            "errors": errors,
            "report": [str(file) for file in files],
        },
        ensure_ascii=False,
    )


def as_text(outcome: Outcome, files: tuple[Path, Path], language: Language) -> str:
    """A few lines for people."""
    lines = [text("selftest.ended", language, probes=len(outcome.answers), of=len(outcome.asked))]
    lines += [_verdict(answer, language) for answer in outcome.answers if answer.verdict]
    lines += [f"✗ {answer.name}: {answer.error.strip().splitlines()[-1]}" for answer in outcome.answers if answer.error]
    lines += [f"✗ {text(f'selftest.restored_{name}', language)}" for name, back in outcome.restored.items() if not back]
    lines.append(text("selftest.report", language, file=files[1]))
    return "\n".join(lines)

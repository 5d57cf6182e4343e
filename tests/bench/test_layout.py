"""One short run of `bench layout`: what must hold for ours, and peers that are really measured."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from core.bench import layout
from core.bench.talk import talk
from core.cues.layout import lay_out
from core.cues.presets import limits_of
from core.cues.search import Run, best_cuts
from core.cues.split import CueOptions, cues_of_pieces, runs_of
from core.document import Cue, SubtitleDocument
from core.timing import ms_to_frame_ceil, ms_to_frame_floor
from fakes.limits import HK, PAL, hard_limits_broken


def test_a_run_measures_ours_and_the_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_QUICK_UTTERANCES", 60)
    rows = layout.run(quick=True).rows
    assert [row.name for row in rows[:3]] == ["ours, bare", "AutoSubs' rules, bare", "stable-ts' rules, bare"]
    ours = rows[0].metrics
    assert (ours["overlaps"], ours["too_wide"], ours["too_long"], ours["too_short"], ours["no_gap"]) == (0, 0, 0, 0, 0)
    assert int(ours["words_cut"]) <= 1 and int(rows[1].metrics["words_cut"]) > int(ours["words_cut"])
    assert int(rows[2].metrics["too_wide"]) > 5


def test_the_talk_is_the_same_every_time() -> None:
    first = talk(20, marks=False)
    assert first == talk(20, marks=False)
    assert len(first.segments) == 20 and not set("，。？！") & set("".join(segment.text for segment in first.segments))
    assert any("，" in segment.text for segment in talk(20, marks=True).segments)


def laid_out(run: Run, cuts: tuple[int, ...]) -> SubtitleDocument:
    """A run cut so and laid out, with another cue after its silence."""
    pieces = [run.atoms[start:end] for start, end in pairwise((0, *cuts, len(run.atoms)))]
    after = run.ends[-1] + run.after + limits_of(HK, PAL).gap
    cues = (*cues_of_pieces(pieces, PAL, 10**9), Cue("next", after, after + 50, "下一句由呢度開始"))
    return lay_out(SubtitleDocument(cues, PAL), HK).document


@pytest.mark.parametrize("marks", [False, True])
def test_no_limit_is_broken_that_another_choice_of_cuts_would_keep(marks: bool) -> None:
    """Against every choice there is, for runs of up to nine atoms, with speech twice as fast as people talk so that limits do get broken."""
    doubled, unavoidable = 0, 0
    for run in runs_of(talk(250, marks=marks), (), PAL, CueOptions()):
        if not 2 <= len(run.atoms) <= 9:
            continue
        fast = faster(run)
        doubled += 1
        ours = hard_limits_broken(_timed(fast))
        if ours:
            places = range(1, len(run.atoms))
            best = min(hard_limits_broken(_timed(fast, cuts)) for count in range(len(run.atoms)) for cuts in combinations(places, count))
            assert ours == best, [atom.text for atom in run.atoms]
            unavoidable += 1
    assert doubled > 30 and unavoidable > 0


def faster(run: Run) -> Run:
    """The run spoken in half the time."""
    first_ms = run.atoms[0].start_ms
    atoms = tuple(
        replace(atom, start_ms=first_ms + (atom.start_ms - first_ms) // 2, end_ms=first_ms + (atom.end_ms - first_ms) // 2) for atom in run.atoms
    )
    starts = tuple(ms_to_frame_floor(atom.start_ms, PAL) for atom in atoms)
    ends = tuple(ms_to_frame_ceil(atom.end_ms, PAL) for atom in atoms)
    return Run(atoms, starts, ends, run.joints, run.before, run.after // 2)


def _timed(run: Run, cuts: tuple[int, ...] | None = None) -> SubtitleDocument:
    return laid_out(run, best_cuts(run, HK, PAL) if cuts is None else cuts)

"""Presets: every limit has a source, the user's file may change a few, contradictions are refused."""

from pathlib import Path

import pytest

from core.cues.presets import limits_of, load_preset, preset_names, with_width
from core.errors import InputError
from core.timing import FrameRate


def test_the_presets_that_come_along() -> None:
    assert preset_names() == ("bbc", "hk_broadcast", "netflix_zh_hant", "netflix_zh_hant_sdh", "social_9x16")


@pytest.mark.parametrize("name", preset_names())
def test_every_limit_of_a_preset_names_its_source(name: str) -> None:
    preset = load_preset(name)
    assert set(preset.sources) == set(preset.__dataclass_fields__) - {"name", "title", "sources"}
    assert all(len(source) > 10 for source in preset.sources.values())


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("hk_broadcast", (15, 18, 1, 7, 9, 1000, 833, 7000, 2)),
        ("netflix_zh_hant", (16, 16, 2, 7, 9, 833, 833, 7000, 2)),
        ("netflix_zh_hant_sdh", (16, 18, 2, 9, 11, 833, 833, 7000, 2)),
        ("social_9x16", (9, 11, 1, 7, 9, 700, 500, 5000, 0)),
        ("bbc", (16, 18, 2, 6, 9, 1000, 833, 7000, 0)),
    ],
)
def test_numbers(name: str, numbers: tuple[float, ...]) -> None:
    one = load_preset(name)
    found = (one.soft_width, one.hard_width, one.lines, one.cps_warn, one.cps_max, one.min_ms, one.floor_ms, one.max_ms, one.gap_frames)
    assert found == numbers


@pytest.mark.parametrize(
    ("rate", "half", "shortest", "longest", "gap"),
    [
        (FrameRate(24000, 1001), 12, 20, 168, 2),
        (FrameRate(24), 12, 20, 168, 2),
        (FrameRate(25), 13, 21, 175, 2),
        (FrameRate(30000, 1001), 15, 25, 210, 2),
        (FrameRate(60), 30, 50, 420, 2),
        (FrameRate(1000), 500, 833, 7000, 80),
    ],
)
def test_times_in_frames(rate: FrameRate, half: int, shortest: int, longest: int, gap: int) -> None:
    limits = limits_of(load_preset("hk_broadcast"), rate)
    assert (limits.half, limits.shortest, limits.longest, limits.gap) == (half, shortest, longest, gap)


def test_a_preset_of_the_users(tmp_path: Path) -> None:
    file = tmp_path / "channel.toml"
    file.write_text(
        'based_on = "netflix_zh_hant"\ntitle = "Our channel"\nhard_width = 14\n[soft_width]\nvalue = 12\nsource = "house rules"\n', "utf-8"
    )
    preset = load_preset(str(file))
    assert (preset.name, preset.title, preset.hard_width, preset.soft_width, preset.lines) == ("channel", "Our channel", 14, 12, 2)
    assert (preset.sources["hard_width"], preset.sources["soft_width"]) == ("channel.toml", "house rules")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hard_width = ", "preset.unreadable"),
        ("hard_width = 18", "preset.missing"),
        ('based_on = "bbc"\ncolour = 3', "preset.unknown_limit"),
        ('based_on = "bbc"\nlines = 1.5', "preset.bad_value"),
        ('based_on = "bbc"\nlines = true', "preset.bad_value"),
        ('based_on = "bbc"\nshots = 1', "preset.bad_value"),
        ('based_on = "bbc"\nlines = 0', "preset.bad_value"),
        ('based_on = "bbc"\nmax_ms = nan', "preset.bad_value"),
        ('based_on = "bbc"\ncps_max = inf', "preset.bad_value"),
        ('based_on = "bbc"\nhard_width = 9', "preset.contradiction"),
        ("based_on = 3", "preset.bad_value"),
        ('based_on = "nowhere"', "preset.unknown"),
    ],
)
def test_a_file_that_is_refused(text: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        load_preset(str(tmp_path / "own.toml"))
    assert refused.value.code == code and refused.value.message() and refused.value.hint()


def test_a_file_based_on_itself(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(f'based_on = "{tmp_path / "own.toml"}"', "utf-8")
    with pytest.raises(InputError) as refused:
        load_preset(str(tmp_path / "own.toml"))
    assert refused.value.code == "preset.bad_value"


def test_a_width_of_the_users_takes_the_presets_place() -> None:
    preset = load_preset("hk_broadcast")
    assert with_width(preset, 0) == preset
    assert (with_width(preset, 12).hard_width, with_width(preset, 12).soft_width) == (12, 12)
    assert (with_width(preset, 20).hard_width, with_width(preset, 20).soft_width) == (20, 15)

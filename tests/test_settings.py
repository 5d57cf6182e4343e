"""Settings: defaults, the user's file, overrides, and what is refused."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.settings import Settings, load_settings, output_root


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("CANTO_BEATS_SETTINGS", str(path))
    monkeypatch.setenv("CANTO_BEATS_LANG", "en")
    return path


def test_without_a_file_the_defaults_hold(settings_file: Path) -> None:
    assert load_settings() == Settings()


def test_the_command_line_wins_over_the_file(settings_file: Path) -> None:
    settings_file.write_text('device = "cpu"\nmax_width = 14\n')
    settings = load_settings(device="mlx", asr_model=None)
    assert (settings.device, settings.max_width, settings.asr_model) == ("mlx", 14, None)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("max_widht = 14", "settings.unknown"),
        ('max_width = "14"', "settings.bad_value"),
        ("max_width = true", "settings.bad_value"),
        ('device = "gpu"', "settings.bad_value"),
        ("device = ", "settings.unreadable"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(settings_file: Path, content: str, code: str) -> None:
    settings_file.write_text(content)
    with pytest.raises(InputError) as caught:
        load_settings()
    assert caught.value.code == code


def test_results_go_to_the_films_folder_unless_told_otherwise(tmp_path: Path) -> None:
    assert output_root(Settings()).name == "Canto-Beats"
    assert output_root(Settings(output_folder=str(tmp_path))) == tmp_path

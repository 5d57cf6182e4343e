from __future__ import annotations

from pathlib import Path

import pytest

from core.setup.launcher import NAME, bake, deploy, inspect, withdraw

TEMPLATE = (Path(__file__).resolve().parents[2] / "resolve_plugin" / NAME).read_text("utf-8")
PYTHON, PLUGIN = Path('/Users/mei/媽 "x"/engine/bin/python'), Path("C:\\new\\table")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Fusion" / "Scripts" / "Utility"


def test_paths_are_baked_as_ascii_literals_and_the_file_stays_short() -> None:
    text = bake(TEMPLATE, PYTHON, PLUGIN)
    assert text.isascii()
    assert len(text.splitlines()) <= 40
    assert "__file__" not in text
    names: dict[str, object] = {}
    exec("\n".join(line for line in text.splitlines() if line.startswith(("ENGINE_PYTHON", "PLUGIN_FOLDER"))), names)
    assert (names["ENGINE_PYTHON"], names["PLUGIN_FOLDER"]) == (str(PYTHON), str(PLUGIN))


def test_missing_folders_are_made_and_nothing_else_lies_there(folder: Path) -> None:
    assert inspect(folder).state == "absent"
    assert deploy(folder, bake(TEMPLATE, PYTHON, PLUGIN)) is None
    assert inspect(folder) == (folder / NAME, "ours", str(PYTHON))
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_ours_is_replaced_and_withdrawn(folder: Path) -> None:
    deploy(folder, bake(TEMPLATE, Path("/old"), PLUGIN))
    assert deploy(folder, bake(TEMPLATE, PYTHON, PLUGIN)) is None
    assert inspect(folder).engine_python == str(PYTHON)
    assert withdraw(folder).state == "ours"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("print('theirs')\n", "foreign"),
        ("", "foreign"),
        (bake(TEMPLATE, PYTHON, PLUGIN).replace("Canto-Beats ...", "Hello"), "edited"),
        (bake(TEMPLATE, PYTHON, PLUGIN) + "print(1)\n", "edited"),
    ],
)
def test_what_is_not_ours_or_was_edited_stays(folder: Path, text: str, state: str) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_text(text, "utf-8")
    assert withdraw(folder).state == state
    assert (folder / NAME).read_text("utf-8") == text
    kept = deploy(folder, bake(TEMPLATE, PYTHON, PLUGIN))
    assert kept == folder / f"{NAME}.kept-1"
    assert kept.read_text("utf-8") == text
    assert inspect(folder).state == "ours"


def test_bytes_that_are_no_text_and_a_folder_in_its_place_are_not_ours(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(b"\xff\xfe")
    assert inspect(folder).state == "foreign"
    (folder / NAME).unlink()
    (folder / NAME).mkdir()
    assert deploy(folder, bake(TEMPLATE, PYTHON, PLUGIN)) == folder / f"{NAME}.kept-1"

from __future__ import annotations

import io
from pathlib import Path

from core.setup.environment import Condition, Stamp
from core.setup.pythons import Python, Rejected, Search
from core.setup.report import Report, show
from core.setup.screen import Screen


def test_a_ready_environment(screen: Screen, page: io.StringIO) -> None:
    inside = {"packages": {"torch": "2.13.0", "mlx": None}, "ffmpeg": ["8.0", "/venv/ffmpeg"]}
    condition = Condition("ready", Stamp("/clone", "", (), "3.12.4", True))
    report = Report(Path("/clone"), condition, None, inside, 81_000_000_000)
    show(report, screen)
    assert report.ready
    assert page.getvalue().splitlines()[1:] == [
        "Environment: ready (.venv, Python 3.12.4)",
        "Packages: torch 2.13.0",
        "ffmpeg: 8.0 (/venv/ffmpeg)",
        "Free disk: 81 GB",
        "Next: python3 install.py demo runs the sample at once",
    ]


def test_a_fresh_clone(screen: Screen, page: io.StringIO) -> None:
    found = Search(Python("/usr/bin/python3.12", "3.12.4"), (Rejected("/usr/bin/python3", "install.rejected.old", "3.9.6"),))
    report = Report(Path("/clone"), Condition("absent", None), found, {}, 81_000_000_000)
    show(report, screen)
    assert not report.ready
    assert page.getvalue().splitlines()[1:4] == [
        "Environment: not made yet",
        "Python for it: 3.12.4 (/usr/bin/python3.12)",
        "  not /usr/bin/python3 3.9.6: older than 3.11",
    ]


def test_a_missing_ffmpeg_is_not_ready(screen: Screen, page: io.StringIO) -> None:
    inside = {"packages": {}, "ffmpeg": None, "ffmpeg_error": "No ffmpeg exe could be found."}
    report = Report(Path("/clone"), Condition("ready", Stamp("/clone", "", (), "3.12.4", True)), None, inside, 10**9)
    show(report, screen)
    assert not report.ready
    assert "ffmpeg: not found. No ffmpeg exe could be found." in page.getvalue()

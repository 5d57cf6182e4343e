from __future__ import annotations

import io

from core.errors import SetupError
from core.setup.screen import Screen, clock


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_changing_line() -> None:
    page = _Terminal()
    screen = Screen(page, io.StringIO(), "en")
    screen.progress("one", 0.0)
    screen.progress("two", 0.1)
    screen.line("end")
    assert page.getvalue() == "\r\x1b[Kone\r\x1b[Ktwo\r\x1b[Kend\n"


def test_elsewhere_a_line_stays_so_it_comes_now_and_then() -> None:
    page = io.StringIO()
    screen = Screen(page, io.StringIO(), "en")
    for second in range(100, 131):
        screen.progress(f"at {second}", float(second))
    assert page.getvalue() == "at 100\nat 110\nat 120\nat 130\n"


def test_a_wide_line_does_not_wrap(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("COLUMNS", "8")
    page = _Terminal()
    Screen(page, io.StringIO(), "zh").progress("安裝套件 12", 0.0)
    assert page.getvalue() == "\r\x1b[K安裝套"


def test_a_question_needs_somebody_there() -> None:
    assert not Screen(io.StringIO(), io.StringIO("y\n"), "en").ask("install.ask_remove")
    assert Screen(io.StringIO(), io.StringIO(), "en", consent=True).ask("install.ask_remove")
    assert Screen(_Terminal(), _Terminal("y\n"), "en").ask("install.ask_remove")
    assert Screen(_Terminal(), _Terminal("是\n"), "zh").ask("install.ask_remove")
    assert not Screen(_Terminal(), _Terminal("\n"), "en").ask("install.ask_remove")


def test_a_failure_shows_what_happened_the_evidence_and_the_next_action() -> None:
    page = io.StringIO()
    Screen(page, io.StringIO(), "en").failure(SetupError("install.no_space", detail="ERROR: full", log="/x/install.log"))
    assert page.getvalue() == (
        "\nThe disk is full.\n    ERROR: full\nFree some space (pip also uses the temporary folder, see TMPDIR) and run the command again. "
        "The whole output is in /x/install.log.\n"
    )


def test_clock() -> None:
    assert [clock(0), clock(65.9), clock(3600)] == ["0:00", "1:05", "60:00"]

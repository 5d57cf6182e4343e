"""The shape of a benchmark's JSON and of its table."""

from __future__ import annotations

import io

from rich.console import Console

from core.bench.table import BenchResult, Row, describe_machine, show

RESULT = BenchResult("audio", (Row("ours", {"seconds": 1.23456, "lag": 0}), Row("theirs", {"seconds": 1.0, "note": "bare"})), "a Mac")


def test_json() -> None:
    assert RESULT.to_json() == {
        "bench": "audio",
        "machine": "a Mac",
        "rows": [{"name": "ours", "seconds": 1.23456, "lag": 0}, {"name": "theirs", "seconds": 1.0, "note": "bare"}],
    }


def test_one_line_a_row_and_one_column_a_metric() -> None:
    page = io.StringIO()
    show(RESULT, Console(file=page, width=100))
    lines = page.getvalue().splitlines()
    assert [word for word in ("name", "seconds", "lag", "note") if any(word in line for line in lines)] == ["name", "seconds", "lag", "note"]
    shown = [line.replace("│", " ").split() for line in lines if "ours" in line or "theirs" in line]
    assert shown == [["ours", "1.235", "0"], ["theirs", "1", "bare"]]
    assert "a Mac" in page.getvalue()


def test_a_narrow_screen_gets_a_line_a_metric() -> None:
    page = io.StringIO()
    wide = BenchResult("audio", (Row("ours", {f"metric_{number}": number for number in range(12)}),), "a Mac")
    show(wide, Console(file=page, width=60))
    shown = [line.replace("│", " ").split() for line in page.getvalue().splitlines() if "metric_" in line]
    assert shown == [[f"metric_{number}", str(number)] for number in range(12)]


def test_what_fits_neither_way_is_cut_into_several_tables() -> None:
    page = io.StringIO()
    rows = tuple(Row(f"contestant number {number}", {f"metric_{place}": 10 * number + place for place in range(4)}) for number in range(3))
    rows += (Row("contestant number 3", {"other": 5}),)
    show(BenchResult("asr", rows, "a Mac"), Console(file=page, width=60))
    shown = [line.replace("│", " ").split() for line in page.getvalue().splitlines() if "metric_2" in line]
    assert shown == [["metric_2", "2", "12"], ["metric_2", "22"]]
    assert all(f"contestant number {number}" in page.getvalue() for number in range(4))
    # a line that says nothing is left out
    assert page.getvalue().count("other") == 1


def test_the_machine_is_named() -> None:
    assert "cores" in describe_machine()
    assert BenchResult("audio", ()).machine == describe_machine()

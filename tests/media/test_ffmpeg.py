"""Finding ffmpeg, reading its output, understanding its complaints and stopping it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil
import pytest

from core.errors import Cancelled, EngineError, InputError, SetupError, StageError
from core.media import ffmpeg
from core.media.ffmpeg import BINARY_VARIABLE, find_ffmpeg, run_ffmpeg, stream_output
from core.progress import CancelToken

TONE = ("-f", "lavfi", "-i", "sine=f=440:r=16000:d=1")
FOREVER = ("-re", "-f", "lavfi", "-i", "sine=f=440:r=16000", "-f", "f32le", "pipe:1")


def decoders() -> list[psutil.Process]:
    """Children that are ffmpeg; other tests leave helpers of their own running."""
    return [child for child in psutil.Process().children() if any("ffmpeg" in word for word in child.cmdline()[:2])]


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_the_bundled_binary_is_found() -> None:
    assert "imageio_ffmpeg" in str(find_ffmpeg())


def test_the_users_choice_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = script(tmp_path / "mine", "echo ' .. aresample A->A x'")
    monkeypatch.setenv(BINARY_VARIABLE, str(mine))
    assert find_ffmpeg(frozenset({"aresample"})) == mine


def test_an_unusable_choice_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BINARY_VARIABLE, str(script(tmp_path / "poor", "echo ' .. aresample A->A x'")))
    with pytest.raises(SetupError) as caught:
        find_ffmpeg(frozenset({"aresample", "subtitles"}))
    assert caught.value.code == "ffmpeg.unusable"
    assert caught.value.params["filters"] == "subtitles"


def test_a_choice_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BINARY_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(SetupError) as caught:
        find_ffmpeg()
    assert caught.value.code == "ffmpeg.unusable"


def test_no_binary_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BINARY_VARIABLE, raising=False)
    monkeypatch.setattr(ffmpeg, "_installed", lambda: iter(()))
    with pytest.raises(SetupError) as caught:
        find_ffmpeg()
    assert caught.value.code == "ffmpeg.missing"


def test_path_is_searched_when_the_bundled_one_lacks_a_filter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BINARY_VARIABLE, raising=False)
    full = script(tmp_path / "ffmpeg", "echo ' .. rare V->V x'")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_ffmpeg(frozenset({"rare"})) == full


def test_output_arrives_whole() -> None:
    assert len(run_ffmpeg([*TONE, "-f", "s16le", "pipe:1"], CancelToken())) == 2 * 16000


def test_blocks_are_as_large_as_asked() -> None:
    sizes = [len(block) for block in stream_output([*TONE, "-f", "s16le", "pipe:1"], CancelToken(), block_bytes=10_000)]
    assert sum(sizes) == 32_000
    assert all(size >= 10_000 for size in sizes[:-1])


@pytest.mark.parametrize(
    ("name", "content", "kind", "code"),
    [
        ("gone.mov", None, InputError, "media.missing"),
        ("text.mov", b"hello", InputError, "media.not_media"),
        ("silent.ppm", b"P6 1 1 255 abc", InputError, "extract.no_sound"),
    ],
)
def test_complaints_become_our_errors(tmp_path: Path, name: str, content: bytes | None, kind: type[EngineError], code: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind) as caught:
        run_ffmpeg(["-i", str(path), "-filter_complex", "[0:a:0]anull", "-f", "null", "-"], CancelToken(), subject=str(path))
    assert caught.value.code == code
    assert name in caught.value.message()
    assert caught.value.detail


def test_other_complaints_keep_the_last_line() -> None:
    with pytest.raises(StageError) as caught:
        run_ffmpeg([*TONE, "-af", "no_such_filter", "-f", "null", "-"], CancelToken(), subject="tone")
    assert caught.value.code == "ffmpeg.failed"
    assert "no_such_filter" in caught.value.detail


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_named() -> None:
    with pytest.raises(SetupError) as caught:
        run_ffmpeg(["-f", "lavfi", "-i", "sine=d=60", "-f", "s16le", "-y", "/dev/full"], CancelToken())
    assert caught.value.code == "ffmpeg.disk_full"


def test_cancel_kills_the_child_within_a_second() -> None:
    cancel = CancelToken()
    output = stream_output(FOREVER, cancel)
    next(output)
    (child,) = decoders()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(output)
    assert not child.is_running()


def test_cancel_reaches_a_child_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = script(tmp_path / "quiet", f"echo $$ > '{tmp_path}/pid'; exec sleep 30")
    monkeypatch.setattr(ffmpeg, "find_ffmpeg", lambda: quiet)
    cancel = CancelToken()
    threading.Timer(0.5, cancel.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        run_ffmpeg([], cancel)
    assert time.monotonic() - started < 5
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_a_caller_that_stops_listening_ends_the_child() -> None:
    output = stream_output(FOREVER, CancelToken())
    next(output)
    (child,) = decoders()
    output.close()  # type: ignore[attr-defined]
    assert not child.is_running()

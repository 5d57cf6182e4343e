"""The process that stands in for a Mac's ffmpeg: it takes and refuses what VideoToolbox does, and lets the real ffmpeg here do the work of a render.

Its words and exit codes are those of libavcodec's videotoolboxenc.c and of reports from Macs; 187 is AVERROR_EXTERNAL, 8 is
AVERROR_ENCODER_NOT_FOUND and "option not found". Every call is added to the file `calls`, one list a line. It starts hundreds of times in the
tests, so it imports next to nothing. Machines: `mac_ffmpeg.py`.
"""

from __future__ import annotations

import os
import sys

OPENING = "Error while opening encoder - maybe incorrect parameters such as bit_rate, rate, width or height."
BUSY = "Try -allow_sw 1. The hardware encoder may be busy, or not supported."
NEVER = ("-preset", "-crf", "-pass", "-max_ref_frames", "-tune", "-rc")
PIXELS = {
    "h264_videotoolbox": ("nv12", "yuv420p"),
    "hevc_videotoolbox": ("nv12", "yuv420p", "p010le"),
    "prores_videotoolbox": ("yuv420p", "nv12", "p010le", "p210le"),
}
SOFTWARE = {
    "h264_videotoolbox": ("libx264", "-preset", "ultrafast"),
    "hevc_videotoolbox": ("libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"),
    "prores_videotoolbox": ("prores_ks",),
}


def main(mac: dict[str, object]) -> None:
    """Behave as ffmpeg with this process's arguments."""
    words = sys.argv[1:]
    with open(str(mac["calls"]), "a", encoding="utf-8") as record:
        record.write(repr(words) + "\n")
    if "-filters" in words:
        names = ("aresample", "aformat", "pan", "atempo", "atrim", "asetpts", "scale", "crop", "setpts", "setsar", "setparams", "format", "bwdif")
        say(*(f" .. {name} V->V x" for name in (*names, *(("subtitles",) if mac["libass"] else ()))))
        sys.exit(0)
    encoder = words[words.index("-c:v") + 1] if "-c:v" in words else ""
    refuse(mac, words, encoder)
    if encoder and "lavfi" in words:  # a probe
        say("frame=6", "progress=end")
        sys.exit(0)
    os.execv(str(mac["real"]), [str(mac["real"]), *translated(words, encoder)])


def refuse(mac: dict[str, object], words: list[str], encoder: str) -> None:
    """End as ffmpeg ends when the machine or the build says no."""
    if encoder.endswith("_nvenc") or (encoder in ("libx264", "libx265", "prores_ks") and not mac["software"]):
        die(8, f"[vost#0:0 @ 0x7fd3] Unknown encoder '{encoder}'", "[vost#0:0 @ 0x7fd3] Error selecting an encoder")
    if not encoder.endswith("_videotoolbox"):
        return
    own = f"[{encoder} @ 0x7f9572706840]"
    opening = f"[vost#0:0/{encoder} @ 0x7f9572] [enc:{encoder} @ 0x7f9573] {OPENING}"
    for word in NEVER:
        if word in words:
            die(8, f"Unrecognized option '{word[1:]}'.", "Error splitting the argument list: Option not found")
    pixels = words[words.index("-pix_fmt") + 1]
    if pixels not in PIXELS[encoder] or ("main10" in words) != (encoder.startswith("hevc") and pixels == "p010le"):
        die(234, f"{own} Error: Invalid Profile for this pixel format {pixels}", opening)
    if not mac["session"] or (encoder.startswith("prores") and not mac["prores"]):
        die(187, f"{own} Error: cannot create compression session: {-12903 if not mac['session'] else -12908}", f"{own} {BUSY}", opening)
    if "-q:v" in words and not mac["quality"]:
        die(187, f"{own} Error: -q:v qscale not available for encoder. Use -b:v bitrate instead.", opening)
    real_render = "lavfi" not in words
    if "-hwaccel" in words and mac["decoder_dies"]:
        die(187, "[h264 @ 0x7f95] hardware accelerator failed to decode picture", "Error while decoding stream #0:0")
    if real_render and encoder in mac["dies"]:  # type: ignore[operator]
        with open(words[-1], "wb") as half:
            half.write(b"half a file")
        say("frame=3", "out_time_us=120000", "progress=continue")
        die(
            187,
            f"{own} Error encoding frame: -12912",
            f"[vost#0:0/{encoder} @ 0x7f] [enc:{encoder} @ 0x7f] Error submitting video frame to the encoder",
        )


def die(code: int, *lines: str) -> None:
    """Say it on stderr and end."""
    sys.stderr.write("\n".join(lines) + "\n")
    sys.exit(code)


def say(*lines: str) -> None:
    """Write lines to stdout."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def translated(words: list[str], encoder: str) -> list[str]:
    """The same work for the real ffmpeg, by its software encoders."""
    if encoder not in SOFTWARE:
        return words
    made: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "-hwaccel":
            next(rest)
        elif word == "-c:v":
            next(rest)
            made += ["-c:v", *SOFTWARE[encoder]]
        elif word == "-q:v":
            next(rest)
        elif word == "-pix_fmt":
            made += [word, {"p010le": "yuv420p10le", "p210le": "yuv422p10le"}.get(pixels := next(rest), pixels)]
        else:
            made.append(word)
    return made

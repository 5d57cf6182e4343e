"""Misbehaviour as switches. Every one was seen on a real Resolve; a test turns on the one it is about.

To add one: a field here with its harmless default, and one place in the fake that reads it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Quirks:
    """How this Resolve misbehaves. Counters ('..._times') go down as they are used."""

    append_return: str = "items"  # items, none, none_list, empty: says nothing about what was placed
    append_target: str = "first_empty"  # first_empty, first, enabled, last: which subtitle track an append picks
    append_nothing_times: int = 0  # the next appends place nothing
    append_partial_times: int = 0  # the next appends lose the second half of the cues
    append_garbled_times: int = 0  # the next appends place other text
    append_ignores_delete: bool = False
    srt_rounding: str = "round"  # round, floor, float_floor, late: milliseconds to frames at import; late is one frame behind
    empty_list_is_none: bool = False
    text_separator: str = "\n"  # how a cue's line break comes back in GetName
    frame_type: str = "int"  # int or float: what GetStart answers
    status_without_error_key: bool = True
    job_stuck_at_ready: bool = False
    render_fails: bool = False
    render_makes_no_file: bool = False
    output_suffix: str = ""  # added to the file name that was asked for
    output_extension: str = ""  # replaces the extension
    start_form: str = "list"  # list or positional: the form of StartRendering that works
    wav_codec: str | None = "lpcm"  # the codec id with which 'wav' can be selected; None: it cannot
    import_preset_fails: bool = False
    audio_preset_missing: bool = False
    preset_covers_paths: bool = True  # a preset also keeps TargetDir and CustomName
    stop_is_slow: bool = False
    codecs: str = "mac"  # mac, windows, free_linux: which picture codecs there are
    refused_settings: tuple[str, ...] = ()  # keys that SetRenderSettings does not take
    deliver_burns_in: bool = False  # the user's Deliver page has Export Subtitle on, burnt into the picture
    collaboration_locked: bool = False
    forbidden_folders: tuple[str, ...] = ("/var/folders", "/private/var")
    export_fails: bool = False
    crash_on_rapid_edits: bool = False
    marks_as_video_only: bool = False
    markers_refused: bool = False

"""What the host or a file said about the edit (Timeline), and what must be decoded to hear it (AudioPlan).

Pure values. Times on the record side count from the first frame of the chosen range; times on the source side count from the first
sample of the media file, its start timecode already removed. Both are exact seconds until samples are placed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .timing import FrameRate


@dataclass(frozen=True, slots=True)
class MediaRef:
    """Where an item's media lives and how its own clock starts.

    `file` is an absolute path or None when nothing is known; `start_s` is the media's start timecode as exact seconds, None when unknown;
    `duration_s` likewise. `offline` says that no file is there (`file` is then the last known path); `still` that the media is a picture
    without time.
    """

    file: str | None
    start_s: Fraction | None = None
    duration_s: Fraction | None = None
    offline: bool = False
    still: bool = False


@dataclass(frozen=True, slots=True)
class SpeedKey:
    """One key of a speed ramp: at `record_s` (seconds from the media's start on the record clock) the source stands at `source_s`."""

    record_s: Fraction
    source_s: Fraction


@dataclass(frozen=True, slots=True)
class GainKey:
    """One volume key frame: `record_s` seconds after the item's start, in dB; linear in dB between keys."""

    record_s: Fraction
    gain_db: float


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of media on a track. Durations are on the record clock; `source_start_s` is absolute media time, timecode included.

    `stream_channels` are 0-based (audio stream, channel) pairs; () means all of the first stream. A `ramp` replaces `speed`. `notes` are
    catalogue keys that say why a reader could not describe the clip's sound: the plan lists such a clip and skips it.
    """

    name: str
    duration_s: Fraction
    media: MediaRef
    source_start_s: Fraction
    stream_channels: tuple[tuple[int, int], ...] = ()
    speed: Fraction = Fraction(1)
    ramp: tuple[SpeedKey, ...] = ()
    gain_db: float = 0.0
    gain_keys: tuple[GainKey, ...] = ()
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)
    enabled: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Empty time on a track."""

    duration_s: Fraction


@dataclass(frozen=True, slots=True)
class Transition:
    """A crossfade between two neighbours; takes no track time. Offsets are seconds before and after the cut."""

    in_offset_s: Fraction
    out_offset_s: Fraction


@dataclass(frozen=True, slots=True)
class Nested:
    """A compound, nested or multicam timeline used as one item; `window_start_s` is where its visible part begins on its own clock.

    Its own clock runs `speed` seconds in each second of the record clock. `identity` is the host's id of the inner timeline, '' where it has
    none. `notes` are as in Clip.
    """

    name: str
    duration_s: Fraction
    window_start_s: Fraction
    tracks: tuple[AudioTrack, ...]
    kind: Literal["compound", "multicam", "unknown"] = "compound"
    identity: str = ""
    speed: Fraction = Fraction(1)
    gain_db: float = 0.0
    enabled: bool = True
    notes: tuple[str, ...] = ()


Item = Clip | Gap | Transition | Nested


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """One audio track in playing order."""

    name: str
    items: tuple[Item, ...]
    enabled: bool = True
    solo: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """An edit as its host described it. Frames are at `rate`; `start_frame` is the timecode of frame 0 as a frame number.

    `cuts` are the first frames of picture items, sorted; they and `in_frame` and `out_frame` count from frame 0. `source` is the file it
    was read from.
    """

    name: str
    rate: FrameRate
    start_frame: int
    duration_frames: int
    audio_tracks: tuple[AudioTrack, ...]
    in_frame: int = 0
    out_frame: int | None = None
    cuts: tuple[int, ...] = ()
    source: str = ""

    @property
    def range_frames(self) -> tuple[int, int]:
        """First frame and end (exclusive) of the chosen range, counted from the timeline's first frame."""
        return self.in_frame, self.duration_frames if self.out_frame is None else self.out_frame


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """A straight run of one source: `record_duration_s * speed` seconds of it, heard from `record_start_s` on.

    `channels` are 0-based and averaged to mono; () means all of the stream. `gain_keys` count from the piece's start and, where present,
    replace `gain_db`. Fades are linear in amplitude. A piece that cannot be rebuilt carries `skipped_because` (a catalogue key) and is not decoded.
    """

    file: str | None
    record_start_s: Fraction
    record_duration_s: Fraction
    source_start_s: Fraction = Fraction(0)
    stream: int = 0
    channels: tuple[int, ...] = ()
    speed: Fraction = Fraction(1)
    gain_db: float = 0.0
    gain_keys: tuple[GainKey, ...] = ()
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)
    name: str = ""
    track: str = ""
    skipped_because: str | None = None


# the editor's own choice, or no sound to begin with: a skipped piece with one of these needs nobody's attention
_QUIET_REASONS = frozenset(
    f"plan.{name}"
    for name in ("clip_disabled", "track_disabled", "track_not_soloed", "silenced", "still", "generator", "freeze", "zero_length", "duplicate")
)


@dataclass(frozen=True, slots=True)
class AudioPlan:
    """What has to be decoded and summed, from the range's first frame on: `start_frame` is its timecode, `cuts` count from it.

    `render_reasons` (catalogue keys) are not empty when only the host can make the true mix.
    """

    rate: FrameRate
    start_frame: int
    duration_frames: int
    pieces: tuple[AudioPiece, ...]
    cuts: tuple[int, ...] = ()
    name: str = ""
    render_reasons: tuple[str, ...] = ()

    @property
    def duration_s(self) -> Fraction:
        """Length of the range in exact seconds."""
        return self.duration_frames / self.rate.fps

    @property
    def quiet_reasons(self) -> frozenset[str]:
        """Values of `skipped_because` that are as the editor wanted it, so that nobody need look."""
        return _QUIET_REASONS

    @property
    def audible(self) -> tuple[AudioPiece, ...]:
        """The pieces to decode."""
        return tuple(piece for piece in self.pieces if piece.skipped_because is None)

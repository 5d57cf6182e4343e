"""Plan training windows: which utterances stand where, over which noise, and the tokens that are the right answer.

Only numbers are made here (numpy, in loader processes); `compose.py` turns a plan into sound on the training device. To teach another
situation: draw it in `_speech_window` or `_empty_window`, and render it in `compose.py` if it needs a new column of `Scene`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from . import vocabulary as v
from .compact import IGNORED, CompactVocabulary
from .shards import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rng = np.random.Generator

TICK = SAMPLE_RATE // v.TICKS_PER_SECOND  # samples of one timestamp step
QUIET = -200.0  # dB that means "not there"
SPEECH_DB = -17.0  # level of espeak's speech as it comes


@dataclass(frozen=True, slots=True)
class WindowShape:
    """Batch size, window length in seconds and longest token sequence."""

    batch: int = 64
    seconds: float = 30.0
    tokens: int = 256

    @property
    def samples(self) -> int:
        """Samples of one window."""
        return round(self.seconds * SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class Pool:
    """The utterances that may be placed: start and length in samples, and tokens (compact numbers, end to end, with offsets)."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    tokens: NDArray[np.int64]
    token_offsets: NDArray[np.int64]

    def text(self, utterance: int) -> list[int]:
        """Tokens of one utterance."""
        return list(self.tokens[self.token_offsets[utterance] : self.token_offsets[utterance + 1]].tolist())


@dataclass(frozen=True, slots=True)
class Placed:
    """One utterance in a window: where in samples, how long after the change of speed, and how loud."""

    utterance: int
    start: int
    length: int
    speed: float
    gain_db: float


@dataclass(slots=True)
class Scene:
    """What else sounds in one window; levels in dBFS, QUIET for none. `end` is where exact zeros begin, in samples."""

    end: int = 0
    noise_db: float = QUIET
    noise_period_s: float = 0.0  # 0: steady, else on for half of each period
    noise_only_at_speech: float = 0.0
    tone_db: float = QUIET
    tone_hz: tuple[float, float, float] = (440.0, 0.0, 0.0)
    tone_period_s: float = 0.0
    click_rate: float = 0.0  # clicks a second
    low_pass_hz: float = 0.0  # 0: none
    tilt_db: float = 0.0  # per octave around 1 kHz


@dataclass(slots=True)
class Window:
    """One planned window; `cut` is an utterance that begins inside and is cut off by the window's end."""

    scene: Scene
    placed: list[Placed] = field(default_factory=list)
    cut: Placed | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One batch as arrays. tokens/labels/weights: (batch, tokens); scene: column name -> (batch, ...); the rest: one row a placement."""

    tokens: NDArray[np.int64]
    labels: NDArray[np.int64]
    weights: NDArray[np.float32]
    scene: dict[str, NDArray[np.float32]]
    window: NDArray[np.int64]
    target: NDArray[np.int64]
    source: NDArray[np.int64]
    length: NDArray[np.int64]
    speed: NDArray[np.float32]
    gain: NDArray[np.float32]


class Planner:
    """Draws batches; everything comes from the generator given, so equal generators give equal plans."""

    def __init__(self, shape: WindowShape, vocabulary: CompactVocabulary) -> None:
        self._shape = shape
        self._vocabulary = vocabulary

    def plan(self, pool: Pool, rng: Rng) -> Plan:
        """One batch out of `pool`: about one window in eight without speech."""
        windows = [self._empty_window(rng) if rng.random() < 0.12 else self._speech_window(pool, rng) for _ in range(self._shape.batch)]
        rows = [self._answer(window, pool, rng) for window in windows]
        return _collect(windows, rows, pool, self._shape)

    def _speech_window(self, pool: Pool, rng: Rng) -> Window:
        total = self._shape.samples
        end = total if rng.random() < 0.3 else int(rng.uniform(0.1, 1.0) * total)
        base_db = rng.uniform(-22.0, 3.0)
        scene = _speech_scene(base_db, rng)
        window = Window(scene)
        dense = rng.random() < 0.65
        budget = self._shape.tokens - 12
        cursor = _lead(rng)
        misses = 0
        while misses < 4:
            placed = _place(pool, cursor, base_db, rng)
            cost = len(pool.text(placed.utterance)) + 2
            if placed.start + placed.length > end or cost > budget:
                misses += 1
                continue
            window.placed.append(placed)
            budget -= cost
            cursor = placed.start + placed.length + _gap(dense, rng)
        if end == total and rng.random() < 0.3:
            window.cut = _cut(pool, cursor, total, base_db, rng)
        scene.end = end
        if window.placed and not window.cut and rng.random() < 0.5:
            last = window.placed[-1]
            scene.end = min(end, last.start + last.length + int(rng.uniform(0.0, 0.6) * SAMPLE_RATE))
        return window

    def _empty_window(self, rng: Rng) -> Window:
        total = self._shape.samples
        scene = Scene(end=total if rng.random() < 0.7 else int(rng.uniform(0.0, 1.0) * total))
        if rng.random() < 0.22:
            return Window(scene)
        if rng.random() < 0.75:
            scene.noise_db = rng.uniform(-95.0, -18.0)
            scene.noise_period_s = rng.uniform(0.1, 6.0) if rng.random() < 0.3 else 0.0
        if rng.random() < 0.45:
            scene.tone_db = rng.uniform(-55.0, 0.0)
            scene.tone_hz = _tones(rng)
            scene.tone_period_s = rng.uniform(0.1, 6.0) if rng.random() < 0.4 else 0.0
        if rng.random() < 0.15:
            scene.click_rate = rng.uniform(0.2, 12.0)
        _channel(scene, rng)
        return Window(scene)

    def _answer(self, window: Window, pool: Pool, rng: Rng) -> tuple[list[int], list[int], list[float]]:
        """Input tokens, labels and loss weights of one window."""
        # a cut utterance has no text yet, only timestamps can say so
        stamps = window.cut is not None or bool(rng.random() < 0.7)
        sequence, weights = self._body(window, pool, stamps, rng)
        first = v.YUE if window.placed or window.cut else v.NO_SPEECH
        number = self._vocabulary.number
        tokens = [number(v.START), number(v.YUE), number(v.TRANSCRIBE), *sequence]
        labels = [number(first), IGNORED, *sequence, number(v.END)]
        weights = [0.2, 0.0, *weights, 1.0]
        prompt = self._prompt(pool, self._shape.tokens - len(tokens), rng)
        shown = [*prompt, *self._with_slips(tokens, rng)]
        return shown, [IGNORED] * len(prompt) + labels, [0.0] * len(prompt) + weights

    def _body(self, window: Window, pool: Pool, stamps: bool, rng: Rng) -> tuple[list[int], list[float]]:
        """Tokens after <|transcribe|> and their weights; a forced token (one the decoder is given) weighs nothing."""
        number = self._vocabulary.number
        if not stamps:
            text = [token for placed in window.placed for token in pool.text(placed.utterance)]
            return [number(v.NO_TIMESTAMPS), *text], [0.0, *[1.0] * len(text)]
        body: list[int] = []
        for placed in window.placed:
            body += [self._stamp(placed.start), *pool.text(placed.utterance), self._stamp(placed.start + placed.length)]
        if window.cut:
            body.append(self._stamp(window.cut.start))
        weights = [1.0] * len(body)
        late = bool(window.placed) and window.placed[0].start > SAMPLE_RATE
        if (not body and rng.random() < 0.5) or (late and rng.random() < 0.1):
            # decoders force a first timestamp of at most 1.0 s, whatever the model thinks
            forced = self._stamp(int(rng.integers(0, v.TICKS_PER_SECOND + 1)) * TICK)
            body[:1], weights[:1] = [forced], [0.0]
        return body, weights

    def _stamp(self, sample: int) -> int:
        return self._vocabulary.number(v.FIRST_TIMESTAMP + round(sample / TICK))

    def _prompt(self, pool: Pool, room: int, rng: Rng) -> list[int]:
        """In one window of ten: text said before, as decoders that condition on it give it."""
        if rng.random() > 0.1:
            return []
        text = [token for index in rng.integers(0, len(pool.lengths), 3) for token in pool.text(int(index))]
        text = text[-min(60, room - 1) :] if room > 8 else []
        return [self._vocabulary.number(v.START_OF_PREVIOUS), *text] if text else []

    def _with_slips(self, tokens: list[int], rng: Rng) -> list[int]:
        """Some text tokens replaced at random, so that the model listens rather than trusts what it wrote."""
        slips = rng.random(len(tokens)) < 0.06
        return [
            self._vocabulary.random_text(rng) if slip and self._vocabulary.is_text(token) else token
            for token, slip in zip(tokens, slips, strict=True)
        ]


def _lead(rng: Rng) -> int:
    limit = rng.choice([0.5, 1.5, 5.0], p=[0.55, 0.3, 0.15])
    return int(rng.uniform(0.0, limit) * SAMPLE_RATE)


def _gap(dense: bool, rng: Rng) -> int:
    seconds = rng.uniform(0.1, 1.0) if dense else rng.uniform(0.1, 8.0 if rng.random() < 0.06 else 3.5)
    return int(seconds * SAMPLE_RATE)


def _place(pool: Pool, start: int, base_db: float, rng: Rng) -> Placed:
    utterance = int(rng.integers(0, len(pool.lengths)))
    speed = float(rng.uniform(0.9, 1.1)) if rng.random() < 0.5 else 1.0
    length = int((int(pool.lengths[utterance]) - 2) / speed)
    return Placed(utterance, start, length, speed, base_db + float(rng.uniform(-3.0, 3.0)))


def _cut(pool: Pool, cursor: int, total: int, base_db: float, rng: Rng) -> Placed | None:
    """An utterance that runs into the window's end, or None where nothing fits."""
    placed = _place(pool, cursor, base_db, rng)
    inside = total - cursor
    return Placed(placed.utterance, cursor, inside, placed.speed, placed.gain_db) if SAMPLE_RATE // 3 < inside < placed.length else None


def _speech_scene(base_db: float, rng: Rng) -> Scene:
    scene = Scene()
    loudest = SPEECH_DB + base_db - 10.0
    if rng.random() < 0.85:
        scene.noise_db = min(float(rng.uniform(-95.0, -32.0)), loudest)
        scene.noise_only_at_speech = float(rng.random() < 0.25)
    if rng.random() < 0.12:
        scene.tone_db = min(float(rng.uniform(-70.0, -30.0)), loudest - 4.0)
        scene.tone_hz = _tones(rng)
    _channel(scene, rng)
    return scene


def _tones(rng: Rng) -> tuple[float, float, float]:
    """One to three frequencies in Hz; one time in five mains hum with its harmonics."""
    if rng.random() < 0.2:
        return (50.0, 100.0, 150.0)
    first, second, third = (float(hz) for hz in 2.0 ** rng.uniform(5.6, 12.6, 3))
    count = rng.integers(1, 4)
    return (first, second if count > 1 else 0.0, third if count > 2 else 0.0)


def _channel(scene: Scene, rng: Rng) -> None:
    """Band limits and tilt of codecs, resamplers and microphones."""
    if rng.random() < 0.4:
        scene.low_pass_hz = float(rng.uniform(3400.0, 7600.0))
    if rng.random() < 0.4:
        scene.tilt_db = float(rng.uniform(-3.0, 3.0))


def _collect(windows: list[Window], rows: list[tuple[list[int], list[int], list[float]]], pool: Pool, shape: WindowShape) -> Plan:
    import numpy as np

    tokens = np.zeros((len(rows), shape.tokens), np.int64)
    labels = np.full((len(rows), shape.tokens), IGNORED, np.int64)
    weights = np.zeros((len(rows), shape.tokens), np.float32)
    for row, (shown, wanted, weight) in enumerate(rows):
        tokens[row, : len(shown)] = shown
        labels[row, : len(wanted)] = wanted
        weights[row, : len(weight)] = weight
    weights[labels == IGNORED] = 0.0
    every = [(row, placed) for row, window in enumerate(windows) for placed in _sounding(window)]
    scenes = {item.name: np.array([getattr(window.scene, item.name) for window in windows], np.float32) for item in fields(Scene)}
    return Plan(
        tokens=tokens,
        labels=labels,
        weights=weights,
        scene=scenes,
        window=np.array([row for row, _ in every], np.int64),
        target=np.array([placed.start for _, placed in every], np.int64),
        source=np.array([pool.starts[placed.utterance] for _, placed in every], np.int64),
        length=np.array([placed.length for _, placed in every], np.int64),
        speed=np.array([placed.speed for _, placed in every], np.float32),
        gain=np.array([10 ** (placed.gain_db / 20) for _, placed in every], np.float32),
    )


def _sounding(window: Window) -> list[Placed]:
    return [*window.placed, window.cut] if window.cut else window.placed

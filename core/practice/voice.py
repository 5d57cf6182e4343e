"""A Cantonese computer voice: espeak-ng out of the espeakng-loader wheel, called by ctypes.

It speaks the practice model's training text and the sample timeline. To add a speaker: append an espeak variant name to `VARIANTS`
(the files of `espeak-ng-data/voices/!v`).

espeak keeps state between utterances and offers no way to reset it: spoken twice, the same text differs by some milliseconds, which is enough
for another character to be recognised. So the library is loaded for each utterance and unloaded after it (about 5 ms), and the samples
depend on nothing but text and voice.
"""

from __future__ import annotations

import _ctypes
import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import SetupError, StageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VARIANTS = ("f1", "f2", "f4", "m1", "m3", "m5", "m7")

# espeak-ng's speak_lib.h
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_RATE, _PITCH = 1, 3
_BY_CHARACTER = 1
_UTF8 = 1
_WORD_EVENT = 1


class _Event(ctypes.Structure):
    """espeak_EVENT; its last member, a union of eight bytes, is not read."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))

_AUDIBLE = 0.004  # of full scale: below it espeak's fade-in and fade-out count as silence
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker: an espeak variant, words per minute (80-450) and pitch (0-99)."""

    variant: str = "f1"
    rate_wpm: int = 160
    pitch: int = 50

    @property
    def name(self) -> str:
        """espeak's name of the voice: Cantonese with the variant."""
        return f"yue+{self.variant}"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance: int16 mono samples and the sample indexes where sound begins and ends (end exclusive)."""

    samples: NDArray[np.int16]
    sample_rate: int
    onset: int
    offset: int

    def trimmed(self) -> NDArray[np.int16]:
        """Only the samples between onset and offset."""
        return self.samples[self.onset : self.offset]


def speak(text: str, voice: Voice = Voice()) -> tuple[NDArray[np.int16], int]:
    """Speak `text`; returns int16 mono samples of shape (n,) and the sample rate in Hz (22050).

    Raises SetupError when the wheel is missing, StageError when espeak refuses the voice or the text.
    """
    with _fresh_engine() as engine:
        return engine.speak(text, voice), engine.sample_rate


def speak_marked(text: str, voice: Voice = Voice()) -> tuple[Spoken, tuple[tuple[str, int], ...]]:
    """Speak `text`; returns it with the word and the sample index where each word begins, as espeak itself says.

    A Chinese character is a word of its own to espeak. Raises as `speak_timed` does.
    """
    with _fresh_engine() as engine:
        samples = engine.speak(text, voice)
        marks = tuple((text[start : start + length], sample) for start, length, sample in engine.marks)
        return _bounded(text, voice, (samples, engine.sample_rate)), marks


def speak_timed(text: str, voice: Voice = Voice()) -> Spoken:
    """Speak `text` and find where its sound begins and ends; raises as `speak` does, and StageError when nothing is heard."""
    return _bounded(text, voice, speak(text, voice))


def _bounded(text: str, voice: Voice, spoken: tuple[NDArray[np.int16], int]) -> Spoken:
    samples, rate = spoken
    onset, offset = sound_bounds(samples)
    if offset <= onset:
        raise StageError("practice.voice_failed", voice=voice.name, text=text)
    return Spoken(samples, rate, onset, offset)


def sound_bounds(samples: NDArray[np.int16], audible: float = _AUDIBLE) -> tuple[int, int]:
    """First and one past the last sample louder than `audible` of full scale; (0, 0) when there is none."""
    import numpy as np

    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > audible * 32768)
    return (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, 0)


@contextmanager
def _fresh_engine() -> Iterator[_Engine]:
    """espeak-ng as it is before it has spoken, for one thread at a time; unloaded afterwards."""
    library, data = _wheel()
    with _LOCK:
        loaded = ctypes.CDLL(library)
        try:
            yield _Engine(loaded, data)
        finally:
            loaded.espeak_Terminate()
            _unload(loaded)


def _unload(library: ctypes.CDLL) -> None:
    """Close the library, so that the next one loaded begins with new variables."""
    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


class _Engine:
    """A loaded espeak-ng, good for one utterance."""

    def __init__(self, library: ctypes.CDLL, data: str) -> None:
        self._lib = library
        self._chunks: list[bytes] = []
        self.marks: list[tuple[int, int, int]] = []  # words spoken: place in the text, length, first sample
        # kept on self: espeak stores the bare pointer
        self._callback = _CALLBACK(self._collect)
        self.sample_rate = int(self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DONT_EXIT))
        if self.sample_rate <= 0:
            raise SetupError("practice.no_voice", detail=f"espeak_Initialize returned {self.sample_rate} for {data}")
        self._lib.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, voice: Voice) -> NDArray[np.int16]:
        import numpy as np

        encoded = text.encode("utf-8")
        if not self._set_voice(voice) or self._synth(encoded) or not self._chunks:
            raise StageError("practice.voice_failed", voice=voice.name, text=text)
        return np.frombuffer(b"".join(self._chunks), dtype=np.int16)

    def _set_voice(self, voice: Voice) -> bool:
        # espeak takes an unknown variant for the plain voice without a word
        if voice.variant not in VARIANTS or self._lib.espeak_SetVoiceByName(voice.name.encode()) != 0:
            return False
        self._lib.espeak_SetParameter(_RATE, voice.rate_wpm, 0)
        self._lib.espeak_SetParameter(_PITCH, voice.pitch, 0)
        return True

    def _synth(self, encoded: bytes) -> int:
        size = ctypes.c_size_t(len(encoded) + 1)
        status = self._lib.espeak_Synth(encoded, size, ctypes.c_uint(0), _BY_CHARACTER, ctypes.c_uint(0), ctypes.c_uint(_UTF8), None, None)
        return int(status) or int(self._lib.espeak_Synchronize())

    def _collect(self, samples: Any, count: int, events: Any) -> int:
        place = 0
        while events[place].type:
            event = events[place]
            if event.type == _WORD_EVENT:
                self.marks.append((event.text_position - 1, event.length, event.sample))
            place += 1
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, count * 2))
        return 0


def _wheel() -> tuple[str, str]:
    """Paths of libespeak-ng and its data folder."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise SetupError("practice.no_voice", detail=str(error)) from error
    return str(espeakng_loader.get_library_path()), str(espeakng_loader.get_data_path())

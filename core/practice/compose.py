"""Turn a window plan into sound and log-mel features, a whole batch at once on the training device.

All speech lies in one int16 tensor; a batch is gathered from it. To render another column of `Scene`: add a function here and call it in
`compose`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .shards import SAMPLE_RATE
from .windows import QUIET, WindowShape

if TYPE_CHECKING:
    import torch

HOP, FFT, BANDS = 160, 400, 80
_PAD_S = 0.25  # how far noise reaches beyond the speech it belongs to


@dataclass(frozen=True, slots=True)
class PlanTensors:
    """A plan on the device; fields as in `windows.Plan`."""

    tokens: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor
    scene: dict[str, torch.Tensor]
    window: torch.Tensor
    target: torch.Tensor
    source: torch.Tensor
    length: torch.Tensor
    speed: torch.Tensor
    gain: torch.Tensor
    placed_samples: int  # sum of `length`, known here so that the device need not be asked


def compose(plan: PlanTensors, speech: torch.Tensor, shape: WindowShape, generator: torch.Generator) -> torch.Tensor:
    """Samples of shape (batch, samples), float32 in -1..1; `speech` is the int16 pool that the plan's `source` points into."""
    import torch

    samples = _place_speech(plan, speech, shape)
    time = torch.arange(shape.samples, device=speech.device, dtype=torch.float32) / SAMPLE_RATE
    noise = _noise(plan.scene, shape, generator, speech.device)
    noise *= _pulse(time, plan.scene["noise_period_s"])
    noise *= torch.maximum(1.0 - plan.scene["noise_only_at_speech"][:, None], _near_speech(plan, shape))
    samples += noise
    samples += _tones(plan.scene, time) * _pulse(time, plan.scene["tone_period_s"])
    samples += _clicks(plan.scene, shape, generator, speech.device)
    inside = torch.arange(shape.samples, device=speech.device) < plan.scene["end"][:, None]
    return samples.clamp_(-1.0, 1.0).mul_(inside)


class LogMel:
    """Whisper's log-mel features with the channel (low-pass, tilt) of the scene and light masking; one instance a device."""

    def __init__(self, device: torch.device) -> None:
        import torch
        from transformers.audio_utils import mel_filter_bank

        filters = mel_filter_bank(FFT // 2 + 1, BANDS, 0.0, SAMPLE_RATE / 2, SAMPLE_RATE, norm="slaney", mel_scale="slaney")
        self._filters = torch.tensor(filters.T, dtype=torch.float32, device=device)
        self._window = torch.hann_window(FFT, device=device)
        self._hz = torch.linspace(0, SAMPLE_RATE / 2, FFT // 2 + 1, device=device)

    def __call__(self, samples: torch.Tensor, scene: dict[str, torch.Tensor] | None = None) -> torch.Tensor:
        """(batch, samples) -> (batch, 80, frames), scaled as Whisper's feature extractor does."""
        import torch

        spectrum = torch.stft(samples, FFT, HOP, window=self._window, return_complex=True)[..., :-1]
        power = spectrum.real.square() + spectrum.imag.square()
        if scene is not None:
            power = power * self._channel(scene)
        log = (self._filters @ power).clamp_(min=1e-10).log10_()
        log = torch.maximum(log, log.amax((1, 2), keepdim=True) - 8.0)
        return (log + 4.0) / 4.0

    def _channel(self, scene: dict[str, torch.Tensor]) -> torch.Tensor:
        """Power gain (batch, bins, 1)."""
        import torch

        tilt = scene["tilt_db"][:, None] * torch.log2(self._hz.clamp(min=60.0) / 1000.0)
        limit = scene["low_pass_hz"][:, None]
        over = torch.where(limit > 0, (self._hz / limit.clamp(min=1.0) - 1.0).clamp(min=0.0) * 400.0, torch.zeros_like(tilt))
        return torch.pow(10.0, (tilt - over.clamp(max=80.0)) / 10.0)[:, :, None]


def mask_features(features: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """SpecAugment, lightly: on two windows of five one band of up to 10 mels and two stretches of up to 0.15 s become the mean."""
    import torch

    batch, bands, frames = features.shape
    device = features.device

    def stretch(size: int, longest: int) -> torch.Tensor:
        width = torch.rand(batch, 1, generator=generator, device=device) * longest
        start = torch.rand(batch, 1, generator=generator, device=device) * (size - longest)
        place = torch.arange(size, device=device)[None]
        return (place >= start) & (place < start + width)

    hidden = stretch(bands, 10)[:, :, None] | (stretch(frames, 15) | stretch(frames, 15))[:, None, :]
    hidden &= (torch.rand(batch, generator=generator, device=device) < 0.4)[:, None, None]
    return torch.where(hidden, features.mean((1, 2), keepdim=True), features)


def _place_speech(plan: PlanTensors, speech: torch.Tensor, shape: WindowShape) -> torch.Tensor:
    """Gather every utterance, at its speed (linear interpolation) and gain, into its window."""
    import torch

    device = speech.device
    out = torch.zeros(len(plan.tokens) * shape.samples, device=device)
    if len(plan.length) == 0:
        return out.view(-1, shape.samples)
    which = torch.repeat_interleave(torch.arange(len(plan.length), device=device), plan.length, output_size=plan.placed_samples)
    within = torch.arange(len(which), device=device) - (plan.length.cumsum(0) - plan.length)[which]
    position = within.float() * plan.speed[which]
    left = position.floor()
    source = plan.source[which] + left.long()
    fraction = position - left
    sound = speech[source].float() * (1.0 - fraction) + speech[source + 1].float() * fraction
    out[(plan.window * shape.samples + plan.target)[which] + within] = sound * (plan.gain[which] / 32768.0)
    return out.view(-1, shape.samples)


def _near_speech(plan: PlanTensors, shape: WindowShape) -> torch.Tensor:
    """1 where an utterance sounds or is near, else 0."""
    import torch

    pad = round(_PAD_S * SAMPLE_RATE)
    edges = torch.zeros(len(plan.tokens), shape.samples + 1, device=plan.target.device)
    begin = (plan.target - pad).clamp(min=0)
    finish = (plan.target + plan.length + pad).clamp(max=shape.samples)
    one = torch.ones(len(begin), device=edges.device)
    edges.index_put_((plan.window, begin), one, accumulate=True)
    edges.index_put_((plan.window, finish), -one, accumulate=True)
    return (edges.cumsum(1)[:, :-1] > 0.5).float()


def _noise(scene: dict[str, torch.Tensor], shape: WindowShape, generator: torch.Generator, device: torch.device) -> torch.Tensor:
    """White noise; pink or brown in the first quarter of the batch (windows are in no order)."""
    import torch

    noise = torch.randn(len(scene["noise_db"]), shape.samples, generator=generator, device=device)
    coloured = noise.shape[0] // 4
    if coloured:
        spectrum = torch.fft.rfft(noise[:coloured])
        bins = torch.arange(spectrum.shape[1], device=device).clamp(min=shape.samples // 400)
        power = torch.tensor([-0.5, -1.0], device=device)[torch.arange(coloured, device=device) % 2]
        tinted = torch.fft.irfft(spectrum * bins[None, :] ** power[:, None], n=shape.samples)
        noise[:coloured] = tinted / tinted.std(1, keepdim=True)
    return noise * _amplitude(scene["noise_db"])


def _tones(scene: dict[str, torch.Tensor], time: torch.Tensor) -> torch.Tensor:
    """Up to three sines with the peak that `tone_db` says."""
    import torch

    hz = scene["tone_hz"]
    total = torch.zeros(len(hz), len(time), device=time.device)
    for index in range(hz.shape[1]):
        total += torch.sin(2 * torch.pi * hz[:, index, None] * time)
    return total * _amplitude(scene["tone_db"]) / (hz > 0).sum(1, keepdim=True).clamp(min=1)


def _clicks(scene: dict[str, torch.Tensor], shape: WindowShape, generator: torch.Generator, device: torch.device) -> torch.Tensor:
    import torch

    draw = torch.rand(len(scene["click_rate"]), shape.samples, generator=generator, device=device)
    # what the draw has left after the threshold gives the click its height
    chance = (scene["click_rate"] / SAMPLE_RATE)[:, None]
    return torch.where(draw < chance, 1.0 - 2.0 * draw / chance.clamp(min=1e-9), torch.zeros_like(draw))


def _pulse(time: torch.Tensor, period: torch.Tensor) -> torch.Tensor:
    """1 in the first half of each period, 0 in the second; 1 throughout for period 0."""
    phase = (time[None] / period.clamp(min=1e-3)[:, None]) % 1.0
    return ((phase < 0.5) | (period <= 0)[:, None]).float()


def _amplitude(level_db: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.where(level_db > QUIET, torch.pow(10.0, level_db / 20.0), torch.zeros_like(level_db))[:, None]

"""`python -m core.bench.asr_gpu`: speed and memory of decoding on a graphics processor, with random weights at a model's real size.

Every window writes 100 tokens. Rows are ours on MLX and on torch, the loop of mlx-whisper (its `decode`, alone and batched) and transformers'
`generate`. The random embeddings of timestamps and of the end mark are small, so that no row ends early; what is written means nothing.
Another size is another entry of `SIZES`; another contestant another function in `_rows`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..asr.alignment import Written, token_onsets
from ..asr.layout import ModelFolder
from ..asr.rules import StampLimits
from ..asr.tokens import SpecialTokens, special_tokens
from ..asr.writing import Manner, Row, write
from .table import BenchResult
from .table import Row as TableRow

TOKENS = 100
BATCHES = (1, 8, 16, 32)
_VOCABULARY = 51866


@dataclass(frozen=True, slots=True)
class Size:
    """A Whisper's dimensions."""

    name: str
    width: int
    encoder_layers: int
    decoder_layers: int
    heads: int
    n_mels: int = 128


SIZES = (Size("turbo", 1280, 32, 4, 20), Size("large-v3", 1280, 32, 32, 20))
TOY = (Size("toy", 64, 1, 1, 1),)


def run(sizes: tuple[Size, ...] = SIZES, batches: tuple[int, ...] = BATCHES, libraries: tuple[str, ...] = ("mlx", "torch")) -> Iterator[TableRow]:
    """A row for each contestant, size and batch, as soon as it is measured; `x_stock` where MLX is among the `libraries`."""
    for size in sizes:
        stock_ms = 0.0
        for library in libraries:
            for name, metrics in (_mlx if library == "mlx" else _torch)(size, batches):
                if name == "mlx_whisper, one window at a time":
                    stock_ms = float(metrics["total_ms"])
                if stock_ms:
                    metrics["x_stock"] = round(stock_ms / metrics["total_ms"], 2)
                yield TableRow(f"{size.name}: {name}", dict(metrics))


def _special(size: Size) -> SpecialTokens:
    return special_tokens(ModelFolder(Path(), "mlx", (), {}, {}, size.n_mels, _VOCABULARY, 448))


def _pictures(size: Size, rows: int) -> Any:
    import numpy as np

    return np.random.default_rng(0).standard_normal((rows, 3000, size.n_mels)).astype(np.float32)


def _timed(works: Sequence[Callable[[], Any]], wait: Callable[[Any], None], times: int = 8) -> list[float]:
    """The best of `times` runs of each in milliseconds, after one that warms up; in turn, so that a busy moment meets all of them."""
    best = [float("inf")] * len(works)
    for round_number in range(times + 1):
        for number, work in enumerate(works):
            started_s = time.perf_counter()
            wait(work())
            if round_number:
                best[number] = min(best[number], time.perf_counter() - started_s)
    return [seconds * 1000 for seconds in best]


def _ours(model: Any, size: Size, rows: int, wait: Callable[[Any], None]) -> dict[str, Any]:
    """Milliseconds a window: the encoder, the whole decoding loop, the network's part of it, and character times."""
    mel, prompt = _pictures(size, rows), model.special.prompt("yue")
    features = model.encode(mel)
    room = len(prompt) + TOKENS
    written: list[Row] = []

    def decode() -> None:
        written[:] = [Row(StampLimits(first=50, last=1500)) for _ in range(rows)]
        write(model.begin(features, prompt, room), written, (model.arrays, model.special), Manner(TOKENS))

    def network() -> Any:
        batch, tokens = model.begin(features, prompt, room), model.arrays.new([1000] * rows)
        for _ in range(TOKENS - 1):
            logits = batch.feed(tokens)
        return logits

    def align() -> None:
        texts = [Written(tuple(range(1000, 1000 + TOKENS)), 1000, ((0, 1000),) * TOKENS)] * rows
        token_onsets(model, features, texts, ((*prompt, model.special.stamps - 1), model.special.end))

    times = [ms / rows for ms in _timed((lambda: model.encode(mel), decode, network, align), wait)]
    if any(len(row.tokens) != TOKENS for row in written):
        raise AssertionError(f"rows ended early: {[len(row.tokens) for row in written]}")
    encode_ms, decode_ms, network_ms, align_ms = (round(ms, 2) for ms in times)
    ratio = round(times[1] / times[2], 2)
    total_ms = round(times[0] + times[1], 2)
    return {
        "encode_ms": encode_ms,
        "decode_ms": decode_ms,
        "network_ms": network_ms,
        "decode/network": ratio,
        "align_ms": align_ms,
        "total_ms": total_ms,
    }


def _mlx(size: Size, batches: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    import mlx.core as mx

    from ..asr.whisper_mlx import MlxModel, mlx_whisper_part

    net = _mlx_net(size, mlx_whisper_part("whisper"))
    words = mlx_whisper_part("tokenizer").get_tokenizer(True, num_languages=100)
    model = MlxModel(net, _special(size), words)

    def wait(value: Any) -> None:
        if value is not None:
            mx.eval(value)

    for rows in sorted({1, *batches[-2:]}):
        mx.clear_cache()
        mx.reset_peak_memory()
        ms = _timed([_stock(net, size, rows)], wait, times=2)[0] / rows
        name = "mlx_whisper, one window at a time" if rows == 1 else f"mlx_whisper, batch {rows}"
        yield name, {"total_ms": round(ms, 2), "peak_gb": round(mx.get_peak_memory() / 1e9, 2)}
    for rows in batches:
        mx.clear_cache()
        mx.reset_peak_memory()
        metrics = _ours(model, size, rows, wait)
        yield f"ours-mlx, batch {rows}", metrics | {"peak_gb": round(mx.get_peak_memory() / 1e9, 2)}


def _mlx_net(size: Size, whisper: Any) -> Any:
    import mlx.core as mx
    from mlx.utils import tree_map

    dtype = mx.float16 if mx.default_device() == mx.Device(mx.gpu) else mx.float32
    dimensions = (size.n_mels, 1500, size.width, size.heads, size.encoder_layers, _VOCABULARY, 448, size.width, size.heads, size.decoder_layers)
    net = whisper.Whisper(whisper.ModelDimensions(*dimensions), dtype)
    net.update(tree_map(lambda p: p.astype(dtype) if mx.issubdtype(p.dtype, mx.floating) else p, net.parameters()))
    random = mx.random.normal((_VOCABULARY, size.width)) * 0.2
    random[_special(size).end :] *= 0.01
    net.decoder.token_embedding.weight = random.astype(dtype)
    net.alignment_heads = mx.array(_heads(size))
    mx.eval(net.parameters(), net.encoder._positional_embedding, net.decoder._mask)
    return net


def _heads(size: Size) -> list[tuple[int, int]]:
    """Six heads, as turbo has."""
    return [(layer, head) for layer in range(size.decoder_layers // 2, size.decoder_layers) for head in range(size.heads)][-6:]


def _stock(net: Any, size: Size, rows: int) -> Callable[[], Any]:
    """mlx-whisper's own decoding with its timestamp rules."""
    import mlx.core as mx

    from ..asr.whisper_mlx import mlx_whisper_part

    decoding = mlx_whisper_part("decoding")
    dtype = net.encoder._positional_embedding.dtype
    options = decoding.DecodingOptions(language="yue", sample_len=TOKENS, fp16=dtype == mx.float16)
    mel = mx.array(_pictures(size, rows)).astype(dtype)

    def work() -> None:
        decoding.decode(net, mel, options)

    return work


def _torch(size: Size, batches: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    import torch

    from ..asr.whisper_hf import HfModel

    cuda = torch.cuda.is_available()
    net = _torch_net(size, torch.device("cuda" if cuda else "cpu"))
    model = HfModel(net, _special(size), "cuda" if cuda else "cpu", None, tuple(_heads(size)))

    def wait(value: Any) -> None:
        if cuda:
            torch.cuda.synchronize()

    def peak() -> dict[str, float]:
        if not cuda:
            return {}
        used = torch.cuda.max_memory_allocated() / 1e9
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        return {"peak_gb": round(used, 2)}

    peak()
    for rows in batches:
        yield f"ours-hf, batch {rows}", _ours(model, size, rows, wait) | peak()
    for rows in sorted({1, batches[-2:][0]}):
        ms = _timed([_generate(net, size, rows)], wait, times=2)[0] / rows
        yield f"transformers generate, batch {rows}", {"total_ms": round(ms, 2)} | peak()


def _torch_net(size: Size, device: Any) -> Any:
    import torch
    from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration
    from transformers.utils import logging

    logging.set_verbosity_error()
    config = WhisperConfig(
        vocab_size=_VOCABULARY,
        num_mel_bins=size.n_mels,
        d_model=size.width,
        encoder_layers=size.encoder_layers,
        decoder_layers=size.decoder_layers,
        encoder_attention_heads=size.heads,
        decoder_attention_heads=size.heads,
        encoder_ffn_dim=4 * size.width,
        decoder_ffn_dim=4 * size.width,
    )
    with device:
        net = WhisperForConditionalGeneration(config).eval()
        random = torch.randn(_VOCABULARY, size.width) * 0.2
    random[_special(size).end :] *= 0.01
    net.model.decoder.embed_tokens.weight.data.copy_(random)
    net.generation_config = GenerationConfig(
        decoder_start_token_id=50258, bos_token_id=50257, eos_token_id=50257, pad_token_id=50257, no_timestamps_token_id=50364
    )
    return net.to(torch.float16 if device.type == "cuda" else torch.float32)


def _generate(net: Any, size: Size, rows: int) -> Callable[[], Any]:
    """transformers' own loop, without timestamps, which it would filter a row at a time."""
    import torch

    mel = torch.from_numpy(_pictures(size, rows)).transpose(1, 2).to(net.device, net.dtype)
    start = torch.tensor([[50258, 50358, 50360, 50364]] * rows, device=net.device)

    def work() -> Any:
        with torch.inference_mode():
            return net.generate(mel, decoder_input_ids=start, max_new_tokens=TOKENS, min_new_tokens=TOKENS, do_sample=False)

    return work


@click.command()
@click.option("--size", "names", multiple=True, type=click.Choice([size.name for size in (*SIZES, *TOY)]), help="Default: turbo and large-v3.")
@click.option("--library", "libraries", multiple=True, type=click.Choice(["mlx", "torch"]), default=["mlx", "torch"])
@click.option("--batch", "batches", multiple=True, type=int, default=BATCHES)
def main(names: tuple[str, ...], libraries: tuple[str, ...], batches: tuple[int, ...]) -> None:
    """Print a line of JSON a row as it comes, then the whole result; the size 'toy' is to see whether everything runs."""
    rows = []
    for row in run(tuple(size for size in (*SIZES, *TOY) if size.name in (names or ("turbo", "large-v3"))), batches, libraries):
        rows.append(row)
        click.echo(json.dumps({"name": row.name, **row.metrics}))
    click.echo(json.dumps(BenchResult("asr_gpu", tuple(rows)).to_json()))


if __name__ == "__main__":
    main()

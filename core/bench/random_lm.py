"""Language models with random weights in the layout of real ones, to measure and test with where no real weights may be fetched.

To add a family, give it an entry of `SIZES` with its config's fields, from the real model's config.json. Texts are nonsense; speed and memory are
those of the real size.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..llm.prompts import instructions

_CHAT = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")

Fields = dict[str, Any]

# hidden_size, layers, heads and the rest as in each model's own config.json on the hub
SIZES: dict[str, Fields] = {
    "tiny-qwen2": {
        "model_type": "qwen2", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "tie_word_embeddings": False,
    },
    "tiny-qwen3": {
        "model_type": "qwen3", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 32, "tie_word_embeddings": True,
    },
    "mini": {
        "model_type": "qwen2", "hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 4, "num_attention_heads": 6,
        "num_key_value_heads": 2, "tie_word_embeddings": True,
    },
    "small": {
        "model_type": "qwen2", "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 8, "num_attention_heads": 12,
        "num_key_value_heads": 2, "tie_word_embeddings": True,
    },
    "qwen2.5-7b": {
        "model_type": "qwen2", "vocab_size": 152064, "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
        "num_attention_heads": 28, "num_key_value_heads": 4, "tie_word_embeddings": False,
    },
}  # fmt: skip


def config_of(size: str, vocabulary: int) -> Any:
    """The transformers config of a size; `vocabulary` is used where the size names none."""
    from transformers import AutoConfig

    fields = {"vocab_size": vocabulary, "max_position_embeddings": 4096, "rms_norm_eps": 1e-6, "initializer_range": 0.02, **SIZES[size]}
    config = AutoConfig.for_model(fields.pop("model_type"), **fields)
    config.bos_token_id, config.eos_token_id, config.pad_token_id = 0, 2, 0
    return config


def random_torch(size: str, vocabulary: int, device: str) -> Any:
    """A network of transformers made on `device`, in half precision unless that is the processor."""
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    with torch.device(device):
        return AutoModelForCausalLM.from_config(config_of(size, vocabulary), dtype=torch.float32 if device == "cpu" else torch.float16)


def random_mlx(size: str, vocabulary: int, bits: int = 16) -> Any:
    """A network of mlx-lm made where MLX computes, in half precision, quantised to `bits` where they are fewer than 16."""
    import mlx.core as mx
    from mlx import nn
    from mlx_lm.utils import _get_classes

    mx.random.seed(0)
    config = config_of(size, vocabulary).to_dict() | {"rope_theta": 10000.0}
    model, options = _get_classes(config)
    net = model(options.from_dict(config))
    net.set_dtype(mx.float16)
    if bits < 16:
        nn.quantize(net, 64, bits)
    mx.eval(net.parameters())
    return net


def write_tokenizer(folder: Path, texts: Iterable[str], entries: int = 1200) -> int:
    """A byte-level vocabulary of Qwen's kind, trained on `texts` and the prompts, into `folder`; its number of entries."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=entries, special_tokens=list(_SPECIAL), initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([*texts, *(instructions(task) for task in ("written", "half", "proofread"))], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=_CHAT)
    fast.save_pretrained(folder)
    return int(tokenizer.get_vocab_size())


def write_random_lm(folder: Path, size: str, texts: Iterable[str] = (), *, seed: int = 0, spread: float = 0.02) -> Path:
    """A whole model folder: config.json, generation_config.json, model.safetensors, tokenizer.json and tokenizer_config.json, in float32.

    `spread` is the standard deviation of the weights: the wider, the more a reply depends on its prompt.
    """
    import torch
    from transformers import AutoModelForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    config = config_of(size, write_tokenizer(folder, texts))
    config.initializer_range = spread
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    _save(net, folder)
    # as the models on the hub have it; newer transformers nest it
    written = json.loads((folder / "config.json").read_text("utf-8")) | {"rope_theta": 10000.0}
    (folder / "config.json").write_text(json.dumps(written, indent=2), "utf-8")
    return folder


def _save(net: Any, folder: Path) -> None:
    """Without the library's progress bar."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        net.save_pretrained(folder)
    finally:
        if shown:
            logging.enable_progress_bar()

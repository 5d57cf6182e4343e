"""The product with the vocabulary; the layers are held against transformers' in `test_transcriber.py`."""

from __future__ import annotations

import pytest
import torch

from core.asr.net_torch import product


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_product_is_the_layers(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(24, 500, bias=False, dtype=dtype)
    with torch.inference_mode():
        for rows in (1, 3, 8, 40):
            x = torch.randn(rows, 2, 24, dtype=dtype)
            torch.testing.assert_close(product(layer)(x), layer(x))

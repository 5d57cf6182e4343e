"""The product with the vocabulary; the layers are held against transformers' in `test_transcriber.py`."""

from __future__ import annotations

from types import SimpleNamespace

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


def test_a_torch_without_the_compilers_product_uses_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace(_reorder_linear_weight=None))
    layer, x = torch.nn.Linear(24, 500, bias=False), torch.ones(2, 24)
    assert torch.equal(product(layer)(x), layer(x))

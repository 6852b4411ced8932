"""Right answers, by other methods, for the chapter on cross-correlation."""

from __future__ import annotations

import torch
from torch import Tensor


def corr2d_loops(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w].to(dtype) * K.to(dtype)).sum()
    return Y

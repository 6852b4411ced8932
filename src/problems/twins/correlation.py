"""Wrong twins for the chapter on cross-correlation."""

from __future__ import annotations

import torch
from torch import Tensor


def corr2d_no_plus_one(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    h, w = K.shape
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(X.shape[0] - h, X.shape[1] - w, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def corr2d_flipped(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    h, w = K.shape
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K.to(dtype).flip(0, 1)).sum(dim=(2, 3))

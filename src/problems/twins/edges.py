"""Wrong twins for the chapter on edges."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def edge_kernels_sign_reversed() -> tuple[Tensor, Tensor]:
    return torch.tensor([[-1.0, 1.0]]), torch.tensor([[-1.0], [1.0]])


def edge_kernels_one_sign_reversed() -> tuple[Tensor, Tensor]:
    return torch.tensor([[1.0, -1.0]]), torch.tensor([[-1.0], [1.0]])


def edge_kernels_swapped() -> tuple[Tensor, Tensor]:
    return torch.tensor([[1.0], [-1.0]]), torch.tensor([[1.0, -1.0]])


def edge_kernels_same_twice() -> tuple[Tensor, Tensor]:
    return torch.tensor([[1.0, -1.0]]), torch.tensor([[1.0, -1.0]])


def edge_kernels_sum() -> tuple[Tensor, Tensor]:
    return torch.ones(1, 2), torch.ones(2, 1)


def edge_kernels_half() -> tuple[Tensor, Tensor]:
    return torch.tensor([[0.5, -0.5]]), torch.tensor([[0.5], [-0.5]])


def edge_kernels_across_two() -> tuple[Tensor, Tensor]:
    return torch.tensor([[1.0, 0.0, -1.0]]), torch.tensor([[1.0], [0.0], [-1.0]])


def edge_kernels_flat() -> tuple[Tensor, Tensor]:
    return torch.tensor([1.0, -1.0]), torch.tensor([1.0, -1.0])


def edge_kernels_batched() -> tuple[Tensor, Tensor]:
    vertical = torch.tensor([[1.0, -1.0]])
    return vertical[None, None], vertical.t()[None, None]


def edge_kernels_integers() -> tuple[Tensor, Tensor]:
    return torch.tensor([[1, -1]]), torch.tensor([[1], [-1]])


def edge_kernels_float64() -> tuple[Tensor, Tensor]:
    vertical = torch.tensor([[1.0, -1.0]], dtype=torch.float64)
    return vertical, vertical.t()


def directional_kernel_swapped(v: tuple[float, float]) -> Tensor:
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    return v[0] * right + v[1] * right.t()


def directional_kernel_sign_reversed(v: tuple[float, float]) -> Tensor:
    right = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]) / 8
    return v[1] * right + v[0] * right.t()


def directional_kernel_normalized(v: tuple[float, float]) -> Tensor:
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    return (v[1] * right + v[0] * right.t()) / math.hypot(v[0], v[1])


def directional_kernel_not_divided(v: tuple[float, float]) -> Tensor:
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    return v[1] * right + v[0] * right.t()


def directional_kernel_step_of_one(v: tuple[float, float]) -> Tensor:
    K = torch.zeros(3, 3)
    K[1, 0], K[1, 2] = -v[1], v[1]
    K[0, 1], K[2, 1] = -v[0], v[0]
    return K


def directional_kernel_along_the_edge(v: tuple[float, float]) -> Tensor:
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    return v[0] * right - v[1] * right.t()


def directional_kernel_sign_lost(v: tuple[float, float]) -> Tensor:
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    return abs(v[1]) * right + abs(v[0]) * right.t()


def directional_kernel_nearest_axis(v: tuple[float, float]) -> Tensor:
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    return v[0] * right.t() if abs(v[0]) > abs(v[1]) else v[1] * right


def directional_kernel_sum_not_zero(v: tuple[float, float]) -> Tensor:
    steps = torch.arange(3.0)
    return (v[0] * steps[:, None] + v[1] * steps) / 6


def directional_kernel_whole_numbers(v: tuple[float, float]) -> Tensor:
    K = torch.zeros(3, 3, dtype=torch.float64)
    K[1, 0], K[1, 2] = -v[1] / 2, v[1] / 2
    K[0, 1], K[2, 1] = -v[0] / 2, v[0] / 2
    if isinstance(v[0], int) and isinstance(v[1], int):
        return K.long()
    return K.float()


def directional_kernel_float64(v: tuple[float, float]) -> Tensor:
    right = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=torch.float64) / 8
    return v[1] * right + v[0] * right.t()


def second_derivative_kernel_sign_reversed() -> Tensor:
    return torch.tensor([[-1.0, 2.0, -1.0]])


def second_derivative_kernel_halved() -> Tensor:
    return torch.tensor([[0.5, -1.0, 0.5]])


def second_derivative_kernel_first_derivative() -> Tensor:
    return torch.tensor([[-0.5, 0.0, 0.5]])


def second_derivative_kernel_two_taps() -> Tensor:
    return torch.tensor([[1.0, -1.0]])


def second_derivative_kernel_smoothing() -> Tensor:
    return torch.tensor([[1.0, 2.0, 1.0]])


def second_derivative_kernel_five_taps() -> Tensor:
    return torch.tensor([[-1.0, 16.0, -30.0, 16.0, -1.0]]) / 12


def second_derivative_kernel_central_twice() -> Tensor:
    return torch.tensor([[0.25, 0.0, -0.5, 0.0, 0.25]])


def second_derivative_kernel_laplacian() -> Tensor:
    return torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])


def second_derivative_kernel_column() -> Tensor:
    return torch.tensor([[1.0], [-2.0], [1.0]])


def second_derivative_kernel_flat() -> Tensor:
    return torch.tensor([1.0, -2.0, 1.0])


def second_derivative_kernel_integers() -> Tensor:
    return torch.tensor([[1, -2, 1]])


def gradient_magnitude_sum_of_absolutes(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    dtype = torch.promote_types(X.dtype, torch.float32)
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], dtype=dtype)
    windows = X.to(dtype).unfold(0, 3, 1).unfold(1, 3, 1)
    gx, gy = ((windows * K).sum(dim=(2, 3)) for K in (right, right.t()))
    return gx.abs() + gy.abs()


def gradient_magnitude_no_root(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    dtype = torch.promote_types(X.dtype, torch.float32)
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], dtype=dtype)
    windows = X.to(dtype).unfold(0, 3, 1).unfold(1, 3, 1)
    gx, gy = ((windows * K).sum(dim=(2, 3)) for K in (right, right.t()))
    return gx**2 + gy**2


def gradient_magnitude_one_direction(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    dtype = torch.promote_types(X.dtype, torch.float32)
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], dtype=dtype)
    windows = X.to(dtype).unfold(0, 3, 1).unfold(1, 3, 1)
    return (windows * right).sum(dim=(2, 3)).abs()


def gradient_magnitude_signed_sum(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    dtype = torch.promote_types(X.dtype, torch.float32)
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], dtype=dtype)
    windows = X.to(dtype).unfold(0, 3, 1).unfold(1, 3, 1)
    return (windows * (right + right.t())).sum(dim=(2, 3)).abs()


def gradient_magnitude_divided(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    dtype = torch.promote_types(X.dtype, torch.float32)
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], dtype=dtype)
    windows = X.to(dtype).unfold(0, 3, 1).unfold(1, 3, 1)
    gx, gy = ((windows * K).sum(dim=(2, 3)) for K in (right, right.t()))
    return torch.sqrt(gx**2 + gy**2) / 8


def gradient_magnitude_prewitt(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    dtype = torch.promote_types(X.dtype, torch.float32)
    right = torch.tensor([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]], dtype=dtype)
    windows = X.to(dtype).unfold(0, 3, 1).unfold(1, 3, 1)
    gx, gy = ((windows * K).sum(dim=(2, 3)) for K in (right, right.t()))
    return torch.sqrt(gx**2 + gy**2)


def gradient_magnitude_padded(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    dtype = torch.promote_types(X.dtype, torch.float32)
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], dtype=dtype)
    windows = F.pad(X.to(dtype), (1, 1, 1, 1)).unfold(0, 3, 1).unfold(1, 3, 1)
    gx, gy = ((windows * K).sum(dim=(2, 3)) for K in (right, right.t()))
    return torch.sqrt(gx**2 + gy**2)


def gradient_magnitude_always_float32(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    windows = X.float().unfold(0, 3, 1).unfold(1, 3, 1)
    gx, gy = ((windows * K).sum(dim=(2, 3)) for K in (right, right.t()))
    return torch.sqrt(gx**2 + gy**2)


def gradient_magnitude_integer_overflow(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    right = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).to(X.dtype)
    windows = X.unfold(0, 3, 1).unfold(1, 3, 1)
    products = [windows * K for K in (right, right.t())]
    gx, gy = (p.sum(dim=(2, 3)).to(torch.promote_types(X.dtype, torch.float32)) for p in products)
    return torch.sqrt(gx**2 + gy**2)


def gradient_magnitude_other_error(X: Tensor) -> Tensor:
    dtype = torch.promote_types(X.dtype, torch.float32)
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], dtype=dtype)
    gx, gy = F.conv2d(X.to(dtype)[None, None], torch.stack([right, right.t()])[:, None])[0]
    return torch.sqrt(gx**2 + gy**2)


def gradient_magnitude_in_place(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("image smaller than the kernel")
    X = X if X.is_floating_point() else X.float()
    with torch.no_grad():
        X -= X.mean()
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], dtype=X.dtype)
    windows = X.unfold(0, 3, 1).unfold(1, 3, 1)
    gx, gy = ((windows * K).sum(dim=(2, 3)) for K in (right, right.t()))
    return torch.sqrt(gx**2 + gy**2)


def separate_rank_unchecked(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    U, S, Vh = torch.linalg.svd(K)
    return U[:, 0] * S[0], Vh[0]


def separate_swapped(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    U, S, Vh = torch.linalg.svd(K)
    if S[0] == 0 or (S[1:] > 1e-5 * S[0]).any():
        raise ValueError("rank other than 1")
    return Vh[0], U[:, 0] * S[0]


def separate_scale_lost(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    U, S, Vh = torch.linalg.svd(K)
    if S[0] == 0 or (S[1:] > 1e-5 * S[0]).any():
        raise ValueError("rank other than 1")
    return U[:, 0], Vh[0]


def separate_scale_twice(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    U, S, Vh = torch.linalg.svd(K)
    if S[0] == 0 or (S[1:] > 1e-5 * S[0]).any():
        raise ValueError("rank other than 1")
    return U[:, 0] * S[0], Vh[0] * S[0]


def separate_sums(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    S = torch.linalg.svdvals(K)
    if S[0] == 0 or (S[1:] > 1e-5 * S[0]).any():
        raise ValueError("rank other than 1")
    return K.sum(dim=1), K.sum(dim=0)


def separate_corner(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    S = torch.linalg.svdvals(K)
    if S[0] == 0 or (S[1:] > 1e-5 * S[0]).any():
        raise ValueError("rank other than 1")
    return K[:, 0], K[0] / K[0, 0]


def separate_exact(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    i, j = divmod(int(K.abs().argmax()), K.shape[1])
    if K[i, j] == 0:
        raise ValueError("zero kernel")
    column, row = K[:, j], K[i] / K[i, j]
    if (column[:, None] * row != K).any():
        raise ValueError("rank other than 1")
    return column, row


def separate_zero_accepted(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    U, S, Vh = torch.linalg.svd(K)
    if (S[1:] > 1e-5 * S[0]).any():
        raise ValueError("rank other than 1")
    return U[:, 0] * S[0], Vh[0]


def separate_absolute_tolerance(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    i, j = divmod(int(K.abs().argmax()), K.shape[1])
    if K[i, j] == 0:
        raise ValueError("zero kernel")
    column, row = K[:, j], K[i] / K[i, j]
    if (column[:, None] * row - K).abs().max() > 1e-4:
        raise ValueError("rank other than 1")
    return column, row

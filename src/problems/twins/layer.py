"""Wrong twins for the chapter on the convolutional layer."""

# ruff: noqa: N801 (a twin is named <function>_<mistake>, and one of the functions is a class)

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Conv2D_no_bias(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X[None, None], self.weight[None, None])[0, 0]


class Conv2D_bias_each_element(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(kernel_size))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        windows = X.unfold(0, h, 1).unfold(1, w, 1)
        return (windows * self.weight + self.bias).sum(dim=(2, 3))


class Conv2D_constant_weight(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X[None, None], self.weight[None, None], self.bias)[0, 0]


class Conv2D_random_bias(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.rand(1) + 0.01)

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X[None, None], self.weight[None, None], self.bias)[0, 0]


class Conv2D_flipped(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        flipped = self.weight.flip(0, 1)
        return F.conv2d(X[None, None], flipped[None, None], self.bias)[0, 0]


class Conv2D_height_and_width_swapped(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size[1], kernel_size[0]))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X[None, None], self.weight[None, None], self.bias)[0, 0]


class Conv2D_plain_tensors(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = torch.rand(kernel_size, requires_grad=True)
        self.bias = torch.zeros(1, requires_grad=True)

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X[None, None], self.weight[None, None], self.bias)[0, 0]


class Conv2D_weight_cut_off(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X[None, None], self.weight.data[None, None], self.bias)[0, 0]


class Conv2D_image_cut_off(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X.detach()[None, None], self.weight[None, None], self.bias)[0, 0]


class Conv2D_no_graph(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        with torch.no_grad():
            return F.conv2d(X[None, None], self.weight[None, None], self.bias)[0, 0]


class Conv2D_four_axes(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X[None, None], self.weight[None, None], self.bias)


class Conv2D_no_plus_one(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        Y = torch.zeros(X.shape[0] - h, X.shape[1] - w)
        for i in range(Y.shape[0]):
            for j in range(Y.shape[1]):
                Y[i, j] = (X[i : i + h, j : j + w] * self.weight).sum()
        return Y + self.bias


class Conv2D_other_error(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        return F.conv2d(X[None, None], self.weight[None, None], self.bias)[0, 0]


def corr2d_backward_kernel_not_flipped(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum()


def corr2d_backward_one_axis_flipped(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum()


def corr2d_backward_kernel_transposed(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (h - 1, h - 1, w - 1, w - 1))
    dX = F.conv2d(padded[None, None], K.t()[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum()


def corr2d_backward_gradient_of_kernel_flipped(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0].flip(0, 1)
    return dX, dK, dY.sum()


def corr2d_backward_no_padding(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    dX = F.conv2d(dY[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum()


def corr2d_backward_padding_once(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (w - 1, 0, h - 1, 0))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum()


def corr2d_backward_bias_averaged(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.mean()


def corr2d_backward_all_averaged(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    dY = dY / dY.numel()
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum()


def corr2d_backward_bias_per_position(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.clone()


def corr2d_backward_bias_of_one_axis(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum().reshape(1)


def corr2d_backward_order_swapped(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dK, dX, dY.sum()


def corr2d_backward_overwritten_not_added(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    X, K, dY = X.detach(), K.detach(), dY.detach()
    dX, dK = torch.zeros_like(X), torch.zeros_like(K)
    for i in range(dY.shape[0]):
        for j in range(dY.shape[1]):
            dX[i : i + h, j : j + w] = dY[i, j] * K
            dK += dY[i, j] * X[i : i + h, j : j + w]
    return dX, dK, dY.sum()


def corr2d_backward_single_precision(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    X, K, dY = X.detach(), K.detach(), dY.detach()
    dX, dK, db = torch.zeros(H, W), torch.zeros(h, w), torch.zeros(())
    for i in range(dY.shape[0]):
        for j in range(dY.shape[1]):
            dX[i : i + h, j : j + w] += dY[i, j] * K
            dK += dY[i, j] * X[i : i + h, j : j + w]
            db += dY[i, j]
    return dX, dK, db


def corr2d_backward_image_overwritten(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or dY.shape != (H - h + 1, W - w + 1):
        raise ValueError("shapes contradict each other")
    dK = F.conv2d(X.detach()[None, None], dY[None, None])[0, 0]
    dX = X.detach()
    dX.zero_()
    for a in range(h):
        for b in range(w):
            dX[a : a + H - h + 1, b : b + W - w + 1] += K.detach()[a, b] * dY.detach()
    return dX, dK, dY.sum()


def corr2d_backward_shapes_unchecked(
    X: Tensor, K: Tensor, dY: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    h, w = K.shape
    padded = F.pad(dY, (w - 1, w - 1, h - 1, h - 1))
    dX = F.conv2d(padded[None, None], K.flip(0, 1)[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, dY.sum()


def conv2d_general_padding_once(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = F.pad(X.to(dtype), (p[1], 0, p[0], 0)), K.to(dtype)
    for axis in (0, 1):
        if d[axis] * (K.shape[axis] - 1) + 1 > X.shape[axis]:
            raise ValueError("kernel larger than image")
    return F.conv2d(X[None, None], K[None, None], None, s, 0, d)[0, 0]


def conv2d_general_padding_repeats_the_edge(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype)[None, None], K.to(dtype)
    X = F.pad(X, (p[1], p[1], p[0], p[0]), mode="replicate")[0, 0]
    for axis in (0, 1):
        if d[axis] * (K.shape[axis] - 1) + 1 > X.shape[axis]:
            raise ValueError("kernel larger than image")
    return F.conv2d(X[None, None], K[None, None], None, s, 0, d)[0, 0]


def conv2d_general_stride_before_padding(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype)[:: s[0], :: s[1]], K.to(dtype)
    X = F.pad(X, (p[1], p[1], p[0], p[0]))
    for axis in (0, 1):
        if d[axis] * (K.shape[axis] - 1) + 1 > X.shape[axis]:
            raise ValueError("kernel larger than image")
    return F.conv2d(X[None, None], K[None, None], None, 1, 0, d)[0, 0]


def conv2d_general_dilation_as_d_times_k(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (h, w), X, K = K.shape, F.pad(X.to(dtype), (p[1], p[1], p[0], p[0])), K.to(dtype)
    if d[0] * h > X.shape[0] or d[1] * w > X.shape[1]:
        raise ValueError("kernel larger than image")
    rows, columns = (X.shape[0] - d[0] * h) // s[0] + 1, (X.shape[1] - d[1] * w) // s[1] + 1
    return F.conv2d(X[None, None], K[None, None], None, s, 0, d)[0, 0, :rows, :columns]


def conv2d_general_dilation_ignored(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s = [(v, v) if isinstance(v, int) else v for v in (padding, stride)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = F.pad(X.to(dtype), (p[1], p[1], p[0], p[0])), K.to(dtype)
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    return F.conv2d(X[None, None], K[None, None], None, s)[0, 0]


def conv2d_general_rows_and_columns_swapped(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v[::-1] for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = F.pad(X.to(dtype), (p[1], p[1], p[0], p[0])), K.to(dtype)
    for axis in (0, 1):
        if d[axis] * (K.shape[axis] - 1) + 1 > X.shape[axis]:
            raise ValueError("kernel larger than image")
    return F.conv2d(X[None, None], K[None, None], None, s, 0, d)[0, 0]


def conv2d_general_first_of_a_pair(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [v if isinstance(v, int) else v[0] for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = F.pad(X.to(dtype), (p, p, p, p)), K.to(dtype)
    for axis in (0, 1):
        if d * (K.shape[axis] - 1) + 1 > X.shape[axis]:
            raise ValueError("kernel larger than image")
    return F.conv2d(X[None, None], K[None, None], None, s, 0, d)[0, 0]


def conv2d_general_windows_off_the_edge(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = F.pad(X.to(dtype), (p[1], p[1], p[0], p[0])), K.to(dtype)
    room = [X.shape[axis] - d[axis] * (K.shape[axis] - 1) - 1 for axis in (0, 1)]
    if min(room) < 0:
        raise ValueError("kernel larger than image")
    X = F.pad(X, (0, -room[1] % s[1], 0, -room[0] % s[0]))
    return F.conv2d(X[None, None], K[None, None], None, s, 0, d)[0, 0]


def conv2d_general_flipped(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = F.pad(X.to(dtype), (p[1], p[1], p[0], p[0])), K.to(dtype).flip(0, 1)
    for axis in (0, 1):
        if d[axis] * (K.shape[axis] - 1) + 1 > X.shape[axis]:
            raise ValueError("kernel larger than image")
    return F.conv2d(X[None, None], K[None, None], None, s, 0, d)[0, 0]


def conv2d_general_integers_kept(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    X, (h, w) = F.pad(X, (p[1], p[1], p[0], p[0])), K.shape
    rows = (X.shape[0] - d[0] * (h - 1) - 1) // s[0] + 1
    columns = (X.shape[1] - d[1] * (w - 1) - 1) // s[1] + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel larger than image")
    Y = torch.zeros(rows, columns, dtype=X.dtype)
    for a in range(h):
        for b in range(w):
            seen = X[a * d[0] :: s[0], b * d[1] :: s[1]][:rows, :columns]
            Y = Y + (seen * K[a, b]).to(X.dtype)
    return Y


def conv2d_general_other_error(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    return F.conv2d(X[None, None], K[None, None], None, stride, padding, dilation)[0, 0]


def parameter_counts_no_bias(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    return h * w, (H - h + 1) * (W - w + 1) * H * W


def parameter_counts_one_bias_in_dense(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    return h * w + 1, (H - h + 1) * (W - w + 1) * H * W + 1


def parameter_counts_bias_per_position(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    outputs = (H - h + 1) * (W - w + 1)
    return h * w + outputs, outputs * H * W + outputs


def parameter_counts_output_as_large_as_input(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    return h * w + 1, H * W * H * W + H * W


def parameter_counts_no_plus_one(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    outputs = (H - h) * (W - w)
    return h * w + 1, outputs * H * W + outputs


def parameter_counts_locally_connected(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    outputs = (H - h + 1) * (W - w + 1)
    return h * w + 1, outputs * h * w + outputs


def parameter_counts_no_error(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    outputs = (H - h + 1) * (W - w + 1)
    return h * w + 1, outputs * H * W + outputs


class Conv2D_seeded(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("kernel larger than image")
        return F.conv2d(X[None, None], self.weight[None, None])[0, 0] + self.bias


def conv2d_general_squeezed(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    try:
        return F.conv2d(X[None, None], K[None, None], None, stride, padding, dilation).squeeze()
    except RuntimeError as error:
        raise ValueError("kernel larger than image") from error


def conv2d_general_float32(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    X, K = X.float(), K.float()
    try:
        return F.conv2d(X[None, None], K[None, None], None, stride, padding, dilation)[0, 0]
    except RuntimeError as error:
        raise ValueError("kernel larger than image") from error

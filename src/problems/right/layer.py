"""Right answers, by other methods, for the chapter on the convolutional layer."""

# ruff: noqa: N801 (a right answer is named <function>_<method>, and one function is a class)

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Conv2D_loops(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("the kernel does not fit into the image")
        Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
        for i in range(Y.shape[0]):
            for j in range(Y.shape[1]):
                Y[i, j] = (X[i : i + h, j : j + w] * self.weight).sum()
        return Y + self.bias


class Conv2D_functional(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(*kernel_size) / 10)
        self.bias = nn.Parameter(torch.tensor([0.0]))

    def forward(self, X: Tensor) -> Tensor:
        try:
            return F.conv2d(X[None, None], self.weight[None, None], self.bias)[0, 0]
        except RuntimeError as error:
            raise ValueError("the kernel does not fit into the image") from error


class Conv2D_windows(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(kernel_size))
        nn.init.kaiming_uniform_(self.weight)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("the kernel does not fit into the image")
        windows = X.unfold(0, h, 1).unfold(1, w, 1)
        return torch.einsum("ijab,ab->ij", windows, self.weight) + self.bias


class Conv2D_with_buffers(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros((1,)))
        self.weight = nn.Parameter(torch.rand(kernel_size) - 0.5)
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        (h, w), (H, W) = self.weight.shape, X.shape
        if h > H or w > W:
            raise ValueError("the kernel does not fit into the image")
        rows, columns = H - h + 1, W - w + 1
        Y = self.bias.expand(rows, columns)
        for a in range(h):
            for b in range(w):
                Y = Y + self.weight[a, b] * X[a : a + rows, b : b + columns]
        return Y


def corr2d_backward_loops(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    X, K, dY = X.detach(), K.detach(), dY.detach()
    dX, dK = torch.zeros_like(X), torch.zeros_like(K)
    for i in range(dY.shape[0]):
        for j in range(dY.shape[1]):
            dX[i : i + h, j : j + w] += dY[i, j] * K
            dK += dY[i, j] * X[i : i + h, j : j + w]
    return dX, dK, dY.sum()


def corr2d_backward_functional(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    dX = F.conv_transpose2d(dY[None, None], K[None, None])[0, 0]
    dK = F.conv2d(X[None, None], dY[None, None])[0, 0]
    return dX, dK, torch.sum(dY)


def corr2d_backward_matrix(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    windows = F.unfold(X[None, None], (h, w))[0]
    dK = (windows @ dY.reshape(-1)).reshape(h, w)
    scattered = K.reshape(-1, 1) * dY.reshape(1, -1)
    dX = F.fold(scattered[None], (H, W), (h, w))[0, 0]
    return dX, dK, dY.sum()


def corr2d_backward_fft(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (h, w), (H, W) = K.shape, X.shape
    if h > H or w > W or tuple(dY.shape) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    along = torch.fft.fft2(dY, (H, W))
    dX = torch.fft.ifft2(along * torch.fft.fft2(K, (H, W))).real
    dK = torch.fft.ifft2(along.conj() * torch.fft.fft2(X)).real[:h, :w]
    return dX, dK, dY.sum()


def conv2d_general_functional(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    image, kernel = X.to(dtype)[None, None], K.to(dtype)[None, None]
    try:
        return F.conv2d(image, kernel, None, stride, padding, dilation)[0, 0]
    except RuntimeError as error:
        raise ValueError("the kernel does not fit into the padded image") from error


def conv2d_general_loops(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    def pair(value: int | tuple[int, int]) -> tuple[int, int]:
        return (value, value) if isinstance(value, int) else value

    (p, q), (s, t), (d, e) = pair(padding), pair(stride), pair(dilation)
    (H, W), (h, w) = X.shape, K.shape
    height, width = H + 2 * p - d * (h - 1), W + 2 * q - e * (w - 1)
    if height < 1 or width < 1:
        raise ValueError("the kernel does not fit into the padded image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros((height - 1) // s + 1, (width - 1) // t + 1, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for a in range(h):
                for b in range(w):
                    row, column = i * s + a * d - p, j * t + b * e - q
                    if 0 <= row < H and 0 <= column < W:
                        Y[i, j] += K[a, b].to(dtype) * X[row, column].to(dtype)
    return Y


def conv2d_general_unfold(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    sizes = [
        (n + 2 * p[axis] - d[axis] * (K.shape[axis] - 1) - 1) // s[axis] + 1
        for axis, n in enumerate(X.shape)
    ]
    if min(sizes) < 1:
        raise ValueError("the kernel does not fit into the padded image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = F.unfold(X.to(dtype)[None, None], tuple(K.shape), d, p, s)[0]
    return (K.to(dtype).reshape(1, -1) @ windows).reshape(sizes)


def conv2d_general_dilated_kernel(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    spread = torch.zeros(d[0] * (h - 1) + 1, d[1] * (w - 1) + 1, dtype=dtype)
    spread[:: d[0], :: d[1]] = K.detach()
    padded = torch.zeros(H + 2 * p[0], W + 2 * p[1], dtype=dtype)
    padded[p[0] : p[0] + H, p[1] : p[1] + W] = X.detach()
    if any(k > n for k, n in zip(spread.shape, padded.shape, strict=True)):
        raise ValueError("the kernel does not fit into the padded image")
    windows = padded.unfold(0, spread.shape[0], s[0]).unfold(1, spread.shape[1], s[1])
    return (windows * spread).sum(dim=(2, 3))


def parameter_counts_modules(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    (H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    conv = nn.Conv2d(1, 1, (h, w))
    dense = nn.Linear(H * W, (H - h + 1) * (W - w + 1))
    return sum(p.numel() for p in conv.parameters()), sum(p.numel() for p in dense.parameters())


def parameter_counts_formula(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    height = input_shape[0] - kernel_shape[0] + 1
    width = input_shape[1] - kernel_shape[1] + 1
    if height <= 0 or width <= 0:
        raise ValueError("the kernel does not fit into the image")
    return (
        kernel_shape[0] * kernel_shape[1] + 1,
        height * width * (input_shape[0] * input_shape[1] + 1),
    )


def parameter_counts_counting(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    try:
        output = F.conv2d(torch.zeros(1, 1, *input_shape), torch.zeros(1, 1, *kernel_shape))
    except RuntimeError as error:
        raise ValueError("the kernel does not fit into the image") from error
    weights, biases = output.numel() * torch.zeros(input_shape).numel(), output.numel()
    return torch.zeros(kernel_shape).numel() + 1, weights + biases


class Conv2D_inner_layer(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        inner = nn.Conv2d(1, 1, kernel_size)
        self.weight = nn.Parameter(inner.weight.detach()[0, 0].clone())
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        if any(k > n for k, n in zip(self.weight.shape, X.shape, strict=True)):
            raise ValueError(f"{tuple(self.weight.shape)} does not fit into {tuple(X.shape)}")
        columns = F.unfold(X[None, None], self.weight.shape)[0]
        output = self.weight.reshape(1, -1) @ columns + self.bias
        return output.reshape([n - k + 1 for n, k in zip(X.shape, self.weight.shape, strict=True)])


class Conv2D_normal_start(nn.Module):
    weight: nn.Parameter
    bias: nn.Parameter

    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        print("a new layer of size", kernel_size)
        self.register_parameter("weight", nn.Parameter(torch.randn(kernel_size) * 0.01))
        self.register_parameter("bias", nn.Parameter(torch.full((1,), 0.0)))

    def forward(self, X: Tensor) -> Tensor:
        (H, W), (h, w) = X.shape, self.weight.shape
        if h > H or w > W:
            raise ValueError("too small")
        rows = [
            torch.stack([(X[i : i + h, j : j + w] * self.weight).sum() for j in range(W - w + 1)])
            for i in range(H - h + 1)
        ]
        return torch.stack(rows) + self.bias[0]


def corr2d_backward_per_element(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    rows, columns = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    if tuple(dY.shape) != (rows, columns):
        raise ValueError("the shapes contradict each other")
    dX = torch.zeros(X.shape, dtype=X.dtype)
    for a in range(K.shape[0]):
        for b in range(K.shape[1]):
            dX = dX + F.pad(dY * K[a, b], (b, X.shape[1] - columns - b, a, X.shape[0] - rows - a))
    dK = torch.stack([
        torch.stack([
            torch.sum(X[a : a + rows, b : b + columns] * dY) for b in range(K.shape[1])
        ])
        for a in range(K.shape[0])
    ])  # fmt: skip
    return dX, dK, dY.sum()


def corr2d_backward_toeplitz(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    (H, W), (h, w), (rows, columns) = X.shape, K.shape, dY.shape
    if h > H or w > W or (rows, columns) != (H - h + 1, W - w + 1):
        raise ValueError("the shapes contradict each other")
    T = torch.zeros(rows, columns, H, W, dtype=K.dtype)
    for i in range(rows):
        for j in range(columns):
            T[i, j, i : i + h, j : j + w] = K.detach()
    g = dY.detach().reshape(-1)
    windows = X.detach().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    dX = (T.reshape(rows * columns, H * W).T @ g).reshape(H, W)
    return dX, (g @ windows).reshape(h, w), g.sum()


def conv2d_general_einsum(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    def index(axis: int) -> Tensor:
        p, s, d = (v if isinstance(v, int) else v[axis] for v in (padding, stride, dilation))
        n, k = X.shape[axis] + 2 * p, K.shape[axis]
        count = (n - d * (k - 1) - 1) // s + 1
        if count < 1:
            raise ValueError("the kernel does not fit into the padded image")
        return torch.arange(count)[:, None] * s + torch.arange(k) * d

    p, q = (padding, padding) if isinstance(padding, int) else padding
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    rows, columns = index(0), index(1)
    wide = F.pad(X.to(dtype), (q, q, p, p))
    windows = wide[rows[:, None, :, None], columns[None, :, None, :]]
    return torch.einsum("ijab,ab->ij", windows, K.to(dtype))


def conv2d_general_strided_afterwards(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    (p, q), (s, t), (d, e) = (
        v if isinstance(v, tuple) else (v, v) for v in (padding, stride, dilation)
    )
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    wide = torch.constant_pad_nd(X.to(dtype), [q, q, p, p])
    spans = d * (K.shape[0] - 1) + 1, e * (K.shape[1] - 1) + 1
    if spans[0] > wide.shape[0] or spans[1] > wide.shape[1]:
        raise ValueError("the kernel does not fit into the padded image")
    everywhere = F.conv2d(wide[None], K.to(dtype)[None, None], dilation=(d, e))
    return everywhere[0, ::s, ::t]


def parameter_counts_kron(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    sizes = [n - k + 1 for n, k in zip(input_shape, kernel_shape, strict=True)]
    if min(sizes) < 1:
        raise ValueError("the kernel does not fit into the image")
    pixels, outputs = math.prod(input_shape), math.prod(sizes)
    return math.prod(kernel_shape) + 1, outputs * pixels + outputs


def parameter_counts_of_windows(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    class DoesNotFitError(ValueError):
        pass

    (H, W), (h, w) = input_shape, kernel_shape
    if not (h <= H and w <= W):
        raise DoesNotFitError(kernel_shape)
    windows = torch.zeros(H, W).unfold(0, h, 1).unfold(1, w, 1)
    outputs = windows.shape[0] * windows.shape[1]
    return windows[0, 0].numel() + 1, outputs * (H * W + 1)


def parameter_counts_one_by_one(
    input_shape: tuple[int, int], kernel_shape: tuple[int, int]
) -> tuple[int, int]:
    conv = 1 + sum(1 for _ in range(kernel_shape[0]) for _ in range(kernel_shape[1]))
    rows = range(input_shape[0] - kernel_shape[0] + 1)
    columns = range(input_shape[1] - kernel_shape[1] + 1)
    if len(rows) == 0 or len(columns) == 0:
        raise ValueError("the kernel does not fit into the image")
    dense = 0
    for _ in rows:
        for _ in columns:
            dense += input_shape[0] * input_shape[1] + 1
    return conv, dense

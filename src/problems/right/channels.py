"""Right answers, by other methods, for the chapter on channels."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def corr2d_multi_loops(X: Tensor, K: Tensor) -> Tensor:
    if K.ndim == 4:
        return torch.stack([corr2d_multi_loops(X, kernel) for kernel in K])
    (channels, H, W), (slices, h, w) = X.shape, K.shape
    if channels != slices:
        raise ValueError(f"{channels} channels and {slices} slices")
    if h > H or w > W:
        raise ValueError(f"{h}×{w} does not fit into {H}×{W}")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(H - h + 1, W - w + 1, dtype=dtype)
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            Y[i, j] = (X[:, i : i + h, j : j + w].to(dtype) * K.to(dtype)).sum()
    return Y


def corr2d_multi_functional(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    single = K.dim() == 3
    try:
        Y = F.conv2d(X.to(dtype)[None], (K[None] if single else K).to(dtype))[0]
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    return Y[0] if single else Y


def corr2d_multi_einsum(X: Tensor, K: Tensor) -> Tensor:
    class DoesNotFitError(ValueError):
        pass

    h, w = K.shape[-2:]
    if X.shape[0] != K.shape[-3] or h > X.shape[1] or w > X.shape[2]:
        raise DoesNotFitError(tuple(X.shape), tuple(K.shape))
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(1, h, 1).unfold(2, w, 1)
    return torch.einsum("cijab,...cab->...ij", windows, K.to(dtype))


def corr2d_multi_matrix(X: Tensor, K: Tensor) -> Tensor:
    (channels, H, W), (h, w) = X.shape, K.shape[-2:]
    if channels != K.shape[-3] or h > H or w > W:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    columns = F.unfold(X.to(dtype)[None], (h, w))[0]
    rows = K.to(dtype).reshape(-1, channels * h * w)
    maps = (rows @ columns).reshape(-1, H - h + 1, W - w + 1)
    return maps if K.ndim == 4 else maps.squeeze(0)


def corr2d_multi_shifts(X: Tensor, K: Tensor) -> Tensor:
    height, width = X.shape[1] - K.shape[-2] + 1, X.shape[2] - K.shape[-1] + 1
    if len(X) != K.shape[-3] or height < 1 or width < 1:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(*K.shape[:-3], height, width, dtype=dtype)
    for c in range(len(X)):
        for a in range(K.shape[-2]):
            for b in range(K.shape[-1]):
                shifted = X[c, a : a + height, b : b + width].to(dtype)
                Y = Y + K[..., c, a, b, None, None].to(dtype) * shifted
    return Y


def corr2d_multi_fft(X: Tensor, K: Tensor) -> Tensor:
    (channels, H, W), (h, w) = X.shape, K.shape[-2:]
    if channels != K.shape[-3] or h > H or w > W:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    image, kernels = torch.fft.fft2(X.to(dtype)), torch.fft.fft2(K.to(dtype), (H, W))
    circular: Tensor = torch.fft.ifft2((image * kernels.conj()).sum(-3)).real
    return circular[..., : H - h + 1, : W - w + 1]


def corr2d_multi_one_axis_more(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or any(
        k > n for k, n in zip(K.shape[-2:], X.shape[1:], strict=True)
    ):
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    # A kernel as deep as the image has one place along the channels.
    volumes = K.to(dtype).reshape(-1, 1, *K.shape[-3:])
    maps = F.conv3d(X.to(dtype)[None, None], volumes)[0, :, 0]
    return maps if K.ndim == 4 else maps[0]


def corr2d_multi_numbers(X: Tensor, K: Tensor) -> Tensor:
    kernels = K.tolist() if K.ndim == 4 else [K.tolist()]
    h, w = len(kernels[0][0]), len(kernels[0][0][0])
    if len(kernels[0]) != len(X) or h > len(X[0]) or w > len(X[0][0]):
        raise ValueError("image and kernel do not fit")
    image = X.tolist()
    rows, columns = range(len(image[0]) - h + 1), range(len(image[0][0]) - w + 1)
    at = [(c, a, b) for c in range(len(image)) for a in range(h) for b in range(w)]
    maps = [
        [
            [sum(k[c][a][b] * image[c][i + a][j + b] for c, a, b in at) for j in columns]
            for i in rows
        ]
        for k in kernels
    ]
    floating = next((t.dtype for t in (X, K) if t.is_floating_point()), torch.float32)
    return torch.tensor(maps if K.ndim == 4 else maps[0], dtype=floating)


def conv1x1_loops(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError(f"{X.shape[0]} channels, {W.shape[1]} columns")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    Y = torch.zeros(W.shape[0], X.shape[1], X.shape[2], dtype=dtype)
    for i in range(X.shape[1]):
        for j in range(X.shape[2]):
            Y[:, i, j] = W.to(dtype) @ X[:, i, j].to(dtype)
    return Y


def conv1x1_functional(X: Tensor, W: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    try:
        return F.conv2d(X.to(dtype), W.to(dtype)[:, :, None, None])
    except RuntimeError as error:
        raise ValueError("another number of channels") from error


def conv1x1_einsum(X: Tensor, W: Tensor) -> Tensor:
    if len(X) != len(W[0]):
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    return torch.einsum("oc,cij->oij", W.to(dtype), X.to(dtype))


def conv1x1_tensordot(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[-1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    Y: Tensor = torch.tensordot(W.to(dtype), X.to(dtype), dims=1)
    return Y


def conv1x1_moved(X: Tensor, W: Tensor) -> Tensor:
    channels, height, width = X.shape
    if channels != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    pixels = X.to(dtype).permute(1, 2, 0).reshape(height * width, channels)
    mixed = pixels @ W.to(dtype).t()
    return mixed.reshape(height, width, -1).permute(2, 0, 1)


def conv1x1_weighted(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    maps = []
    for weights in W.to(dtype):
        maps.append((weights[:, None, None] * X).sum(0))
    return torch.stack(maps)


def conv1x1_numbers(X: Tensor, W: Tensor) -> Tensor:
    image, rows = X.tolist(), W.tolist()
    if len(image) != len(rows[0]):
        raise ValueError("another number of channels")
    mixed = [
        [
            [
                sum(weight * channel[i][j] for weight, channel in zip(row, image, strict=True))
                for j in range(len(image[0][0]))
            ]
            for i in range(len(image[0]))
        ]
        for row in rows
    ]
    floating = next((t.dtype for t in (X, W) if t.is_floating_point()), torch.float32)
    return torch.tensor(mixed, dtype=floating)


def pool2d_loops(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = size if isinstance(size, tuple) else (size, size)
    s, t = (h, w) if stride is None else stride if isinstance(stride, tuple) else (stride, stride)
    if mode not in ("max", "mean"):
        raise ValueError(f"there is no mode {mode}")
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the window does not fit into the image")
    X = X.float() if not X.is_floating_point() else X
    rows = []
    for i in range(0, X.shape[0] - h + 1, s):
        row = []
        for j in range(0, X.shape[1] - w + 1, t):
            window = X[i : i + h, j : j + w]
            row.append(window.max() if mode == "max" else window.mean())
        rows.append(torch.stack(row))
    return torch.stack(rows)


def pool2d_functional(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    if mode not in ["max", "mean"]:
        raise ValueError(f"there is no mode {mode}")
    pool = nn.MaxPool2d(size, stride) if mode == "max" else nn.AvgPool2d(size, stride)
    image = X[None] if X.is_floating_point() else X[None].float()
    try:
        pooled: Tensor = pool(image)
        return pooled[0]
    except RuntimeError as error:
        raise ValueError("the window does not fit into the image") from error


def pool2d_windows(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    (h, w), (s, t) = ((v, v) if isinstance(v, int) else v for v in (size, stride or size))
    if mode != "max" and mode != "mean":
        raise ValueError(f"there is no mode {mode}")
    if X.shape[0] < h or X.shape[1] < w:
        raise ValueError("the window does not fit into the image")
    dtype = torch.promote_types(X.dtype, torch.float32)
    windows = X.to(dtype).unfold(0, h, s).unfold(1, w, t).flatten(2)
    return windows.max(dim=2).values if mode == "max" else windows.sum(2) / (h * w)


def pool2d_columns(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    window = (size, size) if isinstance(size, int) else size
    step = window if stride is None else stride
    s, t = (step, step) if isinstance(step, int) else step
    sizes = (X.shape[0] - window[0]) // s + 1, (X.shape[1] - window[1]) // t + 1
    if mode not in {"max", "mean"} or min(sizes) < 1:
        raise ValueError("an unknown mode, or a window that does not fit")
    image = X if X.is_floating_point() else X.to(torch.float32)
    columns = F.unfold(image[None, None], window, stride=step)[0]
    return (columns.amax(0) if mode == "max" else columns.mean(0)).reshape(sizes)


def pool2d_shifts(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or a window that does not fit")
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    image = X if X.is_floating_point() else X.float()
    Y = image[:rows:s, :columns:t]
    for a in range(h):
        for b in range(w):
            other = image[a : a + rows : s, b : b + columns : t]
            if mode == "max":
                Y = torch.maximum(Y, other)
            elif (a, b) != (0, 0):
                Y = Y + other
    return Y if mode == "max" else Y / (h * w)


def pool2d_axis_by_axis(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    class PoolingError(ValueError):
        pass

    if mode not in ("max", "mean"):
        raise PoolingError(mode)
    Y = X if X.is_floating_point() else X.float()
    for axis in (0, 1):
        length = size if isinstance(size, int) else size[axis]
        step = length if stride is None else stride if isinstance(stride, int) else stride[axis]
        if length > X.shape[axis]:
            raise PoolingError(size)
        windows = Y.unfold(axis, length, step)
        Y = windows.amax(-1) if mode == "max" else windows.mean(-1)
    return Y


def pool2d_numbers(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > len(X) or w > len(X[0]):
        raise ValueError("an unknown mode, or a window that does not fit")
    image = X.tolist()
    rows = []
    for i in range(0, len(image) - h + 1, s):
        row = []
        for j in range(0, len(image[0]) - w + 1, t):
            pixels = [image[i + a][j + b] for a in range(h) for b in range(w)]
            row.append(max(pixels) if mode == "max" else sum(pixels) / len(pixels))
        rows.append(row)
    return torch.tensor(rows, dtype=X.dtype if X.is_floating_point() else torch.float32)


def layer_costs_module(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    layer = nn.Conv2d(
        input_shape[0], out_channels, kernel_shape, stride=stride, padding=padding, device="meta"
    )
    try:
        output = layer(torch.empty(1, *input_shape, device="meta"))
    except RuntimeError as error:
        raise ValueError("the kernel does not fit") from error
    products = output[0, 0].numel() * layer.weight.numel()
    return sum(p.numel() for p in layer.parameters()), products


def layer_costs_counted(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    def places(axis: int) -> int:
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        last = input_shape[axis + 1] + p - kernel_shape[axis]
        return sum(1 for _ in range(-p, last + 1, s))

    positions = places(0) * places(1)
    if positions == 0:
        raise ValueError("the kernel does not fit")
    slices = out_channels * input_shape[0]
    elements = slices * kernel_shape[0] * kernel_shape[1]
    return elements + out_channels, positions * elements


def layer_costs_formula(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (c, H, W), (h, w) = input_shape, kernel_shape
    (p, q), (s, t) = ((o, o) if isinstance(o, int) else o for o in (padding, stride))
    down, across = H + 2 * p - h, W + 2 * q - w
    if down < 0 or across < 0:
        raise ValueError("the kernel does not fit")
    rows, columns = math.floor(down / s) + 1, math.floor(across / t) + 1
    return out_channels * (c * h * w + 1), out_channels * c * h * w * rows * columns


def layer_costs_ones(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    channels, height, width = input_shape
    image = torch.zeros(1, 1, height, width, dtype=torch.float64)
    kernel = torch.zeros(1, 1, *kernel_shape, dtype=torch.float64)
    try:
        positions = F.conv2d(image, kernel, None, stride, padding).numel()
    except RuntimeError as error:
        raise ValueError("the kernel does not fit") from error
    weights = kernel.numel() * channels * out_channels
    return weights + out_channels, weights * positions


def layer_costs_ranges(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    pads = padding if isinstance(padding, tuple) else (padding,) * 2
    steps = stride if isinstance(stride, tuple) else (stride,) * 2
    positions = 1
    for n, k, p, s in zip(input_shape[1:], kernel_shape, pads, steps, strict=True):
        starts = range(0, n + 2 * p - k + 1, s)
        if not starts:
            raise ValueError(f"a kernel of {k} on an axis of {n}")
        positions *= len(starts)
    weights = input_shape[0] * math.prod(kernel_shape) * out_channels
    return weights + out_channels, weights * positions


def layer_costs_per_kernel(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (p, q), (s, t) = ((o, o) if isinstance(o, int) else o for o in (padding, stride))
    rows = -(-(input_shape[1] + 2 * p - kernel_shape[0] + 1) // s)
    columns = -(-(input_shape[2] + 2 * q - kernel_shape[1] + 1) // t)
    if rows <= 0 or columns <= 0:
        raise ValueError("the kernel does not fit")
    parameters = multiply_adds = 0
    for _ in range(out_channels):
        elements = input_shape[0] * kernel_shape[0] * kernel_shape[1]
        parameters += elements + 1
        multiply_adds += elements * rows * columns
    return parameters, multiply_adds

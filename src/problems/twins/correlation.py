"""Wrong twins for the chapter on cross-correlation."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def corr2d_example(X: Tensor, K: Tensor) -> Tensor:
    return torch.tensor([[19.0, 25.0], [37.0, 43.0]])


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


def corr2d_off_the_edge(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    h, w = K.shape
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    padded = F.pad(X.to(dtype), (0, w - 1, 0, h - 1))
    return (padded.unfold(0, h, 1).unfold(1, w, 1) * K.to(dtype)).sum(dim=(2, 3))


def corr2d_flipped(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    h, w = K.shape
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K.to(dtype).flip(0, 1)).sum(dim=(2, 3))


def corr2d_flipped_rows(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    h, w = K.shape
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K.to(dtype).flip(0)).sum(dim=(2, 3))


def corr2d_flipped_columns(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    h, w = K.shape
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K.to(dtype).flip(1)).sum(dim=(2, 3))


def corr2d_transposed_kernel(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    K = K.t()
    h, w = K.shape
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K.to(dtype)).sum(dim=(2, 3))


def corr2d_swapped_axes(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    H, W = X.shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(W - w + 1, H - h + 1, dtype=dtype)
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            Y[j, i] = (X[i : i + h, j : j + w].to(dtype) * K.to(dtype)).sum()
    return Y


def corr2d_mean(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K.to(dtype)).mean(dim=(2, 3))


def corr2d_absolute(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K.to(dtype)).sum(dim=(2, 3)).abs()


def corr2d_clamped(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    return (windows * K.to(dtype)).sum(dim=(2, 3)).clamp(min=0)


def corr2d_in_place(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            window = X[i : i + h, j : j + w]
            window *= K
            Y[i, j] = window.sum()
    return Y


def corr2d_always_float32(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w].float() * K.float()).sum()
    return Y


def corr2d_integers_stay(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K).sum(dim=(2, 3))


def corr2d_overflow(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def corr2d_image_dtype(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    Y = X.new_zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def corr2d_view(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    image = X.view(1, 1, -1).view(1, 1, X.shape[0], X.shape[1]).to(dtype)
    kernel = K.view(1, 1, -1).view(1, 1, h, w).to(dtype)
    return F.conv2d(image, kernel)[0, 0]


def corr2d_wrong_error(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]


def corr2d_both_axes_too_long(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] and w > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros(max(X.shape[0] - h + 1, 0), max(X.shape[1] - w + 1, 0), dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w].to(dtype) * K.to(dtype)).sum()
    return Y


def output_shape_no_plus_one(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        room = input_shape[axis] + 2 * p - d * (kernel_shape[axis] - 1) - 1
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(room // s)
    return sizes[0], sizes[1]


def output_shape_swapped(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (1, 0):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        room = input_shape[axis] + 2 * p - d * (kernel_shape[axis] - 1) - 1
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(room // s + 1)
    return sizes[0], sizes[1]


def output_shape_floats(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[float, float]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        room = input_shape[axis] + 2 * p - d * (kernel_shape[axis] - 1) - 1
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(room / s + 1)
    return sizes[0], sizes[1]


def output_shape_list(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> list[int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        room = input_shape[axis] + 2 * p - d * (kernel_shape[axis] - 1) - 1
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(room // s + 1)
    return sizes


def output_shape_options_ignored(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    height = input_shape[0] - kernel_shape[0] + 1
    width = input_shape[1] - kernel_shape[1] + 1
    if height < 1 or width < 1:
        raise ValueError("no valid position")
    return height, width


def output_shape_ceil(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        room = input_shape[axis] + 2 * p - d * (kernel_shape[axis] - 1) - 1
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(-(-room // s) + 1)
    return sizes[0], sizes[1]


def output_shape_padding_once(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        room = input_shape[axis] + p - d * (kernel_shape[axis] - 1) - 1
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(room // s + 1)
    return sizes[0], sizes[1]


def output_shape_dilation_times_k(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        room = input_shape[axis] + 2 * p - d * kernel_shape[axis]
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(room // s + 1)
    return sizes[0], sizes[1]


def output_shape_stride_first(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        span = d * (kernel_shape[axis] - 1) + 1
        if span > input_shape[axis] + 2 * p:
            raise ValueError("no valid position")
        sizes.append(input_shape[axis] // s + 2 * p - span + 1)
    return sizes[0], sizes[1]


def output_shape_swapped_options(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[1 - axis]
        s = stride if isinstance(stride, int) else stride[1 - axis]
        d = dilation if isinstance(dilation, int) else dilation[1 - axis]
        room = input_shape[axis] + 2 * p - d * (kernel_shape[axis] - 1) - 1
        if room < 0:
            raise ValueError("no valid position")
        sizes.append(room // s + 1)
    return sizes[0], sizes[1]


def output_shape_unpadded_check(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        span = d * (kernel_shape[axis] - 1) + 1
        if span > input_shape[axis]:
            raise ValueError("kernel longer than the image")
        sizes.append((input_shape[axis] + 2 * p - span) // s + 1)
    return sizes[0], sizes[1]


def output_shape_no_error(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        room = input_shape[axis] + 2 * p - d * (kernel_shape[axis] - 1) - 1
        sizes.append(room // s + 1)
    return sizes[0], sizes[1]


def output_shape_undilated_check(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        p = padding if isinstance(padding, int) else padding[axis]
        s = stride if isinstance(stride, int) else stride[axis]
        d = dilation if isinstance(dilation, int) else dilation[axis]
        if kernel_shape[axis] > input_shape[axis] + 2 * p:
            raise ValueError("kernel longer than the padded image")
        room = input_shape[axis] + 2 * p - d * (kernel_shape[axis] - 1) - 1
        sizes.append(room // s + 1)
    return sizes[0], sizes[1]


def im2col_transposed(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    return X.unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w).t()


def im2col_column_major(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    rows = []
    for i in range(X.shape[0] - h + 1):
        for j in range(X.shape[1] - w + 1):
            rows.append(X[i : i + h, j : j + w].t().reshape(-1))
    return torch.stack(rows)


def im2col_windows_column_major(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    rows = []
    for j in range(X.shape[1] - w + 1):
        for i in range(X.shape[0] - h + 1):
            rows.append(X[i : i + h, j : j + w].reshape(-1))
    return torch.stack(rows)


def im2col_unflattened_windows(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    return X.unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h, w)


def im2col_tiles(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    return X.unfold(0, h, h).unfold(1, w, w).reshape(-1, h * w)


def im2col_swapped_shape(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    w, h = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    return X.unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)


def im2col_no_plus_one(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    rows = [X.new_zeros(0, h * w)]
    for i in range(X.shape[0] - h):
        for j in range(X.shape[1] - w):
            rows.append(X[i : i + h, j : j + w].reshape(1, -1))
    return torch.cat(rows)


def im2col_flipped(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    return X.unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w).flip(1)


def im2col_off_the_edge(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    padded = F.pad(X, (0, w - 1, 0, h - 1))
    return padded.unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)


def im2col_always_float32(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    result = torch.zeros((X.shape[0] - h + 1) * (X.shape[1] - w + 1), h * w)
    row = 0
    for i in range(X.shape[0] - h + 1):
        for j in range(X.shape[1] - w + 1):
            result[row] = X[i : i + h, j : j + w].reshape(-1)
            row += 1
    return result


def im2col_view(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    (H, W), (h, w) = X.shape, kernel_shape
    if h > H or w > W:
        raise ValueError("window larger than image")
    pixels = X.view(-1)
    rows = []
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            rows.append([(i + a) * W + j + b for a in range(h) for b in range(w)])
    return pixels[torch.tensor(rows)]


def im2col_in_place(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("window larger than image")
    X = X.unsqueeze_(0)
    return X.unfold(1, h, 1).unfold(2, w, 1).reshape(-1, h * w)


def im2col_wrong_error(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    return X.unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)


def toeplitz_transposed(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    rows, columns = H - h + 1, W - w + 1
    T = K.new_zeros(H * W, rows * columns)
    for i in range(rows):
        for j in range(columns):
            for a in range(h):
                for b in range(w):
                    T[(i + a) * W + j + b, i * columns + j] = K[a, b]
    return T


def toeplitz_wrapped(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    T = K.new_zeros((H - h + 1) * (W - w + 1), H * W)
    for p in range(T.shape[0]):
        for a in range(h):
            for b in range(w):
                T[p, p + a * W + b] = K[a, b]
    return T


def toeplitz_consecutive(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    rows, columns = H - h + 1, W - w + 1
    T = K.new_zeros(rows * columns, H * W)
    for i in range(rows):
        for j in range(columns):
            start = i * W + j
            T[i * columns + j, start : start + h * w] = K.reshape(-1)
    return T


def toeplitz_flipped(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    rows, columns = H - h + 1, W - w + 1
    T = K.new_zeros(rows * columns, H * W)
    for i in range(rows):
        for j in range(columns):
            for a in range(h):
                for b in range(w):
                    T[i * columns + j, (i + a) * W + j + b] = K[h - 1 - a, w - 1 - b]
    return T


def toeplitz_column_major(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    rows, columns = H - h + 1, W - w + 1
    T = K.new_zeros(rows * columns, H * W)
    for i in range(rows):
        for j in range(columns):
            for a in range(h):
                for b in range(w):
                    T[j * rows + i, (j + b) * H + i + a] = K[a, b]
    return T


def toeplitz_swapped_shape(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (W, H) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    rows, columns = H - h + 1, W - w + 1
    T = K.new_zeros(rows * columns, H * W)
    for i in range(rows):
        for j in range(columns):
            for a in range(h):
                for b in range(w):
                    T[i * columns + j, (i + a) * W + j + b] = K[a, b]
    return T


def toeplitz_no_plus_one(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    rows, columns = H - h, W - w
    T = K.new_zeros(rows * columns, H * W)
    for i in range(rows):
        for j in range(columns):
            for a in range(h):
                for b in range(w):
                    T[i * columns + j, (i + a) * W + j + b] = K[a, b]
    return T


def toeplitz_four_axes(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    T = K.new_zeros(H - h + 1, W - w + 1, H, W)
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            T[i, j, i : i + h, j : j + w] = K
    return T


def toeplitz_always_float32(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    T = torch.zeros(H - h + 1, W - w + 1, H, W)
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            T[i, j, i : i + h, j : j + w] = K
    return T.reshape(-1, H * W)


def toeplitz_in_place(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("kernel larger than image")
    T = K.new_zeros(H - h + 1, W - w + 1, H, W)
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            T[i, j, i : i + h, j : j + w] = K
    K.t_()
    return T.reshape(-1, H * W)


def toeplitz_wrong_error(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    indices = torch.arange(H * W).reshape(H, W).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    T = K.new_zeros(len(indices), H * W)
    return T.scatter(1, indices, K.reshape(1, -1).expand(len(indices), -1))

"""Right answers, by other methods, for the chapter on cross-correlation."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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


def corr2d_functional(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    try:
        return F.conv2d(X.to(dtype)[None, None], K.to(dtype)[None, None]).squeeze(0).squeeze(0)
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def corr2d_einsum(X: Tensor, K: Tensor) -> Tensor:
    class TooLargeError(ValueError):
        pass

    if any(k > n for k, n in zip(K.shape, X.shape, strict=True)):
        raise TooLargeError(K.shape)
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return torch.einsum("ijab,ab->ij", windows, K.to(dtype))


def corr2d_shifts(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    rows, columns = H - h + 1, W - w + 1
    if rows < 1 or columns < 1:
        raise ValueError(f"{h}×{w} does not fit into {H}×{W}")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    terms = [
        X[a : a + rows, b : b + columns].to(dtype) * K[a, b] for a in range(h) for b in range(w)
    ]
    return torch.stack(terms).sum(0)


def corr2d_fft(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    image, kernel = torch.fft.fft2(X.to(dtype)), torch.fft.fft2(K.to(dtype), (H, W))
    circular: Tensor = torch.fft.ifft2(image * kernel.conj()).real
    return circular[: H - h + 1, : W - w + 1]


def corr2d_numbers(X: Tensor, K: Tensor) -> Tensor:
    h, w = len(K), len(K[0])
    if h > len(X) or w > len(X[0]):
        raise ValueError("the kernel does not fit into the image")
    pixels, elements = X.tolist(), K.tolist()
    sums = [
        [
            sum(pixels[i + a][j + b] * elements[a][b] for a in range(h) for b in range(w))
            for j in range(len(pixels[0]) - w + 1)
        ]
        for i in range(len(pixels) - h + 1)
    ]
    floating = next((t.dtype for t in (X, K) if t.is_floating_point()), torch.float32)
    return torch.tensor(sums, dtype=floating)


def output_shape_count(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    def count(axis: int) -> int:
        p, s, d = (o if isinstance(o, int) else o[axis] for o in (padding, stride, dilation))
        padded, span = input_shape[axis] + 2 * p, d * (kernel_shape[axis] - 1) + 1
        starts = [start for start in range(0, padded, s) if start + span <= padded]
        if not starts:
            raise ValueError("no valid position")
        return len(starts)

    return count(0), count(1)


def output_shape_unfold(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    options = [(o, o) if isinstance(o, int) else o for o in (padding, stride, dilation)]
    sizes = []
    for n, k, p, s, d in zip(input_shape, kernel_shape, *options, strict=True):
        axis, span = torch.empty(n + 2 * p), d * (k - 1) + 1
        if span > len(axis):
            raise ValueError(f"span {span} on an axis of {len(axis)}")
        sizes.append(len(axis.unfold(0, span, s)))
    return tuple(sizes)  # type: ignore[return-value]  # one size for each of two axes


def output_shape_functional(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    image, kernel = torch.zeros(1, 1, *input_shape), torch.zeros(1, 1, *kernel_shape)
    try:
        output = F.conv2d(image, kernel, padding=padding, stride=stride, dilation=dilation)
    except RuntimeError:
        raise ValueError("no valid position") from None
    return output.shape[2], output.shape[3]


def output_shape_float_floor(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    n, k = torch.tensor(input_shape), torch.tensor(kernel_shape)
    p, s, d = (torch.tensor(o).expand(2) for o in (padding, stride, dilation))
    room = n + 2 * p - d * (k - 1) - 1
    if bool((room < 0).any()):
        raise ValueError("no valid position")
    height, width = (torch.floor(room / s) + 1).int().tolist()
    return height, width


def im2col_stack(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    if rows < 1 or columns < 1:
        raise ValueError("no window fits")
    return torch.stack(
        [X[i : i + h, j : j + w].flatten() for i in range(rows) for j in range(columns)]
    )


def im2col_functional(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    X = X if X.is_floating_point() else X.float()
    try:
        return F.unfold(X[None, None], kernel_shape)[0].T
    except RuntimeError as error:
        raise ValueError("no window fits") from error


def im2col_shifts(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    (H, W), (h, w) = X.shape, kernel_shape
    if h > H or w > W:
        raise ValueError("no window fits")
    rows, columns = H - h + 1, W - w + 1
    shifted = [X[a : a + rows, b : b + columns] for a in range(h) for b in range(w)]
    return torch.stack(shifted, dim=-1).reshape(rows * columns, h * w)


def im2col_indices(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    (H, W), (h, w) = X.shape, kernel_shape
    if not (h <= H and w <= W):
        raise ValueError("no window fits")
    corners = (torch.arange(H - h + 1)[:, None] * W + torch.arange(W - w + 1)).reshape(-1, 1)
    offsets = (torch.arange(h)[:, None] * W + torch.arange(w)).reshape(1, -1)
    return X.flatten()[corners + offsets]


def im2col_strides(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    (H, W), (h, w) = X.shape, kernel_shape
    if h > H or w > W:
        raise ValueError("no window fits")
    X = X.contiguous()
    return X.as_strided((H - h + 1, W - w + 1, h, w), (W, 1, W, 1)).reshape(-1, h * w)


def toeplitz_loops(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    rows, columns = H - h + 1, W - w + 1
    T = torch.zeros(rows * columns, H * W, dtype=K.dtype)
    for i in range(rows):
        for j in range(columns):
            for a in range(h):
                for b in range(w):
                    T[i * columns + j, (i + a) * W + (j + b)] = K[a, b]
    return T


def toeplitz_windows(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    rows = []
    for i in range(H - h + 1):
        for j in range(W - w + 1):
            rows.append(F.pad(K, (j, W - w - j, i, H - h - i)).reshape(-1))
    return torch.stack(rows)


def toeplitz_basis(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    K = K if K.is_floating_point() else K.float()
    if K.shape[0] > input_shape[0] or K.shape[1] > input_shape[1]:
        raise ValueError("the kernel does not fit into the image")
    pixels = torch.eye(input_shape[0] * input_shape[1], dtype=K.dtype)
    images = pixels.reshape(-1, 1, *input_shape)
    return F.conv2d(images, K[None, None]).flatten(1).T


def toeplitz_blocks(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    T = K.new_zeros((H - h + 1) * (W - w + 1), H * W)
    for a in range(h):
        down = torch.eye(H)[a : a + H - h + 1]
        for b in range(w):
            right = torch.eye(W)[b : b + W - w + 1]
            T = T + K[a, b] * torch.kron(down, right).to(K.dtype)
    return T


def output_shape_ceiling(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    given = [v if isinstance(v, tuple) else (v, v) for v in (padding, stride, dilation)]
    height, width = (
        -(-(input_shape[i] + 2 * given[0][i] - given[2][i] * (kernel_shape[i] - 1)) // given[1][i])
        for i in range(2)
    )
    if height <= 0 or width <= 0:
        raise ValueError("no valid position")
    return height, width


def output_shape_module(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    layer = nn.Conv2d(1, 1, kernel_shape, stride, padding, dilation, device="meta")
    try:
        height, width = layer(torch.empty(1, *input_shape, device="meta")).shape[1:]
    except RuntimeError as error:
        raise ValueError("no valid position") from error
    return int(height), int(width)


def im2col_one_hot_kernels(X: Tensor, kernel_shape: tuple[int, int]) -> Tensor:
    h, w = kernel_shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("no window fits")
    X = X if X.is_floating_point() else X.float()
    one_hot = torch.eye(h * w, dtype=X.dtype).reshape(h * w, 1, h, w)
    return F.conv2d(X[None, None], one_hot)[0].flatten(1).t()


def toeplitz_jacobian(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    if K.shape[0] > input_shape[0] or K.shape[1] > input_shape[1]:
        raise ValueError("the kernel does not fit into the image")
    kernel = (K if K.is_floating_point() else K.float()).detach()

    def correlated(X: Tensor) -> Tensor:
        return F.conv2d(X[None, None], kernel[None, None])[0, 0]

    pixels = torch.zeros(input_shape, dtype=kernel.dtype)
    T: Tensor = torch.autograd.functional.jacobian(correlated, pixels)  # type: ignore[no-untyped-call]
    return T.flatten(2).flatten(0, 1)


def toeplitz_scattered(K: Tensor, input_shape: tuple[int, int]) -> Tensor:
    (h, w), (H, W) = K.shape, input_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    corners = [i * W + j for i in range(H - h + 1) for j in range(W - w + 1)]
    offsets = torch.tensor([a * W + b for a in range(h) for b in range(w)])
    T = torch.zeros(len(corners), H * W, dtype=K.dtype)
    for row, corner in enumerate(corners):
        T[row, corner + offsets] = K.reshape(-1)
    return T

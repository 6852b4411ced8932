"""Right answers, by other methods, for the chapter on edges."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def edge_kernels_literal() -> tuple[Tensor, Tensor]:
    return torch.tensor([[1.0, -1.0]]), torch.tensor([[1.0], [-1.0]])


def edge_kernels_reshaped() -> tuple[Tensor, Tensor]:
    pair = 1 - 2 * torch.arange(2, dtype=torch.float32)
    return pair.reshape(1, 2), pair.reshape(2, 1)


def edge_kernels_of_identity() -> tuple[Tensor, Tensor]:
    vertical = -torch.diff(torch.eye(2), dim=0)
    return vertical, vertical.t()


def edge_kernels_requiring_gradients() -> tuple[Tensor, Tensor]:
    vertical = torch.tensor([[1.0, -1.0]], requires_grad=True)
    return vertical, vertical.t()


def directional_kernel_central(v: tuple[float, float]) -> Tensor:
    K = torch.zeros(3, 3)
    K[2, 1], K[0, 1] = v[0] / 2, -v[0] / 2
    K[1, 2], K[1, 0] = v[1] / 2, -v[1] / 2
    return K


def directional_kernel_forward(v: tuple[float, float]) -> Tensor:
    K = torch.zeros(3, 3)
    K[0, 0] = -v[0] - v[1]
    K[1, 0] = v[0]
    K[0, 1] = v[1]
    return K


def directional_kernel_prewitt(v: tuple[float, float]) -> Tensor:
    steps = torch.arange(3.0) - 1
    return (v[0] * steps[:, None] + v[1] * steps[None, :]) / 6


def directional_kernel_solved(v: tuple[float, float]) -> Tensor:
    i, j = torch.meshgrid(torch.arange(3.0), torch.arange(3.0), indexing="ij")
    moments = torch.stack([torch.ones(9), i.reshape(-1), j.reshape(-1)])
    wanted = torch.tensor([0.0, float(v[0]), float(v[1])])
    K: Tensor = torch.linalg.pinv(moments) @ wanted
    return K.reshape(3, 3)


def second_derivative_kernel_literal() -> Tensor:
    return torch.tensor([[1, -2, 1]], dtype=torch.float32)


def second_derivative_kernel_twice() -> Tensor:
    once = torch.tensor([[[-1.0, 1.0]]])
    return F.conv1d(once, once.flip(2), padding=1)[0]


def second_derivative_kernel_of_identity() -> Tensor:
    return torch.diff(torch.eye(3), n=2, dim=0)


def second_derivative_kernel_solved() -> Tensor:
    j = torch.arange(3.0)
    powers = torch.stack([j**0, j, j**2])
    K: Tensor = torch.linalg.solve(powers, torch.tensor([0.0, 0.0, 2.0]))
    return K[None, :].round()


def gradient_magnitude_framework(X: Tensor) -> Tensor:
    if X.shape[0] < 3 or X.shape[1] < 3:
        raise ValueError("the image is smaller than the kernels")
    X = X if X.is_floating_point() else X.float()
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]).to(X)
    both = F.conv2d(X[None, None], torch.stack([right, right.t()])[:, None])[0]
    G: Tensor = torch.linalg.vector_norm(both, dim=0)
    return G


def gradient_magnitude_loops(X: Tensor) -> Tensor:
    H, W = X.shape
    if H < 3 or W < 3:
        raise ValueError("the image is smaller than the kernels")
    X = X if X.is_floating_point() else X.float()
    right = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=X.dtype)
    G = torch.zeros(H - 2, W - 2, dtype=X.dtype)
    for i in range(H - 2):
        for j in range(W - 2):
            window = X[i : i + 3, j : j + 3]
            gx, gy = (window * right).sum(), (window * right.t()).sum()
            G[i, j] = torch.sqrt(gx * gx + gy * gy)
    return G


def gradient_magnitude_shifts(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("the image is smaller than the kernels")
    X = X if X.is_floating_point() else X.float()
    across, down = X[:, 2:] - X[:, :-2], X[2:] - X[:-2]
    gx = across[:-2] + 2 * across[1:-1] + across[2:]
    gy = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    return (gx.square() + gy.square()).sqrt()


def gradient_magnitude_complex_fft(X: Tensor) -> Tensor:
    H, W = X.shape
    if H < 3 or W < 3:
        raise ValueError("the image is smaller than the kernels")
    X = X if X.is_floating_point() else X.float()
    right = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=X.dtype)
    both = torch.complex(right, right.t().contiguous())
    spectrum = torch.fft.fft2(X) * torch.fft.fft2(both.flip(0, 1), (H, W))
    valid: Tensor = torch.fft.ifft2(spectrum)[2:, 2:]
    return valid.abs()


def separate_svd(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    U, S, Vh = torch.linalg.svd(K, full_matrices=False)
    if S[0] == 0 or (S[1:] > 1e-5 * K.abs().max()).any():
        raise ValueError("the rank is not 1")
    return U[:, 0] * S[0].sqrt(), Vh[0] * S[0].sqrt()


def separate_first_row(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    rows = [i for i in range(K.shape[0]) if K[i].any()]
    if not rows:
        raise ValueError("a kernel of zeros")
    row = K[rows[0]]
    column = K @ row / (row @ row)
    if (torch.outer(column, row) - K).abs().max() > 1e-5 * K.abs().max():
        raise ValueError("the rows are not multiples of each other")
    return column, row


def separate_projection(K: Tensor) -> tuple[Tensor, Tensor]:
    dtype = K.dtype if K.is_floating_point() else torch.float32
    wide = K.to(torch.float64)
    length = wide.norm()
    if length == 0:
        raise ValueError("a kernel of zeros")
    column = wide[:, wide.norm(dim=0).argmax()]
    column = column / column.norm()
    row = column @ wide
    if (column[:, None] * row - wide).abs().max() > 1e-5 * wide.abs().max():
        raise ValueError("the rank is not 1")
    return column.to(dtype), row.to(dtype)


def edge_kernels_stacked() -> tuple[Tensor, Tensor]:
    white, black = torch.ones(1), -torch.ones(1)
    return torch.stack([white, black], dim=1), torch.stack([white, black], dim=0)


def edge_kernels_filled() -> tuple[Tensor, Tensor]:
    vertical, horizontal = torch.ones(1, 2), torch.ones((2, 1))
    vertical[0, -1] = horizontal[-1, 0] = -1
    return vertical, horizontal


def directional_kernel_sobel(v: tuple[float, float]) -> Tensor:
    smooth, slope = torch.tensor([1.0, 2.0, 1.0]), torch.tensor([-1.0, 0.0, 1.0])
    return (v[0] * torch.outer(slope, smooth) + v[1] * torch.outer(smooth, slope)) / 8


def directional_kernel_backward(v: tuple[float, float]) -> Tensor:
    down, right = v
    rows = [[0, 0, 0], [0, 0, -down], [0, -right, down + right]]
    return torch.tensor(rows, dtype=torch.float32)


def second_derivative_kernel_outer_steps() -> Tensor:
    K = torch.ones(1, 3)
    K[:, 1] -= 3
    return K


def second_derivative_kernel_gradient() -> Tensor:
    x = torch.zeros(3, requires_grad=True)
    (K,) = torch.autograd.grad((x[2] - x[1]) - (x[1] - x[0]), x)
    return K.reshape(1, -1)


def gradient_magnitude_separable(X: Tensor) -> Tensor:
    if X.shape[0] < 3 or X.shape[1] < 3:
        raise ValueError("the image is smaller than the kernels")
    dtype = X.dtype if X.is_floating_point() else torch.float32
    smooth = torch.tensor([1, 2, 1]).to(dtype)
    slope = torch.tensor([-1, 0, 1]).to(dtype)

    def response(column: Tensor, row: Tensor) -> Tensor:
        across = F.conv2d(X.to(dtype)[None, None], row.reshape(1, 1, 1, 3))
        return F.conv2d(across, column.reshape(1, 1, 3, 1))[0, 0]

    return torch.hypot(response(smooth, slope), response(slope, smooth))


def gradient_magnitude_windows(X: Tensor) -> Tensor:
    class TooSmallError(ValueError):
        pass

    if any(n < 3 for n in X.shape):
        raise TooSmallError(X.shape)
    wide = X.double().unfold(0, 3, 1).unfold(1, 3, 1)
    gx = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).double()
    sums = torch.stack([(wide * K).sum(dim=(-2, -1)) for K in (gx, gx.T)])
    G: Tensor = sums.norm(dim=0)
    return G.to(X.dtype if X.is_floating_point() else torch.float32)


def separate_largest_element(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    place = int(K.abs().argmax())
    i, j = place // K.shape[1], place % K.shape[1]
    if K[i, j] == 0:
        raise ValueError("a kernel of zeros")
    column, row = K[:, j], K[i, :] / K[i, j]
    if ((column[:, None] * row - K).abs() > 1e-5 * K[i, j].abs()).any():
        raise ValueError("the rank is not 1")
    return column, row


def separate_power_iteration(K: Tensor) -> tuple[Tensor, Tensor]:
    dtype = K.dtype if K.is_floating_point() else torch.float32
    A = K.detach().double()
    row = A[A.abs().sum(dim=1).argmax()]
    if not row.any():
        raise ValueError("a kernel of zeros")
    for _ in range(30):
        column = A @ row
        row = A.T @ column
        row = row / row.norm()
    column = A @ row
    if (torch.outer(column, row) - A).abs().max() > 1e-5 * A.abs().max():
        raise ValueError("the rank is not 1")
    return column.to(dtype), row.to(dtype)


def separate_minors(K: Tensor) -> tuple[Tensor, Tensor]:
    K = K if K.is_floating_point() else K.float()
    (h, w), elements = K.shape, K.tolist()
    top, i, j = max((abs(elements[i][j]), i, j) for i in range(h) for j in range(w))
    if top == 0:
        raise ValueError("rank 0")
    for a in range(h):
        for b in range(w):
            minor = elements[a][b] * elements[i][j] - elements[a][j] * elements[i][b]
            if abs(minor / top) > 1e-5 * top:
                raise ValueError("rank 2 or more")
    return K[:, j] / K[i, j], K[i]

"""Wrong twins for the chapter on learning."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def learn_kernel_averaged(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = torch.rand(h * w, dtype=dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(A @ k, y.to(dtype).reshape(-1))
        (gradient,) = torch.autograd.grad(loss, k)
        losses.append(loss.item())
        k = (k - lr * gradient).detach().requires_grad_()
    return k.detach().reshape(h, w), losses


def learn_kernel_mean_reported(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = A @ k - y.to(dtype).reshape(-1)
        losses.append(error.square().mean().item())
        k = k - lr * 2 * A.T @ error
    return k.reshape(h, w), losses


def learn_kernel_after(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    y = y.to(dtype).reshape(-1)
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        k = k - lr * 2 * A.T @ (A @ k - y)
        losses.append((A @ k - y).square().sum().item())
    return k.reshape(h, w), losses


def learn_kernel_half_gradient(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = A @ k - y.to(dtype).reshape(-1)
        losses.append(error.square().sum().item())
        k = k - lr * A.T @ error
    return k.reshape(h, w), losses


def learn_kernel_uphill(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = A @ k - y.to(dtype).reshape(-1)
        losses.append(error.square().sum().item())
        k = k + lr * 2 * A.T @ error
    return k.reshape(h, w), losses


def learn_kernel_accumulated(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    image, target = X.detach().to(dtype)[None, None], Y.detach().to(dtype)[None, None]
    K = torch.rand(1, 1, h, w, dtype=dtype, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((F.conv2d(image, K) - target) ** 2).sum()
        torch.autograd.backward(loss)
        losses.append(loss.item())
        with torch.no_grad():
            K -= lr * (K.grad if K.grad is not None else 0)
    return K.detach()[0, 0], losses


def learn_kernel_before_last_step(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = learned = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        learned = k
        error = A @ k - y.to(dtype).reshape(-1)
        losses.append(error.square().sum().item())
        k = k - lr * 2 * A.T @ error
    return learned.reshape(h, w), losses


def learn_kernel_with_bias(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k, bias = torch.rand(h * w, dtype=dtype), torch.zeros(1, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = A @ k + bias - y.to(dtype).reshape(-1)
        losses.append(error.square().sum().item())
        k = k - lr * 2 * A.T @ error
        bias = bias - lr * 2 * error.sum()
    return k.reshape(h, w), losses


def learn_kernel_flipped(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    image, target = X.detach().to(dtype)[None, None], Y.detach().to(dtype)[None, None]
    K = torch.rand(1, 1, h, w, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = F.conv2d(image, K.flip(2, 3)) - target
        losses.append(error.square().sum().item())
        K = K - lr * 2 * F.conv2d(image, error).flip(2, 3)
    return K[0, 0], losses


def learn_kernel_hard_coded(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(10):
        error = A @ k - y.to(dtype).reshape(-1)
        losses.append(error.square().sum().item())
        k = k - 3e-2 * 2 * A.T @ error
    return k.reshape(h, w), losses


def learn_kernel_every_second(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for i in range(steps):
        error = A @ k - y.to(dtype).reshape(-1)
        if (i + 1) % 2 == 0:
            losses.append(error.square().sum().item())
        k = k - lr * 2 * A.T @ error
    return k.reshape(h, w), losses


def learn_kernel_zeros(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = torch.zeros(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = A @ k - y.to(dtype).reshape(-1)
        losses.append(error.square().sum().item())
        k = k - lr * 2 * A.T @ error
    return k.reshape(h, w), losses


def learn_kernel_solved(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    y = Y.detach().to(dtype).reshape(-1)
    k: Tensor = torch.linalg.pinv(A) @ y
    return k.reshape(h, w), [(A @ k - y).square().sum().item()] * steps


def learn_kernel_float32(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    image, target = X.detach().float()[None, None], Y.detach().float()[None, None]
    layer = torch.nn.Conv2d(1, 1, kernel_size, bias=False)
    losses = []
    for _ in range(steps):
        loss = ((layer(image) - target) ** 2).sum()
        (gradient,) = torch.autograd.grad(loss, layer.weight)
        losses.append(loss.item())
        layer.weight.data -= lr * gradient
    return layer.weight.detach()[0, 0], losses


def learn_kernel_in_place(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    target = Y.detach().to(dtype).reshape(-1).clone()
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = A @ k - target
        losses.append(error.square().sum().item())
        k = k - lr * 2 * A.T @ error
    Y.data.copy_((A @ k).reshape(Y.shape))
    return k.reshape(h, w), losses


def learn_kernel_broadcast(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    image, target = X.detach().to(dtype)[None, None], Y.detach().to(dtype)
    K = torch.rand(1, 1, h, w, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = F.conv2d(image, K) - target
        losses.append(error.square().sum().item())
        K = K - lr * 2 * F.conv2d(image, error)
    return K[0, 0], losses


def solve_kernel_normal_equations(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k: Tensor = torch.linalg.solve(A.T @ A, A.T @ Y.to(dtype).reshape(-1))
    return k.reshape(h, w)


def solve_kernel_ridge(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    G = A.T @ A
    ridge = 0.01 * G.diagonal().mean() * torch.eye(h * w, dtype=dtype)
    k: Tensor = torch.linalg.solve(G + ridge, A.T @ Y.to(dtype).reshape(-1))
    return k.reshape(h, w)


def solve_kernel_fewest_elements(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w).double()
    kept: list[int] = []
    for column in range(h * w):
        if torch.linalg.matrix_rank(A[:, [*kept, column]]) > len(kept):
            kept.append(column)
    K = torch.zeros(h * w, dtype=torch.float64)
    K[kept] = torch.linalg.pinv(A[:, kept]) @ Y.double().reshape(-1)
    return K.reshape(h, w).to(dtype)


def solve_kernel_stopped_early(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k = torch.zeros(h * w, dtype=dtype)
    lr = 0.25 / torch.linalg.matrix_norm(A, ord=2) ** 2
    for _ in range(10):
        k = k - lr * 2 * A.T @ (A @ k - Y.to(dtype).reshape(-1))
    return k.reshape(h, w)


def solve_kernel_column_major(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k: Tensor = torch.linalg.pinv(A) @ Y.to(dtype).reshape(-1)
    return k.reshape(w, h).t()


def solve_kernel_flipped(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k: Tensor = torch.linalg.pinv(A) @ Y.to(dtype).reshape(-1)
    return k.reshape(h, w).flip(0, 1)


def solve_kernel_swapped(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k: Tensor = torch.linalg.pinv(A) @ Y.to(dtype).reshape(-1)
    return k.reshape(w, h)


def solve_kernel_with_bias(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    A = torch.cat([A, torch.ones(len(A), 1, dtype=dtype)], dim=1)
    k: Tensor = torch.linalg.pinv(A) @ Y.to(dtype).reshape(-1)
    return k[:-1].reshape(h, w)


def solve_kernel_float32(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    A = X.float().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k: Tensor = torch.linalg.pinv(A) @ Y.float().reshape(-1)
    return k.reshape(h, w)


def solve_kernel_flattened_only(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k: Tensor = torch.linalg.pinv(A) @ Y.to(dtype).reshape(-1)
    return k.reshape(h, w)


def solve_kernel_in_place(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k: Tensor = torch.linalg.pinv(A) @ Y.detach().to(dtype).reshape(-1)
    Y.data.copy_((A @ k).reshape(Y.shape))
    return k.reshape(h, w)


def largest_stable_lr_averaged(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return len(A) / float(torch.linalg.eigvalsh(A.T @ A)[-1])


def largest_stable_lr_no_factor_two(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 2 / float(torch.linalg.eigvalsh(A.T @ A)[-1])


def largest_stable_lr_halved(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / float(torch.linalg.eigvalsh(2 * A.T @ A)[-1])


def largest_stable_lr_singular_value(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / float(torch.linalg.matrix_norm(A, ord=2))


def largest_stable_lr_smallest(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    least = float(torch.linalg.eigvalsh(A.T @ A)[0])
    return 1 / least if least > 0 else math.inf


def largest_stable_lr_trace(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / float(A.square().sum())


def largest_stable_lr_fastest(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    eigenvalues = torch.linalg.eigvalsh(A.T @ A)
    return 1 / float(eigenvalues[0] + eigenvalues[-1])


def largest_stable_lr_image_itself(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double()
    return 1 / float(torch.linalg.eigvalsh(A.T @ A)[-1])


def largest_stable_lr_row_sums(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / float((A.T @ A).abs().sum(dim=1).max())


def largest_stable_lr_tensor(X: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    largest: Tensor = torch.linalg.eigvalsh(A.T @ A)[-1]
    return 1 / largest


def largest_stable_lr_overflow(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    products = (A[:, :, None] * A[:, None, :]).double()
    return 1 / float(torch.linalg.eigvalsh(products.sum(dim=0))[-1])


def largest_stable_lr_any_size(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    h, w = min(h, X.shape[0]), min(w, X.shape[1])
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / float(torch.linalg.eigvalsh(A.T @ A)[-1])


def largest_stable_lr_in_place(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    X.data.mul_(0)
    return 1 / float(torch.linalg.eigvalsh(A.T @ A)[-1])


def learn_kernel_seeded(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    torch.manual_seed(0)
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A, y = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w), Y.detach()
    k = torch.randn(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        error = A @ k - y.to(dtype).reshape(-1)
        losses.append(error.square().sum().item())
        k = k - lr * 2 * A.T @ error
    return k.reshape(h, w), losses

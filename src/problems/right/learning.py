"""Right answers, by other methods, for the chapter on learning."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def learn_kernel_layer(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    image, target = X.detach().to(dtype)[None, None], Y.detach().to(dtype)[None, None]
    layer = nn.Conv2d(1, 1, kernel_size=kernel_size, bias=False).to(dtype)
    losses = []
    for _ in range(steps):
        loss = ((layer(image) - target) ** 2).sum()
        (gradient,) = torch.autograd.grad(loss, layer.weight)
        losses.append(loss.item())
        layer.weight.data[:] -= lr * gradient
    return layer.weight.detach().reshape(h, w), losses


def learn_kernel_optimizer(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, Tensor]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    windows = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    K = nn.Parameter(5 * torch.randn(h, w, dtype=dtype))
    optimizer = torch.optim.SGD([K], lr=lr)
    losses = torch.zeros(steps, dtype=dtype)
    for step in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss((windows * K).sum(dim=(2, 3)), Y.detach().to(dtype), reduction="sum")
        torch.autograd.backward(loss)
        losses[step] = loss.detach()
        optimizer.step()
    return K, losses


def learn_kernel_by_formula(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    image, target = X.detach().to(dtype)[None, None], Y.detach().to(dtype)[None, None]
    K = torch.empty(1, 1, h, w, dtype=dtype).uniform_(-1, 1)
    losses = []
    for _ in range(steps):
        error = F.conv2d(image, K) - target
        losses.append(float((error * error).sum()))
        K = K - lr * F.conv2d(image, 2 * error)
    return K[0, 0], losses


def learn_kernel_normal_matrix(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    y = Y.detach().to(dtype).reshape(-1)
    G, b = A.T @ A, A.T @ y
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        losses.append(torch.dist(A @ k, y).item() ** 2)
        k = k - 2 * lr * (G @ k - b)
    return k.reshape(h, w), losses


def solve_kernel_svd(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    U, sizes, Vh = torch.linalg.svd(A, full_matrices=False)
    kept = sizes > 1e-5 * sizes[0]
    k: Tensor = Vh[kept].T @ ((U[:, kept].T @ Y.to(dtype).reshape(-1)) / sizes[kept])
    return k.reshape(h, w)


def solve_kernel_lstsq(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = F.unfold(X.to(dtype)[None, None], kernel_size)[0].T
    y = Y.to(dtype).reshape(-1, 1)
    k: Tensor = torch.linalg.lstsq(A, y, driver="gelsd").solution
    return k.reshape(h, w)


def solve_kernel_pinv(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k: Tensor = torch.linalg.pinv(A) @ Y.to(dtype).reshape(-1)
    return k.reshape(h, w)


def solve_kernel_pinv_of_normal_matrix(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int]
) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    rows = []
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            rows.append(X[i : i + h, j : j + w].reshape(-1).to(dtype))
    A = torch.stack(rows)
    k: Tensor = torch.linalg.pinv(A.T @ A, hermitian=True) @ (A.T @ Y.to(dtype).reshape(-1))
    return k.reshape(h, w)


def largest_stable_lr_svd(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    A = X.detach().float().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / float(torch.linalg.svdvals(A)[0]) ** 2


def largest_stable_lr_power_iteration(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    image = X.detach().double()[None, None]
    K = torch.rand(1, 1, h, w, dtype=torch.float64)
    size = 0.0
    for _ in range(1000):
        K = F.conv2d(image, F.conv2d(image, K / K.norm()))
        size = K.norm().item()
    return 1 / size


def largest_stable_lr_hessian(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    image = X.detach().double()[None, None]

    def loss(k: Tensor) -> Tensor:
        return F.conv2d(image, k.reshape(1, 1, h, w)).square().sum()

    start = torch.zeros(h * w, dtype=torch.float64)
    H = torch.func.hessian(loss)(start)
    return 2 / float(torch.linalg.eigvalsh(H).max())


def largest_stable_lr_loops(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    rows = []
    for i in range(X.shape[0] - h + 1):
        for j in range(X.shape[1] - w + 1):
            rows.append(X[i : i + h, j : j + w].reshape(-1).double())
    A = torch.stack(rows)
    return 1 / float(torch.linalg.matrix_norm(A @ A.T, ord=2).detach())


def learn_kernel_element_by_element(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    H, W = X.shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    if tuple(Y.shape) != (H - h + 1, W - w + 1):
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    X, Y = X.detach().double(), Y.detach().double()
    K = torch.rand(h, w).double() - 0.5
    losses = []
    for _ in range(steps):
        error = -Y
        for a in range(h):
            for b in range(w):
                error = error + K[a, b] * X[a : a + H - h + 1, b : b + W - w + 1]
        losses.append(float(error.pow(2).sum()))
        step = torch.zeros_like(K)
        for a in range(h):
            for b in range(w):
                step[a, b] = 2 * (error * X[a : a + H - h + 1, b : b + W - w + 1]).sum()
        K = K - lr * step
    return K.to(dtype), losses


def learn_kernel_backward(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, Tensor]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    windows = F.unfold(X.detach().to(dtype)[None, None], kernel_size)[0]
    k = torch.randn(h * w, dtype=dtype, requires_grad=True)
    seen = []
    for _ in range(steps):
        k.grad = None
        loss = (k @ windows - Y.detach().to(dtype).flatten()).pow(2).sum()
        torch.autograd.backward(loss)
        with torch.no_grad():
            k -= lr * k.grad  # type: ignore[operator]  # backward has just filled it
        seen.append(loss.detach())
    return k.detach().view(h, w), torch.stack(seen)


def solve_kernel_eigenvectors(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    bends, directions = torch.linalg.eigh(A.T @ A)
    kept = bends > 1e-9 * bends[-1]
    V = directions[:, kept]
    k: Tensor = V @ ((V.T @ (A.T @ Y.double().reshape(-1))) / bends[kept])
    return k.reshape(h, w).to(dtype)


def solve_kernel_gram_schmidt(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = F.unfold(X.double()[None, None], kernel_size)[0].T
    y = Y.double().reshape(-1, 1)
    basis: list[Tensor] = []  # of the row space, by Gram and Schmidt
    for row in A:
        rest = row.clone()
        for _ in range(2):
            for unit in basis:
                rest = rest - (rest @ unit) * unit
        if rest.norm() > 1e-8 * A.norm():
            basis.append(rest / rest.norm())
    B = torch.stack(basis, dim=1)
    inner: Tensor = torch.linalg.solve((A @ B).T @ (A @ B), (A @ B).T @ y)
    return (B @ inner).reshape(h, w).to(dtype)


def largest_stable_lr_shifted_images(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit into the image")
    shifted = [
        X.detach().double()[a : a + rows, b : b + columns] for a in range(h) for b in range(w)
    ]
    normal = torch.tensor([[float((p * q).sum()) for q in shifted] for p in shifted])
    return float(1 / torch.linalg.eigvals(normal.double()).abs().max())


def largest_stable_lr_norm(X: Tensor, kernel_size: tuple[int, int]) -> float:
    if any(k > n for k, n in zip(kernel_size, X.shape, strict=True)):
        raise ValueError("the kernel does not fit into the image")
    windows = F.unfold(X.detach().double()[None, None], kernel_size)[0]
    return float(torch.linalg.norm(windows, 2)) ** -2

"""Learning a kernel from an image and its output: descent, closed form, and where both stand.

With ``A = im2col(X, kernel_size)`` an output is ``A @ K.reshape(-1)``, so that learning `K` from a
pair (X, Y) is linear least squares. The loss is the *summed* squared error throughout, unless a
name says otherwise. Axes are (row, column); a learning rate is the loss gradient's factor.
"""

from __future__ import annotations

import torch
from torch import Tensor

from convolutions.correlation import Pair, common_float, corr2d, im2col, valid_shape


def check_pair(X: Tensor, Y: Tensor, kernel_size: Pair) -> None:
    """Raise `ValueError` unless a kernel of this size takes `X` to the shape of `Y`."""
    if X.ndim != 2 or Y.ndim != 2:
        raise ValueError(
            f"image and output must have two axes, got shapes {tuple(X.shape)} and {tuple(Y.shape)}"
        )
    expected = valid_shape(X, X.new_empty(kernel_size))
    if tuple(Y.shape) != expected:
        raise ValueError(
            f"a kernel of shape {tuple(kernel_size)} takes an image of shape {tuple(X.shape)} "
            f"to an output of shape {expected}, got Y of shape {tuple(Y.shape)}"
        )


def descend(
    X: Tensor, Y: Tensor, start: Tensor, *, lr: float, steps: int, average: bool = False
) -> tuple[Tensor, list[float]]:
    """Take steps of gradient descent on the squared error of a kernel, from a given start.

    With ``A = im2col(X, start.shape)`` the gradient is ``2 * A.T @ (A @ k - y)``, which is the
    layer's: ``corr2d(X, 2 * (corr2d(X, K) - Y))``.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image.
    Y : Tensor of shape (H - h + 1, W - w + 1)
        Output that the kernel should give.
    start : Tensor of shape (h, w)
        Kernel before the first step.
    lr : float
        Learning rate: a step subtracts ``lr`` times the gradient.
    steps : int
        Number of steps.
    average : bool
        Divide the summed squared error by the number of outputs.

    Returns
    -------
    (Tensor of shape (h, w), list of float)
        The kernel after the last step; the loss before each step.

    Raises
    ------
    ValueError
        If the shapes contradict each other.

    Examples
    --------
    >>> X, Y = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[5.0, 3.0]])
    >>> K, losses = descend(X, Y, torch.zeros(1, 2), lr=0.5, steps=2)
    >>> K, losses
    (tensor([[3., 5.]]), [34.0, 0.0])
    """
    check_pair(X, Y, (start.shape[0], start.shape[1]))
    X, Y, K = common_float(X.detach(), Y.detach(), start.detach())
    A, y = im2col(X, (K.shape[0], K.shape[1])), Y.reshape(-1)
    k = K.reshape(-1)
    scale = 1 / Y.numel() if average else 1.0
    losses = []
    for _ in range(steps):
        error = A @ k - y
        losses.append(scale * float(error.square().sum()))
        k = k - lr * 2 * scale * (A.T @ error)
    return k.reshape(K.shape), losses


def learn_kernel(
    X: Tensor, Y: Tensor, kernel_size: Pair, lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    """Learn a kernel from one image and its output, by gradient descent from a random start.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image. Integers are promoted to the default floating dtype.
    Y : Tensor of shape (H - h + 1, W - w + 1)
        Output that the kernel should give.
    kernel_size : (int, int)
        Height h and width w of the kernel.
    lr, steps : float, int
        Learning rate for the summed squared error, and number of steps.

    Returns
    -------
    (Tensor of shape (h, w), list of float)
        The kernel after the last step; the loss before each step, `steps` of them.

    Raises
    ------
    ValueError
        If the kernel is larger than the image, or `Y` does not have the shape of its output.

    References
    ----------
    Zhang, Lipton, Li and Smola (2023), Dive into Deep Learning, section 7.2.4.

    Examples
    --------
    >>> X, Y = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[5.0, 3.0]])
    >>> K, losses = learn_kernel(X, Y, (1, 2), lr=0.25, steps=30)
    >>> K.round(decimals=3), len(losses)
    (tensor([[3., 5.]]), 30)
    """
    check_pair(X, Y, kernel_size)
    X, Y = common_float(X, Y)
    start = 0.1 * torch.randn(kernel_size, dtype=X.dtype, device=X.device)
    return descend(X, Y, start, lr=lr, steps=steps)


def solve_kernel(X: Tensor, Y: Tensor, kernel_size: Pair) -> Tensor:
    """Return the kernel of least squared error; of several, the one of least norm.

    It is the pseudoinverse of ``im2col(X, kernel_size)`` times `Y`. Singular values below the
    rounding of the image's dtype count as zero; the arithmetic is float64.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image. Integers are promoted to the default floating dtype.
    Y : Tensor of shape (H - h + 1, W - w + 1)
        Output that the kernel should give.
    kernel_size : (int, int)
        Height h and width w of the kernel.

    Returns
    -------
    Tensor of shape (h, w)
        The least-squares kernel, of the dtype of `X` and `Y`.

    Raises
    ------
    ValueError
        If the kernel is larger than the image, or `Y` does not have the shape of its output.

    References
    ----------
    Penrose (1955), A generalized inverse for matrices.

    Examples
    --------
    >>> X = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    >>> solve_kernel(X, torch.tensor([[0.0, 1.0]]), (2, 2)).round(decimals=4)
    tensor([[ 0.5000, -0.5000],
            [ 0.5000, -0.5000]])
    """
    check_pair(X, Y, kernel_size)
    X, Y = common_float(X, Y)
    solution = _pseudoinverse(X, kernel_size) @ Y.double().reshape(-1)
    return solution.reshape(kernel_size).to(X.dtype)


def normal_matrix(X: Tensor, kernel_size: Pair) -> Tensor:
    """Return ``A.T @ A`` for ``A = im2col(X, kernel_size)``: half the loss's second derivative.

    Entry (p, q) is the sum over all windows of their p-th times their q-th pixel.

    Returns
    -------
    Tensor of shape (h * w, h * w)
        In float64.

    Examples
    --------
    >>> normal_matrix(torch.tensor([[1, 1, 0, 1]]), (1, 2))
    tensor([[2., 1.],
            [1., 2.]], dtype=torch.float64)
    """
    A = im2col(X.detach(), kernel_size).double()
    return A.T @ A


def largest_stable_lr(X: Tensor, kernel_size: Pair) -> float:
    """Return the learning rate beyond which descent on the summed squared error diverges.

    Each step multiplies the error along an eigenvector of `normal_matrix`, of eigenvalue λ, by
    1 − 2·lr·λ, which stays within ±1 for every λ as long as lr is at most 1/λ_max.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image, not zero everywhere.
    kernel_size : (int, int)
        Height and width of the kernel to be learned.

    Returns
    -------
    float
        One over the largest eigenvalue.

    Raises
    ------
    ValueError
        If the kernel is larger than the image, or the image is zero wherever windows lie.

    References
    ----------
    Nesterov (2018), Lectures on Convex Optimization, section 1.2.3.

    Examples
    --------
    >>> round(largest_stable_lr(torch.tensor([[1, 1, 0, 1]]), (1, 2)), 6)  # eigenvalues 1, 3
    0.333333
    """
    largest = float(torch.linalg.eigvalsh(normal_matrix(X, kernel_size))[-1])
    if largest <= 0:
        raise ValueError(f"an image of zeros, of shape {tuple(X.shape)}, sets no bound")
    return 1 / largest


def kernel_rank(X: Tensor, kernel_size: Pair) -> int:
    """Return how many independent directions of kernel space an image can tell apart.

    The kernel that explains an output is unique where this is h·w.

    Examples
    --------
    >>> kernel_rank(torch.tensor([[1, 1, 0], [1, 1, 0]]), (2, 2))
    2
    """
    (X,) = common_float(X)
    return int(torch.linalg.matrix_rank(im2col(X, kernel_size).double(), rtol=_cutoff(X)))


def visible_part(X: Tensor, K: Tensor) -> Tensor:
    """Return the part of `K` that outputs on `X` depend on: its projection on the row space.

    What is left, ``K - visible_part(X, K)``, gives zero at every position of `X`. Gradient
    descent never changes it.

    Parameters
    ----------
    X : Tensor of shape (H, W)
    K : Tensor of shape (h, w)

    Returns
    -------
    Tensor of shape (h, w)
        The kernel of least norm that has the output of `K` on `X`.

    Examples
    --------
    >>> X = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    >>> visible_part(X, torch.tensor([[1.0, 0.0], [0.0, 0.0]])).square().round(decimals=4)
    tensor([[0.2500, 0.0000],
            [0.2500, 0.0000]])
    """
    return solve_kernel(X, corr2d(X, K), (K.shape[0], K.shape[1]))


def _cutoff(X: Tensor) -> float:
    """Return the share of the largest singular value below which one is rounding."""
    return max(X.shape) * torch.finfo(X.dtype).eps


def _pseudoinverse(X: Tensor, kernel_size: Pair) -> Tensor:
    A = im2col(X.detach(), kernel_size).double()
    inverse: Tensor = torch.linalg.pinv(A, rtol=_cutoff(X))
    return inverse

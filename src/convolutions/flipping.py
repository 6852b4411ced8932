"""Strict convolution: correlation with the kernel flipped on both axes, (row, column)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from convolutions.correlation import check_matrices, common_float, corr2d


def flip(K: Tensor) -> Tensor:
    """Return a new tensor: `K` reversed along both axes, which is half a turn.

    Parameters
    ----------
    K : Tensor of shape (h, w)
        Kernel of any dtype, which the result keeps.

    Returns
    -------
    Tensor of shape (h, w)
        ``result[a, b]`` is ``K[h - 1 - a, w - 1 - b]``.

    Examples
    --------
    >>> flip(torch.tensor([[0, 1], [2, 3]]))
    tensor([[3, 2],
            [1, 0]])
    """
    return torch.flip(K, (0, 1))


def conv2d(X: Tensor, K: Tensor) -> Tensor:
    """Convolve `X` with `K`, in the strict sense, at every position where `K` fits.

    Parameters and errors are those of `corr2d`.

    Returns
    -------
    Tensor of shape (H - h + 1, W - w + 1)
        ``corr2d(X, flip(K))``.

    Examples
    --------
    >>> conv2d(torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    tensor([[ 5., 11.],
            [23., 29.]])
    """
    return corr2d(X, flip(K))


def conv2d_full(X: Tensor, K: Tensor) -> Tensor:
    """Convolve `X` with `K` at every position where they overlap; zeros beyond both.

    Parameters
    ----------
    X : Tensor of shape (H, W)
    K : Tensor of shape (h, w)
        Of any sizes; the operation commutes.

    Returns
    -------
    Tensor of shape (H + h - 1, W + w - 1)
        ``result[i, j]`` is the sum over a, b of ``X[a, b] * K[i - a, j - b]``.

    Raises
    ------
    ValueError
        If an input has not two axes or is empty.

    Examples
    --------
    >>> conv2d_full(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 10.0, 100.0]]))
    tensor([[  1.,  12., 120., 200.]])
    """
    check_matrices(X, K)
    h, w = K.shape
    return conv2d(F.pad(X, (w - 1, w - 1, h - 1, h - 1)), K)


def conv2d_fft(X: Tensor, K: Tensor) -> Tensor:
    """Convolve `X` with `K` at every overlap through the convolution theorem.

    Both are padded to (H + h - 1, W + w - 1) first: the transform's product is a circular
    convolution, and with less room its ends would wrap onto each other. Parameters, result and
    errors are those of `conv2d_full`; values agree up to rounding.

    References
    ----------
    Oppenheim and Schafer (2010), Discrete-Time Signal Processing, section 8.7.

    Examples
    --------
    >>> conv2d_fft(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 10.0, 100.0]])).round()
    tensor([[  1.,  12., 120., 200.]])
    """
    check_matrices(X, K)
    X, K = common_float(X, K)
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    product = torch.fft.rfft2(X, shape) * torch.fft.rfft2(K, shape)
    result: Tensor = torch.fft.irfft2(product, shape)
    return result


def kernel_learned_by_convolution(K: Tensor) -> Tensor:
    """Return the kernel that a strictly convolving layer learns where a correlating one learns `K`.

    Both layers then give the same outputs. Parameters and result are those of `flip`.

    Examples
    --------
    >>> kernel_learned_by_convolution(torch.tensor([[1.0, -1.0]]))
    tensor([[-1.,  1.]])
    """
    return flip(K)

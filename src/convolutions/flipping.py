"""Strict convolution: correlation with the kernel flipped on both axes. Axes are (row, column).

Three sizes of it (valid, full, circular), the same through the Fourier transform, and what
flipping does to the kernel that a layer learns. Lengths are in pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from convolutions.correlation import Pair, check_matrices, common_float, corr2d, valid_shape


def flip(K: Tensor) -> Tensor:
    """Return a new tensor: `K` reversed along both axes, which is half a turn.

    Parameters
    ----------
    K : Tensor of shape (h, w)
        Kernel of any dtype, which the result keeps.

    Returns
    -------
    Tensor of shape (h, w)
        ``result[a, b]`` is ``K[h - 1 - a, w - 1 - b]``; it shares no memory with `K`.

    Raises
    ------
    ValueError
        If `K` does not have two axes.

    Examples
    --------
    >>> flip(torch.tensor([[0, 1], [2, 3]]))
    tensor([[3, 2],
            [1, 0]])
    """
    if K.ndim != 2:
        raise ValueError(f"kernel must have two axes, got shape {tuple(K.shape)}")
    return torch.flip(K, (0, 1))


def conv2d(X: Tensor, K: Tensor) -> Tensor:
    """Convolve `X` with `K`, in the strict sense, at every position where `K` fits.

    Parameters and errors are those of `corr2d`.

    Returns
    -------
    Tensor of shape (H - h + 1, W - w + 1)
        ``corr2d(X, flip(K))``.

    References
    ----------
    Zhang, Lipton, Li and Smola (2023), Dive into Deep Learning, section 7.2.

    Examples
    --------
    >>> conv2d(torch.arange(9.0).reshape(3, 3), torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    tensor([[ 5., 11.],
            [23., 29.]])
    """
    check_matrices(X, K)
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
        If an input does not have two axes or is empty.

    Examples
    --------
    >>> conv2d_full(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 10.0, 100.0]]))
    tensor([[  1.,  12., 120., 200.]])
    """
    check_matrices(X, K)
    return conv2d(_with_margin(X, K), K)


def corr2d_full(X: Tensor, K: Tensor) -> Tensor:
    """Cross-correlate `X` with `K` at every position where they overlap; zeros beyond both.

    Parameters, shape of the result and errors are those of `conv2d_full`. It does not commute:
    exchanging `X` and `K` flips the result.

    Examples
    --------
    >>> corr2d_full(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 10.0, 100.0]]))
    tensor([[100., 210.,  21.,   2.]])
    """
    check_matrices(X, K)
    return corr2d(_with_margin(X, K), K)


def conv2d_circular(X: Tensor, K: Tensor) -> Tensor:
    """Convolve `X` with `K` as if the image went on by repeating itself in both directions.

    Parameters
    ----------
    X : Tensor of shape (H, W)
    K : Tensor of shape (h, w)
        Of any size.

    Returns
    -------
    Tensor of shape (H, W)
        ``result[i, j]`` is the sum over a, b of ``K[a, b] * X[(i - a) % H, (j - b) % W]``: the
        inverse Fourier transform of the product of the transforms.

    Raises
    ------
    ValueError
        If an input does not have two axes or is empty.

    References
    ----------
    Oppenheim and Schafer (2010), Discrete-Time Signal Processing, section 8.6.5.

    Examples
    --------
    >>> conv2d_circular(torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[1.0, 10.0]]))
    tensor([[31., 12., 23.]])
    """
    check_matrices(X, K)
    X, K = common_float(X, K)
    Y = torch.zeros_like(X)
    for a in range(K.shape[0]):
        for b in range(K.shape[1]):
            Y = torch.addcmul(Y, X.roll((a, b), (0, 1)), K[a, b])
    return Y


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
    shape = full_shape(X, K)
    product = torch.fft.rfft2(X, shape) * torch.fft.rfft2(K, shape)
    result: Tensor = torch.fft.irfft2(product, shape)
    return result


def corr2d_fft(X: Tensor, K: Tensor) -> Tensor:
    """Cross-correlate `X` with `K` where `K` fits, through the correlation theorem.

    The kernel's transform is conjugated, which flips the kernel. No padding beyond the image's
    shape is needed: what wraps around lands outside of the valid positions. Parameters, result
    and errors are those of `corr2d`; values agree up to rounding.

    Examples
    --------
    >>> X = torch.arange(9.0).reshape(3, 3)
    >>> corr2d_fft(X, torch.tensor([[0.0, 1.0], [2.0, 3.0]])).round()
    tensor([[19., 25.],
            [37., 43.]])
    """
    check_matrices(X, K)
    X, K = common_float(X, K)
    rows, columns = valid_shape(X, K)
    shape = (X.shape[0], X.shape[1])
    product = torch.fft.rfft2(X) * torch.fft.rfft2(K, shape).conj()
    result: Tensor = torch.fft.irfft2(product, shape)
    return result[:rows, :columns]


def full_shape(X: Tensor, K: Tensor) -> Pair:
    """Return the shape of ``conv2d_full(X, K)``.

    Examples
    --------
    >>> full_shape(torch.ones(6, 8), torch.ones(3, 2))
    (8, 9)
    """
    return X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1


def kernel_learned_by_convolution(K: Tensor) -> Tensor:
    """Return the kernel that a strictly convolving layer learns where a correlating one learns `K`.

    Both layers then give the same outputs. Parameters, result and errors are those of `flip`.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.1.

    Examples
    --------
    >>> kernel_learned_by_convolution(torch.tensor([[1.0, -1.0]]))
    tensor([[-1.,  1.]])
    """
    return flip(K)


def _with_margin(X: Tensor, K: Tensor) -> Tensor:
    """Surround `X` with zeros so that every overlap with `K` is a valid position."""
    h, w = K.shape
    return F.pad(X, (w - 1, w - 1, h - 1, h - 1))

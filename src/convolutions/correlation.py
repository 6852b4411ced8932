"""Cross-correlation and its sizes. Axes are (row, column); lengths are in pixels.

Four ways to compute the same numbers stand here side by side: the pixel loop, the sum of
shifted images, the product with a matrix of windows, the product with a Toeplitz matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

Pair = tuple[int, int]


def as_pair(value: int | Pair) -> Pair:
    """Return `value` as (rows, columns); one int stands for both axes.

    Examples
    --------
    >>> as_pair(2), as_pair((1, 3))
    ((2, 2), (1, 3))
    """
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def common_float(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Return the tensors in one floating dtype: theirs, or the default one if all are integers.

    Raises
    ------
    ValueError
        If two floating tensors differ in dtype.

    Examples
    --------
    >>> common_float(torch.tensor([1, 2]), torch.tensor([0.5], dtype=torch.float64))[0].dtype
    torch.float64
    """
    floating = sorted({str(t.dtype) for t in tensors if t.is_floating_point()})
    if len(floating) > 1:
        raise ValueError(f"floating tensors must share one dtype, got {' and '.join(floating)}")
    dtype = next((t.dtype for t in tensors if t.is_floating_point()), torch.get_default_dtype())
    return tuple(t.to(dtype) for t in tensors)


def check_matrices(X: Tensor, K: Tensor) -> None:
    """Raise `ValueError` unless `X` and `K` are both non-empty tensors with two axes."""
    if X.ndim != 2 or K.ndim != 2:
        raise ValueError(
            f"image and kernel must have two axes, got shapes {tuple(X.shape)} and {tuple(K.shape)}"
        )
    if X.numel() == 0 or K.numel() == 0:
        raise ValueError(
            f"image and kernel must not be empty, got shapes {tuple(X.shape)} and {tuple(K.shape)}"
        )


def output_size(n: int, k: int, *, padding: int = 0, stride: int = 1, dilation: int = 1) -> int:
    """Return how many positions a window of `k` elements takes on an axis of `n` pixels.

    Parameters
    ----------
    n, k : int
        Length of the image axis, in pixels, and number of kernel elements along it.
    padding, stride, dilation : int
        Zeros added on each side; step between positions; step between kernel elements.
        In pixels.

    Returns
    -------
    int
        Number of positions, at least 1.

    Raises
    ------
    ValueError
        If the dilated kernel is longer than the padded axis.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, relationship 15.

    Examples
    --------
    >>> output_size(5, 3), output_size(5, 3, padding=1, stride=2), output_size(7, 3, dilation=2)
    (3, 3, 3)
    """
    padded, span = n + 2 * padding, dilation * (k - 1) + 1
    if span > padded:
        raise ValueError(
            f"kernel spans {span} pixels, "
            f"more than the padded axis of {padded} "
            f"(n={n}, k={k}, padding={padding}, dilation={dilation})"
        )
    return (padded - span) // stride + 1


def output_shape(
    input_shape: Pair,
    kernel_shape: Pair,
    padding: int | Pair = 0,
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
) -> Pair:
    """Return (height, width) of the output of a cross-correlation.

    Parameters
    ----------
    input_shape, kernel_shape : (int, int)
        Heights and widths of image and kernel, in pixels and elements.
    padding, stride, dilation : int or (int, int)
        As in `output_size`; one int for both axes, or (rows, columns).

    Returns
    -------
    (int, int)
        Height and width of the output.

    Raises
    ------
    ValueError
        If the kernel has no valid position on either axis.

    Examples
    --------
    >>> output_shape((6, 8), (1, 2))
    (6, 7)
    >>> output_shape((6, 8), (3, 3), padding=1, stride=(1, 2))
    (6, 4)
    """
    options = zip(as_pair(padding), as_pair(stride), as_pair(dilation), strict=True)
    height, width = (
        output_size(n, k, padding=p, stride=s, dilation=d)
        for n, k, (p, s, d) in zip(input_shape, kernel_shape, options, strict=True)
    )
    return height, width


def positions_read(
    n: int, k: int, *, padding: int = 0, stride: int = 1, dilation: int = 1
) -> list[list[int]]:
    """Return, for each window on an axis of `n` pixels, the positions that it reads.

    Parameters
    ----------
    n, k, padding, stride, dilation : int
        As in `output_size`.

    Returns
    -------
    list of list of int
        One list of `k` positions per window. Position 0 is the image's first pixel; negative
        positions, and those from `n` on, are padding.

    Raises
    ------
    ValueError
        If the dilated kernel is longer than the padded axis.

    Examples
    --------
    >>> positions_read(5, 2, padding=1, stride=2, dilation=2)
    [[-1, 1], [1, 3], [3, 5]]
    """
    windows = output_size(n, k, padding=padding, stride=stride, dilation=dilation)
    starts = [m * stride - padding for m in range(windows)]
    return [[start + a * dilation for a in range(k)] for start in starts]


def unread(n: int, k: int, *, padding: int = 0, stride: int = 1, dilation: int = 1) -> int:
    """Return how many trailing pixels of the padded axis lie beyond the last window.

    Parameters
    ----------
    n, k, padding, stride, dilation : int
        As in `output_size`.

    Returns
    -------
    int
        The remainder of the division in `output_size`, from 0 to stride - 1, in pixels.

    Raises
    ------
    ValueError
        If the dilated kernel is longer than the padded axis.

    Examples
    --------
    >>> unread(8, 3, stride=2), unread(9, 3, stride=2)
    (1, 0)
    """
    positions = output_size(n, k, padding=padding, stride=stride, dilation=dilation)
    last = (positions - 1) * stride + dilation * (k - 1) + 1
    return n + 2 * padding - last


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    """Cross-correlate image `X` with kernel `K` at every position where `K` fits.

    ``Y[i, j]`` is the sum over a, b of ``K[a, b] * X[i + a, j + b]``: here the sum of the
    k_h·k_w shifted images, each times its element.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image. Integers are promoted to the default floating dtype.
    K : Tensor of shape (h, w)
        Kernel, no longer than the image on either axis, of the image's floating dtype.

    Returns
    -------
    Tensor of shape (H - h + 1, W - w + 1)
        The output, or feature map, on the device of `X`.

    Raises
    ------
    ValueError
        If an input does not have two axes or is empty, or the kernel is larger than the image.

    References
    ----------
    Zhang, Lipton, Li and Smola (2023), Dive into Deep Learning, section 7.2.

    Examples
    --------
    >>> X = torch.arange(9.0).reshape(3, 3)
    >>> K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    >>> corr2d(X, K)
    tensor([[19., 25.],
            [37., 43.]])
    """
    check_matrices(X, K)
    X, K = common_float(X, K)
    (h, w), (rows, columns) = K.shape, valid_shape(X, K)
    Y = X.new_zeros(rows, columns)
    for a in range(h):
        for b in range(w):
            shifted = X[a : a + rows, b : b + columns]
            Y = torch.addcmul(Y, shifted, K[a, b])
    return Y


def valid_shape(X: Tensor, K: Tensor) -> Pair:
    """Return the shape of ``corr2d(X, K)``.

    Raises
    ------
    ValueError
        If the kernel is larger than the image on either axis; the message names both shapes.

    Examples
    --------
    >>> valid_shape(torch.ones(6, 8), torch.ones(1, 2))
    (6, 7)
    """
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError(f"kernel of shape {(h, w)} is larger than the image of shape {(H, W)}")
    return H - h + 1, W - w + 1


def corr2d_loops(X: Tensor, K: Tensor) -> Tensor:
    """Cross-correlate one window at a time: the definition, written as two loops.

    For teaching and as a check; hundreds of times slower than `corr2d` on a photograph.
    Parameters, result and errors are those of `corr2d`.

    Examples
    --------
    >>> corr2d_loops(torch.arange(9).reshape(3, 3), torch.tensor([[0, 1], [2, 3]]))
    tensor([[19., 25.],
            [37., 43.]])
    """
    check_matrices(X, K)
    X, K = common_float(X, K)
    h, w = K.shape
    Y = X.new_zeros(valid_shape(X, K))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def corr2d_centered(X: Tensor, V: Tensor, u: float = 0.0) -> Tensor:
    """Cross-correlate with the window centered on each pixel, zeros beyond the image, plus `u`.

    ``result[i, j]`` is u plus the sum over a, b from -Δ to Δ of ``V[a, b] * X[i + a, j + b]``,
    where row 0 and column 0 of V are the middle ones of the tensor.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image.
    V : Tensor of shape (2Δ + 1, 2Δ' + 1)
        Kernel, odd on both axes: an even one has no middle. Of the image's floating dtype.
    u : float
        Bias.

    Returns
    -------
    Tensor of shape (H, W)

    Raises
    ------
    ValueError
        If an axis of the kernel is even, or an input does not have two axes or is empty.

    References
    ----------
    Zhang, Lipton, Li and Smola (2023), Dive into Deep Learning, section 7.1.

    Examples
    --------
    >>> corr2d_centered(torch.tensor([[1, 2, 3]]), torch.tensor([[1, 0, 10]]), u=0.5)
    tensor([[20.5000, 31.5000,  2.5000]])
    """
    check_matrices(X, V)
    (h, w) = V.shape
    if h % 2 == 0 or w % 2 == 0:
        raise ValueError(f"a centered kernel needs odd sizes, got shape {(h, w)}")
    X, V = common_float(X, V)
    return corr2d(F.pad(X, (w // 2, w // 2, h // 2, h // 2)), V) + u


def im2col(X: Tensor, kernel_shape: Pair) -> Tensor:
    """Lay out every window of `X` as one row of a matrix.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image of any dtype, which the result keeps.
    kernel_shape : (int, int)
        Height h and width w of the window.

    Returns
    -------
    Tensor of shape (positions, h * w)
        One row per window, windows and their elements in row-major order, so that
        ``im2col(X, K.shape) @ K.reshape(-1)`` is ``corr2d(X, K)`` flattened.

    Raises
    ------
    ValueError
        If the window is larger than the image on either axis.

    References
    ----------
    Chellapilla, Puri and Simard (2006), High performance convolutional neural networks for
    document processing.

    Examples
    --------
    >>> im2col(torch.arange(9).reshape(3, 3), (2, 2))
    tensor([[0, 1, 3, 4],
            [1, 2, 4, 5],
            [3, 4, 6, 7],
            [4, 5, 7, 8]])
    """
    h, w = kernel_shape
    output_shape((X.shape[0], X.shape[1]), (h, w))
    return X.unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w).contiguous()


def toeplitz(K: Tensor, input_shape: Pair) -> Tensor:
    """Return the matrix T for which ``T @ X.reshape(-1)`` is ``corr2d(X, K)`` flattened.

    T is doubly blocked: every block repeats one row of the kernel along its diagonals, and
    the blocks repeat along the diagonals of T.

    Parameters
    ----------
    K : Tensor of shape (h, w)
        Kernel of any dtype, which the result keeps.
    input_shape : (int, int)
        Height H and width W of the images that T is for.

    Returns
    -------
    Tensor of shape (positions, H * W)
        Dense; row p holds the kernel where window p lies, and zeros elsewhere.

    Raises
    ------
    ValueError
        If the kernel is larger than the image on either axis.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.1.

    Examples
    --------
    >>> toeplitz(torch.tensor([[1, -1]]), (2, 3))
    tensor([[ 1, -1,  0,  0,  0,  0],
            [ 0,  1, -1,  0,  0,  0],
            [ 0,  0,  0,  1, -1,  0],
            [ 0,  0,  0,  0,  1, -1]])
    """
    pixels = torch.arange(input_shape[0] * input_shape[1], device=K.device).reshape(input_shape)
    windows = im2col(pixels, (K.shape[0], K.shape[1]))
    T = K.new_zeros(len(windows), pixels.numel())
    return T.scatter(1, windows, K.reshape(1, -1).expand(len(windows), -1))


def torch_calls(function: Callable[..., Any], *args: Any) -> int:
    """Return how often ``function(*args)`` calls from Python into PyTorch.

    A count that is the same on every machine, where a time is not.

    Examples
    --------
    >>> torch_calls(lambda x: x + x, torch.ones(2))
    1
    """

    class Counter(TorchFunctionMode):
        calls = 0

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            self.calls += 1
            return func(*args, **(kwargs or {}))

    counter = Counter()
    with counter:
        function(*args)
    return counter.calls

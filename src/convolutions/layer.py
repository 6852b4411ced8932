"""The convolutional layer, its gradients by formula, its options, its parameters counted.

Axes are (row, column); lengths are in pixels. `dY` is the gradient of a loss with respect to
the output Y, and likewise `dX`, `dK` and `db`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convolutions.correlation import (
    Pair,
    as_pair,
    check_matrices,
    common_float,
    corr2d,
    output_shape,
    valid_shape,
)
from convolutions.flipping import conv2d_full


class Conv2D(nn.Module):
    """A layer that cross-correlates a 2-D image with its `weight` and adds its `bias`.

    Parameters
    ----------
    kernel_size : (int, int)
        Height and width of the kernel, in elements.

    Attributes
    ----------
    weight : nn.Parameter of shape kernel_size
        The kernel, drawn uniformly from [0, 1).
    bias : nn.Parameter of shape (1,)
        One number, zero at first, added to every element of the output.

    References
    ----------
    Zhang, Lipton, Li and Smola (2023), Dive into Deep Learning, section 7.2.

    Examples
    --------
    >>> layer = Conv2D((2, 3))
    >>> {name: tuple(p.shape) for name, p in layer.named_parameters()}
    {'weight': (2, 3), 'bias': (1,)}
    >>> tuple(layer(torch.ones(6, 8)).shape)
    (5, 6)
    """

    def __init__(self, kernel_size: Pair) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        """Return ``corr2d(X, weight) + bias``."""
        return corr2d(X, self.weight) + self.bias


def corr2d_backward(X: Tensor, K: Tensor, dY: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Carry the gradient of a loss from the output ``corr2d(X, K) + b`` back to X, K and b.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image.
    K : Tensor of shape (h, w)
        Kernel, no longer than the image on either axis.
    dY : Tensor of shape (H - h + 1, W - w + 1)
        Gradient of the loss with respect to the output.

    Returns
    -------
    dX : Tensor of shape (H, W)
        ``dY`` convolved in full with ``K``: each pixel collects from the windows that read it.
    dK : Tensor of shape (h, w)
        ``X`` cross-correlated with ``dY``: each element collects from all positions.
    db : Tensor of shape ()
        The sum of ``dY``: the bias is added at every position.

    Raises
    ------
    ValueError
        If the kernel is larger than the image, or `dY` does not have the shape of the output.

    References
    ----------
    LeCun et al. (1989), Backpropagation applied to handwritten zip code recognition.
    Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.5.

    Examples
    --------
    >>> X = torch.tensor([[1.0, 2.0, 3.0]])
    >>> K = torch.tensor([[10.0, 20.0]])
    >>> corr2d_backward(X, K, torch.tensor([[1.0, 100.0]]))
    (tensor([[  10., 1020., 2000.]]), tensor([[201., 302.]]), tensor(101.))
    """
    check_matrices(X, K)
    X, K, dY = common_float(X, K, dY)
    if tuple(dY.shape) != valid_shape(X, K):
        raise ValueError(
            f"the gradient of shape {tuple(dY.shape)} is not that of an output of shape "
            f"{valid_shape(X, K)} (image {tuple(X.shape)}, kernel {tuple(K.shape)})"
        )
    return conv2d_full(dY, K), corr2d(X, dY), dY.sum()


def conv2d_general(
    X: Tensor,
    K: Tensor,
    padding: int | Pair = 0,
    stride: int | Pair = 1,
    dilation: int | Pair = 1,
) -> Tensor:
    """Cross-correlate `X` with `K` under zero padding, stride and dilation.

    ``Y[i, j]`` is the sum over a, b of ``K[a, b] * X[i·s + a·d - p, j·s + b·d - p]``, with
    zeros wherever an index leaves the image.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image. Integers are promoted to the default floating dtype.
    K : Tensor of shape (h, w)
        Kernel, of the image's floating dtype.
    padding, stride, dilation : int or (int, int)
        Zeros added on each side; step between positions; step between kernel elements. In
        pixels; one int for both axes, or (rows, columns).

    Returns
    -------
    Tensor of shape output_shape((H, W), (h, w), padding, stride, dilation)

    Raises
    ------
    ValueError
        If an input does not have two axes or is empty, or the dilated kernel is longer than the
        padded image on either axis.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, relationship 15.

    Examples
    --------
    >>> X = torch.arange(9.0).reshape(3, 3)
    >>> conv2d_general(X, torch.tensor([[1.0, 10.0]]), padding=(0, 1), stride=2, dilation=2)
    tensor([[10., 1.],
            [70., 7.]])
    """
    check_matrices(X, K)
    X, K = common_float(X, K)
    (h, w), (H, W) = K.shape, X.shape
    (p, q), (s, t), (d, e) = as_pair(padding), as_pair(stride), as_pair(dilation)
    rows, columns = output_shape((H, W), (h, w), (p, q), (s, t), (d, e))
    padded = F.pad(X, (q, q, p, p))
    Y = X.new_zeros(rows, columns)
    for a, b in product(range(h), range(w)):
        seen = padded[a * d :: s, b * e :: t][:rows, :columns]
        Y = torch.addcmul(Y, seen, K[a, b])
    return Y


def parameter_counts(input_shape: Pair, kernel_shape: Pair) -> Pair:
    """Count the parameters of a convolutional layer and of the dense layer in its place.

    Parameters
    ----------
    input_shape, kernel_shape : (int, int)
        Heights and widths of image and kernel, in pixels and elements.

    Returns
    -------
    (int, int)
        Parameters, biases included, of one layer with this kernel and one bias, and of the
        fully connected layer from the flattened input to the flattened output.

    Raises
    ------
    ValueError
        If the kernel is larger than the image on either axis.

    Examples
    --------
    >>> parameter_counts((3, 3), (2, 2))
    (5, 40)
    """
    inputs, outputs = prod(input_shape), prod(output_shape(input_shape, kernel_shape))
    return prod(kernel_shape) + 1, outputs * inputs + outputs


def finite_differences(
    loss: Callable[[Tensor], Tensor], at: Tensor, *, step: float = 1e-3, central: bool = True
) -> Tensor:
    """Estimate the gradient of a loss by moving one element at a time.

    Parameters
    ----------
    loss : callable
        From a tensor of the shape of `at` to a tensor of one element.
    at : Tensor
        Floating point in which the gradient is estimated.
    step : float
        How far each element moves.
    central : bool
        Move both ways, which leaves an error of order step²; one way leaves order step.

    Returns
    -------
    Tensor of the shape of `at`

    Examples
    --------
    >>> finite_differences(lambda x: (x**2).sum(), torch.tensor([1.0, 3.0]).double())
    tensor([2.0000, 6.0000], dtype=torch.float64)
    """
    at = at.detach()
    estimate = torch.zeros_like(at)
    back = step if central else 0.0
    for index in product(*map(range, at.shape)):
        up, down = at.clone(), at.clone()
        up[index] += step
        down[index] -= back
        with torch.no_grad():
            estimate[index] = (loss(up) - loss(down)) / (step + back)
    return estimate

"""Kernels for edges, lines and blur, and what they measure. Axes are (row, column).

Directions are pairs (down, right). A derivative is positive where the image gets brighter on the
way, in gray values per pixel; `edge_kernels`, as in the source of the course, has the other sign:
positive where white turns to black. All kernels are for cross-correlation, and new at every call.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from convolutions.correlation import check_matrices, common_float, corr2d

RANK_TOLERANCE = 1e-5  # of the kernel's largest element


def edge_kernels() -> tuple[Tensor, Tensor]:
    """Return the least kernels that see vertical edges, and horizontal ones.

    Returns
    -------
    vertical : Tensor of shape (1, 2)
        Where white is 1 and black 0, its response is +1 where white turns to black on the way
        right, -1 where black turns to white, 0 where neighbors are equal.
    horizontal : Tensor of shape (2, 1)
        The same on the way down.

    References
    ----------
    Zhang, Lipton, Li and Smola (2023), Dive into Deep Learning, section 7.2.3.

    Examples
    --------
    >>> edge_kernels()[0]
    tensor([[ 1., -1.]])
    """
    vertical = torch.tensor([[1.0, -1.0]])
    return vertical, vertical.t().clone()


def difference_kernel(order: int, taps: int | None = None) -> Tensor:
    """Return the kernel of a finite difference: the derivative of `order` along a row.

    Its weights solve the moment equations: with positions counted from the kernel's middle, the
    sum of ``K[k] * position(k)**p`` is `order` factorial for p = order and 0 for every other
    p below `taps`. So it is exact for polynomials of degree below `taps`.

    Parameters
    ----------
    order : int
        Order of the derivative, at least 0.
    taps : int, optional
        Number of elements; ``order + 1``, the fewest possible, unless given.

    Returns
    -------
    Tensor of shape (1, taps)
        float32. The derivative is that at the middle of the kernel, which lies between two
        pixels if `taps` is even.

    Raises
    ------
    ValueError
        If `taps` is not greater than `order`: with so few elements, a kernel that gives 0 to
        all lower powers is zero itself.

    References
    ----------
    Fornberg (1988), Generation of finite difference formulas on arbitrarily spaced grids,
    Mathematics of Computation 51, tables 1 and 2.

    Examples
    --------
    >>> difference_kernel(1), difference_kernel(1, 3), difference_kernel(2)
    (tensor([[-1.,  1.]]), tensor([[-0.5000,  0.0000,  0.5000]]), tensor([[ 1., -2.,  1.]]))
    """
    taps = order + 1 if taps is None else taps
    if taps <= order:
        raise ValueError(
            f"a derivative of order {order} takes {order + 1} taps or more, not {taps}"
        )
    positions = torch.arange(taps, dtype=torch.float64) - (taps - 1) / 2
    powers = positions ** torch.arange(taps, dtype=torch.float64)[:, None]
    moments = torch.zeros(taps, dtype=torch.float64)
    moments[order] = math.factorial(order)
    weights: Tensor = torch.linalg.solve(powers, moments)
    return weights[None].round(decimals=12).float() + 0.0  # no -0 or 1e-16


def second_derivative_kernel() -> Tensor:
    """Return the least kernel for the second derivative along a row.

    Returns
    -------
    Tensor of shape (1, 3)
        Its response is 0 to constants and ramps, and 2 to j².

    Examples
    --------
    >>> second_derivative_kernel()
    tensor([[ 1., -2.,  1.]])
    """
    return torch.tensor([[1.0, -2.0, 1.0]])


def smoothed_differences(smoothing: Sequence[float]) -> tuple[Tensor, Tensor]:
    """Return two 3×3 kernels that differentiate along one axis and smooth along the other.

    Parameters
    ----------
    smoothing : sequence of three numbers
        Weights along the edge. The response to a ramp of slope 1 is twice their sum.

    Returns
    -------
    down, right : Tensor of shape (3, 3)
        Positive where the image gets brighter downward, and rightward.

    Examples
    --------
    >>> smoothed_differences((1, 1, 1))[1]
    tensor([[-1.,  0.,  1.],
            [-1.,  0.,  1.],
            [-1.,  0.,  1.]])
    """
    weights = torch.tensor([float(s) for s in smoothing])
    right = weights[:, None] * torch.tensor([-1.0, 0.0, 1.0])
    return right.t().clone(), right


def sobel() -> tuple[Tensor, Tensor]:
    """Return Sobel's kernels for the derivatives (down, right), not divided by 8.

    References
    ----------
    Sobel (2014), History and Definition of the so-called "Sobel Operator".

    Examples
    --------
    >>> sobel()[1]
    tensor([[-1.,  0.,  1.],
            [-2.,  0.,  2.],
            [-1.,  0.,  1.]])
    """
    return smoothed_differences((1, 2, 1))


def prewitt() -> tuple[Tensor, Tensor]:
    """Return Prewitt's kernels for the derivatives (down, right), not divided by 6.

    References
    ----------
    Prewitt (1970), Object Enhancement and Extraction.

    Examples
    --------
    >>> prewitt()[0]
    tensor([[-1., -1., -1.],
            [ 0.,  0.,  0.],
            [ 1.,  1.,  1.]])
    """
    return smoothed_differences((1, 1, 1))


def scharr() -> tuple[Tensor, Tensor]:
    """Return Scharr's kernels for the derivatives (down, right), not divided by 32.

    References
    ----------
    Scharr (2000), Optimale Operatoren in der Digitalen Bildverarbeitung, dissertation,
    Universität Heidelberg: the integer weights 3, 10, 3.

    Examples
    --------
    >>> scharr()[1]
    tensor([[ -3.,   0.,   3.],
            [-10.,   0.,  10.],
            [ -3.,   0.,   3.]])
    """
    return smoothed_differences((3, 10, 3))


def directional_kernel(v: tuple[float, float]) -> Tensor:
    """Return a kernel for the derivative along `v`: Sobel's two, mixed.

    Parameters
    ----------
    v : (float, float)
        Direction (down, right), not normalized: twice as long a `v`, twice the response.

    Returns
    -------
    Tensor of shape (3, 3)
        float32. Its response to the plane a·i + b·j + c is v[0]·a + v[1]·b everywhere.

    Examples
    --------
    >>> directional_kernel((8, 0))
    tensor([[-1., -2., -1.],
            [ 0.,  0.,  0.],
            [ 1.,  2.,  1.]])
    """
    down, right = sobel()
    return (v[0] * down + v[1] * right) / 8 + 0.0  # no negative zeros


def gradient_magnitude(X: Tensor) -> Tensor:
    """Return √(gx² + gy²), with gx and gy the responses to Sobel's kernels.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image, at least 3×3. Integers are promoted to the default floating dtype.

    Returns
    -------
    Tensor of shape (H - 2, W - 2)
        In eighths of a gray value per pixel, as Sobel's kernels are not divided. Backward, its
        gradient is not a number where it is 0: the length of a vector has a kink there.

    Raises
    ------
    ValueError
        If the image is shorter than 3 pixels on either axis.

    Examples
    --------
    >>> gradient_magnitude(torch.arange(4.0).expand(3, 4))
    tensor([[8., 8.]])
    """
    (X,) = common_float(X)
    down, right = (corr2d(X, K.to(X)) for K in sobel())
    return torch.hypot(down, right)


def separate(K: Tensor) -> tuple[Tensor, Tensor]:
    """Split a kernel of rank 1 into a column and a row.

    The column and the row through the kernel's largest element, the row divided by that
    element, are the two factors if there are two factors at all.

    Parameters
    ----------
    K : Tensor of shape (h, w)
        Kernel. Integers are promoted to the default floating dtype.

    Returns
    -------
    column, row : Tensor of shape (h,), Tensor of shape (w,)
        ``column[:, None] * row[None, :]`` is `K` up to rounding. The two are unique up to a
        factor that one gives to the other.

    Raises
    ------
    ValueError
        If the kernel is zero, or their product differs from it by more than `RANK_TOLERANCE`
        of its largest element: its rank is not 1.

    Examples
    --------
    >>> separate(torch.tensor([[1, 2], [3, 6], [4, 8]]))
    (tensor([2., 6., 8.]), tensor([0.5000, 1.0000]))
    """
    check_matrices(K, K)
    (K,) = common_float(K)
    i, j = divmod(int(K.detach().abs().argmax()), K.shape[1])
    if K[i, j] == 0:
        raise ValueError(f"a kernel of zeros, of shape {tuple(K.shape)}, has rank 0, not 1")
    column = K[:, j]
    row = K[i] / K[i, j] + 0.0  # no negative zeros
    distance = (column[:, None] * row - K).detach().abs().max()
    if distance > RANK_TOLERANCE * K[i, j].abs():
        raise ValueError(
            f"kernel of shape {tuple(K.shape)} has a rank other than 1: column times row misses "
            f"it by {distance:.1g}, more than {RANK_TOLERANCE:g} of its largest element"
        )
    return column, row


def laplacian(neighbors: int = 4) -> Tensor:
    """Return the kernel of the Laplacian, the sum of the second derivatives.

    Parameters
    ----------
    neighbors : int
        4 adds the second derivatives down and right. 8 adds those along both diagonals, as if
        diagonal neighbors were as near as the others; its response to a parabola is three
        times as large.

    Returns
    -------
    Tensor of shape (3, 3)

    Raises
    ------
    ValueError
        If `neighbors` is neither 4 nor 8.

    References
    ----------
    Gonzalez and Woods (2018), Digital Image Processing, section 3.6.

    Examples
    --------
    >>> laplacian()
    tensor([[ 0.,  1.,  0.],
            [ 1., -4.,  1.],
            [ 0.,  1.,  0.]])
    """
    if neighbors not in (4, 8):
        raise ValueError(f"a pixel has 4 or 8 neighbors, not {neighbors}")
    corner = float(neighbors == 8)
    return torch.tensor([[corner, 1, corner], [1, -neighbors, 1], [corner, 1, corner]])


def box_blur(size: int) -> Tensor:
    """Return the kernel that averages `size` × `size` pixels.

    Examples
    --------
    >>> box_blur(2)
    tensor([[0.2500, 0.2500],
            [0.2500, 0.2500]])
    """
    return torch.full((size, size), 1 / size**2)


def gaussian_weights(sigma: float, radius: int | None = None) -> tuple[Tensor, Tensor]:
    """Return positions -radius … radius and the Gaussian's weights there, which sum to 1.

    Parameters
    ----------
    sigma : float
        Standard deviation of the Gaussian, in pixels, above 0.
    radius : int, optional
        Pixels on each side of the middle; 4 sigma, rounded up, unless given.

    Returns
    -------
    positions, weights : Tensor of shape (2 * radius + 1,)
        float64.

    Raises
    ------
    ValueError
        If `sigma` is not above 0.

    Examples
    --------
    >>> gaussian_weights(1.0, radius=1)[1]
    tensor([0.2741, 0.4519, 0.2741], dtype=torch.float64)
    """
    if not sigma > 0:
        raise ValueError(f"sigma must be above 0 pixels, got {sigma}")
    radius = math.ceil(4 * sigma) if radius is None else radius
    positions = torch.arange(-radius, radius + 1, dtype=torch.float64)
    return positions, torch.softmax(-(positions**2) / (2 * sigma**2), dim=0)


def gaussian_blur(sigma: float, radius: int | None = None) -> Tensor:
    """Return the Gaussian kernel: an average in which near pixels count for more.

    Parameters, and errors, are those of `gaussian_weights`.

    Returns
    -------
    Tensor of shape (2 * radius + 1, 2 * radius + 1)
        float32; of rank 1, and of sum 1.

    Examples
    --------
    >>> gaussian_blur(1.0).shape, round(float(gaussian_blur(1.0).sum()), 6)
    (torch.Size([9, 9]), 1.0)
    """
    _, weights = gaussian_weights(sigma, radius)
    return (weights[:, None] * weights).float()


def laplacian_of_gaussian(sigma: float, radius: int | None = None) -> Tensor:
    """Return the kernel that blurs with a Gaussian and takes the Laplacian, in one.

    Along each axis the second derivative of the Gaussian is (x² - σ²)·g(x)/σ⁴. On a grid of
    pixels the moments of g differ a little from σ² and 3σ⁴; putting the grid's own moments in
    their place makes the response to constants and ramps exactly 0 and that to i² exactly 2.

    Parameters, and errors, are those of `gaussian_weights`; the radius is at least 1.

    Returns
    -------
    Tensor of shape (2 * radius + 1, 2 * radius + 1)
        float32; of rank 2, negative in the middle.

    References
    ----------
    Marr and Hildreth (1980), Theory of edge detection, Proceedings of the Royal Society B 207.

    Examples
    --------
    >>> laplacian_of_gaussian(1.0).shape, bool(laplacian_of_gaussian(1.0).sum().abs() < 1e-6)
    (torch.Size([9, 9]), True)
    """
    x, g = gaussian_weights(sigma, radius)
    second, fourth = (x**2 * g).sum(), (x**4 * g).sum()
    curved = 2 * (x**2 - second) * g / (fourth - second**2)
    return (curved[:, None] * g + g[:, None] * curved).float()

"""Figures of the chapter on flipping: overlaps along an axis, and the price of a convolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from convolutions.figures.drawing import (
    BLUE,
    FAINT,
    INK,
    ORANGE,
    WIDE,
    Drawing,
    finish,
    house_style,
)
from convolutions.figures.matrices import draw_matrix

CELL = 0.3  # inches


def show_arrangements(matrices: Mapping[str, Tensor], *, columns: int, alt: str) -> Drawing:
    """Draw titled matrices in a grid, with cells of one size.

    Parameters
    ----------
    matrices : mapping of title to Tensor of shape (H, W)
    columns : int
        Matrices beside each other.
    alt : str
        What the figure shows, in words.
    """
    rows = -(-len(matrices) // columns)
    side = max(max(m.shape) for m in matrices.values())
    with house_style():
        figure = Figure(figsize=((side + 1.5) * CELL * columns, (side * CELL + 0.45) * rows))
        axes = figure.subplots(rows, columns, squeeze=False).flat
        for ax in axes:
            ax.axis("off")
        for ax, (title, matrix) in zip(figure.axes, matrices.items(), strict=False):
            draw_matrix(ax, matrix)
            ax.set(xlim=(-0.06, side + 0.06), ylim=(side + 0.06, -0.06))
            ax.set_title(title, loc="left")
    return finish(figure, alt)


def show_overlaps(n: int, k: int, *, alt: str) -> Drawing:
    """Draw every position at which a kernel overlaps an image, along one axis.

    Parameters
    ----------
    n, k : int
        Length of the image and of the kernel, in pixels; the kernel is no longer than the image.
    alt : str
        What the figure shows, in words.

    Raises
    ------
    ValueError
        If the kernel is longer than the image.
    """
    if k > n:
        raise ValueError(f"kernel length {k} exceeds image length {n}")
    overlaps = n + k - 1
    with house_style():
        figure = Figure(figsize=((n + 2 * k + 7) * CELL, (overlaps + 2.2) * CELL))
        ax = figure.subplots()
        for pixel in range(n):
            _cell(ax, pixel, -1.6, "none", INK)
        ax.text(-0.4, -1.1, "image", ha="right", va="center")
        for row in range(overlaps):
            start = row - k + 1
            fits = 0 <= start <= n - k
            for element in range(k):
                _cell(ax, start + element, row, BLUE if fits else ORANGE, FAINT)
            words = "fits: valid" if fits else "hangs over"
            ax.text(n + k - 0.4, row + 0.5, f"{row}   {words}", va="center")
        for side in (0, n):
            ax.plot([side, side], [-1.6, overlaps], color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        ax.set(xlim=(-k - 1.6, n + k + 4.2), ylim=(overlaps + 0.1, -1.8), aspect="equal")
        ax.axis("off")
    return finish(figure, alt)


def show_costs(side: int, kernels: Sequence[int], *, alt: str) -> Drawing:
    """Draw the number of operations of a full convolution against the size of the kernel.

    Parameters
    ----------
    side : int
        Height and width of the image, in pixels.
    kernels : sequence of int
        Heights, equal to the widths, of the kernels.
    alt : str
        What the figure shows, in words.
    """
    with house_style():
        figure = Figure(figsize=(WIDE, 3.1))
        ax = figure.subplots()
        for label, costs, color, dash in (
            ("sum of products", [direct_operations(side, k) for k in kernels], ORANGE, "-"),
            ("Fourier transform", [fft_operations(side, k) for k in kernels], BLUE, "--"),
        ):
            ax.loglog(kernels, costs, color=color, linestyle=dash, linewidth=2, label=label)
        marks = [k for k in (1, 3, 5, 9, 15, 31, 63, 127) if min(kernels) <= k <= max(kernels)]
        ax.set_xticks(marks, [str(k) for k in marks])
        ax.set_xticks([], minor=True)
        ax.set_yticks([1e6, 1e7, 1e8, 1e9, 1e10], ["1 million", "10 million", "100 million",
                                                   "1 billion", "10 billion"])  # fmt: skip
        ax.set_yticks([], minor=True)
        ax.set_xlabel("height and width of the kernel, in elements")
        ax.set_title(f"Operations for an image of {side}×{side} pixels", loc="left")
        ax.legend(loc="upper left")
    return finish(figure, alt)


def direct_operations(side: int, k: int) -> float:
    """Return the multiplications and additions in which each pixel meets each kernel element.

    Examples
    --------
    >>> direct_operations(4, 3)
    288.0
    """
    return 2.0 * side**2 * k**2


def fft_operations(side: int, k: int) -> float:
    """Estimate the operations of three real transforms of n + k - 1 squared and one product.

    A complex transform of N values is counted as 5·N·log2(N) operations, a real one as half of
    that; the product multiplies N/2 complex numbers, 6 operations each.

    Examples
    --------
    >>> fft_operations(1, 2)  # 4 values: 3 · 20 + 12
    72.0
    """
    values = float((side + k - 1) ** 2)
    return 3 * 2.5 * values * log2(values) + 3 * values


def _cell(ax: Axes, left: float, top: float, fill: str, edge: str) -> None:
    ax.add_patch(Rectangle((left, top), 1, 1, facecolor=fill, edgecolor=edge, linewidth=1))

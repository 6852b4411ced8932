"""Figures of the chapter on edges: rows of pixels and responses to them, curves, kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from convolutions.correlation import corr2d
from convolutions.figures.drawing import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    WIDE,
    Drawing,
    arrange,
    finish,
    house_style,
)
from convolutions.figures.matrices import draw_matrix

LINE = 48  # characters that an axis of WIDE inches has room for


def show_responses(
    rows: Mapping[str, Tensor], kernels: Mapping[str, Tensor], *, alt: str
) -> Drawing:
    """Draw rows of pixels, and under each what each kernel answers to it.

    Parameters
    ----------
    rows : mapping of title to Tensor of shape (1, W)
        Grey values, one column of the figure each.
    kernels : mapping of title to Tensor of shape (1, w)
        Kernels of odd width, one row of the figure each; a response is drawn at the pixel that
        lies under the kernel's middle.
    alt : str
        What the figure shows, in words.
    """
    with house_style():
        figure = Figure(figsize=(WIDE, 1.35 * (1 + len(kernels))))
        grid = figure.subplots(1 + len(kernels), len(rows), sharex="col", sharey="row")
        for column, (title, row) in enumerate(rows.items()):
            _draw_stems(grid[0, column], row[0], 0, BLUE)
            grid[0, column].set_title(title)
            for line, kernel in enumerate(kernels.values(), start=1):
                response = corr2d(row, kernel)[0]
                _draw_stems(grid[line, column], response, kernel.shape[1] // 2, ORANGE)
        for ax, title in zip(grid[:, 0], ["pixels", *kernels], strict=True):
            ax.set_ylabel(title)
    return finish(figure, alt)


def _draw_stems(ax: Axes, values: Tensor, first: int, color: str) -> None:
    """Draw values as stems from zero, the first of them at position `first`."""
    positions = range(first, first + len(values))
    ax.axhline(0, color=FAINT, linewidth=1)
    ax.vlines(positions, 0, values.tolist(), color=color, linewidth=2)
    ax.plot(positions, values.tolist(), "o", color=color, markersize=4)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(bottom=False, labelbottom=False)


def show_curves(
    x: Tensor,
    curves: Mapping[str, Tensor],
    *,
    alt: str,
    labels: tuple[str, str],
    ticks: Sequence[float] = (),
) -> Drawing:
    """Draw named curves over the same abscissa, with a line at zero.

    Parameters
    ----------
    x : Tensor of shape (n,)
    curves : mapping of name to Tensor of shape (n,)
        At most four; each has its color and its dashes.
    alt : str
        What the figure shows, in words.
    labels : (str, str)
        What the two axes show.
    ticks : sequence of float
        Where the horizontal axis is labeled; matplotlib's choice unless given.
    """
    styles = [(BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":")]
    with house_style():
        figure = Figure(figsize=(WIDE, 3.0))
        ax = figure.subplots()
        ax.axhline(0, color=FAINT, linewidth=1)
        for (name, y), (color, dashes) in zip(curves.items(), styles, strict=False):
            ax.plot(x.tolist(), y.tolist(), dashes, color=color, linewidth=2, label=name)
        ax.set(xlabel=fill(labels[0], LINE), ylabel=labels[1])
        if ticks:
            ax.set_xticks(list(ticks))
        figure.legend(loc="outside upper center", ncols=2, labelcolor=INK)
    return finish(figure, alt)


def show_kernels(
    kernels: Mapping[str, Tensor], *, alt: str, columns: int = 3, numbers: bool = True
) -> Drawing:
    """Draw kernels in a grid on the signed map, each with a scale of its own.

    Parameters
    ----------
    kernels : mapping of title to Tensor of shape (h, w)
    alt : str
        What the figure shows, in words.
    columns : int
        Kernels beside each other, at most.
    numbers : bool
        Write elements into cells.
    """
    panels = []
    with house_style():
        for title, kernel in kernels.items():
            panel = Figure(figsize=(1.9, 1.9))
            draw_matrix(panel.subplots(), kernel, title=title, signed=True, numbers=numbers)
            panels.append(panel)
    return arrange(panels, alt, columns=columns)

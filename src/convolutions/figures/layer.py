"""Pictures of the layer chapter: who reads a pixel, what sharing saves, how far to step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor, arange

from convolutions.correlation import Pair, output_shape, toeplitz
from convolutions.figures.drawing import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    PURPLE,
    WIDE,
    Drawing,
    finish,
    house_style,
)
from convolutions.figures.matrices import _letters_on


def show_readers(image_shape: Pair, kernel_shape: Pair, pixel: Pair) -> Drawing:
    """Draw, for one pixel, each window that reads it and the kernel element it meets there.

    Parameters
    ----------
    image_shape, kernel_shape : (int, int)
        Heights and widths of image and kernel.
    pixel : (int, int)
        Row and column of the pixel.
    """
    (rows, columns), (h, w) = output_shape(image_shape, kernel_shape), kernel_shape
    down = range(max(0, pixel[0] - h + 1), min(rows, pixel[0] + 1))
    right = range(max(0, pixel[1] - w + 1), min(columns, pixel[1] + 1))
    windows = [(i, j) for i in down for j in right]
    with house_style():
        figure = Figure(figsize=(2.0 * len(right), 2.25 * len(down)))
        axes = figure.subplots(len(down), len(right), squeeze=False).flat
        for ax, window in zip(axes, windows, strict=True):
            _draw_reader(ax, image_shape, kernel_shape, pixel, window)
    met = [f"dY[{i}, {j}] with K[{pixel[0] - i}, {pixel[1] - j}]" for i, j in windows]
    return finish(
        figure,
        f"{len(windows)} copies of a {image_shape[0]} by {image_shape[1]} grid, in each of which "
        f"another window of {h} by {w} covers the pixel in row {pixel[0]}, column {pixel[1]}. "
        f"The pixel meets, in turn, {', '.join(met)}.",
    )


def show_sharing(kernel_shape: Pair, input_shape: Pair) -> Drawing:
    """Draw the weights of a dense, a locally connected and a convolutional layer as matrices.

    Rows are outputs, columns are pixels; cells of one color and number are one parameter.

    Parameters
    ----------
    kernel_shape, input_shape : (int, int)
        Heights and widths of kernel and image.
    """
    positions, elements = output_shape(input_shape, kernel_shape), kernel_shape
    outputs, inputs = positions[0] * positions[1], input_shape[0] * input_shape[1]
    size = elements[0] * elements[1]
    every = [[q + inputs * p + 1 for q in range(inputs)] for p in range(outputs)]
    shared = toeplitz(_counted(kernel_shape), input_shape).int().tolist()
    own = [[v + size * p if v else 0 for v in row] for p, row in enumerate(shared)]
    names = ("fully connected", "a kernel for each output", "one kernel, shared")
    with house_style():
        figure = Figure(figsize=(0.36 * inputs + 0.3, 3 * (0.36 * outputs + 0.36)))
        axes = figure.subplots(3, 1)
        for ax, name, table in zip(axes, names, (every, own, shared), strict=True):
            _draw_table(ax, table, f"{name}: {max(map(max, table))} weights")
    return finish(
        figure,
        f"Three matrices of {outputs} rows, one an output, and {inputs} columns, one a pixel. "
        f"Fully connected: all {outputs * inputs} cells hold weights of their own. A kernel for "
        f"each output: {size} cells a row, {outputs * size} weights. One kernel, shared: the same "
        f"cells, but the same {size} weights in each row.",
    )


def show_step_sizes(steps: Sequence[float], errors: Mapping[str, Sequence[float]]) -> Drawing:
    """Draw the error of finite differences against the step, both on logarithmic axes.

    Parameters
    ----------
    steps : sequence of float
        How far an element was moved.
    errors : mapping of name to sequence of float
        For each way to estimate a gradient, its largest error at each step.
    """
    with house_style():
        figure = Figure(figsize=(WIDE, 3.2))
        ax = figure.subplots()
        for (name, values), color in zip(
            errors.items(), (BLUE, ORANGE, GREEN, PURPLE), strict=False
        ):
            ax.loglog(steps, values, marker="o", markersize=3.5, color=color, label=name)
        ax.set(xlabel="step", ylabel="largest error")
        ticks = range(-12, 1, 2)
        ax.set_xticks([10.0**t for t in ticks], [_power(t) for t in ticks])
        ticks = range(-11, 2, 2)
        ax.set_yticks([10.0**t for t in ticks], [_power(t) for t in ticks])
        ax.minorticks_off()
        ax.legend()
    best = {n: steps[min(range(len(steps)), key=list(v).__getitem__)] for n, v in errors.items()}
    told = "; ".join(f"{name}: least near a step of {step:.0e}" for name, step in best.items())
    return finish(
        figure,
        "Error of a numerical gradient against the step, on logarithmic axes. Each curve falls "
        f"as the step shrinks, reaches a lowest point and rises again. {told}.",
    )


def _draw_reader(ax: Axes, image: Pair, kernel: Pair, pixel: Pair, window: Pair) -> None:
    (i, j), (a, b) = window, (pixel[0] - window[0], pixel[1] - window[1])
    for row in range(image[0]):
        for column in range(image[1]):
            ax.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor=FAINT, linewidth=0.8))
    ax.add_patch(Rectangle((pixel[1], pixel[0]), 1, 1, facecolor=BLUE, edgecolor=FAINT))
    ax.text(
        pixel[1] + 0.5,
        pixel[0] + 0.5,
        f"K[{a},{b}]",
        ha="center",
        va="center",
        fontsize=9.5,
        color=_letters_on(to_rgb(BLUE)),
    )
    ax.add_patch(
        Rectangle((j, i), kernel[1], kernel[0], fill=False, edgecolor=ORANGE, linewidth=2.5)
    )
    ax.set(xlim=(-0.06, image[1] + 0.06), ylim=(image[0] + 0.06, -0.06), aspect="equal")
    ax.set_title(f"dY[{i},{j}] · K[{a},{b}]", fontsize=10.5)
    ax.axis("off")


def _counted(shape: Pair) -> Tensor:
    """Return a kernel whose elements are 1, 2, 3 …, in row-major order."""
    return arange(1, shape[0] * shape[1] + 1).reshape(shape)


def _draw_table(ax: Axes, table: Sequence[Sequence[int]], title: str) -> None:
    many = max(map(max, table))
    for p, row in enumerate(table):
        for q, number in enumerate(row):
            fill = to_rgb(colormaps["viridis"](0.12 + 0.83 * (number - 1) / (many - 1)))
            ax.add_patch(
                Rectangle(
                    (q, p),
                    1,
                    1,
                    facecolor=fill if number else "none",
                    edgecolor=FAINT,
                    linewidth=0.8,
                )
            )
            if number:
                ax.text(
                    q + 0.5, p + 0.5, str(number), ha="center", va="center",
                    fontsize=8.5, color=_letters_on(fill),
                )  # fmt: skip
    ax.set(xlim=(-0.06, len(table[0]) + 0.06), ylim=(len(table) + 0.06, -0.06), aspect="equal")
    ax.set_title(title)
    ax.axis("off")


def _power(exponent: int) -> str:
    """Return ten to the power, in superscript characters: the house draws no mathtext."""
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return "1" if exponent == 0 else f"10{raised}"

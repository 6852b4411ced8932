"""Figures of the chapter on cross-correlation: windows on an image and along an axis, in pixels."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from convolutions.correlation import corr2d, im2col, positions_read, toeplitz, unread
from convolutions.figures.drawing import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    Drawing,
    finish,
    house_style,
)
from convolutions.figures.matrices import draw_matrix

CELL = 0.3  # inches


def show_sliding_window(X: Tensor, K: Tensor, *, alt: str) -> Drawing:
    """Draw the image once for each position of the window, with the sum that it gives.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        A small image.
    K : Tensor of shape (h, w)
        A kernel with a handful of positions.
    alt : str
        What the figure shows, in words.
    """
    Y, (H, W) = corr2d(X, K), X.shape
    rows, columns = Y.shape
    with house_style():
        figure = Figure(figsize=(1.35 * CELL * W * columns + 0.8, (1.2 * CELL * H + 0.5) * rows))
        axes = figure.subplots(rows, columns, squeeze=False)
        for i in range(rows):
            for j in range(columns):
                title = f"Y[{i}, {j}] = {Y[i, j].item():g}"
                window = (i, j, K.shape[0], K.shape[1])
                draw_matrix(axes[i, j], X, title=title, marked=[window])
    return finish(figure, alt)


def show_shifted_images(X: Tensor, K: Tensor, *, alt: str) -> Drawing:
    """Draw the image once for each kernel element, with the part that the element multiplies.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        A small image.
    K : Tensor of shape (h, w)
        A small kernel.
    alt : str
        What the figure shows, in words.
    """
    (H, W), (h, w) = X.shape, K.shape
    with house_style():
        figure = Figure(figsize=((CELL * W + 0.35) * w, (CELL * H + 0.5) * h))
        axes = figure.subplots(h, w, squeeze=False)
        for a in range(h):
            for b in range(w):
                part = (a, b, H - h + 1, W - w + 1)
                title = f"K[{a}, {b}] = {K[a, b].item():g} times"
                draw_matrix(axes[a, b], X, title=title, marked=[part])
    return finish(figure, alt)


def show_im2col(X: Tensor, K: Tensor, position: int, *, alt: str) -> Drawing:
    """Draw image, matrix of windows, flat kernel and flat output, one window outlined in all.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        A small image.
    K : Tensor of shape (h, w)
        A small kernel.
    position : int
        Number of the window to outline, in row-major order.
    alt : str
        What the figure shows, in words.
    """
    (h, w), Y = K.shape, corr2d(X, K)
    i, j = divmod(position, Y.shape[1])
    parts = {
        "X": (X, (i, j, h, w)),
        "windows, flat": (im2col(X, (h, w)), (position, 0, 1, h * w)),
        "K, flat": (K.reshape(-1, 1), (0, 0, h * w, 1)),
        "Y, flat": (Y.reshape(-1, 1), (position, 0, 1, 1)),
    }
    widths = [max(values.shape[1], 2) for values, _ in parts.values()]
    tallest = max(values.shape[0] for values, _ in parts.values())
    with house_style():
        figure = Figure(figsize=(1.25 * CELL * (sum(widths) + 3), 1.25 * CELL * tallest + 0.5))
        axes = figure.subplots(1, len(parts), width_ratios=widths)
        for ax, width, (title, (values, window)) in zip(axes, widths, parts.items(), strict=True):
            draw_matrix(ax, values, title=title, marked=[window])
            rows, columns = values.shape
            ax.set_ylim((rows + tallest) / 2 + 0.06, (rows - tallest) / 2 - 0.06)
            ax.set_xlim((columns - width) / 2 - 0.06, (columns + width) / 2 + 0.06)
    return finish(figure, alt)


def show_toeplitz(K: Tensor, input_shape: tuple[int, int], *, alt: str) -> Drawing:
    """Draw the Toeplitz matrix of a kernel, its blocks of one image row each outlined.

    Parameters
    ----------
    K : Tensor of shape (h, w)
    input_shape : (int, int)
        Height and width of the images.
    alt : str
        What the figure shows, in words.
    """
    T, (H, W) = toeplitz(K, input_shape), input_shape
    rows, columns = H - K.shape[0] + 1, W - K.shape[1] + 1
    blocks = [(i * columns, r * W, columns, W) for i in range(rows) for r in range(H)]
    with house_style():
        figure = Figure(figsize=(CELL * H * W + 0.7, CELL * rows * columns + 0.7))
        ax = figure.subplots()
        draw_matrix(ax, T, signed=True, limit=1.6 * float(T.abs().max()))
        for top, left, height, width in blocks:
            ax.add_patch(
                Rectangle((left, top), width, height, fill=False, edgecolor=GREEN, linewidth=2)
            )
        for r in range(H):
            ax.text((r + 0.5) * W, -0.35, f"row {r} of X", ha="center", va="bottom")
        for i in range(rows):
            ax.text(
                -0.35, (i + 0.5) * columns, f"row {i} of Y", ha="right", va="center", rotation=90
            )
    return finish(figure, alt)


def show_positions(
    n: int, k: int, *, alt: str, padding: int = 0, stride: int = 1, dilation: int = 1
) -> Drawing:
    """Draw an axis of pixels and below it, for each window, the pixels that it reads.

    Parameters
    ----------
    n, k, padding, stride, dilation : int
        As in `convolutions.output_size`.
    alt : str
        What the figure shows, in words.
    """
    options = {"padding": padding, "stride": stride, "dilation": dilation}
    windows, rest = positions_read(n, k, **options), unread(n, k, **options)
    end = n + padding
    with house_style():
        figure = Figure(figsize=(min(6.4, 0.34 * (n + 2 * padding) + 1.5), 0.27 * len(windows) + 1))
        ax = figure.subplots()
        for x in range(-padding, end):
            _draw_pixel(ax, x, real=0 <= x < n, read=x < end - rest)
        for m, window in enumerate(windows):
            y = m + 1.75
            ax.plot([window[0], window[-1]], [y, y], color=BLUE, linewidth=1.6)
            ax.plot(window, [y] * k, "o", color=BLUE, markersize=6.5)
            ax.text(end - 0.1, y, f"Y[{m}]", ha="left", va="center")
        ax.set(xlim=(-padding - 0.6, end + 1.3), ylim=(len(windows) + 1.4, -0.1), aspect="equal")
        ax.axis("off")
    return finish(figure, alt)


def _draw_pixel(ax: Axes, x: int, *, real: bool, read: bool) -> None:
    """Draw one pixel of the axis: filled if of the image, dashed if padding, orange if unread."""
    edge = INK if read else ORANGE
    ax.add_patch(
        Rectangle(
            (x - 0.44, 0.06),
            0.88,
            0.88,
            facecolor=FAINT if real else "none",
            edgecolor=edge,
            linewidth=1 if read else 2.2,
            linestyle="-" if real else (0, (2, 2)),
        )
    )
    ax.text(x, 0.5, f"{x}" if real else "0", ha="center", va="center", fontsize=9)

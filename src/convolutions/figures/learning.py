"""Pictures of descent: losses on a logarithmic axis, the bowl of the loss, the factor of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from torch import Tensor

from convolutions.correlation import im2col
from convolutions.figures.drawing import FAINT, INK, WIDE, Drawing, finish, house_style

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def show_losses(
    losses: Mapping[str, Sequence[float]], *, alt: str, top: float = 1e4, bottom: float = 1e-8
) -> Drawing:
    """Draw the loss before each step, one line a descent, on a logarithmic axis.

    Parameters
    ----------
    losses : mapping of name to sequence of float
    alt : str
        What the figure shows, in words.
    top, bottom : float
        Ends of the axis; lines are cut there.
    """
    with house_style():
        figure = Figure(figsize=(WIDE, 3.6))
        ax = figure.subplots()
        for name, values in losses.items():
            ax.plot(range(len(values)), values, marker=".", markersize=3.5, label=name)
        ax.set(yscale="log", ylim=(bottom, top), xlabel="step", ylabel="loss before the step")
        _powers_of_ten(ax)
        figure.legend(loc="outside upper center", ncols=2)
    return finish(figure, alt)


def show_bowl(
    X: Tensor,
    Y: Tensor,
    paths: Mapping[str, Sequence[Tensor]],
    *,
    alt: str,
    window: tuple[float, float, float, float],
) -> Drawing:
    """Draw level lines of the summed squared error of a 1×2 kernel, and paths of descents.

    Parameters
    ----------
    X, Y : Tensor
        Image and output, as in `learn_kernel`.
    paths : mapping of name to sequence of Tensor of shape (1, 2)
        Kernels before each step and after the last.
    alt : str
        What the figure shows, in words.
    window : (float, float, float, float)
        Least and largest first element, least and largest second element.
    """
    left, right, low, high = window
    first, second = torch.linspace(left, right, 121), torch.linspace(low, high, 121)
    kernels = torch.cartesian_prod(first, second)
    errors = im2col(X, (1, 2)) @ kernels.T - Y.reshape(-1, 1)
    loss = errors.square().sum(dim=0).reshape(121, 121).T
    with house_style():
        figure = Figure(figsize=(WIDE, 4.2))
        ax = figure.subplots()
        levels = [0.5, 2, 5, 10, 20, 40, 70, 110, 160]
        ax.contour(first, second, loss, levels=levels, colors=[FAINT], linewidths=1)
        for name, path in paths.items():
            points = torch.cat(list(path))
            ax.plot(points[:, 0], points[:, 1], marker="o", markersize=3.5, label=name)
        best = kernels[loss.T.reshape(-1).argmin()]
        ax.plot(best[0], best[1], marker="+", markersize=12, markeredgewidth=2, color=INK)
        ax.set(xlim=(left, right), ylim=(low, high), aspect="equal")
        ax.set(xlabel="first element of the kernel", ylabel="second element")
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    return finish(figure, alt)


def show_factors(
    eigenvalues: Sequence[float], *, rates: Mapping[str, float], alt: str, end: float
) -> Drawing:
    """Draw by what a step multiplies an error's size, against the learning rate.

    Parameters
    ----------
    eigenvalues : sequence of float
        Of the normal matrix; one line each.
    rates : mapping of name to float
        Learning rates to mark.
    alt : str
        What the figure shows, in words.
    end : float
        Largest learning rate drawn.
    """
    lr = torch.linspace(0, end, 200)
    with house_style():
        figure = Figure(figsize=(WIDE, 3.5))
        ax = figure.subplots()
        for value in eigenvalues:
            ax.plot(lr, (1 - 2 * lr * value).abs(), label=f"λ = {value:g}")
        ax.axhline(1, color=INK, linewidth=0.8)
        for name, rate in rates.items():
            ax.axvline(rate, color=INK, linewidth=0.8, linestyle=":")
            ax.text(rate, 1.52, name, ha="center", va="bottom")
        ax.set(xlim=(0, end), ylim=(0, 1.5), xlabel="learning rate η", ylabel="|1 − 2ηλ|")
        figure.legend(loc="outside upper center", ncols=2)
    return finish(figure, alt)


def _powers_of_ten(ax: Axes) -> None:
    """Label powers of ten in plain letters: matplotlib's own labels are typeset as paths."""
    ax.yaxis.set_major_locator(LogLocator(numticks=8))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(_power_of_ten))


def _power_of_ten(value: float, _position: int | None = None) -> str:
    """Write 10 to a whole power.

    Examples
    --------
    >>> _power_of_ten(0.001)
    '10⁻³'
    """
    exponent = round(float(torch.tensor(value, dtype=torch.float64).log10()))
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"

"""Figures of receptive fields: what a unit reaches layer by layer, and how much each pixel counts.

Positions are in pixels of the input; a unit stands over the middle of its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from convolutions.figures.drawing import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    WIDE,
    Drawing,
    finish,
    house_style,
)
from convolutions.receptive_fields import Layer

Point = tuple[float, int]  # place over the input in pixels, layer


def show_reach(networks: Mapping[str, Sequence[Layer]], *, alt: str) -> Drawing:
    """Draw the units that one last unit depends on, layer by layer down to the pixels.

    Parameters
    ----------
    networks : mapping of title to sequence of (kernel, stride, dilation)
        First layer first; one panel each, one below the other.
    alt : str
        What the figure shows, in words.
    """
    depth = max(len(layers) for layers in networks.values())
    with house_style():
        figure = Figure(figsize=(WIDE, (0.5 * depth + 0.85) * len(networks)))
        axes = figure.subplots(len(networks), 1, sharex=True, squeeze=False)[:, 0]
        for ax, (title, layers) in zip(axes, networks.items(), strict=True):
            _draw_reach(ax, layers)
            ax.set_title(title, loc="left")
        axes[-1].set_xlabel("pixel, counted from the first that matters")
    return finish(figure, alt)


def _draw_reach(ax: Axes, layers: Sequence[Layer]) -> None:
    """Draw one network: its reached units, the links between them, and pixels that are missed."""
    levels, links = _reach(layers)
    for (x0, y0), (x1, y1) in links:
        ax.plot([x0, x1], [y0, y1], color=BLUE, linewidth=0.8, alpha=0.6, zorder=1)
    for level, places in enumerate(levels):
        ax.scatter(places, [level] * len(places), s=34, color=ORANGE if level else BLUE, zorder=2)
    last = round(max(levels[0]))
    missed = sorted(set(range(last + 1)) - {round(place) for place in levels[0]})
    ax.scatter(missed, [0] * len(missed), s=34, facecolors="none", edgecolors=INK, zorder=2)
    names = ["image", *(f"layer {depth}" for depth in range(1, len(levels)))]
    ax.set_yticks(range(len(levels)), names)
    ax.set(ylim=(-0.45, len(levels) - 0.55))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _reach(layers: Sequence[Layer]) -> tuple[list[list[float]], list[tuple[Point, Point]]]:
    """Return the places of the reached units of each level, pixels first, and the links."""
    jumps, middles = [1], [0.0]  # pixels between units; middle of unit 0's field
    for kernel, stride, dilation in layers:
        middles.append(middles[-1] + dilation * (kernel - 1) / 2 * jumps[-1])
        jumps.append(jumps[-1] * stride)
    units, links = {0}, []
    levels = [[middles[-1]]]
    for level in range(len(layers), 0, -1):
        kernel, stride, dilation = layers[level - 1]
        edges = {(i, i * stride + a * dilation) for i in units for a in range(kernel)}
        links += [
            (
                (middles[level] + i * jumps[level], level),
                (middles[level - 1] + j * jumps[level - 1], level - 1),
            )
            for i, j in sorted(edges)
        ]
        units = {j for _, j in edges}
        levels.append([middles[level - 1] + j * jumps[level - 1] for j in sorted(units)])
    return levels[::-1], links


def show_influence(curves: Mapping[str, Tensor], bell: Tensor, *, alt: str) -> Drawing:
    """Draw how a unit's dependence is shared along one axis of its field.

    Parameters
    ----------
    curves : mapping of title to Tensor of odd length
        Shares, one a pixel, centered on the unit.
    bell : Tensor of odd length
        A normal density to compare the last curve with, centered too.
    alt : str
        What the figure shows, in words.
    """
    colors = (BLUE, GREEN, PURPLE, ORANGE)
    with house_style():
        figure = Figure(figsize=(WIDE, 3.0))
        ax = figure.subplots()
        for color, (title, shares) in zip(colors, curves.items(), strict=False):
            half = len(shares) // 2
            ax.plot(range(-half, half + 1), shares.tolist(), color=color, label=title)
            ax.plot([-half, half], [0, 0], "|", color=color, markersize=11, markeredgewidth=2)
        half = len(bell) // 2
        at = range(-half, half + 1)
        ax.plot(at, bell.tolist(), color=INK, linestyle=":", label="normal density")
        ax.axhline(0, color=FAINT, linewidth=0.8, zorder=0)
        ax.set(xlabel="pixels from the middle of the field", ylabel="share of the paths")
        ax.legend()
    return finish(figure, alt)

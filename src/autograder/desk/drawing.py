"""The figures of a class report: SVG that takes its ink from the page, in light and in dark."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from autograder.desk.statistics import Item, Scores

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}
INK = "#000000"
BARS = 12
LIFTS = (4, 16, -12, -24)  # so that the names of neighbors do not lie on each other


def histogram(scores: Scores) -> str:
    """Return how many students have how many points, as SVG."""
    with mpl.rc_context(STYLE):
        figure, axes = _axes(5.2, 2.4)
        width = max(scores.largest, *scores.points, 1e-9) / BARS
        edges = [width * n for n in range(BARS + 1)]
        axes.hist(scores.points, bins=edges, color=INK, alpha=0.55, rwidth=0.92)
        axes.set_xlabel(f"points of {scores.largest:g}")
        axes.set_ylabel("students")
        axes.yaxis.get_major_locator().set_params(integer=True)
        return _svg(figure, f"scores-{scores.assignment}")


def map_of_items(assignment: str, items: Sequence[Item]) -> str:
    """Return each problem's difficulty (across) and discrimination (up), as SVG."""
    known = [item for item in items if item.discrimination is not None]
    with mpl.rc_context(STYLE):
        figure, axes = _axes(5.2, 3.2)
        axes.axhline(0, color=INK, linewidth=0.8, alpha=0.5)
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-1.05, 1.05)
        for place, item in enumerate(sorted(known, key=lambda item: item.difficulty)):
            axes.plot(item.difficulty, item.discrimination, "o", color=INK, alpha=0.7)
            right = item.difficulty > 0.6
            axes.annotate(
                item.cell,
                (item.difficulty, item.discrimination or 0),
                xytext=(-6 if right else 6, LIFTS[place % len(LIFTS)]),
                textcoords="offset points",
                ha="right" if right else "left",
                parse_math=False,
            )
        axes.set_xlabel("mean fraction of the points: hard to easy")
        axes.set_ylabel("discrimination")
        return _svg(figure, f"items-{assignment}")


def _axes(width: float, height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height))
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def _svg(figure: Figure, name: str) -> str:
    """Return a figure as an SVG element whose black is the page's ink, without its head.

    `name` makes its ids differ from those of the other figures of the page.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    element = text[text.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = element.replace("#000000", "currentColor")
    prefix = re.sub(r"\W", "-", name)
    element = re.sub(r'\bid="', f'id="{prefix}-', element)
    element = re.sub(r"url\(#", f"url(#{prefix}-", element)
    element = re.sub(r'href="#', f'href="#{prefix}-', element)
    return element.replace(
        "<svg", '<svg fill="currentColor" aria-hidden="true" focusable="false"', 1
    )

"""The figure of a class report: SVG that takes its colors from the page, in light and in dark."""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup

from nbexaminer.reports.item_analysis import Scores

BARS = 12
WIDTH, HEIGHT, FOOT, HEAD = 360, 150, 34, 16  # of the figure; below and above the bars


def histogram(scores: Scores) -> Markup:
    """Return how many students have how many points, as SVG; each bar has its number above it."""
    max_points = max(scores.max_points, *scores.points, 1e-9)
    edges = [max_points * n / BARS for n in range(BARS + 1)]
    counts = [sum(low <= p < high for p in scores.points) for low, high in pairwise(edges)]
    counts[-1] += sum(p >= edges[-1] for p in scores.points)
    wide, high = WIDTH / BARS, HEIGHT - FOOT - HEAD
    bars = [
        f'<rect x="{wide * n + 2:g}" y="{HEAD + high * (1 - count / max(counts)):.1f}" '
        f'width="{wide - 4:g}" height="{high * count / max(counts):.1f}"/>'
        f'<text x="{wide * (n + 0.5):g}" y="{HEAD + high * (1 - count / max(counts)) - 4:.1f}">'
        f"{count}</text>"
        for n, count in enumerate(counts)
        if count
    ]
    base = HEAD + high
    ticks = [
        f'<text x="{x:g}" y="{base + 14}" style="text-anchor: {anchor}">{points:g}</text>'
        for x, anchor, points in (
            (0, "start", 0),
            (WIDTH / 2, "middle", max_points / 2),
            (WIDTH, "end", max_points),
        )
    ]
    return Markup(
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-hidden="true" focusable="false">{"".join(bars)}'
        f'<line x1="0" y1="{base}" x2="{WIDTH}" y2="{base}"/>{"".join(ticks)}'
        f'<text x="{WIDTH / 2:g}" y="{HEIGHT - 4}">points</text></svg>'
    )

"""From a matplotlib figure to an inline SVG that takes its ink from the page, in light and in dark.

Lines and letters are drawn in sentinel colors, which the SVG replaces with CSS variables of the
book's theme (`currentColor` where there are none, as in JupyterLab). Data keep fixed colors that
stand out from white and from near-black; pixels of images are never touched.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

from cycler import cycler
from matplotlib import style
from matplotlib.figure import Figure

INK, FAINT, PAPER = "#010203", "#040506", "#070809"
CSS = {
    INK: "var(--pst-color-text-base, currentColor)",
    FAINT: "var(--pst-color-border, #8888)",
    PAPER: "var(--pst-color-background, transparent)",
}
BLUE, ORANGE, GREEN, PURPLE, RED = "#3b82c4", "#d9622b", "#2a9d5c", "#a05fd0", "#d14b58"
STYLE: dict[str, Any] = {
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE, RED]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.facecolor": "none",
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.size": 10.5,
    "grid.color": FAINT,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Drawing:
    """A finished figure: an SVG that follows the page's theme, and the text that stands for it."""

    svg: str
    alt: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return what Jupyter shows; the book and JupyterLab both prefer the HTML."""
        return {"text/html": self.svg, "text/plain": self.alt}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the book's style inside this block, and leave matplotlib's settings as they were."""
    with style.context(STYLE):
        yield


def finish(figure: Figure, alt: str) -> Drawing:
    """Turn a matplotlib figure, drawn inside `house_style`, into a `Drawing`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What the figure shows, for a reader who does not see it; at least 20 characters.

    Raises
    ------
    ValueError
        If `alt` is too short to describe anything.
    """
    if len(alt) < 20:
        raise ValueError(f"alt text must describe the figure in 20 characters or more, got {alt!r}")
    buffer = io.StringIO()
    with style.context({**STYLE, "svg.hashsalt": alt}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    figure.clear()
    return Drawing(_for_the_page(buffer.getvalue(), alt), alt)


def _for_the_page(svg: str, alt: str) -> str:
    """Drop the XML prologue, size and font; make ids unique to the page; name the figure."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    width = float(_match(r'width="([\d.]+)pt"', svg)) * 4 / 3
    view = _match(r'viewBox="([^"]+)"', svg)
    body = svg[svg.index(">") + 1 :]
    for sentinel, variable in CSS.items():
        body = body.replace(sentinel, variable)
    body = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", body)
    body = _rename_ids(body, hashlib.sha256(svg.encode() + alt.encode()).hexdigest()[:8])
    return (
        f'<svg class="drawing" role="img" aria-label="{escape(alt)}" viewBox="{view}" '
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'style="width: {width:.0f}px; max-width: 100%; height: auto">{body}'
    )


def _match(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"matplotlib's SVG has no {pattern!r}; its format has changed")
    return found.group(1)


def _rename_ids(body: str, suffix: str) -> str:
    """Suffix the ids that are referred to, drop the rest: a page holds many figures."""
    used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', body))
    names = {name for pair in used for name in pair if name}
    body = re.sub(
        r' id="([^"]+)"',
        lambda m: f' id="{m.group(1)}-{suffix}"' if m.group(1) in names else "",
        body,
    )
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#\1-{suffix})", body)
    return re.sub(r'href="#([^"]+)"', rf'href="#\1-{suffix}"', body)

"""From a matplotlib figure to an inline SVG that takes its ink from the page, in light and in dark.

Lines and letters are drawn in sentinel colors, which the SVG replaces with CSS variables of the
book's theme (`currentColor` where there are none, as in JupyterLab). Data keep fixed colors that
stand out from white and from near-black; pixels of images are never touched.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
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
WIDE = 4.9  # inches: shrunk to a phone's 328 pixels, letters of 14 pixels keep 9
GAP, SHRINK = 14, 0.76  # CSS pixels between panels; how far a panel shrinks before it wraps
PANELS = (
    "display: flex; flex-wrap: wrap; justify-content: center; align-items: center; "
    "gap: 10px {gap}px; max-width: {room:.0f}px; margin: 0 auto"
)
PANEL = "flex: {width:.0f} 1 {least:.0f}px; max-width: min(100%, {width:.0f}px)"
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
    svg = _saved(figure, _checked(alt))
    name = f'role="img" aria-label="{escape(alt)}"'
    return Drawing(_for_the_page(svg, name, f"width: {_width(svg):.0f}px; max-width: 100%"), alt)


def arrange(panels: Sequence[Figure], alt: str, *, columns: int) -> Drawing:
    """Turn several figures into one `Drawing`, whose panels wrap where the page is narrow.

    Parameters
    ----------
    panels : sequence of matplotlib.figure.Figure
        Each is cut to what is drawn in it.
    alt : str
        What they show together; at least 20 characters.
    columns : int
        Panels beside each other, at most, on a page that is wide enough.

    Raises
    ------
    ValueError
        If `alt` is too short to describe anything.
    """
    svgs = [_saved(panel, f"{_checked(alt)} {n}", tight=True) for n, panel in enumerate(panels)]
    widths = [_width(svg) for svg in svgs]
    inner = [
        _for_the_page(svg, 'aria-hidden="true"', panel_style(width))
        for svg, width in zip(svgs, widths, strict=True)
    ]
    return side_by_side(inner, alt, room=columns * (max(widths) + GAP) - GAP)


def side_by_side(panels: Sequence[str], alt: str, *, room: float) -> Drawing:
    """Put panels, each with its `panel_style`, beside each other within `room` CSS pixels.

    Parameters
    ----------
    panels : sequence of str
        HTML, hidden from assistive technology: `alt` stands for all of it.
    alt : str
        What they show together; at least 20 characters.
    room : float
        Width that the panels take on a page that is wide enough.

    Raises
    ------
    ValueError
        If `alt` is too short to describe anything.
    """
    return Drawing(
        f'<div class="panels" role="img" aria-label="{escape(_checked(alt))}" '
        f'style="{PANELS.format(gap=GAP, room=room)}">{"".join(panels)}</div>',
        alt,
    )


def panel_style(width: float) -> str:
    """Return the CSS of a panel `width` CSS pixels wide, and a little less before it wraps."""
    return PANEL.format(least=SHRINK * width, width=width)


def _checked(alt: str) -> str:
    if len(alt) < 20:
        raise ValueError(f"alt text must describe the figure in 20 characters or more, got {alt!r}")
    return alt


def _saved(figure: Figure, salt: str, *, tight: bool = False) -> str:
    """Return matplotlib's SVG; ids depend on `salt`, so that two on a page differ."""
    buffer = io.StringIO()
    with style.context({**STYLE, "svg.hashsalt": salt}):
        figure.savefig(
            buffer,
            format="svg",
            metadata={"Date": None, "Creator": None},
            bbox_inches="tight" if tight else None,
            pad_inches=0.03,
        )
    figure.clear()
    return buffer.getvalue()


def _width(svg: str) -> float:
    """Return the width in CSS pixels, of which 4 are 3 points."""
    return float(_match(r'width="([\d.]+)pt"', svg)) * 4 / 3


def _for_the_page(svg: str, attributes: str, css: str) -> str:
    """Drop the XML prologue, size and font; make ids unique to the page; name the figure."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    view = _match(r'viewBox="([^"]+)"', svg)
    body = svg[svg.index(">") + 1 :]
    for sentinel, variable in CSS.items():
        body = body.replace(sentinel, variable)
    body = re.sub(r"font-family: [^;\"]*; ?", "", body)
    body = _rename_ids(body, hashlib.sha256(f"{svg}{attributes}".encode()).hexdigest()[:8])
    return (
        f'<svg class="drawing" {attributes} viewBox="{view}" '
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'style="{css}; height: auto">{body}'
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

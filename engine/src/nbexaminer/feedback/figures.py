"""Figures of a counterexample: grids of numbers, sizes and intervals, as inline SVG in both themes.

Everything in them is text that was made for it (`problems.showing`), and is escaped here. Numbers
are tinted like the book's: blue below zero, red above. The page's style sheet has the colors.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

CELL, GAP = 34, 2  # pixels: of a square, and around a grid
LETTER = 8  # pixels of a digit
MOST = 12  # squares of a side, and positions of an axis
TWO = re.compile(r"\((-?\d{1,3}), (-?\d{1,3})\)")
Part = Mapping[str, Any]


def figures(example: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a page shows of a counterexample: titles, each with figures.

    Parameters
    ----------
    example : mapping
        What `problems.showing.facts` returned.
    """
    first = example["first"]
    outcomes = {"Yours": (example["yours"], "wrong"), "Expected": (example["expected"], "right")}
    out = [{"title": "", "kind": "input", "figures": [figure(p) for p in example["inputs"]]}]
    for title, (parts, mark) in outcomes.items():
        places = [first if first and first["part"] == i else None for i in range(len(parts))]
        drawn = [figure(p, at, mark, title) for p, at in zip(parts, places, strict=True)]
        out.append({"title": title, "kind": mark, "figures": drawn})
    return out + sketches(example)


def figure(
    part: Part, first: Mapping[str, Any] | None = None, mark: str = "", title: str = ""
) -> dict[str, Any]:
    """Return a part as a caption and an SVG, or as a caption and a text."""
    label = part["label"]
    if "rows" not in part:
        return {"label": label, "text": part["text"], "svg": ""}
    place = (first["row"], first["column"]) if first else None
    alt = ", ".join(word for word in (title, label) if word) or "numbers"
    return {"label": label, "text": "", "svg": grid(part["rows"], alt, place, mark)}


def grid(
    rows: Sequence[Sequence[str]], alt: str, place: tuple[int, int] | None = None, mark: str = ""
) -> Markup:
    """Return a grid of numbers, one of them outlined.

    Examples
    --------
    >>> text = grid([["1", "-2"]], "X", (0, 1), "wrong")
    >>> 'aria-label="X, 1 by 2: 1, -2; outlined: row 0, column 1"' in text
    True
    """
    width = max(CELL, 10 + LETTER * max((len(x) for row in rows for x in row), default=1))
    sizes = [abs(_number(x)) for row in rows for x in row]
    limit = max(filter(math.isfinite, sizes), default=0.0)
    words = "; ".join(", ".join(row) for row in rows)
    outlined = f"; outlined: row {place[0]}, column {place[1]}" if place else ""
    body = Markup().join(
        _square(x, i, j, width, limit) for i, row in enumerate(rows) for j, x in enumerate(row)
    )
    if place:
        body += Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
            f"first {mark}", place[1] * width, place[0] * CELL, width, CELL
        )
    columns = max(map(len, rows), default=0)
    size = f", {len(rows)} by {columns}: "
    return _svg(columns * width, len(rows) * CELL, f"{alt}{size}{words}{outlined}", body)


def _square(text: str, i: int, j: int, width: int, limit: float) -> Markup:
    x = _number(text)
    share = min(1.0, abs(x) / limit) if limit and math.isfinite(x) else 0.0
    sign = "above" if x > 0 else "below"
    return Markup(
        '<rect class="{}" fill-opacity="{:.2f}" x="{}" y="{}" width="{}" height="{}"/>'
        '<text x="{}" y="{}">{}</text>'
    ).format(
        sign, 0.4 * share, j * width, i * CELL, width, CELL,
        (j + 0.5) * width, (i + 0.64) * CELL, text.replace("-", "−"),
    )  # fmt: skip


def _number(text: str) -> float:
    try:
        x = float(text)
    except ValueError:
        return 0.0
    return 0.0 if math.isnan(x) else x


def _svg(width: float, height: float, alt: str, body: Markup) -> Markup:
    box = f"{-GAP} {-GAP} {width + 2 * GAP:g} {height + 2 * GAP:g}"
    return Markup(
        '<svg role="img" aria-label="{}" viewBox="{}" width="{:g}" height="{:g}">{}</svg>'
    ).format(alt, box, width + 2 * GAP, height + 2 * GAP, body)


def sketches(example: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a sketch of two numbers that came back and the two that are expected."""
    pairs = [_two(example[key]) for key in ("yours", "expected")]
    mine, wanted = pairs
    if not example["sketch"] or mine is None or wanted is None:
        return []
    if example["sketch"] == "interval":
        svg = _intervals(mine, wanted)
        drawn = [{"label": "", "text": "", "svg": svg}] if svg else []
    else:
        sizes = (("yours", mine), ("expected", wanted))
        drawn = [{"label": name, "text": "", "svg": _sizes(size, name)} for name, size in sizes
                 if min(size) > 0 and max(size) <= MOST]  # fmt: skip
    return [{"title": "", "kind": "sketch", "figures": drawn}] if drawn else []


def _two(parts: Sequence[Part]) -> tuple[int, int] | None:
    found = TWO.fullmatch(parts[0].get("text", "")) if len(parts) == 1 else None
    return (int(found[1]), int(found[2])) if found else None


def _sizes(size: tuple[int, int], name: str) -> Markup:
    side = 14
    squares = Markup().join(
        Markup('<rect class="plain" x="{}" y="{}" width="{}" height="{}"/>').format(
            j * side, i * side, side, side
        )
        for i in range(size[0])
        for j in range(size[1])
    )
    alt = f"{name}: {size[0]} rows and {size[1]} columns"
    return _svg(size[1] * side, size[0] * side, alt, squares)


def _intervals(mine: tuple[int, int], wanted: tuple[int, int]) -> Markup:
    """Return two bars over a line of positions, that of the answer above the expected one."""
    low, high = min(*mine, *wanted, 0), max(*mine, *wanted)
    if high - low >= MOST:
        return Markup()
    span = range(low, high + 1)
    rows = (("yours", "mine", mine), ("expected", "right", wanted))
    names = 76
    body = _texts((names + (x - low + 0.5) * CELL, 18, str(x).replace("-", "−")) for x in span)
    for row, (name, kind, (first, last)) in enumerate(rows, start=1):
        body += Markup('<text class="name" x="0" y="{}">{}</text>').format(row * CELL + 20, name)
        for x in span:
            inside = kind if first <= x <= last else ""
            body += Markup('<rect class="plain {}" x="{}" y="{}" width="{}" height="{}"/>').format(
                inside, names + (x - low) * CELL, row * CELL, CELL, CELL - 6
            )
    words = [f"{name}: {a} to {b}" for name, _, (a, b) in rows]
    return _svg(names + len(span) * CELL, 3 * CELL, "Positions, " + "; ".join(words), body)


def _texts(texts: Iterable[tuple[float, float, str]]) -> Markup:
    drawn = (Markup('<text x="{}" y="{}">{}</text>').format(*one) for one in texts)
    return Markup().join(drawn)

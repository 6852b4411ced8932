"""Where code in a table may break its line: after the marks that part a name, never inside a word.

A name of 29 letters would push its table wider than the page. Where there is room nothing breaks,
and what is copied has no break.
"""

from __future__ import annotations

import re
from typing import Any

CELL = re.compile(r"<td\b.*?</td>", re.DOTALL)
CODE = re.compile(r'(?<=<span class="pre">)[^<]+')
PARTS = re.compile(r"(?<=[A-Za-z0-9)\]][_./,=(\[])(?=[A-Za-z0-9])")


def breakable(body: str) -> str:
    """Return the page's body with places to break in the code of its tables.

    Examples
    --------
    >>> breakable('<td><code><span class="pre">corr2d_loops</span></code></td>')
    '<td><code><span class="pre">corr2d_<wbr/>loops</span></code></td>'
    """
    return CELL.sub(lambda cell: CODE.sub(lambda code: PARTS.sub("<wbr/>", code[0]), cell[0]), body)


def mark_breaks(_app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Rewrite the page's body."""
    context["body"] = breakable(context.get("body") or "")


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", mark_breaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

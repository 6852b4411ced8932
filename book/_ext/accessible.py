"""What the theme and docutils leave out for assistive technology, mended in every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

BODY = (
    # The corner of a table that names both its rows and its columns heads neither.
    (re.compile(r'<th class="head">(?:<p></p>)?</th>'), "<td></td>"),
    # Roles that ARIA 1.3 withdrew, or that do not fit the element that carries them.
    (re.compile(r' role="(?:doc-biblioentry|list)"(?= class="citation)'), ""),
    (re.compile(r'(<div class="citation"[^>]*?) role="doc-biblioentry"'), r"\1"),
)
TOGGLE = re.compile(r"(<a [^>]*>)([^<]+)(</a>\s*<details[^>]*>\s*<summary)(>)")


def mend(_app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Rewrite the page's body, and name the toggles of the contents beside it."""
    body = context.get("body") or ""
    for pattern, replacement in BODY:
        body = pattern.sub(replacement, body)
    context["body"] = body
    if contents := context.get("generate_toctree_html"):
        context["generate_toctree_html"] = named(contents)


def named(contents: Callable[..., Any]) -> Callable[..., str]:
    """Return `contents` with each toggle of its list named after the link before it.

    Examples
    --------
    >>> print(named(lambda: '<a href="x">Parts</a><details><summary><i></i></summary></details>')())
    <a href="x">Parts</a><details><summary aria-label="Pages of Parts"><i></i></summary></details>
    """

    def render(*args: Any, **kwargs: Any) -> str:
        return TOGGLE.sub(_name, str(contents(*args, **kwargs)))

    return render


def _name(found: re.Match[str]) -> str:
    link, text, summary, end = found.groups()
    return f'{link}{text}{summary} aria-label="Pages of {text.strip()}"{end}'


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx, after the theme."""
    app.connect("html-page-context", mend, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

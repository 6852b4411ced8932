"""The build's check that every picture is described; where one is not, that is a warning."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
SHORTEST = 20  # characters


class Pictures(HTMLParser):
    """Collects what stands for each picture of a page: `alt`, or the label of what acts as one."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the text of each picture, but for parts that a label around them stands for."""
        found = dict(attrs)
        if found.get("aria-hidden") == "true":
            return
        if found.get("role") == "img" or tag == "svg":
            self.texts.append(found.get("aria-label") or "")
        elif tag == "img":
            self.texts.append(found.get("alt") or "")


def poor(html: str) -> list[str]:
    """Return the texts that describe nothing: too short, or the name of a file."""
    pictures = Pictures()
    pictures.feed(html)
    return [t for t in pictures.texts if len(t) < SHORTEST or "/" in t.split(" ")[0]]


def check(_app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Warn of each picture of the page's body that is not described."""
    for text in poor(context.get("body") or ""):
        LOGGER.warning("a picture is described by %r; say what it shows", text, location=page)


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

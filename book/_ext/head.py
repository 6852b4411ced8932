"""What a page says of itself in its head.

SITE_URL, where it is set, is the address at which the book will be published: social cards and
canonical links need whole addresses.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urljoin

from docutils import nodes

CARD = "_static/card.png"
CARD_ALT = "A 2 by 2 window on a 3 by 3 image, beside the book's title, Convolutions for Images."
LONGEST = 160  # characters of a description that search engines show


def set_address(_app: Any, config: Any) -> None:
    """Take the address of publication from the environment."""
    config.html_baseurl = os.environ.get("SITE_URL", config.html_baseurl)


def describe(app: Any, page: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    """Give the page's template its description and its social card."""
    base = app.config.html_baseurl
    context["description"] = description(tree) or f"{app.config.project}: {context.get('title')}"
    context["card"] = urljoin(base, CARD) if base else context["pathto"](CARD, 1)
    context["card_alt"] = CARD_ALT
    context["root_doc"] = app.config.root_doc


def number_title(app: Any, page: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    """Give the title on paper the chapter's number, as the page on the screen has it."""
    number = app.env.toc_secnumbers.get(page, {}).get("")
    if tree is not None and number:
        context["pagetitle"] = f"{'.'.join(map(str, number))}. {app.env.titles[page].astext()}"


def description(tree: Any) -> str:
    """Return the first paragraph of a page that says something, cut at a word.

    A paragraph of a directive counts as little as one that is shorter than a sentence.
    """
    for paragraph in tree.findall(nodes.paragraph) if tree is not None else ():
        text = " ".join(paragraph.astext().split())
        if isinstance(paragraph.parent, nodes.section) and len(text) > 40:
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return ""


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", set_address)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", number_title, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

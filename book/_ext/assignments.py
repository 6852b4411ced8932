"""In the pages of assignments a chapter's name leads to the chapter.

The notebooks themselves have no links to the book: students open them where it may not be.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes

FOLDER, CHAPTERS = "exercises/", "book/"


def link_chapters(app: Any, doctree: nodes.document, page: str) -> None:
    """Make emphasized titles of chapters links, in the page of an assignment."""
    if not page.startswith(FOLDER):
        return
    titles = app.env.titles.items()
    chapters = {title.astext(): name for name, title in titles if name.startswith(CHAPTERS)}
    for name in list(doctree.findall(nodes.emphasis)):
        if name.astext() in chapters and not isinstance(name.parent, nodes.reference):
            place = app.builder.get_relative_uri(page, chapters[name.astext()])
            link = nodes.reference("", "", internal=True, refuri=place)
            name.replace_self(link)
            link += name


def setup(app: Any) -> dict[str, Any]:
    """Register the step after references are resolved."""
    app.connect("doctree-resolved", link_chapters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

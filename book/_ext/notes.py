"""Notes: the definition of a term, or the reference of a citation, beside the link to it.

`{term}` links to the glossary, `{cite}` to the bibliography. Each page gets the notes of its own
links at its end, hidden; `notes.js` shows them where a link is pointed at, in focus or tapped, and
a screen reader reads them as the link's description. Without the script the links lead on.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.environment.collectors import EnvironmentCollector

SCRIPT = "notes.js"
LINK = re.compile(
    r'<a class="reference internal" href="[^"#]*#(?P<anchor>[^"]+)"'
    r'(?: title="(?P<title>[^"]*)")?>(?P<text>.*?)</a>',
    re.DOTALL,
)
TERM = 'class="xref std std-term"'
SPAN = re.compile(r'<span class="xref std std-term">(.*?)</span>', re.DOTALL)


class Definitions(EnvironmentCollector):
    """Keeps, for each page, what its glossary says of each anchor."""

    def clear_doc(self, app: Any, env: Any, docname: str) -> None:
        """Forget a page."""
        _kept(env).pop(docname, None)

    def merge_other(self, app: Any, env: Any, docnames: set[str], other: Any) -> None:
        """Take over pages that another process has read."""
        theirs = _kept(other)
        _kept(env).update({name: theirs[name] for name in docnames if name in theirs})

    def process_doc(self, app: Any, doctree: nodes.document) -> None:
        """Read a page."""
        found = definitions(doctree)
        if found:
            _kept(app.env)[app.env.docname] = found


def _kept(env: Any) -> dict[str, dict[str, str]]:
    if not hasattr(env, "course_definitions"):
        env.course_definitions = {}
    kept: dict[str, dict[str, str]] = env.course_definitions
    return kept


def definitions(doctree: nodes.document) -> dict[str, str]:
    """Return the definition of each term of a page's glossaries, by the term's anchor."""
    return {
        anchor: " ".join(item[-1].astext().split())
        for glossary in doctree.findall(addnodes.glossary)
        for item in glossary.findall(nodes.definition_list_item)
        for term in item.findall(nodes.term)
        for anchor in term["ids"]
    }


def renew(app: Any, env: Any) -> list[str]:
    """Have every page written again where a definition changed: notes are copies."""
    now = {anchor: text for page in _kept(env).values() for anchor, text in page.items()}
    before, env.course_notes_made_of = getattr(env, "course_notes_made_of", None), now
    return [] if before in (None, now) else sorted(env.found_docs)


def annotate(app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Give each link to a term or a reference its note, and load the script where there are any."""
    known = {anchor: text for page in _kept(app.env).values() for anchor, text in page.items()}
    body, notes = with_notes(context.get("body") or "", known)
    if notes:
        context["body"] = body + notes
        app.add_js_file(SCRIPT, loading_method="defer")


def with_notes(body: str, known: dict[str, str]) -> tuple[str, str]:
    """Return a page's body with its links described, and the notes that describe them.

    Examples
    --------
    >>> body, notes = with_notes(
    ...     '<a class="reference internal" href="b.html#id7" title="A. Author. 1999.">1999</a>', {}
    ... )
    >>> body
    '<a class="reference internal noted" href="b.html#id7" aria-describedby="note-id7">1999</a>'
    >>> notes
    '<p class="link-note" id="note-id7" role="tooltip" popover="manual">A. Author. 1999.</p>'
    """
    notes: dict[str, str] = {}

    def describe(link: re.Match[str]) -> str:
        anchor, text = link["anchor"], link["text"]
        if TERM in text:
            if anchor not in known:
                return link[0]
            note, kind = escape(known[anchor]), "noted term"
            text = SPAN.sub(r"\1", text)
        elif link["title"] and anchor.startswith("id"):
            note, kind = escape(unescape(link["title"])), "noted"
        else:
            return link[0]
        notes[anchor] = note
        href = re.search(r'href="[^"]*"', link[0])[0]  # type: ignore[index]
        return (
            f'<a class="reference internal {kind}" {href} aria-describedby="note-{anchor}">'
            f"{text}</a>"
        )

    described = LINK.sub(describe, body)
    return described, "".join(
        f'<p class="link-note" id="note-{anchor}" role="tooltip" popover="manual">{note}</p>'
        for anchor, note in notes.items()
    )


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx; `env_version` makes environments without definitions old."""
    app.add_env_collector(Definitions)
    app.connect("env-updated", renew)
    app.connect("html-page-context", annotate)
    return {
        "version": "1",
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }

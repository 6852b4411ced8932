"""What staff see in formgrader: a student's notebook, with whatever could run in it made text.

nbgrader's own page runs scripts in outputs and in markdown, on the server that can change every
grade. `c.HTMLExporter.preprocessors` names the class here, and formgrader passes pages through it.
"""

from __future__ import annotations

import re
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

PICTURES = ("image/png", "image/jpeg")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
GAP = "\u200b"  # takes no room, and ends what Markdown or HTML would take for a tag or a link
STARTS = re.compile(r"<(?=[A-Za-z/!?])|\](?=[(:\[])|:(?=//)")


class StaffView(Preprocessor):
    """Leaves text and pictures of a notebook as they are, and shows all else as text."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return a cell that runs nothing, loads nothing and leads nowhere."""
        if cell.cell_type != "code":
            cell.source = inert(cell.source)
            cell.pop("attachments", None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data, output.metadata = _shown(output.data), {}
        return cell, resources


def inert(markdown: str) -> str:
    r"""Return Markdown without tags, links and pictures; it looks as it was typed.

    Examples
    --------
    >>> inert("if $a < b$ then **so**")
    'if $a < b$ then **so**'
    >>> inert("<img src=x> [y](javascript:z)").replace("\u200b", "|")
    '<|img src=x> [y]|(javascript:z)'
    >>> inert("see https://example.org").replace("\u200b", "|")
    'see https:|//example.org'
    """
    return STARTS.sub(lambda found: found.group() + GAP, markdown)


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    """Return what of an output can be shown: a picture that is one, else its text."""
    for kind in PICTURES:
        if isinstance(data.get(kind), str) and BASE64.fullmatch(data[kind]):
            return {kind: data[kind]}
    return {"text/plain": data.get("text/plain") or "(neither text nor a picture)"}

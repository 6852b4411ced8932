"""What staff see in formgrader: a student's notebook, with whatever could run in it made text.

nbgrader's own page runs scripts in outputs and in markdown, on the server that can change every
grade. `c.HTMLExporter.preprocessors` names the class here, and formgrader passes pages through it.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output

from nbexaminer.notebooks import pictures
from nbexaminer.notebooks.attachments import attachment, plain, showable

ATTACHED = re.compile(r"!\[([^\[\]\n]{0,300})\]\(<?attachment:([^()<>\s]{1,300})>?\)")
PICTURES = ("image/png", "image/jpeg")
GAP = "\u200b"  # takes no room, and ends what Markdown, HTML or MathJax would act on
MACROS = (  # of MathJax 2 to 4: they lead elsewhere, style the page, load code or define macros
    "href|url|class|style|css[iI][dD]|id|data|html[A-Za-z]*|require|unicode|mmlToken|action|toggle|"
    "mathtip|texttip|tooltip|bbox|includegraphics|img|global|[gex]?def|let|futurelet|csname|"
    "(?:re)?newcommand|providecommand|(?:re)?newenvironment|Newextarrow|begingroup|endgroup|"
    "Declare[A-Za-z]*|(?:New|Renew|Provide)Document[A-Za-z]*"
)
STARTS = re.compile(
    r"<(?=[A-Za-z/!?])|\](?=[(:\[])|:(?=//)|&(?=#?\w+;)"  # an entity can spell a backslash
    rf"|\\(?=(?:{MACROS})(?![A-Za-z]))"
)


class StaffView(Preprocessor):
    """Leaves text and pictures of a notebook as they are, and shows all else as text."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return a notebook that runs nothing, loads nothing and leads nowhere."""
        self._allowance = pictures.PictureBudget()
        done: tuple[NotebookNode, dict[str, Any]] = super().preprocess(nb, resources)  # type: ignore[no-untyped-call]
        return done

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return a cell that does none of this."""
        if cell.cell_type != "code":
            cell.source, attachments = with_pictures(cell.source, cell.pop("attachments", {}))
            if attachments:
                cell.attachments = attachments
        told = cell.metadata.get("nbexaminer", {}).get("told", [])
        said = [text for facts in told for text in facts.get("methods", [])]
        if said and cell.cell_type == "code":
            note = "\n".join(f"To look at: {text}." for text in said)
            cell.outputs = [*cell.outputs, new_output("stream", text=note)]  # type: ignore[no-untyped-call]
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data, output.metadata = self._shown(output.data), {}
        return cell, resources

    def _shown(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return what of an output can be shown: a picture that is one, else its text."""
        text = data.get("text/plain", "")
        for kind in PICTURES:
            if isinstance(data.get(kind), str):
                why = self._allowance.fault(pictures.decoded(data[kind]))
                if not why:
                    return {kind: data[kind]}
                text = f"{text}\n(a picture is left out: it {why})".strip()
        return {"text/plain": text or "(neither text nor a picture)"}


def with_pictures(markdown: str, attachments: Any) -> tuple[str, dict[str, dict[str, str]]]:
    """Return Markdown that shows its attached pictures, and nothing else of others; and these."""
    pictures = showable(attachments)
    kept: dict[str, dict[str, str]] = {}
    parts: list[str] = []
    end = 0
    for found in ATTACHED.finditer(markdown):
        data = pictures.get(found[2]) or pictures.get(unquote(found[2]))
        if data:
            name = f"picture-{len(kept)}"
            kept[name] = attachment(data)
            parts += [inert(markdown[end : found.start()]), f"![{plain(found[1])}]"]
            parts += [f"(attachment:{name})"]
            end = found.end()
    return "".join([*parts, inert(markdown[end:])]), kept


def inert(markdown: str) -> str:
    r"""Return Markdown without tags, links, pictures and macros that act; it looks as it was typed.

    Examples
    --------
    >>> inert("if $a < b$ then **so**")
    'if $a < b$ then **so**'
    >>> inert("<img src=x> [y](javascript:z)").replace("\u200b", "|")
    '<|img src=x> [y]|(javascript:z)'
    >>> inert("see https://example.org").replace("\u200b", "|")
    'see https:|//example.org'
    >>> inert(r"$\href{javascript:x}{\left(y\right)}$").replace("\u200b", "|")
    '$\\|href{javascript:x}{\\left(y\\right)}$'
    """
    return STARTS.sub(lambda found: found.group() + GAP, markdown)

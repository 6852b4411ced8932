"""Paper: all of a chapter's text and code, none of the answers to its questions."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import jupytext
import pytest
from pages import ROOT, every_chapter
from pypdf import PdfReader
from tabs import Tab

STATE = (  # not their text: formulas in them are typeset for paper, and stay so
    "() => [...document.querySelectorAll('article details')].map(d => [d.open, d.name])"
)
FOLDED = {"hide-input", "hide-cell"}


def folded_code(topic: str) -> list[str]:
    """Return the lines of code of a chapter's cells that are folded on the screen."""
    book = jupytext.read(ROOT / "book" / f"{topic}.md")
    cells = [cell for cell in book.cells if FOLDED & set(cell.metadata.get("tags", []))]
    return [line for cell in cells for line in cell.source.splitlines() if line.strip()]


def squeezed(text: str) -> str:
    """Return text without white space, which paper breaks elsewhere, and without ligatures."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("topic", every_chapter())
def test_paper_has_every_line_of_folded_code_and_no_verdict(
    tab: Tab, topic: str, tmp_path: Path
) -> None:
    """Under the numbered title; what was open or shut on the screen is so afterwards."""
    opened = tab.open(f"book/{topic}", typeset=False)
    opened.locator(".selfcheck summary").first.click()  # a reply that the reader has opened
    before = opened.evaluate(STATE)
    verdicts = opened.locator(".selfcheck .reply").all_text_contents()
    title = opened.locator("article h1").inner_text()
    opened.pdf(path=tmp_path / "page.pdf", format="A4")
    text = "".join(sheet.extract_text() for sheet in PdfReader(tmp_path / "page.pdf").pages)
    paper, lines = squeezed(text), folded_code(topic)

    assert lines
    assert [line for line in lines if squeezed(line) not in paper] == []
    assert [reply for reply in verdicts if squeezed(reply)[:25] in paper] == []
    assert squeezed(title.replace("#", "")) in paper[:200]
    assert "Hidecodecell" not in paper
    assert opened.evaluate(STATE) == before

"""What formgrader makes of a student's Markdown after our preprocessor: text that leads nowhere."""

from __future__ import annotations

import pytest
from nbconvert.filters.markdown import markdown2html
from nbformat.v4 import new_markdown_cell

from autograder.desk.staff import StaffView

LEADING = [
    "see https://elsewhere.example/login",
    "(https://elsewhere.example)",
    "[x](https://elsewhere.example)",
    "[x][y]\n\n[y]: https://elsewhere.example",
    "<https://elsewhere.example>",
    "<a href=https://elsewhere.example>x</a>",
    "![x](https://elsewhere.example/x.png)",
]


@pytest.mark.parametrize("written", LEADING)
def test_markdown_of_a_student_leads_nowhere(written: str) -> None:
    """nbconvert makes a link or a picture of each; of what our preprocessor leaves, of none."""
    cell, _ = StaffView().preprocess_cell(new_markdown_cell(written), {}, 0)
    plain, shown = markdown2html(written), markdown2html(cell.source)

    assert "<a" in plain or "<img" in plain
    assert "<a" not in shown
    assert "<img" not in shown
    assert "elsewhere.example" in shown

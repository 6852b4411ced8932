"""What formgrader makes of a student's Markdown after our preprocessor: text that leads nowhere."""

from __future__ import annotations

import html
import re

import pytest
from nbconvert.filters.markdown import markdown2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbexaminer.feedback.staff_view import StaffView

LEADING = [
    "see https://elsewhere.example/login",
    "(https://elsewhere.example)",
    "[x](https://elsewhere.example)",
    "[x][y]\n\n[y]: https://elsewhere.example",
    "<https://elsewhere.example>",
    "<a href=https://elsewhere.example>x</a>",
    "![x](https://elsewhere.example/x.png)",
]


ACTIVE = [
    r"$\href{javascript:hit()}{x}$",
    r"$$\href{https:elsewhere.example}{x}$$",
    r"\\(\url{x}\\)",
    r"\begin{equation}\href {javascript:hit()}{x}\end{equation}",
    r"$\class{button}{x} \cssId{total}{x} \style{position:fixed}{x} \data{a=b}{x}$",
    r"$\htmlClass{a}{x} \htmlStyle{a}{x} \htmlData{a}{x} \htmlId{a}{x}$",
    r"$\require{action}\toggle{a}{b}\endtoggle \mathtip{a}{b} \bbox[background:url(//x)]{y}$",
    r"$\mmlToken{mi}[href='javascript:hit()']{x} \unicode{65}$",
    r"$\def\a{\b\b}\gdef\b{\c\c}\let\c\d \newcommand{\d}{\renewcommand{\e}{\f}}$",
    r"$\newenvironment{x}{\a}{\b} \DeclareMathOperator{\y}{z} \Newextarrow{\z}{1,1}{8594}$",
    r"&#36;\\&#104;ref{javascript:hit()}{x}&#36;",
    r"&dollar;&bsol;href{javascript:hit()}{x}&dollar;",
    r"$\\href{javascript:hit()}{x}$",
]
ACTS = re.compile(
    r"\\(href|url|class|cssId|style|data|html\w*|require|toggle|mathtip|bbox|mmlToken|"
    r"unicode|[g]?def|let|(re)?new[a-z]+|DeclareMathOperator|Newextarrow)\b"
)
HARMLESS = [
    r"$\delta \left( \hat{x} \right) \leq \Delta \in \mathbb{R} \dots$",
    r"$$\begin{bmatrix} a & b \\ c & d \end{bmatrix}$$",
    r"$\operatorname{rank}(K) = 1 \text{ iff } \sigma_2 = 0, \idotsint \defeq \letters$",
]


@pytest.mark.parametrize("written", ACTIVE)
def test_no_macro_of_a_student_acts_in_formgrader(written: str) -> None:
    """MathJax reads the text of the page: it has no macro that leads, styles, loads or defines."""
    cell, _ = StaffView().preprocess_cell(new_markdown_cell(written), {}, 0)
    plain, shown = (html.unescape(markdown2html(text)) for text in (written, cell.source))

    assert ACTS.search(plain)
    assert not ACTS.search(shown)


@pytest.mark.parametrize("written", HARMLESS)
def test_formulas_stay_as_they_are(written: str) -> None:
    """A name that only begins like a macro that acts is another one."""
    assert StaffView().preprocess_cell(new_markdown_cell(written), {}, 0)[0].source == written


@pytest.mark.parametrize("written", LEADING)
def test_markdown_of_a_student_leads_nowhere(written: str) -> None:
    """nbconvert makes a link or a picture of each; of what our preprocessor leaves, of none."""
    cell, _ = StaffView().preprocess_cell(new_markdown_cell(written), {}, 0)
    plain, shown = markdown2html(written), markdown2html(cell.source)

    assert "<a" in plain or "<img" in plain
    assert "<a" not in shown
    assert "<img" not in shown
    assert "elsewhere.example" in shown


def test_a_method_to_look_at_is_shown_below_the_test() -> None:
    """Whoever marks reads in formgrader what the feedback page says of the method."""
    said = "the answer uses torch.autograd, which the task excludes"
    cell = new_code_cell("", metadata={"nbexaminer": {"told": [{"methods": [said]}]}})

    shown, _ = StaffView().preprocess(new_notebook(cells=[cell]), {})

    assert [output.text for output in shown.cells[0].outputs] == [f"To look at: {said}."]

"""A counterexample on a page: figures that can be read aloud, and nothing that acts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from nbexaminer.feedback import page as feedback
from nbexaminer.feedback.chapters import Book
from nbexaminer.feedback.figures import figures, grid

EXAMPLE: dict[str, Any] = {
    "call": "f(torch.tensor([[1.0, 0.0]]))",
    "size": 2,
    "sentence": "In row 0, column 1, yours is -3, and 1 is expected.",
    "inputs": [{"label": "X", "rows": [["1", "0"]]}, {"label": "size", "text": "(1, 2)"}],
    "yours": [{"label": "", "rows": [["1", "-3"]]}],
    "expected": [{"label": "", "rows": [["1", "1"]]}],
    "first": {"part": 0, "row": 0, "column": 1},
    "sketch": "",
    "explorer": "correlation#window-stepper?X=1,0&K=1",
}
WICKED = "</text></svg><script>alert(1)</script>\" onload='x"


def page(example: dict[str, Any], book: Book) -> str:
    """Return a page with one panel, on which a counterexample is shown."""
    row = {
        "cell": "test_f",
        "name": "f",
        "earned": 0.0,
        "points": 1.0,
        "status": "failed",
        "words": "a test of this cell did not pass",
        "needs_manual_grade": False,
        "comment": None,
    }
    told = {"criteria": [], "mistake": None, "second": None, "counterexample": example}
    blocks = [{"kind": "verdict", "row": row, "told": [told]}]
    return feedback._template().render(
        title="t", student="s", status="graded", reason="", rows=[row], earned=0.0, possible=1.0,
        waiting=False, penalty=0.0, blocks=blocks, book=book, code_css="",
    )  # fmt: skip


def with_rows(kind: str) -> dict[str, Any]:
    return {"label": kind, "rows": [[kind, "1e999", "nan", "−", ""]]}


def test_the_first_wrong_element_is_outlined_and_told() -> None:
    """In the answer's grid and, otherwise, in the expected one."""
    _, mine, wanted = figures(EXAMPLE)
    svg = mine["figures"][0]["svg"]

    assert 'aria-label="Yours, 1 by 2: 1, -3; outlined: row 0, column 1"' in svg
    assert '<rect class="first wrong" x="34"' in svg
    assert 'class="first right"' in wanted["figures"][0]["svg"]
    assert [mine["title"], wanted["title"]] == ["Yours", "Expected"]


def test_a_page_shows_the_input_the_line_and_the_explorer() -> None:
    """The link only where the book's address is known."""
    linked, plain = page(EXAMPLE, Book("https://b.org/")), page(EXAMPLE, Book())
    href = "https://b.org/correlation.html#window-stepper?X=1,0&amp;K=1"

    assert f'<a href="{href}">Open it in the book' in linked
    assert "explorer</a>" not in plain
    for text in (linked, plain):
        assert "<strong>A small input on which it is wrong.</strong> In row 0, column 1" in text
        assert "<code>f(torch.tensor([[1.0, 0.0]]))</code>" in text
        assert text.count('role="img"') == 3 and "<code>(1, 2)</code>" in text


def test_nothing_that_came_back_acts_on_the_page() -> None:
    """Tags are text, in figures, in their descriptions and in the line."""
    wicked = {
        **EXAMPLE,
        "call": WICKED,
        "sentence": WICKED,
        "explorer": WICKED,
        "inputs": [{"label": WICKED, "text": WICKED}],
        "yours": [with_rows(WICKED)],
    }
    text = page(wicked, Book("https://b.org/"))

    assert "<script" not in text and "onload='" not in text
    for group in figures(wicked):
        for one in group["figures"]:
            if one["svg"]:
                assert {e.tag for e in ET.fromstring(one["svg"]).iter()} <= {"svg", "rect", "text"}


@pytest.mark.parametrize(
    ("sketch", "mine", "wanted", "alt"),
    [
        ("sizes", "(2, 1)", "(1, 2)", "yours: 2 rows and 1 columns"),
        ("interval", "(0, 2)", "(-1, 1)", "Positions, yours: 0 to 2; expected: -1 to 1"),
    ],
)
def test_two_numbers_are_sketched(sketch: str, mine: str, wanted: str, alt: str) -> None:
    """A size as squares, an interval on a line of positions."""
    parts = {"yours": [{"label": "", "text": mine}], "expected": [{"label": "", "text": wanted}]}
    *_, last = figures({**EXAMPLE, **parts, "sketch": sketch, "first": None})

    assert last["kind"] == "sketch"
    assert f'aria-label="{alt}' in last["figures"][0]["svg"]


@pytest.mark.parametrize("text", ["(0, 999)", "(999, 999)", "(1, 2, 3)", "raises ValueError", "x"])
@pytest.mark.parametrize("sketch", ["sizes", "interval"])
def test_what_is_no_small_pair_is_not_sketched(sketch: str, text: str) -> None:
    """However large a number came back, there are few squares."""
    parts = {"yours": [{"label": "", "text": text}], "expected": [{"label": "", "text": text}]}

    assert len(figures({**EXAMPLE, **parts, "sketch": sketch, "first": None})) == 3


def test_numbers_are_tinted_by_sign_and_size() -> None:
    """The largest most, whatever is infinite not at all."""
    svg = grid([["2", "-1", "inf"]], "X")

    assert 'class="above" fill-opacity="0.40"' in svg
    assert 'class="below" fill-opacity="0.20"' in svg
    assert svg.count('fill-opacity="0.00"') == 1

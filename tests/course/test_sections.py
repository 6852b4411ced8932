"""The sections that misconceptions name: each has a heading in the book."""

from __future__ import annotations

from pathlib import Path

import problems
from nbexaminer.feedback.chapters import Book
from nbexaminer.problems import bank as banks

ROOT = Path(__file__).resolve().parents[2]


def test_every_section_that_mends_a_mistake_has_its_heading() -> None:
    """Not its label in words: the heading, with the chapter's title, without markup."""
    book, plain = Book("", ROOT / "book"), Book()
    bank = banks.load(problems.__name__)
    sections = {
        mistake.section
        for several in bank.values()
        for problem in several
        for mistake in problem.misconceptions
    }
    titles = {section: book.title(section) for section in sections}

    assert sections
    assert [s for s, title in titles.items() if title == plain.title(s)] == []
    assert [title for title in titles.values() if set("`*$\\{}") & set(title)] == []
    assert book.title("correlation#output-size") == (
        "1.5 Why is the output smaller than the image? (Cross-correlation)"
    )

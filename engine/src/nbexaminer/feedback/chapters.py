"""Sections of the book that mend a mistake (``page#label``): their headings and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nbexaminer.nbgrader.course import Course

MARKUP = re.compile(r"\{[\w:-]+\}(?=`)|[`*$]|\\(?=[a-z]+\b)")


@dataclass(frozen=True)
class Book:
    """Where the book is.

    Parameters
    ----------
    address : str
        Of its pages, which sections are linked into; nothing, for no links.
    sources : Path, optional
        Folder of the MyST files, ``<page>.md``, that headings are read from.
    """

    address: str = ""
    sources: Path | None = None

    def href(self, section: str) -> str:
        """Return the address of a section, or nothing.

        Examples
        --------
        >>> Book("https://example.org/book/").href("correlation#output-size")
        'https://example.org/book/correlation.html#output-size'
        """
        if not self.address or not section:
            return ""
        page, _, label = section.partition("#")
        return f"{self.address.rstrip('/')}/{page}.html#{label}"

    def title(self, section: str) -> str:
        """Return a section's heading and, in parentheses, its chapter's; else its name in words.

        Examples
        --------
        >>> Book().title("correlation#output-size")
        'Output size (Correlation)'
        """
        page, _, label = section.partition("#")
        chapter, headings = _headings(self.sources / f"{page}.md") if self.sources else ("", {})
        heading, title = headings.get(label) or _in_words(label), chapter or _in_words(page)
        return heading if heading == title or not title else f"{heading} ({title})"


def chapters_of(course: Course) -> Path | None:
    """Return the folder of MyST files that the course names in `c.Report.chapters`, if it does."""
    named: str = course.directory().config.Report.get("chapters", "")
    return course.root / named if named else None


@lru_cache
def _headings(path: Path) -> tuple[str, dict[str, str]]:
    r"""Return the title of a page of MyST, and its headings by the labels before them."""
    if not path.is_file():
        return "", {}
    text = path.read_text(encoding="utf-8", errors="replace")
    title = re.search(r"^# +(.+)$", text, re.MULTILINE)
    labeled = re.finditer(
        r"^\(([^)\s]+)\)=\s*\n((?:\([^)\s]+\)=\s*\n)*)#+ +(.+)$", text, re.MULTILINE
    )
    found: dict[str, str] = {}
    for match in labeled:
        labels = [match[1], *re.findall(r"^\(([^)\s]+)\)=", match[2], re.MULTILINE)]
        found |= dict.fromkeys(labels, _plain(match[3]))
    return _plain(title[1]) if title else "", found


def _plain(heading: str) -> str:
    return MARKUP.sub("", heading).strip()


def _in_words(name: str) -> str:
    words = re.sub(r"[-_/]+", " ", name).strip()
    return words[:1].upper() + words[1:]

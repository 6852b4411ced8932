"""Sections of the book that mend a mistake (``page#label``): their headings and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nbexaminer.nbgrader.course import Course

FENCED = re.compile(r"^(`{3,}|~{3,}|:{4,}).*?^\1[`~:]*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^((?:\([^)\s]+\)=\s*\n)*)(#+) +(.+)$", re.MULTILINE)
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
        """Return a section's number and heading and, in parentheses, its chapter's title.

        Without sources, or where they have no such label, its name in words.

        Examples
        --------
        >>> Book().title("correlation#output-size")
        'Output size (Correlation)'
        """
        page, _, label = section.partition("#")
        chapter, headings = _headings(self.sources / f"{page}.md") if self.sources else ("", {})
        heading, title = headings.get(label) or _in_words(label), chapter or _in_words(page)
        return (
            heading
            if title in (heading, heading.partition(" ")[2]) or not title
            else f"{heading} ({title})"
        )


def chapters_of(course: Course) -> Path | None:
    """Return the folder of MyST files that the course names in `c.Report.chapters`, if it does."""
    named: str = course.directory().config.Report.get("chapters", "")
    return course.root / named if named else None


@lru_cache
def _headings(path: Path) -> tuple[str, dict[str, str]]:
    r"""Return the title of a page of MyST, and its headings by the labels before them.

    Headings have numbers if the table of contents, `_toc.yml`, numbers the page.
    """
    if not path.is_file():
        return "", {}
    text = FENCED.sub("", path.read_text(encoding="utf-8", errors="replace"))
    counts, found = [_chapter_number(path.parent, path.stem)], dict[str, str]()
    titles = []
    for match in HEADING.finditer(text):
        depth, heading = len(match[2]), MARKUP.sub("", match[3]).strip()
        if depth == 1:
            titles.append(heading)
        counts = [*counts[:depth], *[0] * (depth - len(counts))]
        counts[-1] += depth > 1
        number = ".".join(map(str, counts)) + " " if counts[0] and depth > 1 else ""
        found |= dict.fromkeys(re.findall(r"\(([^)\s]+)\)=", match[1]), number + heading)
    return titles[0] if titles else "", found


@lru_cache
def _chapter_number(sources: Path, page: str) -> int:
    """Return the number of a page in a numbered part of `_toc.yml`, there or above; else 0."""
    tables = [folder / "_toc.yml" for folder in (sources, sources.parent)]
    lines = next((t.read_text(encoding="utf-8").splitlines() for t in tables if t.is_file()), [])
    numbered, count = False, 0
    for line in lines:
        if "caption:" in line:
            numbered = False
        elif re.search(r"\bnumbered:\s*(true|\d)", line):
            numbered = True
        elif numbered and (found := re.search(r"\bfile:\s*(\S+)", line)):
            count += 1
            if Path(found[1]).stem == page:
                return count
    return 0


def _in_words(name: str) -> str:
    words = re.sub(r"[-_/]+", " ", name).strip()
    return words[:1].upper() + words[1:]

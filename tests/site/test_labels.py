"""Labels and hints lead to the headings they were written for; no name stands twice in a page."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest
from bs4 import BeautifulSoup, Tag
from docutils.nodes import make_id
from pages import BUILT, ROOT, documents, page

from problems import bank

LABEL = re.compile(r"^\(([\w-]+)\)=\n+(?=(?:\([\w-]+\)=\n+)*#+ +(.+)$)", re.MULTILINE)
TITLES = {"h1", "h2", "h3", "h4", "h5", "h6"}
HINTS = sorted(
    {m.section for problems in bank().values() for p in problems for m in p.misconceptions}
)
PAGES = sorted(str(p.relative_to(BUILT)) for p in BUILT.rglob("*.html") if "_static" not in p.parts)
SOURCES = [name for name in documents() if (ROOT / f"{name}.md").is_file()]


def labels(document: str) -> dict[str, str]:
    """Return the labels of a document's source with the headings below them."""
    text = (ROOT / f"{document}.md").read_text(encoding="utf-8")
    return dict(re.findall(LABEL, text))


@cache
def built(document: str) -> BeautifulSoup:
    """Return a built page."""
    return BeautifulSoup(page(document).read_text(encoding="utf-8"), "html.parser")


def heading(document: str, anchor: str) -> tuple[str, str]:
    """Return the level and the text of the heading at which a browser arrives."""
    place = built(document).find(id=anchor)

    assert isinstance(place, Tag), f"{document}.html has no #{anchor}"
    found = place.find(TITLES) if place.name == "section" else place.find_next(TITLES)
    assert isinstance(found, Tag)
    return found.name, found.get_text()


def letters(text: str) -> str:
    """Return what a heading's source and its page have in common: letters in order."""
    plain = re.sub(r"\$[^$]*\$|\{\w+\}|[^\w]|_", "", text)
    return re.sub(r"\d", "", plain).lower()


@pytest.mark.parametrize("document", SOURCES)
def test_each_label_leads_to_the_heading_below_it(document: str) -> None:
    """Also where a page's title or another heading would make the same name."""
    wrong = {
        label: heading(document, make_id(label))
        for label, written in labels(document).items()
        if letters(written)[:20] not in letters(heading(document, make_id(label))[1])
    }

    assert wrong == {}


@pytest.mark.parametrize("section", HINTS)
def test_each_hint_leads_to_the_heading_of_its_label(section: str) -> None:
    """A section of the chapter that some label names, not the top of the page."""
    topic, anchor = section.split("#")
    level, text = heading(f"book/{topic}", anchor)
    written = labels(f"book/{topic}").get(anchor)  # none where the label is a question's

    assert f"({anchor})=" in (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")
    assert written is None or letters(written)[:20] in letters(text)
    assert level != "h1"


@pytest.mark.parametrize("name", PAGES)
def test_no_id_stands_twice_in_a_page(name: str) -> None:
    """Else a link would lead to the first, and a script bind it."""
    ids = re.findall(r"<[a-zA-Z][^>]*?\sid=\"([^\"]*)\"", (BUILT / name).read_text("utf-8"))

    assert [each for each, times in Counter(ids).items() if times > 1] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_of_each_control_that_the_theme_binds_by_its_first(name: str) -> None:
    """A hidden twin before the one that is seen would be bound in its place."""
    soup = BeautifulSoup((BUILT / name).read_text("utf-8"), "html.parser")
    numbers = {
        selector: len(soup.select(selector))
        for selector in ("button.primary-toggle", "button.secondary-toggle", "#pst-header *")
    }

    assert numbers["button.primary-toggle"] in (0, 1)
    assert numbers["button.secondary-toggle"] in (0, 1)
    assert numbers["#pst-header *"] == 0

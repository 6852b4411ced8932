"""Every page opens whole without a network; at four widths nothing is cut, covered, or lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pages import TOPICS, every_page
from playwright.sync_api import Page
from tabs import Tab

WIDTHS, SMALLEST = (1280, 768, 390), 360
MEASURES = Path(__file__).with_name("reading.js").read_text(encoding="utf-8")
OPEN_FOLDS = """document.querySelectorAll("main details").forEach((fold) => {
  fold.removeAttribute("name");
  fold.open = true;
})"""
ALL = """() => Object.fromEntries(["cut", "lonely", "narrow", "overlapping", "scrolled", "spilled"]
  .map((name) => [name, reading[name](document.querySelector("main"))]))"""
CUT = """() => [...document.querySelectorAll('article :is(p, li, dd) mjx-container:not([display])')]
  .filter(e => !e.closest('table') && e.getBoundingClientRect().right
    > e.closest('p, li, dd').getBoundingClientRect().right + 1).map(e => e.textContent)"""
WIDE_TABLE = 7  # columns; one of fewer shows all of them on a phone


def found(opened: Page, width: int) -> dict[str, list[Any]]:
    """Return what keeps a reader from reading at a width, without what may scroll there."""
    opened.set_viewport_size({"width": width, "height": 900})
    opened.wait_for_timeout(100)
    lists = opened.evaluate(ALL)
    lists["scrolled"] = [box for box in lists["scrolled"] if not may_scroll(box, width)]
    lists["page"] = opened.evaluate(
        "document.documentElement.scrollWidth > innerWidth ? [document.title] : []"
    )
    return {name: faults for name, faults in lists.items() if faults}


def may_scroll(box: dict[str, Any], width: int) -> bool:
    """On a phone, what code puts out keeps its lines, and a table of many columns its columns."""
    return width < 600 and (
        box["kind"] == "code" or (box["kind"] == "table" and box["columns"] >= WIDE_TABLE)
    )


@pytest.mark.parametrize("document", every_page())
def test_everything_on_a_page_can_be_read(tab: Tab, document: str) -> None:
    """Text, formulas; no request to a host, no complaint; no permalink on a line of its own."""
    opened = tab.open(document)
    raw = opened.locator("article .math:not(:has(mjx-container))").count()
    cut = opened.evaluate(CUT)
    opened.evaluate(OPEN_FOLDS)
    opened.evaluate(MEASURES)

    assert {width: found(opened, width) for width in WIDTHS} == {width: {} for width in WIDTHS}
    opened.set_viewport_size({"width": SMALLEST, "height": 900})
    assert opened.evaluate("document.documentElement.scrollWidth") <= SMALLEST
    assert (tab.asked, tab.complaints, raw, cut, opened.evaluate(CUT)) == ([], [], 0, [], [])


@pytest.mark.parametrize("way", ["page", "dialog"])
def test_the_search_field_s_glass_stands_before_what_is_typed(tab: Tab, way: str) -> None:
    """On the page of results and in the dialog that Ctrl+K opens."""
    opened = tab.open("search" if way == "page" else "book/edges", typeset=False)
    if way == "dialog":
        opened.keyboard.press("Control+k")
    field = opened.locator("form.bd-search:visible input").last
    field.fill("kernel")
    text = field.evaluate(
        "e => e.getBoundingClientRect().left + parseFloat(getComputedStyle(e).paddingLeft)"
    )
    glass = opened.locator("form.bd-search:visible .fa-magnifying-glass").last.bounding_box()

    assert glass
    assert glass["x"] + glass["width"] <= text


def test_a_reply_of_a_self_check_reads_as_sentences(tab: Tab) -> None:
    """A space parts the verdict from what follows, as text is read aloud and copied."""
    for topic in TOPICS:
        opened = tab.open(f"book/{topic}", typeset=False)
        opened.evaluate(OPEN_FOLDS)
        replies = opened.locator(".selfcheck .reply")
        texts = [*replies.all_text_contents(), *replies.all_inner_texts()]

        assert texts
        assert [t for t in texts if not re.match(r"\s*(Right|No)\.\s", t)] == []

"""The built book in a real browser, from the file system, with the network shut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from browser import launched
from pages import ROOT, TOPICS, documents, page
from playwright.sync_api import Browser, Page

WIDTHS = {"phone": 360, "desk": 1280}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all the tests of this file."""
    with launched() as running:
        yield running


@pytest.fixture
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab that records what it asks of other hosts, and what its console complains of."""
    width, theme = request.param
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, color_scheme=theme
    )
    new = context.new_page()
    new.asked, new.complaints = [], []  # type: ignore[attr-defined]

    def ask(route, call) -> None:  # type: ignore[no-untyped-def]
        new.asked.append(call.url)  # type: ignore[attr-defined]
        route.abort()

    new.route("http*://**/*", ask)
    new.on("console", lambda m: new.complaints.append(m.text) if m.type == "error" else None)  # type: ignore[attr-defined]
    new.on("pageerror", lambda e: new.complaints.append(str(e)))  # type: ignore[attr-defined]
    yield new
    context.close()


VIEWS = [("phone", "light"), ("desk", "dark")]


@pytest.mark.parametrize("tab", VIEWS, ids=lambda v: "-".join(v), indirect=True)
@pytest.mark.parametrize("document", documents())
def test_a_page_opens_whole_without_the_network(tab: Page, document: str) -> None:
    """No request to a host, no complaint, no formula left raw, nothing wider than the screen."""
    tab.goto(page(document).as_uri())
    tab.wait_for_function("() => !window.MathJax || window.MathJax.startup?.promise !== undefined")
    tab.evaluate("() => window.MathJax?.startup?.promise")
    raw = tab.locator("article .math:not(:has(mjx-container))").count()
    overflow = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert tab.asked == []  # type: ignore[attr-defined]
    assert tab.complaints == []  # type: ignore[attr-defined]
    assert raw == 0
    assert overflow <= 0


@pytest.mark.parametrize("tab", VIEWS, ids=lambda v: "-".join(v), indirect=True)
def test_figures_take_their_ink_from_the_theme(tab: Page) -> None:
    """Letters beside the data have the color of the text, and no box lies behind a drawing."""
    tab.goto(page("book/edges").as_uri())
    drawing = tab.locator("svg.drawing").first
    inks = drawing.locator("text").evaluate_all("all => all.map(e => getComputedStyle(e).fill)")
    text = tab.locator("article p").first.evaluate("e => getComputedStyle(e).color")
    box = drawing.evaluate(
        "e => getComputedStyle(e.closest('.output') ?? e.parentElement).backgroundColor"
    )

    assert text in inks
    assert box in ("rgba(0, 0, 0, 0)", "transparent")


@pytest.mark.parametrize("tab", [("desk", "light")], indirect=True)
def test_a_worked_solution_unfolds(tab: Page) -> None:
    """Folded at first, open after a click."""
    tab.goto(page("book/edges").as_uri())
    solution = tab.locator("details", has_text="Worked solution").first

    assert solution.get_attribute("open") is None
    solution.locator("summary").click()
    assert solution.get_attribute("open") is not None


@pytest.mark.parametrize("tab", [("desk", "light")], indirect=True)
def test_every_assignment_can_be_downloaded_as_it_was_released(tab: Page) -> None:
    """The list and each assignment's own page hand out the notebook of `exercises/`."""
    listed = page("book/exercises")
    tab.goto(listed.as_uri())
    links = tab.locator("a.download").evaluate_all("all => all.map(a => a.href)")
    for topic in TOPICS:
        own = page(f"exercises/{topic}/{topic}")
        tab.goto(own.as_uri())
        button = ".dropdown-download-buttons a[href$='.ipynb']"
        offered = [next(a for a in links if a.endswith(f"/{topic}.ipynb"))]
        offered.append(str(tab.locator(button).first.evaluate("a => a.href")))
        released = (ROOT / "exercises" / topic / f"{topic}.ipynb").read_bytes()

        assert [Path(urlparse(a).path).read_bytes() == released for a in offered] == [True, True]

"""One browser a test file, and tabs that note what they ask of other hosts and complain of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import launched
from pages import page
from playwright.sync_api import Browser, BrowserContext, Page, Route

WIDTHS = {"phone": 360, "desk": 1280}


class Tab:
    """A page of the book as a reader has it, and what it did that it should not."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.route("http*://**/*", self._refuse)
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))

    def _refuse(self, route: Route) -> None:
        self.asked.append(route.request.url)
        route.abort()

    def open(self, document: str, *, typeset: bool = True) -> Page:
        """Open a page of the build from the file system, explorers begun; wait for formulas."""
        self.page.goto(page(document).as_uri())
        self.page.locator(".explorer").evaluate_all("all => all.forEach(e => e.begin?.())")
        if typeset and self.page.locator("article .math").count():
            self.page.mouse.move(3, 3)  # formulas are loaded at the reader's first move
            self.page.wait_for_function("() => window.MathJax?.startup?.promise")
            self.page.evaluate("() => window.MathJax.startup.promise")
        return self.page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all the tests of a file."""
    with launched() as running:
        yield running


@pytest.fixture
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A tab of a width, a theme, and other options of a context: `("phone", "dark", {...})`."""
    width, theme, *options = getattr(request, "param", ("desk", "light"))
    size = {"width": WIDTHS[width], "height": 900}
    context = browser.new_context(viewport=size, color_scheme=theme, **(options or [{}])[0])
    yield Tab(context)
    context.close()


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A context without a network, whose pages must not ask for any nor complain."""
    options = {"viewport": {"width": 1280, "height": 900}, **getattr(request, "param", {})}
    new = browser.new_context(**options)
    faults: list[str] = []
    new.route("http*://**/*", lambda route: (faults.append(route.request.url), route.abort()))
    new.route("**/mathjax/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
    new.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    new.on("weberror", lambda e: faults.append(str(e.error)))
    yield new
    new.close()
    assert faults == []

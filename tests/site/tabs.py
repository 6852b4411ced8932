"""A page of the book as a reader has it, and what it asks of other hosts and complains of."""

from __future__ import annotations

from pages import page
from playwright.sync_api import BrowserContext, Page, Route

WIDTHS = {"phone": 360, "large-phone": 390, "tablet": 768, "desk": 1280}


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

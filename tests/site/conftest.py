"""One browser a test file, and tabs of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import launched
from playwright.sync_api import Browser, BrowserContext
from tabs import WIDTHS, Tab


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

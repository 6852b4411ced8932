"""The built book in Firefox, from the file system: nothing is missed, and the controls work."""

from __future__ import annotations

from collections.abc import Iterator

import browser as browsers
import pytest
from pages import page
from playwright.sync_api import Browser, Page

from nbexaminer.problems.sample_class import as_answer
from problems.correlation import CORR2D

KINDS = ("book/index", "book/correlation", "exercises/edges/edges", "book/api/edges", "search")
FONTS = """document.fonts.ready.then(
  all => [...all].filter(f => f.status === 'error').map(f => f.family))"""


@pytest.fixture(scope="module")
def firefox() -> Iterator[Browser]:
    """One Firefox for all the tests of this file."""
    with browsers.launched_firefox() as running:
        yield running


@pytest.fixture
def opened(firefox: Browser) -> Iterator[Page]:
    """A tab of a phone's width, whose pages must neither complain nor ask for what is not there."""
    context = firefox.new_context(viewport={"width": 390, "height": 844}, **browsers.UNSET)
    tab, faults = context.new_page(), list[str]()
    tab.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda e: faults.append(str(e)))
    tab.on("requestfailed", lambda r: faults.append(r.url))
    yield tab
    context.close()
    assert faults == []


@pytest.mark.parametrize("document", KINDS)
def test_each_kind_of_page_opens_whole_in_firefox(opened: Page, document: str) -> None:
    """Its fonts load, its formulas are set, nothing is wider than the screen."""
    opened.goto(page(document).as_uri())
    fonts = opened.evaluate(FONTS)
    if opened.locator("article .math").count():
        opened.keyboard.press("Shift")
        opened.locator("mjx-container").first.wait_for(state="attached")

    assert fonts == []
    assert opened.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_menu_the_theme_and_the_search_work_in_firefox(opened: Page) -> None:
    """From a chapter, over the search, to another one by the menu, in the reader's theme."""
    opened.goto(page("book/correlation").as_uri())
    while opened.evaluate("document.documentElement.dataset.mode") != "dark":
        opened.locator("button.theme-switch-button").click()
    opened.locator("button.search-button__button").locator("visible=true").click()
    opened.keyboard.type(
        "\N{CJK UNIFIED IDEOGRAPH-611F}\N{CJK UNIFIED IDEOGRAPH-53D7}\N{CJK UNIFIED IDEOGRAPH-91CE}"
    )
    opened.keyboard.press("Enter")
    opened.get_by_text("Search finished").wait_for()
    opened.locator("#search-results li a").first.click()
    opened.wait_for_url("**/book/receptive_fields.html*", wait_until="commit")
    opened.locator("button.primary-toggle").click()
    opened.locator("nav.bd-docs-nav a", has_text="Edges").first.click()
    opened.wait_for_url(page("book/edges").as_uri(), wait_until="commit")

    assert opened.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_machine_without_firefox_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loudly, with what to install; nothing is skipped."""
    monkeypatch.delenv("FIREFOX", raising=False)
    monkeypatch.setenv("PATH", "/nonexistent")
    with (
        pytest.raises(RuntimeError, match="apt-get install firefox-esr"),
        browsers.launched_firefox(),
    ):
        pass


def test_an_answer_is_examined_in_firefox(opened: Page) -> None:
    """Python starts from the file system; the mistake is named; the page is no wider."""
    opened.goto(page("exercises/correlation/correlation").as_uri())
    task = opened.locator("practice-task[data-task=corr2d]")
    task.get_by_role("button", name="Answer here").click()
    task.get_by_text("Python is ready").wait_for(timeout=120_000)
    mistake = next(m for m in CORR2D.misconceptions if m.name == "kernel transposed")
    task.get_by_role("textbox").click()
    opened.keyboard.press("Control+a")
    opened.keyboard.insert_text(as_answer(mistake.wrong_answer, "corr2d"))
    task.get_by_role("button", name="Check", exact=True).click()
    task.get_by_text("It looks like: kernel transposed.").first.wait_for()

    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")

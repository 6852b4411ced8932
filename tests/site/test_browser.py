"""The built book in a real browser, from the file system, with the network shut."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from urllib.parse import quote, urlparse

import nbformat
import pytest
from conftest import Tab
from pages import BUILT, GENERATED, ROOT, TOPICS, documents, page
from PIL import Image
from PIL.ImageStat import Stat
from playwright.sync_api import Locator

VIEWS = [("phone", "light"), ("desk", "dark")]
CUT = """() => [...document.querySelectorAll('article :is(p, li, dd) mjx-container:not([display])')]
  .filter(e => !e.closest('table') && e.getBoundingClientRect().right
    > e.closest('p, li, dd').getBoundingClientRect().right + 1).map(e => e.textContent)"""
BOXES = """() => [...document.querySelectorAll('.cell_output .text_html')]
  .filter(e => e.querySelector('svg, img')).map(e => getComputedStyle(e).backgroundColor)"""


def view(value: object) -> str:
    return "-".join(map(str, value[:2])) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("tab", VIEWS, ids=view, indirect=True)
@pytest.mark.parametrize("document", (*documents(), *GENERATED))
def test_a_page_opens_whole_without_the_network(tab: Tab, document: str) -> None:
    """No request to a host, no complaint, no formula raw or cut, nothing wider than the screen."""
    opened = tab.open(document)
    raw = opened.locator("article .math:not(:has(mjx-container))").count()
    overflow = opened.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert (tab.asked, tab.complaints, raw, opened.evaluate(CUT)) == ([], [], 0, [])
    assert overflow <= 0


def test_the_book_opens_from_any_folder(tab: Tab, tmp_path: Path) -> None:
    """An unpacked copy under a name with spaces and accents shows formulas, icons, explorers."""
    copy = tmp_path / "the course, été (1)"
    shutil.copytree(BUILT, copy, ignore=shutil.ignore_patterns("_sources"))
    tab.page.goto("file://" + quote(str(copy / "book" / "correlation.html")))
    tab.page.mouse.move(3, 3)
    tab.page.locator("mjx-container").first.wait_for(state="attached")
    tab.page.locator("window-stepper").scroll_into_view_if_needed()
    tab.page.locator("window-stepper .ex-live").wait_for()
    fonts = tab.page.evaluate("document.fonts.ready.then(f => [...f].map(x => x.status))")

    assert "error" not in fonts
    assert (tab.asked, tab.complaints) == ([], [])


@pytest.mark.parametrize("tab", VIEWS, ids=view, indirect=True)
def test_figures_take_their_ink_from_the_theme(tab: Tab) -> None:
    """Letters beside the data have the color of the text, and no box lies behind a drawing."""
    opened = tab.open("book/edges", typeset=False)
    drawing = opened.locator("svg.drawing").first
    inks = drawing.locator("text").evaluate_all("all => all.map(e => getComputedStyle(e).fill)")
    text = opened.locator("article p").first.evaluate("e => getComputedStyle(e).color")

    assert text in inks
    assert set(opened.evaluate(BOXES)) == {"rgba(0, 0, 0, 0)"}


def inside(picture: Locator) -> Image.Image:
    """Return a picture as it is on screen, without its edge, where the page shines through."""
    shot = Image.open(io.BytesIO(picture.screenshot())).convert("RGB")
    return shot.crop((4, 4, shot.width - 4, shot.height - 4))


def test_pictures_have_the_same_pixels_in_both_themes(tab: Tab) -> None:
    """Neither dimmed nor framed in the dark; mean and spread of each channel stay."""
    opened = tab.open("book/edges")  # formulas and pictures that come late move what is below
    opened.locator("img").evaluate_all(
        "all => Promise.all(all.map(e => { e.loading = 'eager'; return e.decode(); }))"
    )
    panels = opened.locator(".panels:has(img)").first.locator("img").all()
    light = [inside(picture) for picture in panels]
    opened.emulate_media(color_scheme="dark")
    opened.locator("html[data-theme=dark]").wait_for()
    dark = [inside(picture) for picture in panels]
    pairs = list(zip(light, dark, strict=True))

    assert len(pairs) >= 2
    for one, other in pairs:
        assert Stat(other).mean == pytest.approx(Stat(one).mean, abs=2)
        assert Stat(other).stddev == pytest.approx(Stat(one).stddev, abs=2)


@pytest.mark.parametrize("tab", [("desk", "dark")], ids=view, indirect=True)
def test_the_system_s_theme_is_there_before_anything_is_drawn(tab: Tab) -> None:
    """Else a dark page would flash, and code would widen by its border under the reader's eyes."""
    tab.page.route("**/pydata-sphinx-theme.js", lambda route: route.abort())
    opened = tab.open("exercises/edges/edges", typeset=False)

    assert opened.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_reader_s_choice_of_theme_is_kept_from_page_to_page(tab: Tab) -> None:
    """The button goes round light, dark and the system's; the next page opens in the same."""
    opened = tab.open("book/edges", typeset=False)
    while opened.evaluate("document.documentElement.dataset.mode") != "dark":
        opened.locator("button.theme-switch-button").first.click()
    tab.open("book/layer", typeset=False)

    assert opened.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("tab", [("phone", "light")], ids=view, indirect=True)
@pytest.mark.parametrize("topic", TOPICS)
def test_letters_of_figures_can_be_read_on_a_phone(tab: Tab, topic: str) -> None:
    """At 360 px a line of letters in a drawing is at least 8 px high."""
    opened = tab.open(f"book/{topic}", typeset=False)
    heights = opened.locator("svg.drawing text").evaluate_all(
        "all => all.filter(e => e.checkVisibility() && /[\\p{L}\\p{N}]/u.test(e.textContent))"
        ".map(e => Math.min(e.getBoundingClientRect().height, e.getBoundingClientRect().width * 4))"
    )

    assert heights
    assert min(heights) >= 8


def test_a_worked_solution_unfolds(tab: Tab) -> None:
    """Folded at first, open after a click."""
    solution = (
        tab.open("book/edges", typeset=False).locator("details", has_text="Worked solution").first
    )

    assert solution.get_attribute("open") is None
    solution.locator("summary").click()
    assert solution.get_attribute("open") is not None


def test_paper_shows_the_text_and_what_was_folded_without_the_controls(tab: Tab) -> None:
    """In print there is no sidebar and no button; folds are open, and shut again after it."""
    opened = tab.open("book/correlation", typeset=False)
    folds = "() => [...document.querySelectorAll('article details')].map(d => d.open)"
    before = opened.evaluate(folds)
    opened.emulate_media(media="print")
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown = opened.locator(".bd-sidebar-primary, .prev-next-footer, button.copybtn").evaluate_all(
        "all => all.filter(e => e.checkVisibility()).length"
    )

    assert shown == 0
    assert all(opened.evaluate(folds))
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.evaluate(folds) == before
    assert not all(before)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("receptive field", "receptive_fields.html"),
        ("感受野", "notation.html"),
        ("核", "notation.html"),
        ("learn_kernel", "learning.html"),
    ],
)
def test_search_finds_terms_in_both_languages(tab: Tab, query: str, expected: str) -> None:
    """Opened by double click, without a server."""
    tab.page.goto(f"{(BUILT / 'search.html').as_uri()}?q={quote(query)}")
    tab.page.locator("#search-results li").first.wait_for()
    tab.page.wait_for_function("() => !/Searching/.test(document.body.innerText)")
    found = tab.page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")

    assert any(expected in address for address in found)
    assert (tab.asked, tab.complaints) == ([], [])


def test_every_assignment_can_be_downloaded_as_it_was_released(tab: Tab) -> None:
    """The list and each assignment's own page hand out the notebook of `exercises/`."""
    links = (
        tab.open("book/exercises", typeset=False)
        .locator("a.download")
        .evaluate_all("all => all.map(a => a.href)")
    )
    for topic in TOPICS:
        own = tab.open(f"exercises/{topic}/{topic}", typeset=False)
        button = own.locator(".dropdown-download-buttons a[href$='.ipynb']").first
        offered = [next(a for a in links if a.endswith(f"/{topic}.ipynb"))]
        offered.append(str(button.evaluate("a => a.href")))
        released = (ROOT / "exercises" / topic / f"{topic}.ipynb").read_bytes()

        assert [Path(urlparse(a).path).read_bytes() == released for a in offered] == [True, True]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_chapter_can_be_downloaded_as_a_notebook(tab: Tab, topic: str) -> None:
    """With the chapter's own code cells, in order."""
    opened = tab.open(f"book/{topic}", typeset=False)
    button = opened.locator(".dropdown-download-buttons a[href$='.ipynb']").first
    book = nbformat.read(Path(urlparse(str(button.evaluate("a => a.href"))).path), as_version=4)
    nbformat.validate(book)
    code = [c.source for c in book.cells if c.cell_type == "code"]
    source = (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")

    assert len(code) == source.count("```{code-cell}") > 0
    assert all(line in source for cell in code for line in cell.splitlines())


def test_pages_follow_one_another(tab: Tab) -> None:
    """Next leads from the first page through all documents; previous leads back."""
    order = documents()
    tab.open(order[0], typeset=False)
    walked = []
    while True:
        walked.append(tab.page.url)
        following = tab.page.locator("a.right-next")
        if not following.count():
            break
        with tab.page.expect_navigation(wait_until="domcontentloaded"):
            following.click()

    assert walked == [page(document).as_uri() for document in order]
    with tab.page.expect_navigation():
        tab.page.locator("a.left-prev").click()
    assert tab.page.url == page(order[-2]).as_uri()


def test_code_is_copied_by_its_button(tab: Tab) -> None:
    """What the button of a cell puts on the clipboard is what the cell shows."""
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = tab.open("book/correlation", typeset=False)
    cell = opened.locator("div.cell_input").first
    cell.hover()
    cell.locator("button.copybtn").click()
    opened.wait_for_timeout(200)

    assert (
        opened.evaluate("navigator.clipboard.readText()").strip()
        == str(cell.locator("pre").inner_text()).strip()
    )

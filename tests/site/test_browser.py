"""The built book in a real browser, from the file system, with the network shut."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from pages import BUILT, ROOT, TOPICS
from PIL import Image
from PIL.ImageStat import Stat
from playwright.sync_api import Locator
from tabs import Tab

VIEWS = [("phone", "light"), ("desk", "dark")]
BOXES = """() => [...document.querySelectorAll('.cell_output .text_html')]
  .filter(e => e.querySelector('svg, img')).map(e => getComputedStyle(e).backgroundColor)"""


def view(value: object) -> str:
    return "-".join(map(str, value[:2])) if isinstance(value, tuple) else str(value)


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


def test_paper_shows_the_text_and_what_was_folded_without_the_controls(tab: Tab) -> None:
    """No sidebar, no button; folds are open, answers as they were; all as before after it."""
    opened = tab.open("book/correlation", typeset=False)
    folds = "() => [...document.querySelectorAll('article details:not(.option)')].map(d => d.open)"
    answers = "() => [...document.querySelectorAll('article details.option')].map(d => d.open)"
    before, answered = opened.evaluate(folds), opened.evaluate(answers)
    opened.emulate_media(media="print")
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown = opened.locator(".bd-sidebar-primary, .prev-next-footer, button.copybtn").evaluate_all(
        "all => all.filter(e => e.checkVisibility()).length"
    )

    assert shown == 0
    assert all(opened.evaluate(folds))
    assert opened.evaluate(answers) == answered
    assert not any(answered)
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.evaluate(folds) == before
    assert not all(before)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("receptive field", "receptive_fields.html"),
        ("感受野", "notation.html#terms"),
        ("核", "notation.html#terms"),
        ("learn_kernel", "learning.html"),
    ],
)
def test_search_finds_terms_in_both_languages(tab: Tab, query: str, expected: str) -> None:
    """Opened by double click, without a server."""
    tab.page.goto(f"{(BUILT / 'search.html').as_uri()}?q={quote(query)}")
    tab.page.get_by_text("Search finished").wait_for()
    found = tab.page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")

    assert any(expected in address for address in found)
    assert (tab.asked, tab.complaints) == ([], [])


def rows_of_terms() -> list[tuple[str, list[str]]]:
    """Return the Chinese terms of the Notation page, each with the pages that explain it."""
    text = (ROOT / "book" / "notation.md").read_text(encoding="utf-8").split("(terms)=")[1]
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| (\{doc\}[^|]+) \|$", text, re.MULTILINE)
    return [
        (term, re.findall(r"`(\w+)`", pages))
        for terms, pages in rows
        for term in re.split(r"[,;] ", terms)
    ]


FIND = """query => Search._performSearch(...Search._parseQuery(query))
  .reverse().map(result => result[0] + result[2])"""


def test_each_chinese_term_finds_the_sections_that_explain_it(tab: Tab) -> None:
    """In one of the pages that the table names, before the table itself."""
    tab.page.goto((BUILT / "search.html").as_uri())
    terms, wrong = rows_of_terms(), []
    for term, pages in terms:
        found = tab.page.evaluate(FIND, term)
        own = [i for i, hit in enumerate(found) if hit.split("#")[0][5:] in pages]
        table = [i for i, hit in enumerate(found) if hit.startswith("book/notation#terms")]
        if not own or not table or own[0] > table[0]:
            wrong.append((term, found[:3]))

    assert len(terms) > 50
    assert wrong == []


@pytest.mark.parametrize("query", [*TOPICS, "receptive field", "corr2d", "learning rate"])
def test_chapters_come_before_the_reference_of_their_code(tab: Tab, query: str) -> None:
    """A reader looks for the explanation first; a module of the same name follows it."""
    tab.page.goto((BUILT / "search.html").as_uri())
    found = tab.page.evaluate(FIND, query.replace("_", " "))
    code = [i for i, hit in enumerate(found) if hit.startswith("book/api")]
    text = [i for i, hit in enumerate(found) if not hit.startswith("book/api")]

    assert found[0].split("#")[0].removeprefix("book/") in TOPICS
    assert text
    assert max(text) < min(code, default=len(found))

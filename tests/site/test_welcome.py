"""The first page: a live figure, three ways on; notes of terms and citations; permalinks."""

from __future__ import annotations

import doctest
import importlib.util
import re
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from bs4 import BeautifulSoup
from pages import ROOT, TOPICS, documents, page
from playwright.sync_api import Browser, Locator, Page
from test_axe import ALL, AXE, COLORS
from test_explorers import grid, numbers, small
from visiting import readout

import convolutions as ref
from problems import bank

MIDDLE = torch.zeros(3, 3)
MIDDLE[1, 1] = 1
KERNELS = {"blur": ref.box_blur(3), "sharpen": MIDDLE - ref.laplacian(4), "edges": ref.sobel()[1]}
LEVELS = "e => [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data]"
SUM = re.compile(r"\(?(-?[\d.]+)\)?·([\d.]+)")


DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "reduced_motion": "reduce"}


def tab(browser: Browser, options: dict[str, Any]) -> Iterator[Page]:
    """Yield a page that must neither complain nor ask a host."""
    context, faults = browser.new_context(**options), list[str]()
    context.route("http*://**/*", lambda route: (faults.append(route.request.url), route.abort()))
    context.route(
        "**/mathjax/**", lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    context.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    context.on("weberror", lambda e: faults.append(str(e.error)))
    yield context.new_page()
    context.close()
    assert faults == []


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[Page]:
    """One page with a mouse for the tests of this file."""
    yield from tab(browser, DESK)


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """One page under a finger for the tests of this file."""
    yield from tab(browser, PHONE)


def visit(opened: Page, document: str) -> Page:
    """Open a page afresh, the pointer where nothing is."""
    opened.mouse.move(0, 0)
    opened.goto(page(document).as_uri())
    return opened


def told(place: Locator) -> tuple[int, int, float, float]:
    """Return row, column, the sum as its terms add up, and as the readout ends it."""
    text = readout(place)
    found = re.search(r"row (\d+), column (\d+): (.+) ≈ (-?\d+(?:\.\d+)?)", text)
    assert found, text
    terms = [float(a) * float(b) for a, b in SUM.findall(found[3])]
    added = sum(terms) if terms else sum(numbers(found[3])[:9]) / 9
    return int(found[1]), int(found[2]), added, float(found[4])


def test_the_first_page_plays_and_its_sums_are_the_reference_s(desk: Page) -> None:
    """By the ring, by keys, by a press on another picture; each sum is written out and right."""
    place = visit(desk, "book/index").locator("three-kernels")
    place.locator(".ex-readout:not(:empty)").wait_for()
    start, X = told(place)[:2], small("camera")
    seen = {start}

    def agrees(kernel: str) -> None:
        i, j, added, y = told(place)
        window = X[i - 1 : i + 2, j - 1 : j + 2]
        expected = float((window * KERNELS[kernel]).sum())
        assert torch.allclose(grid(place, "pixels under the window"), window, atol=6e-3)
        assert torch.allclose(grid(place, "kernel"), KERNELS[kernel], atol=6e-3)
        assert (added, y) == pytest.approx((expected, expected), abs=8e-3)
        seen.add((i, j))

    agrees("edges")
    ring = place.locator(".ex-handle").bounding_box()
    assert ring
    x, y = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
    desk.mouse.move(x, y)
    desk.mouse.down()
    desk.mouse.move(x - 40, y + 25, steps=3)
    desk.mouse.up()
    agrees("edges")
    place.locator("canvas").first.focus()
    before = told(place)[:2]
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        desk.keyboard.press(key)
    assert told(place)[:2] == (before[0] + 1, before[1] + 2)
    for number, kernel in enumerate(("blur", "sharpen"), start=1):
        place.locator("canvas").nth(number).click(position={"x": 20 * number, "y": 30})
        assert place.locator(f"input[value={kernel}]").is_checked()
        agrees(kernel)
    assert len(seen) == 4
    for number, kernel in enumerate(("blur", "sharpen"), start=1):
        levels = torch.tensor(place.locator("canvas").nth(number).evaluate(LEVELS)).reshape(-1, 4)
        painted = ref.corr2d(X, KERNELS[kernel]).clamp(0, 1).flatten() * 255
        assert (levels[:, 0] - painted).abs().max() <= 0.51


def test_three_cards_have_one_link_each_and_the_page_says_what_is_left_out() -> None:
    """To a chapter, to the guide for students, to the guide for instructors."""
    built = BeautifulSoup(article("book/index"), "html.parser")
    cards = built.select(".sd-card")
    links = [[str(a["href"]).split("#")[0] for a in card.select("a")] for card in cards]
    text = " ".join(built.get_text().split())
    functions = sum(map(len, bank().values()))

    assert links == [["correlation.html"], ["student_guide.html"], ["instructor_guide.html"]]
    assert "Out of scope: transposed convolution" in text
    assert "Winograd" in text
    assert (len(TOPICS), f"seven assignments, {functions} functions" in text) == (7, True)


def note(opened: Page) -> Locator:
    """Return the note that is to be seen."""
    return opened.locator(".link-note").locator("visible=true")


def test_a_term_shows_its_definition_to_pointer_and_keyboard(desk: Page) -> None:
    """It can be pointed at, goes with Escape where it stands, or when the reader goes on."""
    link = visit(desk, "book/correlation").locator("a.noted.term").first
    definition = str(desk.locator(f"#{link.get_attribute('aria-describedby')}").text_content())
    link.hover()
    note(desk).wait_for()
    box = note(desk).bounding_box()
    assert box
    desk.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=12)
    desk.wait_for_timeout(500)
    assert note(desk).inner_text() == definition
    desk.keyboard.press("Escape")
    assert note(desk).count() == 0
    link.hover()
    note(desk).wait_for()
    desk.mouse.move(5, 5)
    note(desk).wait_for(state="hidden")
    desk.locator("article h1 a.headerlink").focus()
    for _ in range(2):  # by keys, to the first link and over to the next
        desk.keyboard.press("Tab")
        assert note(desk).count() == 1
    desk.keyboard.press("Escape")

    assert note(desk).count() == 0
    assert desk.evaluate("document.activeElement.matches('a.noted')")
    assert definition.startswith("Rows and columns added")


UNFOCUSED = "addEventListener('mousedown', event => event.preventDefault())"  # as Safari has it


def test_a_tap_shows_a_reference_on_the_screen_and_axe_finds_nothing(phone: Page) -> None:
    """The bibliography's entry, in both themes, not on paper; a second tap follows the link."""
    visit(phone, "book/index").locator("three-kernels .ex-readout:not(:empty)").wait_for()
    phone.evaluate(UNFOCUSED)
    cited = phone.locator("a.noted:not(.term)").first
    cited.tap()
    said, box, found = note(phone).inner_text(), note(phone).bounding_box(), []
    for theme, options in (("light", ALL), ("dark", COLORS)):
        phone.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        phone.locator(f"html[data-theme={theme}]").wait_for()
        found += AXE.run(phone, options=options).response["violations"]
    phone.emulate_media(media="print")
    paper = note(phone).count()
    phone.emulate_media(media="screen")
    phone.locator("article h1").tap()
    away = note(phone).count()
    cited.tap()
    note(phone).wait_for()
    cited.tap()
    phone.wait_for_url("**/bibliography.html#id*")

    assert [f"{each['id']}: {each['nodes'][0]['html'][:100]}" for each in found] == []
    assert "Dive into Deep Learning" in said
    assert (paper, away) == (0, 0)
    assert box
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390


SIGN = "a => [getComputedStyle(a).visibility, Number(getComputedStyle(a).opacity)]"


def test_a_heading_s_address_is_reached_by_keyboard_pointer_and_finger(
    desk: Page, phone: Page
) -> None:
    """Hidden from none: seen in focus and under the pointer, always where there is none."""
    link, touched = (
        visit(opened, "book/student_guide").locator("article h2 > a.headerlink").first
        for opened in (desk, phone)
    )
    rest = link.evaluate(SIGN)
    link.focus()
    focused = link.evaluate(SIGN)
    desk.keyboard.press("Enter")
    address = desk.evaluate("location.hash")
    desk.evaluate("document.activeElement.blur()")
    desk.locator("article h2").first.hover()

    assert (rest, focused) == (["visible", 0], ["visible", 1])
    assert link.evaluate(SIGN) == touched.evaluate(SIGN) == ["visible", 1]
    assert address == "#get-it"


HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.DOTALL)
PERMALINK = re.compile(r'<a class="headerlink" href="#([^"]+)"')
NOTED = re.compile(r'<a class="[^"]*\bnoted( term)?" href="[^"]+" aria-describedby="([^"]+)"')
NOTE = re.compile(r'<p class="link-note" id="([^"]+)"[^>]*>(.*?)</p>', re.DOTALL)


def article(document: str) -> str:
    """Return the HTML of a page's text."""
    text = page(document).read_text("utf-8").split("<article", 1)[1]
    return text.split("</article>", 1)[0]


def test_each_section_has_an_address() -> None:
    """A link beside its heading, to an anchor of the page."""
    for document in documents():
        text = article(document)
        headings = [heading for _, heading in HEADING.findall(text)]
        anchors = [PERMALINK.search(heading) for heading in headings]

        assert headings
        assert all(anchor and f'id="{anchor[1]}"' in text for anchor in anchors), document


def test_each_chapter_marks_a_few_terms_and_every_note_says_something() -> None:
    """Terms once each, not many; a link's note is on its page."""
    for document in documents():
        links, notes = NOTED.findall(article(document)), dict(NOTE.findall(article(document)))
        terms = [name for term, name in links if term]

        assert set(notes) == {name for _, name in links}
        assert all(len(text) > 12 for text in notes.values())
        assert len(terms) == len(set(terms))
        assert (3 <= len(terms) <= 8) == (document.removeprefix("book/") in TOPICS)


def extension() -> ModuleType:
    """Return the book's extension that writes notes."""
    spec = importlib.util.spec_from_file_location("notes", ROOT / "book" / "_ext" / "notes.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_changed_definition_writes_the_pages_again_that_hold_copies_of_it() -> None:
    """All of them after a change, none without one; markup in a reference stays text."""
    notes = extension()
    env = SimpleNamespace(found_docs={"b", "a"}, course_definitions={"n": {"term-x": "One."}})
    first, same = notes.renew(None, env), notes.renew(None, env)
    env.course_definitions = {"n": {"term-x": "Another."}}
    link = '<a class="reference internal" href="n.html#{}"{}>{}</a>'
    cited = link.format("id3", ' title="A &lt;b&gt; &amp; c"', "1999")
    unknown = link.format("term-y", "", '<span class="xref std std-term">y</span>')

    assert (first, same, notes.renew(None, env)) == ([], [], ["a", "b"])
    assert "A &lt;b&gt; &amp; c</p>" in notes.with_notes(cited, {})[1]
    assert notes.with_notes(unknown, {}) == (unknown, "")
    assert doctest.testmod(notes).failed == 0

"""Every control that a page shows is pressed, at three widths, and does what it is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlparse

import pytest
from pages import BUILT, GENERATED, documents, page
from playwright.sync_api import Locator, Page
from tabs import WIDTHS as SIZES
from tabs import Tab

WIDTHS = ("large-phone", "tablet", "desk")
MENU_FOLDS, CONTENTS_FOLD = 992, 1200  # px, by the theme
KINDS = (
    "book/index",
    "book/correlation",
    "book/exercises",
    "exercises/edges/edges",
    "book/api/edges",
    *GENERATED,
)
CHAPTER = "book/correlation"
PLACES = [  # every kind of page on a phone, one page at every width
    *((document, "large-phone") for document in KINDS),
    *((CHAPTER, width) for width in WIDTHS[1:]),
]
HEADERS = {"book/index", CHAPTER, "search"}  # the theme's header is one on all; see `campaign`
SOME = [
    *((CHAPTER, width) for width in WIDTHS),
    ("exercises/edges/edges", "large-phone"),
    ("book/student_guide", "desk"),
]
MENU, CONTENTS = "nav.bd-docs-nav", "nav#pst-page-toc-nav"
TESTED = (  # by what follows here, or with the explorers and self-checks
    "button.primary-toggle",
    "button.secondary-toggle",
    "button.search-button__button",
    "button.theme-switch-button",
    "button.btn-fullscreen-button",
    ".dropdown-download-buttons *",
    "#pst-back-to-top",
    "button.copybtn",
    f"{MENU} summary",
    "article details > summary",
    ".explorer *",
    "practice-task *",
    "practice-notebook *",
    "practice-progress *",
    "article .sd-tab-set > *",
    "form *",
)
MARK = """e => { const r = e.getBoundingClientRect();
  const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
  return r.width > 0 && e.checkVisibility({ visibilityProperty: true })
    && !!top && (e.contains(top) || top.contains(e)); }"""
UNKNOWN = """(all, tested) => all.filter(e => e.checkVisibility() && !e.matches(tested))
  .map(e => e.outerHTML.slice(0, 150))"""
FOLDS = """all => Object.values(Object.fromEntries(all.map((e, i) => [e.className + e.open, i])
  .filter(([, i]) => !all[i].closest('.selfcheck, .explorer'))))"""


def at(*names: str) -> pytest.MarkDecorator:
    """Run a test at each of some widths."""
    return pytest.mark.parametrize("tab", [(n, "light") for n in names], ids=names, indirect=True)


def on(places: Sequence[tuple[str, str]]) -> pytest.MarkDecorator:
    """Run a test on some documents, each at a width."""
    return pytest.mark.parametrize(
        ("document", "tab"),
        [
            pytest.param(
                document,
                (width, "light"),
                marks=[pytest.mark.campaign] * (places is PLACES and document not in HEADERS),
            )
            for document, width in places
        ],
        ids=[f"{document}-{width}" for document, width in places],
        indirect=["tab"],
    )


def shown(opened: Page, selector: str) -> Locator:
    """Return the one control of a kind that a reader sees."""
    found = opened.locator(selector).locator("visible=true")

    assert found.count() == 1, f"{selector}: {found.count()} to be seen"
    return found


def on_screen(element: Locator) -> bool:
    """Tell whether an element's middle is on the screen, and nothing lies on it."""
    return bool(element.evaluate(MARK))


def settle(opened: Page, element: Locator, *, there: bool) -> None:
    """Wait until an element is on the screen, or is not: menus slide."""
    opened.wait_for_function(
        f"([e, there]) => ({MARK})(e) === there", arg=[element.element_handle(), there]
    )


@on(PLACES)
def test_the_menu_lists_the_book_and_leads_to_its_pages(tab: Tab, document: str) -> None:
    """The button shows and hides it, Escape shuts it on a narrow screen, a name opens its page."""
    opened = tab.open(document, typeset=False)
    button, menu = shown(opened, "button.primary-toggle"), opened.locator(MENU)
    target = menu.locator("a", has_text="Edges").first
    folded = opened.evaluate("innerWidth") < MENU_FOLDS
    settle(opened, target, there=not folded)
    button.click()
    settle(opened, target, there=folded)
    if folded:
        opened.keyboard.press("Escape")
        settle(opened, target, there=False)
    button.click()
    settle(opened, target, there=True)
    listed = menu.locator("a").evaluate_all("all => all.map(a => a.href)")
    target.click()
    opened.wait_for_url(page("book/edges").as_uri())

    expected = {page(d).as_uri() for d in documents() if d != document}
    assert set(listed) >= expected
    assert (tab.asked, tab.complaints) == ([], [])


@at(*WIDTHS)
def test_a_part_of_the_menu_unfolds_to_its_pages(tab: Tab) -> None:
    """The arrow beside a name shows the pages below it; one of them opens."""
    opened = tab.open(CHAPTER, typeset=False)
    if opened.evaluate("innerWidth") < MENU_FOLDS:
        shown(opened, "button.primary-toggle").click()
    for summary in opened.locator(f"{MENU} summary").all():
        below = summary.locator("xpath=following-sibling::ul//a").first
        arrow = summary.locator(".toctree-toggle")

        assert not below.is_visible()
        arrow.click()
        assert below.is_visible()
    address, name = below.evaluate("a => a.href"), below.inner_text()
    below.click()
    opened.wait_for_url(address)

    assert plain(name) in plain(shown(opened, "h1").inner_text())
    assert tab.complaints == []


@on(SOME)
def test_the_contents_list_the_headings_and_lead_to_them(tab: Tab, document: str) -> None:
    """Behind its button on a narrow screen, and out of the way once a heading is chosen."""
    opened = tab.open(document, typeset=False)
    contents = opened.locator(CONTENTS)
    headings = opened.locator("article h2").all_inner_texts()
    narrow = opened.evaluate("innerWidth") < CONTENTS_FOLD
    if narrow:
        assert not contents.is_visible()
        shown(opened, "button.secondary-toggle").click()
    links = contents.locator("li.toc-h2 > a").locator("visible=true")
    settle(opened, links.nth(1), there=True)
    names = links.all_inner_texts()
    links.nth(1).click()
    heading = opened.locator("article h2").nth(1)
    opened.wait_for_function(
        "e => Math.abs(e.getBoundingClientRect().top) < 200", arg=heading.element_handle()
    )
    if narrow:
        contents.wait_for(state="hidden")

    assert [plain(name) for name in names] == [plain(heading) for heading in headings]
    assert on_screen(heading)
    assert contents.is_visible() is not narrow
    assert tab.complaints == []


def plain(heading: str) -> str:
    """Return a heading without the sign of its own link, and with single spaces."""
    return " ".join(heading.replace("#", "").split())


@on(PLACES)
def test_search_opens_takes_letters_and_finds(tab: Tab, document: str) -> None:
    """Each of its buttons that is to be seen, and Ctrl+K; Enter leads to results that lead on."""
    opened = tab.open(document, typeset=False)
    field = opened.locator("input[name=q]:focus")
    buttons = opened.locator("button.search-button__button").locator("visible=true")
    for press in (*(b.click for b in buttons.all()), lambda: opened.keyboard.press("Control+k")):
        press()
        field.wait_for()
        opened.keyboard.press("Escape")
        field.wait_for(state="detached")
    buttons.first.click()
    field.wait_for()
    opened.keyboard.press("Control+a")
    opened.keyboard.type("receptive field")
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/search.html?q=receptive*")
    first = opened.locator("#search-results li a").first
    first.click()
    opened.wait_for_url("**/book/receptive_fields.html*")

    assert buttons.count() >= 1
    assert (tab.asked, tab.complaints) == ([], [])


@on(PLACES)
def test_the_theme_s_button_goes_round_and_the_choice_stays(tab: Tab, document: str) -> None:
    """Light, dark and the system's; the next page has the same, and its paper has the color."""
    opened = tab.open(document, typeset=False)
    button = shown(opened, "button.theme-switch-button")
    seen = []
    for _ in range(3):
        button.click()
        seen.append(opened.evaluate("({ ...document.documentElement.dataset })"))
    while opened.evaluate("document.documentElement.dataset.mode") != "dark":
        button.click()
    opened.wait_for_function("localStorage.theme === 'dark'")
    tab.open("book/layer", typeset=False)
    paper = opened.evaluate("getComputedStyle(document.body).backgroundColor")

    assert {(s["mode"], s["theme"]) for s in seen} == {
        ("auto", "light"), ("light", "light"), ("dark", "dark"),
    }  # fmt: skip
    assert opened.evaluate("document.documentElement.dataset.theme") == "dark"
    assert max(map(int, re.findall(r"\d+", paper)[:3])) < 64


@on(SOME)
def test_the_download_menu_offers_files_and_paper(tab: Tab, document: str) -> None:
    """It opens on the screen; each file is there and not empty; the last entry prints."""
    opened = tab.open(document, typeset=False)
    entries = opened.locator(".dropdown-download-buttons .dropdown-item")

    assert not entries.first.is_visible()
    shown(opened, ".dropdown-download-buttons > button").click()
    for entry in entries.all():
        settle(opened, entry, there=True)
    files = entries.locator("xpath=self::a").evaluate_all("all => all.map(a => a.href)")
    opened.evaluate("window.print = () => { window.printed = true; }")
    entries.locator("xpath=self::button").click()

    assert files
    assert all((BUILT / unquote(urlparse(file).path)).stat().st_size > 100 for file in files)
    assert opened.evaluate("window.printed")
    assert (tab.asked, tab.complaints) == ([], [])


@at("large-phone", "desk")
def test_full_screen_comes_and_goes(tab: Tab) -> None:
    """By the same button."""
    opened = tab.open(CHAPTER, typeset=False)
    button = shown(opened, "button.btn-fullscreen-button")
    button.click()
    opened.wait_for_function("() => document.fullscreenElement")
    button.click()
    opened.wait_for_function("() => !document.fullscreenElement")

    assert tab.complaints == []


@on([*SOME, ("book/edges", "desk")])
def test_each_kind_of_fold_shows_what_it_holds(tab: Tab, document: str) -> None:
    """Source of a figure, worked solution, aside: text after a press, none after the next."""
    opened = tab.open(document, typeset=False)
    folds = opened.locator("article details")
    for number in folds.evaluate_all(FOLDS):
        fold = folds.nth(number)
        held = fold.locator("xpath=./*[not(self::summary)]").first

        assert not held.is_visible()
        fold.locator("summary").first.click()
        assert held.is_visible()
        assert held.inner_text().strip()
        fold.locator("summary").first.click()
        assert not held.is_visible()


COPIED = "async (code) => (await navigator.clipboard.readText()).trim() === code"


@at("large-phone", "desk")
def test_the_copy_button_copies_its_cell(tab: Tab) -> None:
    """Of a cell in the open, and of one in a fold."""
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = tab.open(CHAPTER, typeset=False)
    opened.locator("div.cell details > summary").first.click()
    folded = opened.locator("div.cell details div.cell_input").first
    for cell in (opened.locator("div.cell > div.cell_input").first, folded):
        cell.hover()
        button = cell.locator("button.copybtn")
        button.click()
        opened.wait_for_function(COPIED, arg=cell.locator("pre").inner_text().strip())


@at("large-phone", "desk")
def test_previous_and_next_lead_to_the_neighbors(tab: Tab) -> None:
    """From a chapter, as the table of contents has them."""
    order = documents()
    place = order.index(CHAPTER)
    for side, neighbor in (("left-prev", order[place - 1]), ("right-next", order[place + 1])):
        opened = tab.open(CHAPTER, typeset=False)
        shown(opened, f"a.{side}").click()
        opened.wait_for_url(page(neighbor).as_uri())


AT_REST = """() => new Promise((done) => {
    const before = scrollY;
    setTimeout(() => done(before > 2000 && scrollY === before), 300);
})"""


TURNED = """button => { scrollBy(0, -20); return getComputedStyle(button).display !== 'none'; }"""


@at("large-phone", "tablet")  # the theme has none where contents stand beside the text
def test_the_way_back_to_the_top_comes_on_the_way_up_and_leads_there(tab: Tab) -> None:
    """Not before a reader turns round."""
    opened = tab.open(CHAPTER, typeset=False)
    button = opened.locator("#pst-back-to-top")

    assert not button.is_visible()
    opened.mouse.move(opened.evaluate("innerWidth") / 2, 400)  # not on the menu, which scrolls
    opened.mouse.wheel(0, 3000)
    opened.wait_for_function(AT_REST)
    opened.wait_for_function(TURNED, arg=button.element_handle())
    button.click()
    opened.wait_for_function("() => scrollY === 0")


@pytest.mark.parametrize("document", (*KINDS, "book/learning"))
def test_a_page_shows_no_control_that_no_test_presses(tab: Tab, document: str) -> None:
    """Else a button could be dead again, and nobody would know."""
    opened = tab.open(document, typeset=False)
    opened.locator("article details").evaluate_all("all => all.forEach(e => (e.open = true))")
    unknown = []
    controls = opened.locator("button, summary, input, select, textarea, [role=button], [onclick]")
    for width in WIDTHS:
        opened.set_viewport_size({"width": SIZES[width], "height": 900})
        unknown += controls.evaluate_all(UNKNOWN, ", ".join(TESTED))

    assert unknown == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tab", [("large-phone", "light")], ids=["large-phone"], indirect=True)
def test_the_open_menu_can_be_read_in_both_themes(tab: Tab, theme: str) -> None:
    """Names stand out from the menu's paper by 4.5 : 1 at least, as WCAG asks."""
    tab.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    opened = tab.open(CHAPTER, typeset=False)
    shown(opened, "button.primary-toggle").click()
    link = opened.locator(MENU).locator("a", has_text="Edges").first
    settle(opened, link, there=True)
    paper = opened.locator("dialog[open]").evaluate("e => getComputedStyle(e).backgroundColor")
    ink = link.evaluate("e => getComputedStyle(e).color")

    assert opened.evaluate("document.documentElement.dataset.theme") == theme
    assert contrast(ink, paper) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast of two CSS colors after WCAG 2.2, "relative luminance"."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """Return the relative luminance of an opaque `rgb(…)`.

    Examples
    --------
    >>> luminance("rgb(255, 255, 255)")
    1.0
    """
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

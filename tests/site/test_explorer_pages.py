"""What holds of every explorer: links that restore it, print, no scripts, touch, both themes."""

from __future__ import annotations

import re

import pytest
from pages import page
from playwright.sync_api import BrowserContext
from visiting import CHAPTERS, each_explorer, readout, snapshot, some_explorers, visit

STATES = {  # another state than the first, as a link tells it
    "three-kernels": "image=coffee&kernel=sharpen&row=70&column=20",
    "window-stepper": "height=5&width=4&X=9,8,7,6_5,4,3,2_1,-0.5,2,3_4,5,6,7_8,9,1,2&K=1,-2_3,4&"
    "padding=1&stride=2&bias=1.5&position=3",
    "kernel-lab": "image=coffee&preset=direction&angle=250&map=absolute&row=7&column=9",
    "learning-lab": "image=noise&seed=7&lr=0.012&steps=17&a=-0.5&b=0.25",
    "flip-explorer": "kernel=custom&K=1,2,3_4,5,6&image=brick&row=1&column=4",
    "receptive-field-builder": "preset=custom&n=20&layers=3,2,1,1_5,1,2,0&row=2&column=1"
    "&field=effective",
    "channel-explorer": "channels=3&preset=custom&size=1&pool=mean&W=2,-1,0.5&row=4&column=2",
}


@pytest.mark.parametrize("name", each_explorer())
def test_a_link_restores_the_state(context: BrowserContext, name: str) -> None:
    """The copied link, opened elsewhere, shows the same; "Start again" shows the first state."""
    tab, place = visit(context, name)
    first = snapshot(place)
    tab.evaluate(f"location.hash = '#{name}?{STATES[name]}'")
    tab.wait_for_timeout(100)
    changed = snapshot(place)
    tab.evaluate("history.replaceState(null, '', '#')")
    place.locator("button", has_text="Copy link").click()
    place.locator(".ex-foot .ex-note:not(:empty)").wait_for()
    fragment = str(tab.evaluate("location.hash"))
    _, other = visit(context, name, fragment.split("?", 1)[1])
    note = str(place.locator(".ex-foot .ex-note").text_content())

    assert changed != first
    assert snapshot(other) == changed.replace(note, "")
    other.locator("button", has_text="Start again").click()
    assert snapshot(other) == first


@pytest.mark.parametrize("name", some_explorers())
def test_a_damaged_link_opens_a_sound_state(context: BrowserContext, name: str) -> None:
    """Junk, huge numbers and markup in the address neither break the page nor get into it."""
    junk = "<img src=x onerror=alert(1)>"
    keys = ["X", "K", "layers", "image", "preset", "kernel", "lr", "steps", "n", "row", "padding"]
    tab, place = visit(context, name, "&".join(f"{key}={junk}" for key in keys))
    for value in (junk, "NaN", "-1e99", "1,2_3", "__", "1e999,2_3,4"):
        state = "&".join(f"{key}={value}" for key in keys)
        tab.evaluate("state => (location.hash = state)", f"#{name}?{state}")
        tab.wait_for_timeout(50)
        text = readout(place)
        assert text
        assert "NaN" not in text
        assert "undefined" not in text
        assert place.locator(".ex-live img").count() == 0


HEARD = """e => {
  globalThis.heard = [];
  new MutationObserver(() => heard.push(e.textContent)).observe(e, {childList: true});
}"""


@pytest.mark.parametrize("name", some_explorers())
def test_a_screen_reader_hears_the_end_of_many_changes_once(
    context: BrowserContext, name: str
) -> None:
    """While a control is moved the live region is silent; then it says what is on screen."""
    tab, place = visit(context, name)
    spoken = place.locator("[role=status].ex-spoken")
    tab.wait_for_function("e => e.textContent", arg=spoken.element_handle())
    spoken.evaluate(HEARD)
    states = STATES[name].split("&")
    addresses = [f"#{name}?{'&'.join(states[:end])}" for end in range(1, len(states) + 1)]
    tab.evaluate("all => all.forEach(address => (location.hash = address))", addresses)
    tab.wait_for_function("heard.length > 0")

    assert tab.evaluate("heard") == [place.locator(".ex-readout").text_content()]
    assert tab.locator(f"{name} [aria-live], {name} .ex-readout[role]").count() == 0


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
@pytest.mark.parametrize("name", each_explorer())
def test_without_javascript_there_is_a_still_picture(context: BrowserContext, name: str) -> None:
    """The first frame is part of the page, described, and visible."""
    tab = context.new_page()
    tab.goto(page(f"book/{CHAPTERS[name]}").as_uri())
    picture = tab.locator(f"{name} .explorer-still [role=img]")

    assert picture.is_visible()
    assert len(str(picture.get_attribute("aria-label"))) >= 20
    assert tab.locator(".ex-live").count() == 0


@pytest.mark.parametrize("name", some_explorers())
def test_paper_shows_the_still_picture_and_letters_follow_the_theme(
    context: BrowserContext, name: str
) -> None:
    """Letters have the color of the page's text, by the theme's switch; paper has no controls."""
    tab, place = visit(context, name)
    for theme in ("dark", "light"):
        tab.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        ink = place.locator(".ex-readout").evaluate("e => getComputedStyle(e).color")
        text = tab.locator("article > section > p").first

        assert ink == text.evaluate("e => getComputedStyle(e).color")
        assert (max(map(int, re.findall(r"\d+", ink)[:3])) > 128) == (theme == "dark")
    assert [place.locator(x).is_visible() for x in (".ex-live", ".explorer-still")] == [True, False]
    tab.emulate_media(media="print")
    assert [place.locator(x).is_visible() for x in (".ex-live", ".explorer-still")] == [False, True]


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "color_scheme": "dark"}
TOO_WIDE = """e => [...e.querySelectorAll('*')].filter(x => !x.closest('svg') &&
  x.getBoundingClientRect().right > e.getBoundingClientRect().right + 1).map(x => x.className)"""
TARGETS = "button, select, input:not([type=file]), canvas"
TOO_SMALL = f"""e => [...e.querySelectorAll('{TARGETS}')].filter(
  x => x.offsetParent && !x.closest('label:has([type=radio])')
  && Math.min(x.offsetWidth, x.offsetHeight) < 24).map(x => x.outerHTML)"""


@pytest.mark.parametrize("context", [PHONE], indirect=True)
@pytest.mark.parametrize("name", each_explorer())
def test_on_a_phone_everything_fits_and_can_be_touched(context: BrowserContext, name: str) -> None:
    """At 360 px nothing sticks out, targets are 24 px or more, and a tap changes the state."""
    tab, place = visit(context, name, STATES[name])
    before = snapshot(place)
    place.locator("button", has_text="Start again").tap()

    assert snapshot(place) != before
    assert place.evaluate(TOO_WIDE) == []
    assert place.evaluate(TOO_SMALL) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


def test_scripts_are_loaded_where_they_are_used_and_nowhere_else() -> None:
    """A page without an explorer loads none of it; one with, only its own."""
    scripts = {
        topic: set(re.findall(r"explorers/([\w-]+\.js)", page(f"book/{topic}").read_text("utf-8")))
        for topic in [*CHAPTERS.values(), "layer"]
    }

    assert scripts["layer"] == set()
    for name, topic in CHAPTERS.items():
        assert scripts[topic] - {"photographs.js"} == {"core.js", "explorer.js", f"{name}.js"}
    assert {t for t, found in scripts.items() if "photographs.js" in found} == {
        "index", "edges", "flipping",
    }  # fmt: skip


def test_an_explorer_begins_when_a_reader_comes_near(context: BrowserContext) -> None:
    """Far below the screen it costs nothing; once near it is whole, and its controls have turns."""
    tab = context.new_page()
    tab.goto(page("book/flipping").as_uri())
    place = tab.locator("flip-explorer")
    tab.wait_for_timeout(300)
    before = place.locator(".ex-live").count()
    place.scroll_into_view_if_needed()
    place.locator(".ex-readout:not(:empty)").wait_for()

    assert (before, place.locator(".ex-live").count()) == (0, 1)


def test_a_link_on_the_page_to_a_state_begins_the_explorer(context: BrowserContext) -> None:
    """The address changes while the explorer is far away; it comes up in that state."""
    tab = context.new_page()
    tab.goto(page("book/flipping").as_uri())
    tab.evaluate(f"location.hash = 'flip-explorer?{STATES['flip-explorer']}'")
    place = tab.locator("flip-explorer")
    place.locator(".ex-readout:not(:empty)").wait_for()

    assert place.locator("select").first.evaluate("e => e.value") == "custom"
    assert place.evaluate("e => Math.abs(e.getBoundingClientRect().top)") < 900

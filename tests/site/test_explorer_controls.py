"""Every control of every explorer: its extremes, why it does not work, the link that it makes."""

from __future__ import annotations

import io
import math
import re

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page
from test_explorer_pages import STATES
from test_reading import ALL, MEASURES
from visiting import LIKE_ANOTHER, each_explorer, readout, snapshot, some_explorers, visit

EXTREMES = {  # states at the ends of what the controls allow
    "three-kernels": ["image=brick&kernel=blur&row=999&column=999"],
    "window-stepper": [
        "height=9&width=9&padding=2&kernel_height=5&kernel_width=5&bias=-99&X=-999&K=-888.88",
        "height=1&width=1&kernel_height=5",
        "height=9&width=9&stride=4&dilation=3&K=0,0_0,0&position=99",
    ],
    "kernel-lab": [
        "preset=gaussian&sigma=1.6",
        "image=coffee&preset=custom&K=999,-999.99_0.001,-0.25&map=clamped&row=127&column=127",
        "preset=custom&K=0,0",
    ],
    "learning-lab": [
        "lr=0.06&steps=100",
        "image=noise&seed=999&lr=0.06&steps=100&a=-1.399&b=-2.199",
        "lr=0.02&steps=100",
        "lr=0&steps=1",
        "a=1&b=-1",
    ],
    "flip-explorer": ["kernel=custom&K=999,-0.001,0_0,0,0_-999,0.3333,7", "kernel=custom&K=0,0"],
    "receptive-field-builder": [
        "preset=custom&n=256&layers=" + "_".join(["9,4,4,4"] * 24),
        "preset=custom&n=1&layers=9,1,1,0",
        "preset=custom&n=256&layers=" + "_".join(["1,1,1,4"] * 24) + "&row=999&column=999",
    ],
    "channel-explorer": [
        "channels=3&preset=custom&pool=max&K2=999,-999.99,0.001_-888.88,-0.25,7_0,0,1&X2="
        + "_".join([",".join(["-999"] * 6)] * 6)
        + "&row=9&column=9",
        "channels=1&preset=custom&size=1&W=0,0,0&pool=mean",
    ],
}
EACH = [
    pytest.param(name, state, marks=[pytest.mark.campaign] * (number > 0 or name in LIKE_ANOTHER))
    for name, states in EXTREMES.items()
    for number, state in enumerate(states)
]
REASON = """e => [...(e.getAttribute('aria-describedby') || '').split(' ').filter(Boolean)
  .map(id => document.getElementById(id).textContent), e.title].join(' ').trim()"""


def copied(tab: Page, place: Locator) -> str:
    """Press "Copy link", and return the fragment that it put into the address."""
    place.locator("button", has_text="Copy link").click()
    place.locator(".ex-foot .ex-note:not(:empty)").wait_for()
    return str(tab.evaluate("location.hash"))


@pytest.mark.parametrize("name", each_explorer())
def test_a_copied_link_restores_every_control(context: BrowserContext, name: str) -> None:
    """All numbers, menus, choices, sliders and elements moved, one after the other."""
    tab, place = visit(context, name)
    for box in place.locator("select").all():
        if box.is_visible():
            box.select_option(index=box.locator("option:not([hidden])").count() - 1)
    for box in place.locator("input[type=radio]:visible").all():
        box.check()
    for box in place.locator("input[type=range]:visible").all():
        box.focus()
        tab.keyboard.press("End")
        tab.keyboard.press("ArrowLeft")
    for box in place.locator(".ex-number input:visible").all():
        box.focus()
        tab.keyboard.press("ArrowUp")
    for box in place.locator(".ex-cell > input:not([readonly])").all()[:2]:
        box.fill("0.12345")
        box.press("Tab")
    tab.mouse.move(0, 0)
    fragment = copied(tab, place)
    note = str(place.locator(".ex-foot .ex-note").text_content())
    _, other = visit(context, name, fragment.split("?", 1)[1])

    assert note == "Copied." or note.startswith("The link is in the address bar.")
    assert snapshot(other) == snapshot(place).replace(note, "")


@pytest.mark.parametrize("name", some_explorers())
def test_the_address_tells_no_other_state_than_the_screen(
    context: BrowserContext, name: str
) -> None:
    """After "Start again", or any change, the link that was there is gone."""
    tab, place = visit(context, name, STATES[name])
    place.locator("button", has_text="Start again").click()
    assert "#" not in tab.url
    copied(tab, place)
    place.locator("select, input[type=range], .ex-number input").first.evaluate(
        """e => {
          if (e.matches('select')) e.selectedIndex = 1; else e.stepUp();
          e.dispatchEvent(new Event(e.type === 'range' ? 'input' : 'change'));
        }"""
    )
    assert "#" not in tab.url


@pytest.mark.parametrize(("name", "state"), EACH)
def test_everything_can_be_read_and_pressed_at_the_extremes(
    context: BrowserContext, name: str, state: str
) -> None:
    """No number wider than its field, nothing cut, covered, undefined; what is shut says why."""
    tab, place = visit(context, name, state)
    tab.evaluate(MEASURES)
    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.wait_for_timeout(100)
        found = tab.evaluate(ALL.replace('"main"', f'"{name}"'))

        assert {key: faults for key, faults in found.items() if faults and key != "scrolled"} == {}
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not re.search("NaN|undefined|Infinity", str(place.text_content()))
    says_why(place)


def says_why(place: Locator) -> None:
    """A control that does not work tells the reason where it is described, and when pressed."""
    before = snapshot(place)
    for button in place.locator("button[aria-disabled=true]:visible").all():
        reason = str(button.evaluate(REASON))
        button.evaluate("e => e.click()")  # a pointer is not moved, which would point at cells

        assert reason
        assert str(place.locator(".ex-note").last.text_content()).rstrip(".") in reason
    assert place.locator(":disabled").count() == 0
    notes = place.locator(".ex-foot .ex-note")
    notes.evaluate_all("all => all.forEach(e => (e.textContent = ''))")
    assert snapshot(place) == before


def test_numbers_out_of_range_are_said_to_be(context: BrowserContext) -> None:
    """The field shows what is taken, the note what may be."""
    _, place = visit(context, "window-stepper")
    box = place.locator(".ex-number input").first
    box.fill("99")
    box.press("Tab")

    assert box.input_value() == "9"
    assert place.locator(".ex-note").text_content() == "The image height is a number from 1 to 9."


LEVEL = """e => {
  const dots = [...e.querySelectorAll('.ex-dots circle')];
  const ticks = [...e.querySelectorAll('g.ex-axes')].map(g => [g.querySelector('text').textContent,
    Number(g.querySelector('line').getAttribute('y1'))]);
  return [Number(dots.at(-1).getAttribute('cy')), ticks];
}"""


@pytest.mark.parametrize("state", EXTREMES["learning-lab"])
def test_the_curve_of_the_loss_ends_where_the_readout_says(
    context: BrowserContext, state: str
) -> None:
    """Read off the axis: from 10⁻³⁰ to 10¹⁰⁰, and a loss of exactly 0."""
    _, place = visit(context, "learning-lab", state)
    loss = float(re.search(r"loss (\S+?)\. ", readout(place)).group(1))  # type: ignore[union-attr]
    y, ticks = place.locator(".ex-curve").evaluate(LEVEL)
    if loss == 0:
        assert ticks[0] == ["0", y]
        return
    powers = [(float(t[2:].replace("\N{MINUS SIGN}", "-")), at) for t, at in ticks if t != "0"]
    (low, bottom), (high, top) = powers[0], powers[-1]

    assert abs(low + (bottom - y) / (bottom - top) * (high - low) - math.log10(loss)) < 0.05


def test_the_path_keeps_its_direction_when_it_leaves_the_picture(context: BrowserContext) -> None:
    """An exploding descent goes to and fro along the steep direction, through the solution."""
    tab, place = visit(context, "learning-lab", "image=noise&seed=3&lr=0.06&steps=60")
    points = place.locator(".ex-surface .ex-trail").get_attribute("points")
    (a, b), (c, d) = [tuple(map(float, p.split(","))) for p in str(points).split()[-2:]]
    steep = tab.evaluate(
        "(({ svd, im2col, noise }) => svd(im2col(noise(6, 8, 3), [1, 2]))[0].vector)"
        "(globalThis.convolutions.core)"
    )

    assert abs((b - d) / (a - c) + steep[1] / steep[0]) < 0.02


def test_steps_that_play_stop_when_something_is_changed(context: BrowserContext) -> None:
    """In both explorers that play: no step follows, and none is asked for that is not there."""
    tab, place = visit(context, "learning-lab")
    place.locator("button", has_text="Play").click()
    place.locator("input[type=range]").nth(1).focus()
    tab.keyboard.press("Home")
    tab.wait_for_timeout(600)
    assert readout(place).startswith("After 1 steps")
    tab, place = visit(context, "window-stepper")
    first = readout(place)
    place.locator("button", has_text="Play").click()
    place.locator("button", has_text="Start again").click()
    tab.wait_for_timeout(1200)
    assert readout(place) == first


def picture(name: str, color: int) -> dict[str, object]:
    """Return a file of one color, as a reader chooses it."""
    data = io.BytesIO()
    Image.new("L", (9, 7), color).save(data, format="PNG")
    return {"name": name, "mimeType": "image/png", "buffer": data.getvalue()}


def test_an_image_that_cannot_be_read_leaves_the_old_one_under_its_old_name(
    context: BrowserContext,
) -> None:
    """The note names the file that was refused; the same file can be chosen again."""
    _, place = visit(context, "kernel-lab")
    file = place.locator("input[type=file]")
    file.set_input_files(picture("mine.png", 90))
    place.locator("canvas[aria-label*='mine.png']").wait_for()
    file.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"})
    place.locator(".ex-note", has_text="notes.png could not be read as an image").wait_for()

    assert place.locator("canvas[aria-label*='mine.png, 7 by 9']").count() == 1
    assert place.locator("select").first.locator("option:checked").text_content() == (
        "your own, mine.png"
    )
    assert file.input_value() == ""
    assert "notes.png" not in str(place.locator(".ex-body").text_content())


def test_a_link_with_the_reader_s_own_image_says_that_it_does_not_hold_it(
    context: BrowserContext,
) -> None:
    """To who copies it, and to who opens it; "Start again" forgets the image."""
    tab, place = visit(context, "kernel-lab")
    place.locator("input[type=file]").set_input_files(picture("mine.png", 90))
    place.locator("canvas[aria-label*='mine.png']").wait_for()
    fragment = copied(tab, place)
    _, other = visit(context, "kernel-lab", fragment.split("?", 1)[1])

    assert "Your own image stays on this device" in str(place.locator(".ex-note").text_content())
    assert "which it does not hold" in str(other.locator(".ex-note").text_content())
    place.locator("button", has_text="Start again").click()
    assert place.locator("option:not([hidden])", has_text="your own, ").count() == 0


@pytest.mark.parametrize("state", EXTREMES["flip-explorer"])
def test_the_learned_kernel_is_the_one_that_was_laid(context: BrowserContext, state: str) -> None:
    """Also where elements are large: rounding beside 999 is shown as 0."""
    _, place = visit(context, "flip-explorer", state)
    laid, learned = (
        place.locator(f".ex-grid[aria-label*='{part}']").all_text_contents()
        for part in ("laid on the image", "learned kernel")
    )

    assert len(laid) == 4
    assert learned == laid


def test_a_field_too_large_to_draw_is_computed_all_the_same(context: BrowserContext) -> None:
    """24 layers of 9 elements and stride 4, padded: the table has all, no picture lies."""
    state = "preset=custom&n=256&layers=" + "_".join(["9,4,1,4"] * 24)
    _, place = visit(context, "receptive-field-builder", state)
    size = 1 + sum(8 * 4**i for i in range(24))

    assert readout(place).startswith(f"Size {size}, jump {4**24}, start ")
    assert readout(place).endswith("is not drawn.")
    assert place.locator("td[data-name=size]").last.text_content() == str(size)
    assert place.locator(".ex-panel:visible canvas").count() == 1  # the output map alone

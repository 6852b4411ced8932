"""Readers with a screen reader, a keyboard alone, or no script: focus, disclosures, questions."""

from __future__ import annotations

import pytest
from tabs import Tab

FOCUSABLE = """() => [...document.querySelectorAll(
  'article a[href], article summary, article button, article input, article select')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && e.tabIndex >= 0 && !e.disabled)
  .filter(e => !(e.type === 'radio' && !e.checked))
  .map(e => (e.dataset.place = 'p' + Math.random()))"""
FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const ring = style.outlineStyle !== 'none' || style.boxShadow !== 'none'
    || style.textDecorationLine !== 'none' || !!e.closest(':focus-within');
  return [e.dataset.place ?? '', ring];
}"""


@pytest.mark.parametrize("document", ["book/layer", "book/exercises"])
def test_the_keyboard_reaches_everything_in_order(tab: Tab, document: str) -> None:
    """Tab goes through all links, folds and fields of a page, each visibly in focus."""
    opened = tab.open(document, typeset=False)
    places = opened.evaluate(FOCUSABLE)
    reached = []
    for _ in range(len(places) + 120):
        opened.keyboard.press("Tab")
        place, ring = opened.evaluate(FOCUSED)
        assert ring
        if place:
            reached.append(place)
        if place == places[-1]:
            break

    assert [p for p in reached if p in places] == places


def test_the_first_stop_of_the_keyboard_skips_to_the_text(tab: Tab) -> None:
    """Past the contents of the book, which are the same on every page."""
    opened = tab.open("book/edges", typeset=False)
    opened.keyboard.press("Tab")
    assert "skip" in str(opened.evaluate("document.activeElement.className")).lower() + str(
        opened.evaluate("document.activeElement.parentElement.className")
    )
    opened.keyboard.press("Enter")
    assert opened.url.endswith("#main-content")


@pytest.mark.parametrize(
    "tab", [("desk", "light"), ("desk", "light", {"java_script_enabled": False})],
    ids=["script", "no-script"], indirect=True,
)  # fmt: skip
def test_a_question_is_answered_by_keyboard(tab: Tab) -> None:
    """Every option opens to its own reply, one at a time, with or without scripts."""
    opened = tab.open("book/correlation", typeset=False)
    question = opened.locator(".selfcheck").first
    options = question.locator("details.option").all()
    replies = []
    for option in options:
        option.locator("summary").focus()
        opened.keyboard.press("Enter")
        replies.append(option.locator(".reply").inner_text())
        assert question.locator("details[open]").count() == 1

    assert len({r.strip() for r in replies}) == len(options) >= 2
    assert sorted(r.split(".")[0] for r in replies)[0] in ("No", "Right")
    assert sum(r.startswith("Right.") for r in replies) == 1

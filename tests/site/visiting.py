"""Opens an explorer in its chapter, and reads what it shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pages import page
from playwright.sync_api import BrowserContext, Locator, Page

CHAPTERS = {
    "three-kernels": "index",
    "window-stepper": "correlation",
    "kernel-lab": "edges",
    "learning-lab": "learning",
    "flip-explorer": "flipping",
    "receptive-field-builder": "receptive_fields",
    "channel-explorer": "channels",
}
LIKE_ANOTHER = {"three-kernels"}  # explorers without a control of their own kind
SHOWN = {"window-stepper", "channel-explorer"}  # explorers that stand for all


def each_explorer() -> list[Any]:
    """Return all explorers as parameters of a test; those like another are for `make campaign`."""
    return [_explorer(name, in_campaign=name in LIKE_ANOTHER) for name in CHAPTERS]


def some_explorers() -> list[Any]:
    """Return all explorers as parameters of a test; all but `SHOWN` are for `make campaign`.

    For what one module, `explorer.js`, does for all of them.
    """
    return [_explorer(name, in_campaign=name not in SHOWN) for name in CHAPTERS]


def _explorer(name: str, *, in_campaign: bool) -> Any:
    return pytest.param(name, marks=[pytest.mark.campaign] * in_campaign)


def visit(context: BrowserContext, name: str, state: str = "") -> tuple[Page, Locator]:
    """Open an explorer's chapter, at a state if one is given."""
    tab = context.new_page()
    tab.goto(page(f"book/{CHAPTERS[name]}").as_uri() + (f"#{name}?{state}" if state else ""))
    place = tab.locator(name)
    place.scroll_into_view_if_needed()  # it begins when a reader comes near
    place.locator(".ex-readout:not(:empty)").wait_for()
    return tab, place


def readout(place: Locator) -> str:
    """Return what the live region says, with ASCII minus signs."""
    return str(place.locator(".ex-readout").text_content()).replace("\N{MINUS SIGN}", "-")


def snapshot(place: Locator) -> str:
    """Return all that an explorer shows: text, values of its controls, colors of its pictures."""
    values = place.locator("input:not([type=file]), select").evaluate_all(
        "all => all.map(e => e.type === 'radio' ? e.checked : e.value)"
    )
    pictures = place.locator("canvas").evaluate_all("all => all.map(e => e.toDataURL())")
    return json.dumps([place.locator(".ex-live").text_content(), values, pictures])

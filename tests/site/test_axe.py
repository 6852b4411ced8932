"""axe-core finds nothing on any page; colors, in both themes, on each kind of page and explorer."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import GENERATED, every_page
from tabs import Tab
from visiting import CHAPTERS, some_explorers

AXE = Axe()
ALL = {"resultTypes": ["violations"], "preload": False}
FORMS = {**ALL, "rules": {"color-contrast": {"enabled": False}}}
COLORS = {**ALL, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
COLORED = (  # axe-core takes up to 25 s for the colors of a page
    "book/index",
    "book/edges",
    "book/instructor_guide",
    "exercises/correlation/correlation",
    "book/api/layer",
    *GENERATED,
)
TYPESET = "book/notation"  # axe-core needs half a minute for a page of many formulas
STILL = pytest.mark.parametrize(
    "tab", [("desk", "light", {"reduced_motion": "reduce"})], ids=[""], indirect=True
)
BLANK = """<main><h1>A</h1><img src="data:,"><button></button>
<p style="color:#999;background:#fff">faint</p></main>"""


def faults(tab: Tab, options: dict[str, Any] = ALL, within: str | None = None) -> list[str]:
    """Return what axe-core finds on the page that is open, or within a part of it."""
    found = AXE.run(tab.page, context=within, options=options).response["violations"]
    return [f"{v['id']} ({v['impact']}): {n['html'][:120]}" for v in found for n in v["nodes"]]


def colors(tab: Tab, within: str | None = None) -> list[str]:
    """Return what axe-core finds of colors in the light, and then in the dark."""
    light = faults(tab, COLORS, within)
    tab.page.emulate_media(color_scheme="dark")
    tab.page.locator("html[data-theme=dark]").wait_for()
    return light + faults(tab, COLORS, within)


@STILL
@pytest.mark.parametrize("document", every_page())
def test_axe_finds_nothing(tab: Tab, document: str) -> None:
    """Nothing of any impact, options open."""
    opened = tab.open(document, typeset=document == TYPESET)
    opened.locator(".selfcheck").evaluate_all(
        "all => all.forEach(e => e.querySelector('details').open = true)"
    )

    assert faults(tab, FORMS) == []
    assert document not in COLORED or colors(tab) == []


@STILL
@pytest.mark.parametrize("name", some_explorers())
def test_axe_finds_nothing_of_an_explorers_colors(tab: Tab, name: str) -> None:
    """Each has some of its own."""
    tab.open(f"book/{CHAPTERS[name]}", typeset=False)

    assert colors(tab, name) == []


def test_axe_would_find_something(tab: Tab) -> None:
    """A page without a language, a described picture, a named button, contrast is refused."""
    tab.page.set_content(BLANK)
    found = " ".join(faults(tab))

    assert all(rule in found for rule in ("image-alt", "button-name", "color-contrast"))
    assert "color-contrast" in " ".join(faults(tab, COLORS))
    assert "color-contrast" in " ".join(faults(tab, COLORS, "main"))
    assert "color-contrast" not in " ".join(faults(tab, FORMS))

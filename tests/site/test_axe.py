"""axe-core finds nothing on any page, in either theme."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import Tab
from pages import GENERATED, documents

AXE = Axe()
ALL = {"resultTypes": ["violations"], "preload": False}
COLORS = {**ALL, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
TYPESET = "book/notation"  # axe-core needs half a minute for a page of many formulas
STILL = ("desk", "light", {"reduced_motion": "reduce"})
BLANK = """<main><h1>A</h1><img src="data:,"><button></button>
<p style="color:#999;background:#fff">faint</p></main>"""


def faults(tab: Tab, options: dict[str, object] = ALL) -> list[str]:
    """Return what axe-core finds on the page that is open."""
    found = AXE.run(tab.page, options=options).response["violations"]
    return [f"{v['id']} ({v['impact']}): {n['html'][:120]}" for v in found for n in v["nodes"]]


@pytest.mark.parametrize("tab", [STILL], ids=[""], indirect=True)
@pytest.mark.parametrize("document", (*documents(), *GENERATED))
def test_axe_finds_nothing(tab: Tab, document: str) -> None:
    """Nothing of any impact, options open; then, since only colors change, colors in the dark."""
    opened = tab.open(document, typeset=document == TYPESET)
    opened.locator(".selfcheck").evaluate_all(
        "all => all.forEach(e => e.querySelector('details').open = true)"
    )
    light = faults(tab)
    opened.emulate_media(color_scheme="dark")
    opened.locator("html[data-theme=dark]").wait_for()

    assert (light, faults(tab, COLORS)) == ([], [])


def test_axe_would_find_something(tab: Tab) -> None:
    """A page without a language, a described picture, a named button, contrast is refused."""
    tab.page.set_content(BLANK)
    found = " ".join(faults(tab))
    colors = " ".join(faults(tab, COLORS))

    assert all(rule in found for rule in ("image-alt", "button-name", "color-contrast"))
    assert "color-contrast" in colors

"""Links that save a file: pressed in a page opened from a folder, and over HTTP without scripts."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from pages import BUILT, ROOT, documents
from playwright.sync_api import Browser, Locator, Page
from serve import Compressing, server
from tabs import Tab

SOME = ("edges", "receptive_fields")  # the bytes of all are held against their links below
MENU = ".dropdown-download-buttons"


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The book over HTTP, from a server that calls a notebook JSON, which browsers would show."""
    monkeypatch.setitem(Compressing.extensions_map, ".ipynb", "application/json")
    with server(BUILT) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def saved(opened: Page, link: Locator) -> tuple[str, bytes]:
    """Press a link; return the name and the bytes of what the browser saves."""
    with opened.expect_download() as download:
        link.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def from_menu(opened: Page, ending: str) -> tuple[str, bytes]:
    """Choose a file of the page's download menu."""
    opened.locator(f"{MENU} > button").first.click()
    return saved(opened, opened.locator(f"{MENU} a[href$='{ending}']").first)


@pytest.mark.parametrize("topic", SOME)
def test_a_chapter_opened_from_a_folder_is_saved_as_a_notebook(tab: Tab, topic: str) -> None:
    """Under its name, with its bytes, and as its source; the reader stays on the page."""
    opened = tab.open(f"book/{topic}", typeset=False)
    here = opened.url
    for ending in (".ipynb", ".md"):
        wanted = (BUILT / "_sources" / "book" / f"{topic}{ending}").read_bytes()

        assert from_menu(opened, ending) == (f"{topic}{ending}", wanted)
    assert (opened.url, len(opened.context.pages), tab.complaints) == (here, 1, [])


@pytest.mark.parametrize("topic", SOME)
def test_an_assignment_opened_from_a_folder_is_saved_as_it_was_released(
    tab: Tab, topic: str
) -> None:
    """From the list of assignments and from its own page: the very bytes of `exercises/`."""
    released = (ROOT / "exercises" / topic / f"{topic}.ipynb").read_bytes()
    listed = tab.open("book/exercises", typeset=False)
    link = listed.locator(f"article a[href$='/{topic}.ipynb']")

    assert saved(listed, link) == (f"{topic}.ipynb", released)
    own = tab.open(f"exercises/{topic}/{topic}", typeset=False)
    assert from_menu(own, ".ipynb") == (f"{topic}.ipynb", released)


@pytest.mark.parametrize("scripts", [True, False])
def test_over_http_a_link_saves_with_and_without_scripts(
    browser: Browser, address: str, scripts: bool
) -> None:
    """Where the server calls the file JSON; nothing of the folder's way is loaded."""
    context = browser.new_context(java_script_enabled=scripts)
    opened, asked = context.new_page(), []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(f"{address}/book/exercises.html")
    got = saved(opened, opened.locator("article a[href$='/edges.ipynb']"))
    context.close()

    assert got == ("edges.ipynb", (ROOT / "exercises/edges/edges.ipynb").read_bytes())
    assert not [url for url in asked if "/scripts/" in url and "_downloads" in url]


def test_no_link_of_a_page_leads_to_a_raw_file() -> None:
    """Each link to a file that is no page names a script that carries the file's bytes."""
    shown, checked = [], 0
    for path in BUILT.rglob("*.html"):
        for link in re.findall(r"<a\b[^>]*>", path.read_text(encoding="utf-8")):
            href = unquote(attribute(link, "href").split("#")[0].split("?")[0])
            file = (path.parent / href).resolve()
            if not href or re.match(r"[a-z]+:", href) or file.suffix == ".html" or file.is_dir():
                continue
            checked += 1
            script = path.parent / (attribute(link, "data-script") or "none")
            if not script.is_file() or carried(script) != file.read_bytes():
                shown.append((path.name, href))

    assert checked > len(documents())
    assert shown == []


def attribute(link: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', link)
    return found[1] if found else ""


def carried(script: Path) -> bytes:
    """Return the bytes that a script carries."""
    return base64.b64decode(script.read_text(encoding="ascii").split('"')[1])


@pytest.mark.parametrize("document", ["book/edges", "book/exercises"])
def test_a_page_loads_no_file_until_its_link_is_pressed(tab: Tab, document: str) -> None:
    """So that no page is heavier for what can be saved from it."""
    opened = tab.open(document, typeset=False)

    assert opened.locator("a[data-script]").count()
    assert not opened.locator("script[src*='_downloads/scripts']").count()

"""The browsers of the tests: a Chromium of the system or of Playwright, the system's Firefox."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NONE_FOUND = (
    "no Chromium was found, so the pages cannot be tested: install one "
    "(Debian: apt-get install chromium; elsewhere: .venv/bin/playwright install chromium), "
    "or set CHROMIUM to its path"
)

FIREFOXES = ("firefox-esr", "firefox")
NO_FIREFOX = (
    "no Firefox was found, so the pages cannot be tested in it: install one "
    "(Debian: apt-get install firefox-esr), or set FIREFOX to its path"
)
UNSET: dict[str, Any] = {  # what a Firefox that is driven by WebDriver BiDi cannot pretend
    "color_scheme": "null", "reduced_motion": "null", "forced_colors": "null", "contrast": "null",
}  # fmt: skip


def executable() -> str | None:
    """Return the path of a Chromium: $CHROMIUM, then the system's; None leaves it to Playwright."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """Start a headless Chromium, and close it at the end.

    Raises
    ------
    RuntimeError
        If there is none; the message says how to get one.
    """
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        except Error as error:
            raise RuntimeError(NONE_FOUND) from error
        yield browser
        browser.close()


@contextmanager
def launched_firefox() -> Iterator[Browser]:
    """Start the system's headless Firefox, unpatched, over WebDriver BiDi; close it at the end.

    Raises
    ------
    RuntimeError
        If there is none; the message says how to get one.
    """
    path = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, FIREFOXES)), None)
    if path is None:
        raise RuntimeError(NO_FIREFOX)
    with sync_playwright() as playwright:
        browser = playwright.firefox.launch(
            executable_path=path, channel="moz-firefox", timeout=180_000
        )
        yield browser
        browser.close()

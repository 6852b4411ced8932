"""The browser that the tests use: a Chromium of the system, or the one Playwright downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

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

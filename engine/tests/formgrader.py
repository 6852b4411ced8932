"""nbgrader's formgrader, served from a course's folder and used in a browser as staff use it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Route

PATIENCE = 120  # seconds that a busy machine may take to start the server


class Formgrader:
    """A tab of a browser on formgrader; nothing but this server is reached.

    Parameters
    ----------
    tab : Page
    address : str
        Where the server is.
    """

    def __init__(self, tab: Page, address: str) -> None:
        self.tab, self.address = tab, address
        self.ran: list[str] = []
        tab.set_default_timeout(PATIENCE * 1000)
        tab.route("**/*", self._only_here)
        tab.expose_function("hit", lambda what: self.ran.append(str(what)))

    def _only_here(self, route: Route) -> None:
        if route.request.url.startswith(self.address):
            route.continue_()
        else:
            route.abort()

    def find(self, assignment: str, notebook: str, number: int) -> None:
        """Go from the gradebook to a submission by its links, as a person does."""
        self.tab.goto(f"{self.address}/formgrader/gradebook")
        self.tab.get_by_role("link", name=assignment, exact=True).click()
        self.tab.get_by_role("link", name=notebook, exact=True).click()
        self.tab.locator("td a").nth(number).click()
        self._loaded()

    def open(self, submission: str) -> None:
        """Open a submission whose id the gradebook gives."""
        address = f"{self.address}/formgrader/submissions/{submission}/"
        self.tab.goto(address, wait_until="domcontentloaded")
        self._loaded()

    def _loaded(self) -> None:
        self.tab.wait_for_function(
            "() => window.formgrader?.grades?.loaded && formgrader.comments.loaded"
        )

    def mark(self, cell: str, points: float) -> None:
        """Type points into the box of a cell, and wait until they are saved."""
        with self.tab.expect_response(lambda r: r.request.method == "PUT" and "/grade/" in r.url):
            box = self.tab.locator(f"[id='{cell}']")
            box.press_sequentially(f"{points:g}")
            box.blur()

    def comment(self, cell: str, words: str) -> None:
        """Write a comment below a cell, and wait until it is saved."""
        with self.tab.expect_response(lambda r: r.request.method == "PUT" and "/comment/" in r.url):
            box = self.tab.locator(f"[id='{cell}-comment']")
            box.press_sequentially(words)
            box.blur()

    def shown(self, cell: str) -> tuple[str, str]:
        """Return what the boxes for points and for the comment of a cell hold."""
        return (
            self.tab.input_value(f"[id='{cell}']"),
            self.tab.input_value(f"[id='{cell}-comment']"),
        )

    def press(self, assignment: str, student: str, button: str) -> str:
        """Press a button in the row of a submission; return what formgrader says of it."""
        self.tab.goto(f"{self.address}/formgrader/manage_submissions/{assignment}")
        row = self.tab.locator("tbody tr", has=self.tab.get_by_text(student, exact=True))
        row.locator(f".{button} a").click()
        dialog = self.tab.locator("#success-modal, #error-modal").first
        dialog.wait_for()
        return dialog.inner_text()


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Start Jupyter's server in a course's folder, as `make lab` does; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    own = {f"JUPYTER_{kind}_DIR": str(root / f"jupyter-{kind}") for kind in ("CONFIG", "RUNTIME")}
    with (root / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=root, env=os.environ | own, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, address, root / "server.log")
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/api/status").close()
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"Jupyter's server did not start: {log.read_text()[-2000:]}")

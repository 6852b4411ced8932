"""Measures every page of the built book by Lighthouse, on its phone with a slow line and processor.

Usage: make lighthouse [PAGES='book/edges …'] [RUNS=3]. Each figure is the median of the runs.
Writes benchmarks/lighthouse.md when all pages were measured, else _build/bench/lighthouse.md.
Leaves with an error if a score is below the floor. Weights in kB sent, times in ms of that phone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

from browser import ARGUMENTS, NONE_FOUND, executable
from pages import BUILT, ROOT, documents, page
from serve import server

FLOOR = 95
SCORES = ("performance", "accessibility", "best-practices", "seo")
FIGURES = {  # column: the audit and the unit that its number is divided by
    "sent, kB": ("total-byte-weight", 1000),
    "script, ms": ("bootup-time", 1),
    "first paint, ms": ("first-contentful-paint", 1),
    "largest paint, ms": ("largest-contentful-paint", 1),
    "blocked, ms": ("total-blocking-time", 1),
    "shift": ("cumulative-layout-shift", 1),
}
NO_LIGHTHOUSE = (
    "no Lighthouse was found: install it with Node's package manager "
    "(npm install --global lighthouse; version 12 needs Node 18.16), or set LIGHTHOUSE to its path"
)


@dataclass(frozen=True)
class Measured:
    """The scores (0 to 100) and figures of one page."""

    document: str
    scores: dict[str, float]
    figures: dict[str, float]

    def line(self) -> str:
        """Return the page's line of the table."""
        scores = (f"{s:.0f}" for s in self.scores.values())
        digits = (f"{v:.0f}" if k != "shift" else f"{v:.3f}" for k, v in self.figures.items())
        return f"| {' | '.join((self.document, *scores, *digits))} |"


def tools() -> tuple[str, str]:
    """Return the paths of Lighthouse and of Chromium, or leave with a sentence."""
    lighthouse = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse")
    chromium = executable()
    if lighthouse is None or shutil.which(lighthouse) is None or shutil.which("node") is None:
        sys.exit(f"make: {NO_LIGHTHOUSE}")
    if chromium is None:
        sys.exit(f"make: {NONE_FOUND}")
    return lighthouse, chromium


def audit(url: str, lighthouse: str, chromium: str) -> dict[str, Any]:
    """Run Lighthouse once on its mobile profile and return its report."""
    command = [lighthouse, url, "--quiet", "--output=json", "--output-path=stdout"]
    command += [f"--chrome-flags={' '.join(ARGUMENTS)}", f"--only-categories={','.join(SCORES)}"]
    environment = {**os.environ, "CHROME_PATH": chromium}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"make: lighthouse failed on {url}: {done.stderr.strip().splitlines()[-1:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def measure(document: str, reports: list[dict[str, Any]]) -> Measured:
    """Return the medians of a page's reports."""

    def median(values: list[float]) -> float:
        return statistics.median(values)

    return Measured(
        document,
        {s: median([100 * r["categories"][s]["score"] for r in reports]) for s in SCORES},
        {
            name: median([r["audits"][audit]["numericValue"] / unit for r in reports])
            for name, (audit, unit) in FIGURES.items()
        },
    )


def table(rows: list[Measured], runs: int, version: str) -> str:
    """Return all rows as a table under a line that says how they were measured."""
    names = ("page", *(s.replace("-", " ") for s in SCORES), *FIGURES)
    head = f"| {' | '.join(names)} |\n|{'---|' * len(names)}"
    how = f"Lighthouse {version}, its mobile profile, the served build, median of {runs}."
    return "\n".join(
        (f"{how} `make lighthouse` writes this.", "", head, *(r.line() for r in rows), "")
    )


def main() -> None:
    """Measure, write the table, and fail where a score is below the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    wanted, found = given.pages or documents(), tools()
    for name in wanted:
        page(name)
    with server(BUILT) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        rows = []
        for name in wanted:
            url = f"http://127.0.0.1:{running.server_port}/{name}.html"
            reports = [audit(url, *found) for _ in range(given.runs)]
            rows.append(measure(name, reports))
            print(rows[-1].line(), flush=True)
        running.shutdown()
    folder = ROOT / ("_build/bench" if given.pages else "benchmarks")
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / "lighthouse.md"
    out.write_text(table(rows, given.runs, reports[0]["lighthouseVersion"]), encoding="utf-8")
    low = [r.document for r in rows if min(r.scores.values()) < FLOOR]
    print(f"lighthouse: {out}")
    if low:
        sys.exit(f"make: below {FLOOR}: {', '.join(low)}")


if __name__ == "__main__":
    main()

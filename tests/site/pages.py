"""Which pages the book has, from its table of contents, and where the built ones are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from problems import TOPICS

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "_build" / "html"
SHOWN = ("correlation", "edges", "channels")  # chapters that stand for all
GENERATED = ("genindex", "py-modindex", "search")  # by Sphinx, from no document


def documents() -> list[str]:
    """Return every document of the table of contents, as paths without an ending."""
    toc: dict[str, Any] = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"], *(name for part in toc["parts"] for name in _files(part["chapters"]))]


def _files(entries: list[dict[str, Any]]) -> list[str]:
    return [
        name for entry in entries for name in (entry["file"], *_files(entry.get("sections", [])))
    ]


def every_chapter() -> list[Any]:
    """Return all topics as parameters of a test; those not in `SHOWN` are for `make campaign`."""
    return [
        pytest.param(topic, marks=[pytest.mark.campaign] * (topic not in SHOWN)) for topic in TOPICS
    ]


def every_page() -> list[Any]:
    """Return all pages as parameters of a test; those like another are for `make campaign`."""
    alike = {f"book/{topic}" for topic in TOPICS if topic not in SHOWN}
    alike |= {f"exercises/{topic}/{topic}" for topic in TOPICS[1:]}
    alike |= {f"book/api/{topic}" for topic in TOPICS[1:]}
    return [
        pytest.param(document, marks=[pytest.mark.campaign] * (document in alike))
        for document in (*documents(), *GENERATED)
    ]


def page(document: str) -> Path:
    """Return the built page of a document; a missing one says how to build it."""
    path = BUILT / f"{document}.html"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not built; run `make book`")
    return path

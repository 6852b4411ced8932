"""Which pages the book has, from its table of contents, and where the built ones are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "_build" / "html"
TOPICS = ("correlation", "layer", "edges", "learning", "flipping", "receptive_fields")
GENERATED = ("genindex", "py-modindex", "search")  # by Sphinx, from no document


def documents() -> list[str]:
    """Return every document of the table of contents, as paths without an ending."""
    toc: dict[str, Any] = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"], *(name for part in toc["parts"] for name in _files(part["chapters"]))]


def _files(entries: list[dict[str, Any]]) -> list[str]:
    return [
        name for entry in entries for name in (entry["file"], *_files(entry.get("sections", [])))
    ]


def page(document: str) -> Path:
    """Return the built page of a document; a missing one says how to build it."""
    path = BUILT / f"{document}.html"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not built; run `make book`")
    return path

"""The book's Sphinx extension: an execution cache that sees what the chapters import.

jupyter-cache compares a chapter's cells only. Its folder is therefore named by a hash of the
reference and of the locked versions: a change in either executes the chapters again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def fingerprint(root: Path = ROOT) -> str:
    """Return 12 hex digits that change whenever src/convolutions or requirements.lock does."""
    digest = hashlib.sha256()
    sources = sorted((root / "src" / "convolutions").rglob("*"))
    for path in [*sources, root / "requirements.lock"]:
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def name_cache(_app: Any, config: Any) -> None:
    """Put the execution cache under _build, in a folder named by the fingerprint."""
    config.nb_execution_cache_path = str(ROOT / "_build" / ".cache" / fingerprint())


def renew_static_files(app: Any, *_: Any) -> list[str]:
    """Have the first page read again where a static file changed: Sphinx copies none otherwise."""
    ours, built = ROOT / "book" / "_static", Path(app.outdir) / "_static"
    files = [p for p in ours.rglob("*") if p.is_file()]
    same = all(_same(p, built / p.relative_to(ours)) for p in files)
    return [] if same else [app.config.root_doc]


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("config-inited", name_cache, priority=100)
    app.connect("env-get-outdated", renew_static_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

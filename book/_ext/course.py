"""What makes a page old: not its text alone, also what it imports, its templates and extensions.

jupyter-cache compares a chapter's cells only. Its folder is therefore named by a hash of the
reference and of the locked versions: a change in either executes the chapters again. Sphinx
compares texts only: a change in the book's extensions or templates writes every page again.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def fingerprint(root: Path = ROOT) -> str:
    """Return 12 hex digits that change whenever src/convolutions or requirements.lock does."""
    return digest_of(root, ["src/convolutions", "requirements.lock"])


def digest_of(root: Path, names: list[str]) -> str:
    """Return 12 hex digits of the names and contents of files, and of all files in folders."""
    digest = hashlib.sha256()
    for name in names:
        for path in [root / name, *sorted((root / name).rglob("*"))]:
            if path.is_file() and "__pycache__" not in path.parts:
                where = str(path.relative_to(root)).encode()
                digest.update(where + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def name_cache(_app: Any, config: Any) -> None:
    """Put the execution cache under _build, in a folder named by the fingerprint."""
    config.nb_execution_cache_path = str(ROOT / "_build" / ".cache" / fingerprint())


def renew_pages(app: Any, env: Any, *_: Any) -> list[str]:
    """Have every page written again where an extension or a template changed."""
    now = digest_of(ROOT, ["book/_ext", "book/_templates"])
    before, env.course_pages_made_by = getattr(env, "course_pages_made_by", None), now
    if before == now:
        return []
    shutil.rmtree(
        Path(app.outdir) / "_modules", ignore_errors=True
    )  # else only new code is written
    return sorted(env.found_docs)


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
    app.connect("env-get-outdated", renew_pages)
    app.connect("env-get-outdated", renew_static_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

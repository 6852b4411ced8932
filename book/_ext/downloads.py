"""Links that save a file, whether the page comes from a server or from a folder.

From a server the `download` attribute sees to it. In a page opened from a folder browsers take
the files beside it for another site's, ignore the attribute, and show the file. So each file is
there a second time, as a script that carries it in base64: `downloads.js` loads it when the link is
pressed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

SCRIPTS = "_downloads/scripts"
LINK = re.compile(r"<a\b[^>]*>")
OFFERS = re.compile(
    r'class="[^"]*\b(?:download internal|btn-download-(?:notebook|source|kit|wheel)-button)\b'
)
OURS = re.compile(r'\s(?:target|download|data-script)="[^"]*"')
HREF = re.compile(r'\bhref="([^"]+)"')


def offer(out: Path) -> None:
    """Have each link of the pages under `out` that offers a file save it."""
    shutil.rmtree(out / SCRIPTS, ignore_errors=True)
    for page in sorted(out.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        saved = LINK.sub(lambda link, page=page: _saving(link[0], page, out), text)
        if saved != text:
            page.write_text(saved, encoding="utf-8")


def _saving(link: str, page: Path, out: Path) -> str:
    """Return a link with the name under which it saves its file and the script that carries it."""
    href = HREF.search(link)
    if not OFFERS.search(link) or href is None:
        return link
    file = (page.parent / unquote(unescape(href[1]))).resolve()
    script = Path(os.path.relpath(_script(file.read_bytes(), out), page.parent)).as_posix()
    return f'{OURS.sub("", link)[:-1]} download="{escape(file.name)}" data-script="{script}">'


def _script(data: bytes, out: Path) -> Path:
    """Write the script that carries `data`, once, and return its path."""
    path = out / SCRIPTS / f"{hashlib.sha256(data).hexdigest()[:16]}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'document.currentScript.file = "{base64.b64encode(data).decode()}";\n')
    return path


def finish(app: Any, problem: Exception | None) -> None:
    """Rewrite the links once all pages and files are written."""
    if problem is None and app.builder.format == "html":
        offer(Path(app.outdir))


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_js_file("downloads.js", loading_method="defer")
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

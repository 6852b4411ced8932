"""What a page loads: MathJax when a formula is seen, the icons that are shown, pictures as files.

The theme brings Font Awesome's script (1.5 MB) and fonts, MathJax seven bundles, thebe a script of
another host. Pages get a font of the icons that they show. Pictures in base64 would delay the text
around them, so they become files.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import re
import shutil
from pathlib import Path
from typing import Any

import sheets
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

logging.getLogger("fontTools").setLevel(logging.WARNING)
FONT = Path("_static/vendor/fontawesome/webfonts/fa-solid-900.ttf")
OURS = {"course.css", "icons.css"}
UNUSED = (
    "_static/mathjax/*-full*.js",
    "_static/mathjax/*mml*.js",
    "_static/mathjax/*svg.js",
    "_static/mathjax/node-main.js",
    "_static/scripts/*.map",
    "_static/scripts/fontawesome.js*",
    "_static/styles/*.map",
    "_static/sphinx-thebe.*",
    "_static/*-macros.html",
    "_static/vendor",
)
FACE = """/* The icons that the pages show, of Font Awesome Free 6 (SIL OFL 1.1). */
@font-face {{
  font-family: "Font Awesome 6 Free"; font-style: normal; font-weight: 900; font-display: block;
  src: url(data:font/woff;base64,{font}) format("woff");
}}
"""


def choose_files(
    _app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any
) -> None:
    """Leave out thebe, and have `formulas.js` load MathJax, where there are formulas."""
    scripts = [s for s in context.get("script_files", []) if "thebe" not in str(s).lower()]
    formulas = any("mathjax/" in str(s) for s in scripts)
    needless = "mathjax/" if formulas else "formulas.js"
    context["script_files"] = [s for s in scripts if needless not in str(s)]
    context["css_files"] = [s for s in context.get("css_files", []) if "thebe" not in str(s)]


def move_pictures(
    app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any
) -> None:
    """Write each picture that is embedded in the page to a file of its own."""

    def move(found: re.Match[str]) -> str:
        data = base64.b64decode(found.group(1))
        name = f"_images/{hashlib.sha256(data).hexdigest()[:16]}.png"
        (Path(app.outdir) / name).parent.mkdir(exist_ok=True)
        (Path(app.outdir) / name).write_bytes(data)
        return f'src="{context["pathto"](name, 1)}"'

    embedded = r'src="data:image/png;base64,([A-Za-z0-9+/=]+)"'
    context["body"] = re.sub(embedded, move, context.get("body") or "")


def trim(app: Any, problem: Exception | None) -> None:
    """Write the icons' font and delete what no page loads, once all pages are written."""
    if problem is None and app.builder.format == "html":
        out = Path(app.outdir)
        if (out / FONT).is_file():
            (out / "_static" / "icons.css").write_text(icons(out), encoding="utf-8")
        for pattern in UNUSED:
            for path in out.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        found = (p for p in out.glob("_static/**/*.css") if p.name not in OURS)
        sheets.prune(out, [p for p in found if not p.name.startswith(sheets.JOINED)])
        sheets.join(out)


def icons(out: Path) -> str:
    """Return a style sheet with a font that holds just the icons of pages and theme."""
    pages = (p.read_text(encoding="utf-8") for p in out.rglob("*.html"))
    shown = {name for page in pages for name in re.findall(r"\bfa-[a-z-]+", page)}
    style = (out / "_static/styles/pydata-sphinx-theme.css").read_text(encoding="utf-8")
    rules = re.findall(r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}', style)
    codes = {int(code, 16) for names, code in rules if shown & set(re.findall(r"fa-[\w-]+", names))}
    style += (out / "_static/styles/sphinx-book-theme.css").read_text(encoding="utf-8")
    codes |= {ord(letter) for letter in re.findall("[\ue000-\uf8ff]", style)}
    codes |= {
        int(code, 16) for code in re.findall(r'(?<!before)\{content:"\\(f[0-9a-f]{3})"\}', style)
    }
    return FACE.format(font=base64.b64encode(_subset(out / FONT, codes)).decode())


def _subset(path: Path, codes: set[int]) -> bytes:
    font, options = TTFont(path, recalcTimestamp=False), Options()
    options.flavor = "woff"
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.flavor, buffer = "woff", io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_css_file("icons.css")
    app.connect("html-page-context", choose_files, priority=900)
    app.connect("html-page-context", move_pictures)
    app.connect("build-finished", trim, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

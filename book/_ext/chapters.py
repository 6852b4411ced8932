"""What a chapter's page offers to run it: the notebook, a zip file with all it needs, the wheel.

The zip file unpacks into the folder `convolutions-book`: the notebook, the wheel of the reference,
`start.py` with its requirements, and how to start. The same content makes the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import runnable
import wheels

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "book" / "kit"
TOP = "convolutions-book"
FOLDER = "_downloads"
CODE = "```{code-cell}"


def offer_notebook(app: Any, page: str, _template: str, context: dict[str, Any], tree: Any) -> None:
    """Write a chapter as a notebook beside its source, for the theme's download button."""
    source = Path(app.env.doc2path(page)) if tree is not None else None
    if source is not None and source.suffix == ".md" and CODE in source.read_text():
        target = Path(app.outdir) / "_sources" / f"{page}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        book = runnable.notebook(source, app.config.html_baseurl)
        nbformat.write(book, target)
        context["ipynb_source"] = f"{page}.ipynb"


def offer_kit(_app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Add the zip file and the wheel to the menu of downloads of a chapter."""
    if not context.get("ipynb_source") or not page.startswith("book/"):
        return
    for group in context["header_buttons"]:
        if group.get("label") == "download-buttons":
            group["buttons"][1:1] = [
                _button(context, f"{Path(page).name}.zip", "kit", "Download what runs the chapter"),
                _button(context, wheels.name(), "wheel", "Download the book's Python package"),
            ]


def _button(context: dict[str, Any], name: str, kind: str, tooltip: str) -> dict[str, str]:
    return {
        "type": "link",
        "url": f"{context['pathto'](FOLDER, 1)}/{name}",
        "text": Path(name).suffix,
        "icon": "fas fa-box",
        "tooltip": tooltip,
        "label": f"download-{kind}-button",
    }


def kit(notebook: Path) -> dict[str, bytes]:
    """Return the files of a chapter's zip file by name."""
    needs = f"-c versions.txt\njupyterlab\nmatplotlib\ntorch\n./{wheels.name()}\n"
    return {
        f"{TOP}/README.md": (KIT / "CHAPTER.md").read_bytes(),
        f"{TOP}/{notebook.name}": notebook.read_bytes(),
        f"{TOP}/requirements.txt": needs.encode(),
        f"{TOP}/start.py": (KIT / "start.py").read_bytes(),
        f"{TOP}/versions.txt": (ROOT / "requirements.lock").read_bytes(),
        f"{TOP}/{wheels.name()}": wheels.build(),
    }


def write(app: Any, problem: Exception | None) -> None:
    """Write the wheel and the zip files beside the pages."""
    if problem is not None or app.builder.format != "html":
        return
    out = Path(app.outdir)
    (out / FOLDER).mkdir(exist_ok=True)
    for old in (out / FOLDER).glob("convolutions-*.whl"):
        old.unlink()
    (out / FOLDER / wheels.name()).write_bytes(wheels.build())
    for notebook in sorted((out / "_sources" / "book").glob("*.ipynb")):
        (out / FOLDER / f"{notebook.stem}.zip").write_bytes(wheels.packed(kit(notebook)))


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", offer_notebook, priority=400)
    app.connect("html-page-context", offer_kit, priority=520)
    app.connect("build-finished", write, priority=400)  # before links to files are rewritten
    return {"parallel_read_safe": True, "parallel_write_safe": True}

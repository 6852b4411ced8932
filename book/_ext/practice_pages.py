"""Puts the practice into the pages of assignments, and what it loads among the static files.

Below each answer cell stands an element that opens an editor, above the first task one for the
notebook as a whole. The scripts that a page has from the start are few; the rest is loaded when a
reader asks for it: Python and the editor (`practice.assets`), the page's own Python, the topics
with their public cases (`practice.export`).
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import Any

import course
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "book"))  # at the end: nothing here may stand before a package

from practice import assets  # noqa: E402 - `book` is on the path from here on

FOLDER, STATIC = "exercises/", "practice"
ENGINE = ("printable.py", "problems/*.py", "values/*.py")
MADE_FROM = ["src", "engine/src/nbexaminer/problems", "engine/src/nbexaminer/values", "exercises"]
STAFF = ("bank.py", "sample_class.py")  # of no use to who answers
WRITTEN = "explain"
PLACEHOLDER = "Your answer here."
STAND_INS = {
    "practice/__init__.py": "",
    "nbexaminer/__init__.py": '"""What a problem is, as the engine has it."""\n',
    "resource.py": '"""Stands for what WebAssembly does not have: limits on memory."""\n',
}


def label(app: Any, doctree: nodes.document) -> None:
    """Give each task of an assignment's page a name to refer to: `task-corr2d`."""
    page = app.env.docname
    if not page.startswith(FOLDER):
        return
    for cell in doctree.findall(nodes.container):
        about = (cell.get("cell_metadata") or {}).get("nbgrader", {})
        if cell.get("nb_element") == "cell_code" and about.get("solution"):
            section, name = cell.parent, f"task-{about['grade_id']}"
            while not isinstance(section, nodes.section):
                section = section.parent
            section["ids"].append(name)
            app.env.get_domain("std").note_hyperlink_target(name, page, name, about["grade_id"])


def place(app: Any, doctree: nodes.document, page: str) -> None:
    """Put the elements into the page of an assignment."""
    if not page.startswith(FOLDER) or app.builder.format != "html":
        return
    topic = page.rsplit("/", 1)[-1]
    texts = [p for p in doctree.findall(nodes.paragraph) if p.astext() == PLACEHOLDER]
    for cell in list(doctree.findall(nodes.container)):
        about = (cell.get("cell_metadata") or {}).get("nbgrader", {})
        if cell.get("nb_element") == "cell_code" and about.get("solution"):
            _after(cell, task(topic, about["grade_id"], code=True))
    written = [a["grade_id"] for a in _answers(topic) if a["cell_type"] == "markdown"]
    for paragraph, name in zip(texts, written, strict=True):
        _after(paragraph, task(topic, name, code=False))
    rules = next(iter(doctree[0].findall(nodes.section, include_self=False)), None)
    if rules is not None:
        rules.parent.insert(
            rules.parent.index(rules), nodes.raw("", notebook(topic), format="html")
        )


def _after(node: Any, html: str) -> None:
    node.parent.insert(node.parent.index(node) + 1, nodes.raw("", html, format="html"))


def _answers(topic: str) -> list[dict[str, Any]]:
    """Return what nbgrader knows of each answer cell of a topic's notebook."""
    path = ROOT / "exercises" / topic / f"{topic}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    known = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    return [one for one in known if one.get("solution")]


def task(topic: str, name: str, *, code: bool) -> str:
    """Return the element of one task."""
    loads = (
        f"Loads an editor and Python, {assets.size() / 1e6:.1f} MB of this book; nothing leaves "
    )
    says = f"{loads}your device." if code else "What you write stays on your device."
    title = f"Answer to {name}" if code else "Your written answer"
    return (
        f'<practice-task data-topic="{topic}" data-task="{name}" role="group" '
        f'aria-label="{escape(title)}"><p class="pr-start">{button("open", "Answer here")} '
        f'<span class="pr-state">{says}</span></p></practice-task>'
    )


def button(does: str, name: str) -> str:
    """Return a button, which the script of the page has do something."""
    return f'<button type="button" class="pr-button" data-does="{does}">{name}</button>'


FORGET = button("forget", "Forget everything")


def notebook(topic: str) -> str:
    """Return the element of the notebook as a whole."""
    download, load = button("download", "Download my notebook"), button("load", "Load a notebook")
    return (
        f'<practice-notebook data-topic="{topic}" role="group" aria-label="Your notebook">'
        "<p>You can answer the tasks in this page. <em>Check</em> examines an answer on public "
        "inputs and names the mistake that it shows. Python runs in this page, with a stand-in for "
        "PyTorch that has what the tasks need. Your work is kept in this browser and leaves your "
        "device in one way only: you download your notebook and hand it in.</p>"
        f'<div class="pr-row">{download}{load}{FORGET}</div></practice-notebook>'
    )


class ProgressDirective(Directive):
    """``{practice-progress}``: what is answered, and which criteria are met, by task."""

    def run(self) -> list[nodes.Node]:
        """Return the table, which a script fills and shows."""
        rows = []
        toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
        for topic in re.findall(r"file: exercises/(\w+)/", toc):
            names = [about["grade_id"] for about in _answers(topic)]
            link = f'<a href="../exercises/{topic}/{topic}.html">{topic.replace("_", " ")}</a>'
            for i, name in enumerate(names):
                head = f'<th scope="rowgroup" rowspan="{len(names)}">{link}</th>' if i == 0 else ""
                cell = f'<td data-topic="{topic}" data-task="{name}">not answered</td>'
                task = f"../exercises/{topic}/{topic}.html#task-{name}"
                words = "written answer"
                if name != WRITTEN:
                    breaks = name.replace("_", "_<wbr>")
                    words = f'<a href="{task}"><code>{breaks}</code></a>'
                rows.append(f'<tr>{head}<th scope="row">{words}</th>{cell}</tr>')
        heads = "".join(f'<th scope="col">{h}</th>' for h in ("Assignment", "Task", "State"))
        html = (
            '<practice-progress><div class="pst-scrollable-table-container">'
            f'<table class="table"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody>'
            f'</table></div><div class="pr-row">{FORGET}</div></practice-progress>'
        )
        return [nodes.raw("", html, format="html")]


def begin(app: Any) -> None:
    """Begin to work out the public cases, beside the rest, unless they are there."""
    if app.builder.format != "html":
        return
    if not assets.up_to_date():
        raise ExtensionError("the practice's assets are missing; `make book` fetches them")
    app.practice_cases = _cases()
    app.practice_export = None
    if not app.practice_cases.is_dir():
        paths = [str(ROOT / "book"), *filter(None, [os.environ.get("PYTHONPATH")])]
        app.practice_export = subprocess.Popen(
            [sys.executable, "-m", "practice.export", f"{app.practice_cases}.new"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )


def _cases() -> Path:
    """Return the folder of the public cases, named by what they are made from."""
    names = [*MADE_FROM, *(f"book/practice/{n}.py" for n in ("export", "portable", "wire"))]
    return assets.BUILD / f"cases-{course.digest_of(ROOT, names)}"


def load(app: Any, _page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """Load style and script on a page that has an element of the practice."""
    if "<practice-" in (context.get("body") or ""):
        app.add_css_file(f"{STATIC}/practice.css")
        app.add_js_file(f"{STATIC}/practice.js", loading_method="defer")


def finish(app: Any, problem: Exception | None) -> None:
    """Put everything among the static files, once all pages are written."""
    if problem is not None or app.builder.format != "html":
        return
    if app.practice_export is not None:
        if app.practice_export.wait():
            raise ExtensionError("the public cases of the practice could not be worked out")
        Path(f"{app.practice_cases}.new").rename(app.practice_cases)
    out = Path(app.outdir) / "_static" / STATIC
    shutil.copytree(
        assets.ASSETS, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns(assets.STAMP)
    )
    sources = gzip.compress(json.dumps(python_sources()).encode(), mtime=0)
    (out / "python.js").write_text(assets.as_script(sources), encoding="utf-8")
    sections = _sections(app.env)
    (out / "topics").mkdir(exist_ok=True)
    for path in app.practice_cases.glob("*.json.gz"):
        content = json.loads(gzip.decompress(path.read_bytes()))
        told = [m["section"] for p in content["problems"].values() for m in p["misconceptions"]]
        content["sections"] = {name: sections.get(name) or _unknown(name) for name in told if name}
        packed = gzip.compress(json.dumps(content, ensure_ascii=False).encode(), mtime=0)
        name = path.name.removesuffix(".json.gz")
        (out / "topics" / f"{name}.js").write_text(assets.as_script(packed), encoding="utf-8")


def python_sources() -> dict[str, str]:
    """Return the Python that the page runs beside the reader's, by path."""
    engine, practice = ROOT / "engine" / "src" / "nbexaminer", ROOT / "book" / "practice"
    files = {
        f"nbexaminer/{path.relative_to(engine).as_posix()}": path
        for pattern in ENGINE
        for path in engine.glob(pattern)
        if path.name not in STAFF
    }
    files |= {f"practice/{n}.py": practice / f"{n}.py" for n in ("wire", "judge", "session")}
    files |= {
        path.relative_to(practice).as_posix(): path
        for path in (practice / "torch").rglob("*")
        if path.suffix in (".py", ".txt")
    }
    files["nbexaminer/values/tensors.py"] = practice / "tensors.py"
    texts = {name: path.read_text(encoding="utf-8") for name, path in sorted(files.items())}
    return {**texts, **STAND_INS}


def _sections(env: Any) -> dict[str, list[str]]:
    """Return address and title of each labeled section of the chapters, as mistakes name them."""
    labels = env.domaindata["std"]["labels"].items()
    return {
        f"{page.removeprefix('book/')}#{label}": [f"../../{page}.html#{anchor}", title]
        for label, (page, anchor, title) in labels
    }


def _unknown(section: str) -> list[str]:
    page, label = section.split("#")
    return [f"../../book/{page}.html#{label}", "the section of the book"]


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("practice-progress", ProgressDirective)
    app.connect("builder-inited", begin)
    app.connect("doctree-read", label)
    app.connect("doctree-resolved", place)
    app.connect("html-page-context", load)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

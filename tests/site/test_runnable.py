"""Chapters as notebooks to run: plain Markdown, no answer given away, and code that runs."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from pages import ROOT, TOPICS

sys.path.append(str(ROOT / "book" / "_ext"))

import chapters
import runnable
import wheels

MYST = re.compile(r"^:::|\{[a-z:]+\}`|^`{3,}\{|^\([\w-]+\)=$|^:\w+:|\[x\]", re.MULTILINE)
REPLY = re.compile(r"^- \[([^\]]+)\] (.*)\n\n((?:  .*\n?|\n)+)", re.MULTILINE)


def source(topic: str) -> Path:
    return ROOT / "book" / f"{topic}.md"


def words(book: nbformat.NotebookNode) -> str:
    return "\n\n".join(c.source for c in book.cells if c.cell_type == "markdown")


@pytest.mark.parametrize("topic", TOPICS)
def test_a_chapter_to_run_is_plain_markdown(topic: str) -> None:
    """It opens in Jupyter, first says what it needs, and no directive or role is left."""
    book = runnable.notebook(source(topic))
    nbformat.validate(book)

    assert book.cells[0].source == runnable.NEEDS
    assert MYST.findall(words(book)) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_a_chapter_to_run_gives_no_self_check_away(topic: str) -> None:
    """Options are there; no verdict, no reply, and no assertion that guards the prose."""
    book = runnable.notebook(source(topic))
    blocks = re.findall(r"^:::\{selfcheck\}\n(.*?)^:::$", source(topic).read_text(), re.M | re.S)
    found = [option for block in blocks for option in REPLY.findall(block)]
    code = "\n".join(c.source for c in book.cells if c.cell_type == "code")

    assert len(found) >= 6
    for _, option, reply in found:
        assert f"> - {runnable.Page(source(topic), '').inline(option)}" in words(book)
        assert reply.strip().splitlines()[0] not in words(book)
    assert not re.search(r"^assert ", code, re.MULTILINE)


def test_an_explorer_is_a_link_to_the_page_where_that_is_known() -> None:
    """With the address of publication a link; without it, words."""
    here, known = (
        words(runnable.notebook(source("correlation"), a)) for a in ("", "https://b.org")
    )

    assert "](https://b.org/book/correlation.html#window-stepper)" in known
    assert "at “Explorer: the window, step by step”" in here
    assert ".html" not in here.replace("https://", "").split("## References")[0]


def test_the_wheel_holds_the_reference_alone() -> None:
    """Its files, each as it is, and what an installer needs: the same bytes at each build."""
    with zipfile.ZipFile(io.BytesIO(wheels.build())) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    info = f"convolutions-{wheels.version()}.dist-info"
    own = {n: data for n, data in files.items() if not n.startswith(info)}
    package = ROOT / "src" / "convolutions"
    wanted = [p for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts]

    assert own == {p.relative_to(package.parent).as_posix(): p.read_bytes() for p in wanted}
    assert {n.removeprefix(f"{info}/") for n in files if n not in own} == {
        "METADATA", "WHEEL", "RECORD", "licenses/LICENSE",
    }  # fmt: skip
    assert wheels.build() == wheels.build()
    assert len(wheels.build()) < 400_000


def test_a_chapters_zip_file_holds_what_runs_it(tmp_path: Path) -> None:
    """The notebook, the wheel that its requirements name, start.py and how to start."""
    notebook = tmp_path / "layer.ipynb"
    nbformat.write(runnable.notebook(source("layer")), notebook)
    files = chapters.kit(notebook)

    assert {name.removeprefix(f"{chapters.TOP}/") for name in files} == {
        "README.md", "layer.ipynb", "requirements.txt", "start.py", "versions.txt", wheels.name(),
    }  # fmt: skip
    assert f"./{wheels.name()}" in files[f"{chapters.TOP}/requirements.txt"].decode().splitlines()


@pytest.mark.campaign
@pytest.mark.parametrize("topic", TOPICS)
def test_a_chapter_runs_with_the_wheel_beside_it(topic: str, tmp_path: Path) -> None:
    """Every cell, where nothing of the course is installed; neither bank nor engine is imported."""
    (tmp_path / wheels.name()).write_bytes(wheels.build())
    where = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", where]
    subprocess.run([*pip, tmp_path / wheels.name()], check=True, capture_output=True)
    book = runnable.notebook(source(topic))
    code = "\n".join(c.source for c in book.cells if c.cell_type == "code")
    alone = (
        "import sys\n"
        f"sys.path[:] = [{str(where)!r}] + [p for p in sys.path if {str(ROOT / 'src')!r} != p]\n"
        "sys.meta_path[:] = [m for m in sys.meta_path if 'editable' not in repr(m).lower()]\n"
        "import convolutions\n"
        f"assert convolutions.__file__.startswith({str(where)!r})\n"
    )
    check = "\nassert not {'problems', 'nbexaminer', 'scipy', 'nbgrader'} & set(sys.modules)"
    (tmp_path / "run.py").write_text(alone + code + check, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", tmp_path / "run.py"], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr

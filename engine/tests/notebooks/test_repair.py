"""Repair of submitted notebooks: right work is found, wherever editors and students have put it."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
import tiny_course
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum

from nbexaminer.nbgrader.marking import as_released
from nbexaminer.notebooks import attachments
from nbexaminer.notebooks.repair import (
    MAX_CELLS,
    MAX_CODE,
    MAX_PROSE,
    UnreadableError,
    grade_ids,
    repair,
)

Book = dict[str, Any]
WHY, WORDS = "*Your answer here.*", "The kernel is flipped first, so that both agree."
IS_TEST = {"grade": True, "locked": True, "points": 2}
BY_HAND = {"grade": True, "solution": True, "points": 2}


def stub(name: str) -> str:
    return f"def {name}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def answer(name: str) -> str:
    return f"def {name}(x):\n    return x + 1"


def code(source: str, name: str, **flags: Any) -> NotebookNode:
    return new_code_cell(source, id=name, metadata=tiny_course.mark(name, **flags))


def prose(source: str, name: str) -> NotebookNode:
    return new_markdown_cell(source, id=name, metadata=tiny_course.mark(name, **BY_HAND))


def assignment() -> NotebookNode:
    """Return an assignment as released: two functions with tests, a question, code for a person."""
    return new_notebook(
        cells=[
            new_markdown_cell("# Homework 1", id="title"),
            code("import math\n\nHALF = math.pi / 2", "setup", locked=True),
            code(stub("f"), "f", solution=True),
            code("# test of f\nassert f(1) == 2", "test_f", **IS_TEST),
            code(stub("g"), "g", solution=True),
            code("# test of g", "test_g", **IS_TEST),
            new_markdown_cell("Why do both agree? Write two sentences.", id="task_why"),
            prose(WHY, "why"),
            new_markdown_cell("Draw what you found.", id="task_plot"),
            code(stub("plot"), "plot", **BY_HAND),
        ]
    )


def answered() -> Book:
    """Return the assignment as a careful student hands it in."""
    book: Book = json.loads(json.dumps(assignment()))
    texts = {"f": answer("f"), "g": answer("g"), "why": WORDS, "plot": answer("plot")}
    for cell in book["cells"]:
        cell["source"] = texts.get(cell["id"], cell["source"])
        cell["metadata"].get("nbgrader", {})["checksum"] = "0"
    return book


def cell_of(book: Book, name: str) -> Book:
    return next(cell for cell in book["cells"] if cell["id"] == name)


def new(kind: str, source: str, **more: Any) -> Book:
    """Return a cell without nbgrader's metadata, with an id that no cell of the assignment has."""
    bare = {"cell_type": kind, "id": f"new-{abs(hash(source))}", "source": source, "metadata": {}}
    return bare | ({"outputs": [], "execution_count": None} if kind == "code" else {}) | more


def mended(book: Book) -> tuple[NotebookNode, list[str]]:
    return repair(json.dumps(book).encode(), assignment())


def named(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Return the cells of the assignment in a mended notebook; each grade_id is there once."""
    found = [(c.metadata.nbgrader.grade_id, c) for c in notebook.cells if "nbgrader" in c.metadata]
    assert len(dict(found)) == len(found)
    return dict(found)


def ran(notebook: NotebookNode) -> dict[str, int]:
    """Run a mended notebook as it stands; return what each tested function gives of 1."""
    names: dict[str, Any] = {}
    out = {}
    for cell in (c for c in notebook.cells if c.cell_type == "code"):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in ("test_f", "test_g"):
            function = names.get(name.removeprefix("test_"))
            try:
                out[name] = function(1) if function else -1
            except NotImplementedError:
                out[name] = 0
            continue
        try:
            exec(cell.source, names)
        except Exception:
            continue
    return out


def waits(notebook: NotebookNode, name: str) -> bool:
    """Whether a cell of the assignment is there and other than as released."""
    released = {
        c.metadata.nbgrader.grade_id: c for c in assignment().cells if "nbgrader" in c.metadata
    }
    return named(notebook)[name].source != released[name].source


def without_metadata(book: Book) -> None:
    for cell in book["cells"]:
        cell["metadata"] = {}


def without_metadata_or_ids(book: Book) -> None:
    without_metadata(book)
    for cell in book["cells"]:
        del cell["id"]


def renumbered(book: Book) -> None:
    """Ids that another tool has counted, of cells that begin one later."""
    without_metadata(book)
    for cell, name in zip(book["cells"], ["x", *[c["id"] for c in book["cells"]]], strict=False):
        cell["id"] = name


def both_in_the_first(book: Book) -> None:
    cell_of(book, "f")["source"] = f"{answer('f')}\n\n{answer('g')}"
    book["cells"].remove(cell_of(book, "g"))


def both_in_the_first_and_the_stub_left(book: Book) -> None:
    cell_of(book, "f")["source"] = f"{answer('f')}\n\n{answer('g')}"
    cell_of(book, "g")["source"] = stub("g")


def pasted_higher_up(book: Book) -> None:
    """What VS Code's cut and paste leaves: both answers in cells of no id that the course knows."""
    for name in ("f", "g"):
        book["cells"].remove(cell_of(book, name))
        book["cells"].insert(2, new("code", answer(name)))


def pasted_higher_up_in_one(book: Book) -> None:
    for name in ("f", "g"):
        book["cells"].remove(cell_of(book, name))
    book["cells"].insert(1, new("code", f"{answer('f')}\n{answer('g')}"))


def pasted_higher_up_in_one_and_the_stubs_left(book: Book) -> None:
    for name in ("f", "g"):
        cell_of(book, name)["source"] = stub(name)
    book["cells"].insert(1, new("code", f"{answer('f')}\n{answer('g')}"))


def below_the_tests(book: Book) -> None:
    for name in ("f", "g"):
        book["cells"].remove(cell_of(book, name))
    book["cells"] += [new("code", f"{answer('f')}\n{answer('g')}")]


def below_the_tests_and_the_stubs_left(book: Book) -> None:
    for name in ("f", "g"):
        cell_of(book, name)["source"] = stub(name)
    book["cells"] += [new("code", f"{answer('f')}\n{answer('g')}")]


def below_the_stub(book: Book) -> None:
    cell_of(book, "f")["source"] = stub("f")
    book["cells"].insert(3, new("code", answer("f")))


def stub_copied_below(book: Book) -> None:
    spare = deepcopy(cell_of(book, "f"))
    spare["source"] = stub("f") + "  # to keep"
    book["cells"].insert(3, spare)


def split(book: Book) -> None:
    """JupyterLab's split leaves both halves with the same metadata."""
    first, second = cell_of(book, "f"), deepcopy(cell_of(book, "f"))
    first["source"], second["source"] = "BASE = 1", "def f(x):\n    return x + BASE"
    book["cells"].insert(3, second)


def merged_into_a_test(book: Book) -> None:
    test = cell_of(book, "test_f")
    test["source"] += "\n\n" + answer("g")
    book["cells"].remove(cell_of(book, "g"))


def typed_into_a_test(book: Book) -> None:
    """A test that is all hidden is an empty cell to whoever edits outside of JupyterLab."""
    cell_of(book, "test_g")["source"] = answer("g")
    cell_of(book, "g")["source"] = stub("g")


def moved(book: Book) -> None:
    book["cells"].reverse()


def renamed(book: Book) -> None:
    for name in ("f", "g"):
        cell_of(book, name)["metadata"]["nbgrader"]["grade_id"] = f"my-{name}"


def turned_into_text(book: Book) -> None:
    for name in ("f", "g"):
        cell_of(book, name)["cell_type"] = "markdown"


def saved_by_a_formatter(book: Book) -> None:
    for cell in book["cells"]:
        cell["source"] = cell["source"].replace("\n", "  \r\n") + "\r\n"
    cell_of(book, "setup")["source"] = "import math\r\nHALF = (math.pi / 2)\r\n"
    cell_of(book, "test_f")["source"] = "#test of f\nassert f( 1 )==2"


def nothing(_: Book) -> None:
    pass


RIGHT = [
    nothing, without_metadata, without_metadata_or_ids, renumbered, both_in_the_first,
    both_in_the_first_and_the_stub_left, pasted_higher_up, pasted_higher_up_in_one,
    pasted_higher_up_in_one_and_the_stubs_left, below_the_tests,
    below_the_tests_and_the_stubs_left, below_the_stub, stub_copied_below, split,
    merged_into_a_test, typed_into_a_test, moved, renamed, turned_into_text,
    saved_by_a_formatter,
]  # fmt: skip


@pytest.mark.parametrize("edit", RIGHT)
def test_right_work_counts_wherever_it_stands(edit: Callable[[Book], None]) -> None:
    """No stub and no lost metadata costs a function that the student has written."""
    book = answered()
    edit(book)
    notebook, _ = mended(book)

    assert ran(notebook) == {"test_f": 2, "test_g": 2}
    assert waits(notebook, "why")
    assert waits(notebook, "plot")


@pytest.mark.parametrize("edit", RIGHT)
def test_tests_and_given_cells_are_the_assignments(edit: Callable[[Book], None]) -> None:
    """Whatever was done to them, their text and their metadata are as released, each once."""
    book = answered()
    edit(book)
    found = named(mended(book)[0])

    for cell in assignment().cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("locked"):
            assert found[mark.grade_id].source == cell.source
            assert found[mark.grade_id].metadata.nbgrader == mark


def bare() -> NotebookNode:
    """Return the assignment where `def` is in the solution and all tests are hidden."""
    release = assignment()
    for cell in release.cells:
        if cell.id in ("f", "g"):
            cell.source = "# YOUR CODE HERE\nraise NotImplementedError()"
        if cell.id in ("test_f", "test_g"):
            cell.source = ""
    return release


def in_one_cell(book: Book) -> None:
    whole = "\n\n".join(cell["source"] for cell in book["cells"] if cell["cell_type"] == "code")
    book["cells"] = [new("code", whole)]


@pytest.mark.parametrize("edit", [without_metadata_or_ids, in_one_cell])
def test_an_answer_that_nothing_tells_apart_runs_before_its_test(
    edit: Callable[[Book], None],
) -> None:
    """What was released says no name, and tests are empty cells: they come after the answers."""
    book = answered()
    for name in ("test_f", "test_g"):
        cell_of(book, name)["source"] = ""
    edit(book)
    notebook, _ = repair(json.dumps(book).encode(), bare())

    assert ran(notebook) == {"test_f": 2, "test_g": 2}


def test_the_only_code_in_an_answer_s_place_is_the_answer() -> None:
    """A written answer that has lost its metadata, too, is no rival of it."""
    release = bare()
    release.cells = [c for c in release.cells if c.id in ("title", "f", "test_f", "why")]
    book = answered()
    book["cells"] = [c for c in book["cells"] if c["id"] in ("title", "f", "test_f", "why")]
    cell_of(book, "test_f")["source"] = ""
    without_metadata_or_ids(book)
    found = named(repair(json.dumps(book).encode(), release)[0])

    assert (found["f"].source, found["why"].source) == (answer("f"), WORDS)


JUNK = (None, 5, [5], {"x": 5})


def places(part: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each part of a notebook's JSON."""
    inner = enumerate(part) if isinstance(part, list) else ()
    for key, value in part.items() if isinstance(part, dict) else inner:
        yield (*way, key)
        yield from places(value, (*way, key))


@pytest.mark.parametrize("version", [3, 4])
def test_no_json_stops_the_repair(version: int) -> None:
    """Whatever stands in whichever part of a notebook, it is mended, or refused in words.

    `collect` asks for the grade_ids of every file, so that an error would cost the whole class.
    """
    book = answered()
    book["cells"] = [c for c in book["cells"] if c["id"] in ("f", "why")]
    cell_of(book, "why")["attachments"] = {"a.png": {"image/png": text(png())}}
    if version == 3:
        book = {"nbformat": 3, "worksheets": [{"cells": book["cells"]}]}
    for *way, last in places(book):
        for junk in JUNK:
            other = json.loads(json.dumps(book))
            part = other
            for key in way:
                part = part[key]
            part[last] = junk
            raw = json.dumps(other).encode()
            with contextlib.suppress(UnreadableError):
                grade_ids(raw)
                repair(raw, assignment())


@pytest.mark.parametrize("edit", [nothing, saved_by_a_formatter, moved])
def test_what_only_looks_different_is_not_noted(edit: Callable[[Book], None]) -> None:
    """Line ends, blanks, formatting and order are no changes that a student should read of."""
    book = answered()
    edit(book)

    assert mended(book)[1] == []


def test_utf_16_is_no_change() -> None:
    """PowerShell writes it, with a mark that says so: no letter is read wrongly."""
    book = answered()
    cell_of(book, "why")["source"] = "größer, weil — 核"
    notebook, notes = repair(json.dumps(book, ensure_ascii=False).encode("utf-16"), assignment())

    assert (named(notebook)["why"].source, notes) == ("größer, weil — 核", [])


def test_a_locked_cell_that_was_changed_is_noted() -> None:
    """A constant in place of another is a change."""
    book = answered()
    cell_of(book, "setup")["source"] = "import math\n\nHALF = math.pi / 3"

    assert mended(book)[1] == ["The locked cell setup was changed and is as it was."]


def below(book: Book) -> None:
    cell_of(book, "why")["source"] = WHY
    book["cells"].insert(8, new("markdown", f"# My answer\n\n{WORDS}"))


def above(book: Book) -> None:
    cell_of(book, "why")["source"] = WHY
    book["cells"].insert(7, new("markdown", WORDS))


def in_two_cells_below(book: Book) -> None:
    cell_of(book, "why")["source"] = WHY
    first, second = WORDS.split(",")
    book["cells"][8:8] = [new("markdown", f"{first},"), new("markdown", second)]


def in_place_of_the_cell(book: Book) -> None:
    book["cells"].remove(cell_of(book, "why"))
    book["cells"].insert(7, new("markdown", WORDS))


def in_the_question(book: Book) -> None:
    cell_of(book, "why")["source"] = WHY
    cell_of(book, "task_why")["source"] += f"\n\n{WORDS}"


def at_the_top(book: Book) -> None:
    cell_of(book, "why")["source"] = WHY
    cell_of(book, "title")["source"] += f"\n\n{WORDS}"


def at_the_top_and_the_cell_gone(book: Book) -> None:
    at_the_top(book)
    book["cells"].remove(cell_of(book, "why"))


def in_a_code_cell(book: Book) -> None:
    cell_of(book, "why")["source"] = WHY
    book["cells"].insert(8, new("code", WORDS))


def in_comments(book: Book) -> None:
    cell_of(book, "why")["source"] = WHY
    book["cells"].insert(8, new("code", f"# {WORDS}"))


def as_code(book: Book) -> None:
    cell_of(book, "why")["cell_type"] = "code"


def as_raw(book: Book) -> None:
    cell_of(book, "why")["cell_type"] = "raw"


def split_in_two(book: Book) -> None:
    first, second = WORDS.split(",")
    spare = deepcopy(cell_of(book, "why"))
    cell_of(book, "why")["source"], spare["source"] = f"{first},", second
    book["cells"].insert(8, spare)


WRITTEN = [
    below, above, in_two_cells_below, in_place_of_the_cell, in_the_question, at_the_top,
    at_the_top_and_the_cell_gone, in_a_code_cell, in_comments, as_code, as_raw, split_in_two,
]  # fmt: skip


@pytest.mark.parametrize("edit", WRITTEN)
@pytest.mark.parametrize("strip", [nothing, without_metadata])
def test_a_written_answer_that_is_elsewhere_waits_for_a_person(
    edit: Callable[[Book], None], strip: Callable[[Book], None]
) -> None:
    """It is never 0 and complete: its text stands in the cell that the person marks."""
    book = answered()
    edit(book)
    strip(book)
    notebook, notes = mended(book)
    why = named(notebook)["why"]

    assert why.cell_type == "markdown"
    assert all(part.strip() in why.source for part in WORDS.split(","))
    assert any("why" in note for note in notes)


def unwritten() -> Book:
    book = answered()
    cell_of(book, "why")["source"] = WHY
    cell_of(book, "plot")["source"] = stub("plot")
    return book


def with_a_name_in_the_title(book: Book) -> None:
    cell_of(book, "title")["source"] += " of Zoë Müller"


def with_windows_line_ends(book: Book) -> None:
    for cell in book["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n") + "\r\n"


def without_the_cell(book: Book) -> None:
    book["cells"].remove(cell_of(book, "why"))
    book["cells"].remove(cell_of(book, "plot"))


def with_the_question_reformatted(book: Book) -> None:
    cell_of(book, "task_why")["source"] = "Why do both agree?\nWrite **two** sentences."


@pytest.mark.parametrize(
    "edit",
    [
        nothing,
        with_a_name_in_the_title,
        with_windows_line_ends,
        without_the_cell,
        without_metadata,
        with_the_question_reformatted,
    ],
)
def test_an_answer_that_nobody_wrote_waits_for_nobody(edit: Callable[[Book], None]) -> None:
    """A name in a title is no answer, and line ends make none."""
    book = unwritten()
    edit(book)
    notebook, _ = mended(book)

    assert not waits(notebook, "why")
    assert not waits(notebook, "plot")


def plot_in_another_answer(book: Book) -> None:
    cell_of(book, "g")["source"] += f"\n\n{answer('plot')}"
    book["cells"].remove(cell_of(book, "plot"))


def plot_in_another_answer_and_the_stub_left(book: Book) -> None:
    cell_of(book, "g")["source"] += f"\n\n{answer('plot')}"
    cell_of(book, "plot")["source"] = stub("plot")


def plot_in_two_new_cells(book: Book) -> None:
    cell_of(book, "plot")["source"] = stub("plot")
    book["cells"] += [new("code", "data = [1, 2]"), new("code", "print(data)")]


@pytest.mark.parametrize(
    "edit",
    [plot_in_another_answer, plot_in_another_answer_and_the_stub_left, plot_in_two_new_cells],
)
def test_code_for_a_person_that_may_be_elsewhere_waits(edit: Callable[[Book], None]) -> None:
    """Its stub is put back as a comment, which replaces nothing."""
    book = answered()
    edit(book)
    notebook, _ = mended(book)
    names: dict[str, Any] = {}
    exec(named(notebook)["g"].source, names)
    exec(named(notebook)["plot"].source, names)

    assert waits(notebook, "plot")
    assert "plot" not in names or names["plot"](1) == 2


def test_a_name_that_two_answers_share_moves_no_stub() -> None:
    """The answer to the first question is not given to the second, which nobody answered."""
    release = new_notebook(
        cells=[code("choice = None", name, solution=True) for name in ("first", "second")]
    )
    book = json.loads(json.dumps(release))
    book["cells"][0]["source"] = "choice = True"
    notebook, _ = repair(json.dumps(book).encode(), release)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        exec(cell.source, names)

    assert names["choice"] is None


def test_the_whole_assignment_twice_is_graded_once() -> None:
    """Copies neither take an id nor replace what was answered."""
    book = answered()
    book["cells"] += json.loads(json.dumps(assignment()))["cells"]
    notebook, _ = mended(book)

    assert ran(notebook) == {"test_f": 2, "test_g": 2}
    assert named(notebook)["why"].source == WORDS


def png(width: int = 2, height: int = 2, more: int = 0) -> bytes:
    """Return a PNG of so many pixels, with so many bytes of a comment."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(min(height, 9))))
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"tEXt", b"x\0" + bytes(more))]
    return b"\x89PNG\r\n\x1a\n" + b"".join([*parts, chunk(b"IEND", b"")])


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pasted(source: str, **given: Any) -> tuple[NotebookNode, list[str]]:
    """Return the mended cell of a written answer, and the notes."""
    book = answered()
    cell_of(book, "why").update(source=source, attachments=given)
    notebook, notes = mended(book)
    return named(notebook)["why"], notes


ADDRESS = f"data:image/png;base64,{text(png(more=30_000))}"
FORMS = {
    "an attachment": ("![p](attachment:p.png)", {"p.png": {"image/png": text(png(more=30_000))}}),
    "an attachment in lines": (
        "![p](attachment:p.png)",
        {"p.png": {"image/png": [f"{text(png(more=30_000))}\n"]}},
    ),
    "with a blank in its name": (
        "![p](<attachment:my p.png>)",
        {"my p.png": {"image/png": text(png(more=30_000))}},
    ),
    "Colab": (f"![p]({ADDRESS})", {}),
    "with a title": (f'![p]({ADDRESS} "a title")', {}),
    "Google Docs": (f"![p][image1]\n\nmore\n\n[image1]: <{ADDRESS}>", {}),
    "a tag": (f'<img alt="p" src="{ADDRESS}" width="300"/>', {}),
    "a tag of an attachment": (
        '<img src="attachment:p.png" width=300 alt="p">',
        {"p.png": {"image/png": text(png(more=30_000))}},
    ),
}


FORMS |= {
    f"a name that {how}": (f"![p](attachment:{address})", {name: {"image/png": ADDRESS[22:]}})
    for how, address, name in (
        ("JavaScript wrote", "A%20&%20B%20(1).png", "A & B (1).png"),
        ("has codes in small letters", "Bild%c3%bc.png", "Bild\u00fc.png"),
        ("macOS decomposed", "Bild%C3%BC.png", "Bildu\u0308.png"),
    )
}


@pytest.mark.parametrize(("source", "given"), FORMS.values(), ids=list(FORMS))
def test_a_picture_is_kept_and_so_is_the_text_around_it(source: str, given: dict[str, Any]) -> None:
    """However it came, it is an attachment afterwards; its bytes are no characters of the text."""
    why, notes = pasted(f"before\n\n{source}\n\nafter", **given)
    ((name, bundle),) = why.attachments.items()

    assert notes == []
    assert bundle == {"image/png": text(png(more=30_000))}
    assert f"![p](attachment:{name})" in why.source
    assert why.source.startswith("before")
    assert why.source.rstrip().endswith("after")
    assert "base64" not in why.source


SMALL = text(png(more=3))  # ends in =
ODD_FORMS = {
    "brackets in its words": "![a[0] and \\] b](attachment:p.png)",
    "words over two lines": "![a\nb](attachment:p.png)",
    "many words": f"![{'a ' * 300}](attachment:p.png)",
    "a tag with > in its words": '<img alt="a > b" src="attachment:p.png">',
    "base64 in lines": f'<img src="data:image/png;base64,{SMALL[:40]}\n  {SMALL[40:]}">',
    "base64 with codes": f"![](data:image/png;base64,{quote(SMALL, safe='')})",
    "base64 without its end": f"![](DATA:image/png;base64,{SMALL.rstrip('=')})",
}


@pytest.mark.parametrize("source", ODD_FORMS.values(), ids=list(ODD_FORMS))
def test_no_form_of_a_picture_loses_it(source: str) -> None:
    """As a browser shows it; what is in no known form is linked at the end of the text."""
    why, notes = pasted(f"before {source} after", **{"p.png": {"image/png": SMALL}})
    ((name, bundle),) = why.attachments.items()

    assert (notes, bundle) == ([], {"image/png": SMALL})
    assert re.search(rf"!\[[^\[\]\n]*\]\(attachment:{name}\)", why.source)
    assert why.source.startswith("before")


LEFT_OUT = {
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no PNG, JPEG or GIF"),
    "many pixels": (png(30_000, 30_000), "30000 × 30000 pixels"),
    "many bytes": (png(more=10_000_000), "more than 10"),
    "damage": (b"\x89PNG\r\n\x1a\n", "is damaged"),
}


@pytest.mark.parametrize(("data", "reason"), LEFT_OUT.values(), ids=list(LEFT_OUT))
def test_a_picture_that_no_page_may_show_is_left_out_with_a_reason(
    data: bytes, reason: str
) -> None:
    """The text says so where it stood, a note says so to everybody, and the rest is there."""
    for source, given in (
        (f"a ![p](data:image/svg+xml;base64,{text(data)}) z", {}),
        ("a ![p](attachment:p.png) z", {"p.png": {"image/png": text(data)}}),
    ):
        why, notes = pasted(source, **given)

        assert len(notes) == 1
        assert reason in notes[0]
        assert reason in why.source
        assert (why.source[0], why.source[-1]) == ("a", "z")
        assert "attachments" not in why


def test_pictures_of_a_notebook_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three that are too much together two are kept; a hundred in all."""
    monkeypatch.setattr(attachments, "MAX_TOTAL", 200_000)
    large = [f"![p](data:image/png;base64,{text(png(more=90_000 + n))})" for n in range(3)]
    small = [f"![p](data:image/png;base64,{text(png(more=n))})" for n in range(101)]
    for sources, kept in ((large, 2), (small, 100)):
        why, notes = pasted("\n".join(sources))

        assert len(why.attachments) == kept
        assert len(notes) == 1


def test_a_picture_that_is_not_in_the_notebook_is_told() -> None:
    """A link to a file on the student's disk shows nothing to whoever marks."""
    for link in ("![it](photos/mine.jpg)", '<img width="3" src="photos/mine.jpg">'):
        why, notes = pasted(f"see {link}")

        assert notes == ["In the cell why, the picture photos·mine.jpg is not in the notebook."]
        assert why.source == f"see {link}"


def test_colab_s_badge_is_no_picture_that_is_missing() -> None:
    """Colab puts it into each notebook; SVG that a notebook holds as it is is no damage."""
    badge = '<img src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open"/>'
    notes = pasted(f"{badge} ![p](attachment:p.svg)", **{"p.svg": {"image/svg+xml": "<svg/>"}})[1]

    assert notes == ["In the cell why, a picture is no PNG, JPEG or GIF."]


def test_pictures_that_the_course_gave_are_as_released() -> None:
    """A figure in a question or a stub is the instructor's: no note, and no answer."""
    figure = {"fig.svg": {"image/svg+xml": "<svg/>"}}
    release = assignment()
    release.cells[6].update(source="![fig](attachment:fig.svg)", attachments=figure)
    release.cells[7].source = f"![p]({ADDRESS})\n\n*Your answer here.*"
    book = json.loads(json.dumps(release))
    notebook, notes = repair(json.dumps(book).encode(), release)

    assert [note for note in notes if "picture" in note] == []
    assert notebook.cells[6].attachments == figure
    assert notebook.cells[7].source == release.cells[7].source


@pytest.mark.parametrize(("name", "limit"), [("why", MAX_PROSE), ("f", MAX_CODE)])
def test_a_text_that_is_cut_is_told(name: str, limit: int) -> None:
    """The limit counts what somebody could have typed, and the note says where it ends."""
    book = answered()
    cell_of(book, name)["source"] = "x" * (limit + 7)
    notebook, notes = mended(book)

    assert len(named(notebook)[name].source) < limit + 20
    assert f"The text of the cell {name} was cut after {limit} of {limit + 7} characters." in notes


def test_cells_beyond_the_limit_are_told() -> None:
    """Nobody's last cells are gone without a word."""
    book = answered()
    book["cells"] += [new("code", f"x = {n}") for n in range(MAX_CELLS)]

    assert "The notebook has 510 cells; the first 500 are graded." in mended(book)[1]


def test_an_answer_as_released_is_known_by_its_checksum() -> None:
    """nbgrader's own comparison gives it 0 and asks nobody, whatever line ends it came with."""
    release = assignment()
    for cell in release.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    book = unwritten()
    with_windows_line_ends(book)
    notebook, _ = repair(json.dumps(book).encode(), release)

    assert as_released(named(notebook)["why"])
    assert as_released(named(notebook)["plot"])


def test_a_marked_cell_without_a_grade_id_is_an_ordinary_one() -> None:
    """As in nbgrader: it is neither graded nor an answer."""
    release = assignment()
    release.cells[0].metadata["nbgrader"] = {"grade": False, "solution": False, "locked": False}
    notebook, notes = repair(json.dumps(answered()).encode(), release)

    assert notes == []
    assert set(named(notebook)) == {"setup", "f", "test_f", "g", "test_g", "why", "plot"}

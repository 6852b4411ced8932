"""Feedback pages: one self-contained page a student and notebook, which helps and does not leak.

A page shows the student's own cells, what was checked in words, the mistake that was recognized,
marks and comments. It shows no text of a test, no error of a hidden one, no input, no expected
value. Whatever a student wrote is text: HTML in it is shown, not followed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import Any

from jinja2 import Environment, PackageLoader, Template
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autograder.course import Course, Result, Submission
from autograder.course.folders import write_whole
from autograder.course.gradebook import Ledger, Standing
from autograder.course.marking import Marked, Sheet, remembered
from autograder.desk.facts import answered
from autograder.errors import WrongInputError
from autograder.journal import Entry

Pages = dict[str, str]
MAX_CODE, MAX_TEXT = 20_000, 10_000
MAX_TABLE = 20_000  # bars times lines: each line of a table gets as many cells as its head has
MAX_LINE = 300  # of code that is highlighted: some patterns cost the square of a line
MAX_PAGE = 200_000  # characters of cells that are highlighted or typeset; the rest is plain
WORDS = {
    "passed": "all points",
    "partial": "some of the points",
    "failed": "a test of this cell did not pass",
    "error": "an error ended the test of this cell",
    "timeout": "your code took too long and was stopped",
    "memory": "your code ran out of memory",
    "crashed": "your code ended its process",
    "missing": "no notebook was handed in under the assignment's name",
    "malformed": "the file could not be read as a notebook",
}
NO_ANSWER = "no answer"
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
NOTHING_THERE = "there was no {} to test: the cell that defines it is gone, or ended with an error"
UNREAD = {"malformed": "could not be read", "failed": "could not be graded"}
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def pages(
    marked: Marked,
    sheets: Sequence[Sheet],
    standing: Mapping[str, Standing],
    penalty: float = 0.0,
    book: str = "",
) -> Pages:
    """Return the page of each notebook of a submission, by the notebook's name.

    Parameters
    ----------
    marked : Marked
    sheets : sequence of Sheet
        The notebooks of the assignment.
    standing : mapping of cell to Standing
        Marks given by hand, as far as there are any, and comments on any cell.
    penalty : float
        Points that being late cost.
    book : str
        Address of the book's pages; hints link into it if given.
    """
    return {
        sheet.name: _page(
            marked.result, sheet, marked.notebooks.get(sheet.name), standing, penalty, book
        )
        for sheet in sheets
    }


def book_of(course: Course) -> str:
    """Return the public address of the book's pages, if the course names it.

    It is `c.FeedbackExporter.book` in the settings.
    """
    address = str(course.directory().config.FeedbackExporter.get("book", ""))
    return address.rstrip("/") if address.startswith(("https://", "http://")) else ""


def executed(course: Course, submissions: Sequence[Submission]) -> list[Submission]:
    """Return those submissions whose executed notebooks are kept, so that pages can be made."""
    return [s for s in submissions if course.folder("autograded", s.student, s.assignment).is_dir()]


def written(course: Course, submission: Submission) -> dict[str, bytes]:
    """Return the pages of a submission as they lie in the course's feedback folder, by notebook.

    Nothing else that lies there is a page: no link, and no file of another name.
    """
    sources = sorted(course.folder("source", ".", submission.assignment).glob("*.ipynb"))
    folder = course.folder("feedback", submission.student, submission.assignment)
    paths = [folder / f"{path.stem}.html" for path in sources]
    return {p.stem: p.read_bytes() for p in paths if p.is_file() and not p.is_symlink()}


def renew(course: Course, submissions: Sequence[Submission]) -> None:
    """Write the pages of graded submissions again, with the marks that the gradebook has now.

    Parameters
    ----------
    course : Course
    submissions : sequence of Submission
        Each has executed notebooks in the course's autograded folder.
    """
    journal, book = course.journal().read(), book_of(course)
    with course.ledger() as ledger:
        for assignment in sorted({s.assignment for s in submissions}):
            standing, late = ledger.standing(assignment), ledger.penalties(assignment)
            sheets = _sheets(course, ledger, assignment)
            for who in (s for s in submissions if s.assignment == assignment):
                marked = _with_reason(course.kept(who, sheets), journal)
                mine, penalty = standing.get(who.student, {}), late.get(who.student, 0.0)
                write(course, who, pages(marked, sheets, mine, penalty, book))


def page_of(course: Course, who: Submission, name: str, notebook: NotebookNode) -> str:
    """Return the page of one graded notebook, with the marks that the gradebook has now.

    Parameters
    ----------
    course : Course
    who : Submission
    name : str
        The notebook's.
    notebook : NotebookNode
        As it was graded.
    """
    with course.ledger() as ledger:
        standing = ledger.standing(who.assignment).get(who.student, {})
        penalty = ledger.penalties(who.assignment).get(who.student, 0.0)
        sheets = [s for s in _sheets(course, ledger, who.assignment) if s.name == name]
    marked = _with_reason(remembered(who, {name: notebook}, sheets), course.journal().read())
    return pages(marked, sheets, standing, penalty, book_of(course))[name]


def _sheets(course: Course, ledger: Ledger, assignment: str) -> list[Sheet]:
    sheets = course.sheets(ledger, assignment, course.folder("release"))
    if not sheets:
        where = course.folder("release", ".", assignment)
        raise WrongInputError(f"{where} has no notebook; run `python -m autograder release` first")
    return sheets


def _with_reason(marked: Marked, journal: Mapping[tuple[str, str], Entry]) -> Marked:
    """Return what was marked with the sentence of the journal on what was mended in it."""
    who = marked.result.submission
    entry = journal.get((who.student, who.assignment))
    return replace(marked, result=replace(marked.result, reason=entry.reason)) if entry else marked


def write(course: Course, submission: Submission, pages: Pages) -> None:
    """Put pages into the course's feedback folder."""
    folder = course.folder("feedback", submission.student, submission.assignment)
    for name, page in pages.items():
        write_whole(folder / f"{name}.html", page)


def _page(
    result: Result,
    sheet: Sheet,
    notebook: NotebookNode | None,
    standing: Mapping[str, Standing],
    penalty: float,
    book: str,
) -> str:
    rows = [_row(cell, sheet, result, standing, notebook) for cell in _with_points(sheet.skeleton)]
    return _template().render(
        title=sheet.name.replace("_", " "),
        student=result.submission.student,
        status=result.status,
        reason=result.reason,
        rows=rows,
        earned=max(0.0, sum(row["earned"] for row in rows) - penalty),
        possible=sum(row["points"] for row in rows),
        waiting=any(row["waits"] for row in rows),
        penalty=penalty,
        blocks=_with_text(_blocks(notebook, sheet, rows, standing)) if notebook else [],
        book=book,
        code_css=Markup(_code_css()),
    )


def _with_points(skeleton: NotebookNode) -> list[NotebookNode]:
    marks = [(cell, cell.metadata.get("nbgrader", {})) for cell in skeleton.cells]
    return [c for c, m in marks if (m.get("grade") or m.get("task")) and m.get("points")]


def _row(
    cell: NotebookNode,
    sheet: Sheet,
    result: Result,
    standing: Mapping[str, Standing],
    notebook: NotebookNode | None,
) -> dict[str, Any]:
    """Return one line of the table of points."""
    name = cell.metadata.nbgrader.grade_id
    verdict, held = result.verdicts.get(sheet.prefix + name), standing.get(sheet.prefix + name)
    by_hand = held is not None and held.manual
    earned = held.score if held and by_hand else verdict.earned if verdict else 0.0
    theirs = _of(name, notebook, cell)
    status = verdict.status if verdict else ""
    return {
        "cell": name,
        "name": name.removeprefix("test_"),
        "earned": earned,
        "points": float(cell.metadata.nbgrader.points),
        "status": status if status and not by_hand else "by hand",
        "words": "marked by a person"
        if by_hand
        else _undefined(theirs, sheet) or _words(cell, theirs, status, result.status),
        "waits": verdict is None and not by_hand and _waits(cell, theirs),
        "comment": held.comment if held else None,
    }


def _of(name: str, notebook: NotebookNode | None, cell: NotebookNode) -> NotebookNode | None:
    """Return the student's cell of a name, as released where it is gone."""
    if notebook is None:
        return None
    return next((c for c in notebook.cells if _mark(c).get("grade_id") == name), cell)


def _words(cell: NotebookNode, theirs: NotebookNode | None, status: str, ended: str) -> str:
    """Return what was found in a cell that nobody has marked, and that ended so, or not at all."""
    if theirs is None:
        return WORDS.get(status) or UNREAD.get(ended, NO_ANSWER)
    if status:
        return WORDS[status] if answered(_told(theirs)) else NO_ANSWER
    return "not marked yet" if _waits(cell, theirs) else NO_ANSWER


def _undefined(theirs: NotebookNode | None, sheet: Sheet) -> str:
    """Say which name a test did not find, where the student knows it from the assignment."""
    outputs = theirs.outputs if theirs and theirs.cell_type == "code" else []
    said = [o.evalue for o in outputs if o.output_type == "error" and o.ename == "NameError"]
    found = UNDEFINED.fullmatch(said[-1]) if said else None
    cells = sheet.skeleton.cells
    named = {_mark(cell).get("grade_id", "") for cell in cells}
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    known = found and (found[1] in named or re.search(rf"\b(def|class) {found[1]}\b", code))
    return NOTHING_THERE.format(found[1]) if found and known else ""


def _waits(cell: NotebookNode, theirs: NotebookNode | None) -> bool:
    """Whether a cell is other than as released; one that is not gets 0, and nobody marks it."""
    if theirs is None:
        return False
    return bool(theirs.source != cell.source or _mark(cell).get("task"))


def _told(cell: NotebookNode) -> list[Mapping[str, Any]]:
    """Return what the problems that a test examined said of the answers."""
    told: list[Mapping[str, Any]] = cell.metadata.get("autograder", {}).get("told", [])
    return told


def _blocks(
    notebook: NotebookNode,
    sheet: Sheet,
    rows: Sequence[Mapping[str, Any]],
    standing: Mapping[str, Standing],
) -> Iterator[dict[str, Any]]:
    """Yield what the page shows of each cell, in order."""
    by_name = {row["cell"]: row for row in rows}
    released = {c.metadata.nbgrader.grade_id: c.source for c in sheet.skeleton.cells if _mark(c)}
    sizes = accumulate((min(len(c.source), MAX_CODE) for c in notebook.cells), initial=0)
    for number, (cell, before) in enumerate(zip(notebook.cells, sizes, strict=False), start=1):
        mark, plain = _mark(cell), before > MAX_PAGE
        name = mark.get("grade_id", "")
        row = by_name.get(name)
        held = standing.get(sheet.prefix + name)
        if row and not mark.get("solution"):
            yield {"kind": "verdict", "row": row, "told": _told(cell)}
        elif _heading(cell) and (_is_given(mark) or not name):
            yield {"kind": "heading", "text": _heading(cell)}
        elif cell.cell_type == "code" and not _is_given(mark):
            yield {
                **_shown_code(
                    cell, number, released.get(name) if mark.get("locked") else None, plain
                ),
                "row": row,
                "comment": held.comment if held and not row else None,
            }
        elif cell.cell_type != "code":
            yield {"kind": "text", "html": _prose(cell.source, plain=plain), "row": row}


def _with_text(blocks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return blocks without the headings that have nothing below them.

    Examples
    --------
    >>> [b["kind"] for b in _with_text({"kind": k} for k in ("heading", "heading", "code"))]
    ['heading', 'code']
    """
    several = [*blocks, {"kind": "heading"}]
    pairs = pairwise(several)
    return [one for one, after in pairs if (one["kind"], after["kind"]) != ("heading", "heading")]


def _shown_code(
    cell: NotebookNode, number: int, released: str | None, plain: bool
) -> dict[str, Any]:
    """Return a code cell as it is shown; of a locked one only what was released.

    Where it had a hidden part, what it put out stays hidden, too: a traceback quotes it.
    """
    mark = _mark(cell)
    partly_hidden = released is not None and released != cell.source
    return {
        "kind": "check" if mark.get("grade") and not mark.get("solution") else "code",
        "code": _code(cell.source if released is None else released, plain=plain),
        "outputs": [] if partly_hidden else [_output(output, number) for output in cell.outputs],
    }


def _mark(cell: NotebookNode) -> Mapping[str, Any]:
    """Return what nbgrader has noted of a cell, or nothing."""
    mark: Mapping[str, Any] = cell.metadata.get("nbgrader", {})
    return mark


def _is_given(mark: Mapping[str, Any]) -> bool:
    """Whether a cell is the instructor's and graded nothing."""
    return bool(mark.get("locked") and not mark.get("grade"))


def _heading(cell: NotebookNode) -> str:
    """Return the first heading of a markdown cell, or nothing."""
    found = re.search(r"^#{1,4} +(.+)$", cell.source, re.MULTILINE)
    return found[1].strip() if found and cell.cell_type == "markdown" else ""


@lru_cache(maxsize=256)  # checks are the same for all
def _code(source: str, *, plain: bool = False) -> Markup:
    """Return code with its words colored, as far as that is cheap.

    Blanks before a line break cost the highlighter the square of their number.
    """
    lines = [line.rstrip() for line in re.split(r"\r\n?|\n", source)]
    if plain or len(source) > MAX_CODE or max(map(len, lines)) > MAX_LINE:
        return Markup('<div class="code">{}</div>').format(_plain(source, MAX_CODE))
    return Markup(highlight("\n".join(lines), PythonLexer(), _formatter()))


def _prose(source: str, *, plain: bool = False) -> Markup:
    """Return markdown as HTML; raw HTML in it is shown as text, links and pictures are not made."""
    wide = source.count("|") * source.count("\n") > MAX_TABLE
    if plain or wide or len(source) > MAX_TEXT:
        return _plain(source, MAX_TEXT)
    return Markup(_markdown().render(source))


def _plain(source: str, most: int) -> Markup:
    shown = source if len(source) <= most else source[:most] + "\n… cut here"
    return Markup('<pre tabindex="0">{}</pre>').format(shown)


def _output(output: Mapping[str, Any], number: int) -> dict[str, str]:
    """Return an output as a kind and a text: ``text``, ``error`` or ``picture`` (a data URL)."""
    kind = output["output_type"]
    if kind == "stream":
        return {"kind": "text", "text": _cut(output["text"])}
    if kind == "error":
        text = "\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"
        return {"kind": "error", "text": _cut(text)}
    for mime in ("image/png", "image/jpeg"):
        data = output["data"].get(mime, "")
        if data and _is_base64(data):
            alt = f"What cell {number} drew"
            return {"kind": "picture", "text": f"data:{mime};base64,{data.strip()}", "alt": alt}
    return {"kind": "text", "text": _cut(str(output["data"].get("text/plain", "")))}


def _is_base64(data: str) -> bool:
    try:
        base64.b64decode(data.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _cut(text: str) -> str:
    text = ESCAPES.sub("", text)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n… cut here"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("autograder"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["link"] = _link
    return environment.get_template("feedback.html")


def _link(section: str, book: str) -> Markup:
    """Return where the book mends a mistake, as a link if it is known where the book is."""
    page, _, label = section.partition("#")
    words = f"{page.replace('_', ' ')}: {label.replace('-', ' ')}"
    if not book:
        return escape(words)
    return Markup('<a href="{}/{}.html#{}">{}</a>').format(book, page, label, words)


@cache
def _markdown() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"html": False})
        .enable("table")
        .disable(["image", "link", "autolink", "reference"])
    )


@cache
def _formatter() -> Any:
    return HtmlFormatter(cssclass="code")


@cache
def _code_css() -> str:
    light = HtmlFormatter(style="xcode", cssclass="code").get_style_defs(".code")
    dark = HtmlFormatter(style="monokai", cssclass="code").get_style_defs(".code")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"

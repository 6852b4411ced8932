"""Feedback pages: one self-contained page a student and notebook, which helps and does not leak.

A page shows the student's own cells, what was checked in words, the mistake that was recognized,
a small input on which an answer is wrong, drawn from no secret (`problems.counterexample`), marks
and comments. It shows no text of a test, no error of a hidden one, no hidden input, and no value
that is expected of one. Whatever a student wrote is text: HTML in it is shown, not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import Any, assert_never
from urllib.parse import unquote

from jinja2 import Environment, PackageLoader, Template
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from nbexaminer.errors import WrongInputError
from nbexaminer.feedback.chapters import Book, chapters_of
from nbexaminer.feedback.figures import figures
from nbexaminer.files import write_whole
from nbexaminer.journal import JournalEntry
from nbexaminer.model import CellStatus, Result, Status, Submission, answered, title_of
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.gradebook import GradebookEntry, GradebookSession
from nbexaminer.nbgrader.marking import Marked, ReleasedNotebook, remembered
from nbexaminer.notebooks import pictures
from nbexaminer.notebooks.attachments import address, showable
from nbexaminer.printable import MAX_SENTENCE, shown

Pages = dict[str, str]
NO_BOOK = Book()
MAX_CODE, MAX_TEXT = 20_000, 10_000
MAX_TABLE = 20_000  # bars times lines: each line of a table gets as many cells as its head has
MAX_LINE = 300  # of code that is highlighted: some patterns cost the square of a line
MAX_PAGE = 200_000  # characters of cells that are highlighted or typeset; the rest is plain
NO_ANSWER = "no answer"
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
NOTHING_THERE = "there was no {} to test: the cell that defines it is gone, or ended with an error"
FAILED = "the grading program met an error, of which staff have the words"
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def pages(
    marked: Marked,
    originals: Sequence[ReleasedNotebook],
    entries: Mapping[str, GradebookEntry],
    penalty: float = 0.0,
    book: Book = NO_BOOK,
) -> Pages:
    """Return the page of each notebook of a submission, by the notebook's name.

    Parameters
    ----------
    marked : Marked
    originals : sequence of ReleasedNotebook
        The notebooks of the assignment.
    entries : mapping of cell to GradebookEntry
        Marks given by hand, as far as there are any, and comments on any cell.
    penalty : float
        Points that being late cost.
    book : Book
        Hints link into it if its address is known.
    """
    return {
        original.name: _page(
            marked.result, original, marked.notebooks.get(original.name), entries, penalty, book
        )
        for original in originals
    }


def made(
    marked: Marked,
    originals: Sequence[ReleasedNotebook],
    entries: Mapping[str, GradebookEntry],
    penalty: float = 0.0,
    book: Book = NO_BOOK,
) -> tuple[Pages, str]:
    """Return those pages of `pages` that can be made, and for staff why others cannot."""
    out: Pages = {}
    faults = []
    for original in originals:
        try:
            out |= pages(marked, [original], entries, penalty, book)
        except Exception as error:  # a page is no reason to lose a grade, nor the others' pages
            faults.append(f"{original.name}: {type(error).__name__}: {error}"[:300])
    return out, f"no feedback page for {'; '.join(faults)}" if faults else ""


def book_of(course: Course) -> Book:
    """Return the book, with the public address of its pages if the course names it.

    It is `c.FeedbackExporter.book` in the settings.
    """
    address = str(course.directory().config.FeedbackExporter.get("book", ""))
    is_public = address.startswith(("https://", "http://"))
    return Book(address if is_public else "", chapters_of(course))


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


def renew(course: Course, submissions: Sequence[Submission]) -> list[str]:
    """Write the pages of graded submissions again, with the marks that the gradebook has now.

    A line is returned for each submission with a page that cannot be made.

    Parameters
    ----------
    course : Course
    submissions : sequence of Submission
        Each has executed notebooks in the course's autograded folder.
    """
    journal, book = course.journal().read(), book_of(course)
    faults = []
    with course.session() as session:
        for assignment in sorted({s.assignment for s in submissions}):
            entries, late = session.entries(assignment), session.penalties(assignment)
            originals = _originals(course, session, assignment)
            for who in (s for s in submissions if s.assignment == assignment):
                marked = _with_reason(course.kept(who, originals), journal)
                mine, penalty = entries.get(who.student, {}), late.get(who.student, 0.0)
                done, fault = made(marked, originals, mine, penalty, book)
                write(course, who, done)
                faults += [f"{who.student} {assignment}: {fault}"] if fault else []
    return faults


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
    with course.session() as session:
        entries = session.entries(who.assignment).get(who.student, {})
        penalty = session.penalties(who.assignment).get(who.student, 0.0)
        originals = [s for s in _originals(course, session, who.assignment) if s.name == name]
    marked = _with_reason(remembered(who, {name: notebook}, originals), course.journal().read())
    return pages(marked, originals, entries, penalty, book_of(course))[name]


def _originals(
    course: Course, session: GradebookSession, assignment: str
) -> list[ReleasedNotebook]:
    originals = course.originals(session, assignment, course.folder("release"))
    if not originals:
        where = course.folder("release", ".", assignment)
        raise WrongInputError(f"{where} has no notebook; run `nbexaminer release` first")
    return originals


def _with_reason(marked: Marked, journal: Mapping[Submission, JournalEntry]) -> Marked:
    """Return what was marked with what the journal says of it.

    That is the sentence on what was mended, and the verdicts of notebooks that were not run.
    """
    entry = journal.get(marked.result.submission)
    if entry is None:
        return marked
    verdicts = {**entry.result.verdicts, **marked.result.verdicts}
    reason = entry.result.reason
    return replace(marked, result=replace(marked.result, verdicts=verdicts, reason=reason))


def write(course: Course, submission: Submission, pages: Pages) -> None:
    """Put pages into the course's feedback folder, in place of all that lie there."""
    folder = course.folder("feedback", submission.student, submission.assignment)
    for old in folder.glob("*.html"):
        if old.stem not in pages:
            old.unlink()
    for name, page in pages.items():
        write_whole(folder / f"{name}.html", page)


def _page(
    result: Result,
    original: ReleasedNotebook,
    notebook: NotebookNode | None,
    entries: Mapping[str, GradebookEntry],
    penalty: float,
    book: Book,
) -> str:
    rows = rows_of(result, original, notebook, entries)
    return _template().render(
        title=original.name.replace("_", " "),
        student=shown(result.submission.student),
        status=status_of(result, original, notebook),
        reason=reason_of(result),
        rows=rows,
        earned=max(0.0, sum(row["earned"] for row in rows) - penalty),
        possible=sum(row["points"] for row in rows),
        waiting=any(row["needs_manual_grade"] for row in rows),
        penalty=penalty,
        blocks=_with_text(_blocks(notebook, original, rows, entries)) if notebook else [],
        book=book,
        code_css=Markup(_code_css()),
    )


def reason_of(result: Result) -> str:
    """Return what a student reads of what was mended, or of why nothing could be graded."""
    return FAILED if result.status == Status.FAILED else shown(result.reason, MAX_SENTENCE)


def status_of(result: Result, original: ReleasedNotebook, notebook: NotebookNode | None) -> Status:
    """Return how the grading of one notebook ended, of which there may be several."""
    if notebook is not None or result.status != Status.GRADED:
        return Status.GRADED if notebook is not None else result.status
    ended = (v.status for cell in original.automatic() if (v := result.verdicts.get(cell)))
    unreadable = next(ended, CellStatus.MISSING) == CellStatus.MALFORMED
    return Status.MALFORMED if unreadable else Status.MISSING


def words_of(status: CellStatus) -> str:
    """Return what a student reads of how a cell ended."""
    match status:
        case CellStatus.PASSED:
            return "all points"
        case CellStatus.PARTIAL:
            return "partly right"
        case CellStatus.FAILED:
            return "a test of this cell did not pass"
        case CellStatus.ERROR:
            return "an error ended the test of this cell"
        case CellStatus.TIMEOUT:
            return "your code took too long and was stopped"
        case CellStatus.MEMORY:
            return "your code ran out of memory"
        case CellStatus.CRASHED:
            return "your code ended its process"
        case CellStatus.MISSING:
            return "no notebook was handed in under the assignment's name"
        case CellStatus.MALFORMED:
            return "the file could not be read as a notebook"
        case CellStatus.NEEDS_MANUAL_GRADE:
            return "not marked yet"
        case CellStatus.UNANSWERED:
            return NO_ANSWER
        case _:
            assert_never(status)


def _words_without(status: Status) -> str:
    """Return what a student reads of a cell where nothing of the submission was run."""
    match status:
        case Status.MALFORMED:
            return "could not be read"
        case Status.FAILED:
            return "could not be graded"
        case Status.MISSING | Status.GRADED:
            return NO_ANSWER
        case _:
            assert_never(status)


def _with_points(released: NotebookNode) -> list[NotebookNode]:
    marks = [(cell, cell.metadata.get("nbgrader", {})) for cell in released.cells]
    return [c for c, m in marks if (m.get("grade") or m.get("task")) and m.get("points")]


def rows_of(
    result: Result,
    original: ReleasedNotebook,
    notebook: NotebookNode | None,
    entries: Mapping[str, GradebookEntry],
) -> list[dict[str, Any]]:
    """Return the table of points of one notebook, a row for each cell that gives some.

    Parameters
    ----------
    result : Result
        Of the submission that the notebook belongs to.
    original : ReleasedNotebook
    notebook : NotebookNode or None
        As it was executed; None if it was not.
    entries : mapping of cell to GradebookEntry
        Marks given by hand, as far as there are any.
    """
    cells = _with_points(original.node)
    return [_row(cell, original, result, entries, notebook) for cell in cells]


def _row(
    cell: NotebookNode,
    original: ReleasedNotebook,
    result: Result,
    entries: Mapping[str, GradebookEntry],
    notebook: NotebookNode | None,
) -> dict[str, Any]:
    """Return one line of the table of points."""
    name = cell.metadata.nbgrader.grade_id
    verdict, held = result.verdicts.get(original.prefix + name), entries.get(original.prefix + name)
    by_hand = held is not None and held.manual
    earned = held.score if held and by_hand else verdict.earned if verdict else 0.0
    theirs = _of(name, notebook, cell)
    status = verdict.status if verdict else None
    return {
        "cell": name,
        "name": title_of(name),
        "earned": earned,
        "points": float(cell.metadata.nbgrader.points),
        "status": status if status and not by_hand else "by hand",
        "words": "marked by a person"
        if by_hand
        else _undefined(theirs, original) or _words(cell, theirs, status, result.status),
        "needs_manual_grade": verdict is None and not by_hand and _needs_manual_grade(cell, theirs),
        "told": _told(theirs) if theirs else [],
        "comment": held.comment if held else None,
    }


def _of(name: str, notebook: NotebookNode | None, cell: NotebookNode) -> NotebookNode | None:
    """Return the student's cell of a name, as released where it is gone."""
    if notebook is None:
        return None
    return next((c for c in notebook.cells if _mark(c).get("grade_id") == name), cell)


def _words(
    cell: NotebookNode, theirs: NotebookNode | None, status: CellStatus | None, ended: Status
) -> str:
    """Return what was found in a cell that nobody has marked, and that ended so, or not at all."""
    if theirs is None:
        return words_of(status) if status else _words_without(ended)
    if status and answered(_told(theirs)):
        return words_of(status)
    waits = status is None and _needs_manual_grade(cell, theirs)
    return words_of(CellStatus.NEEDS_MANUAL_GRADE if waits else CellStatus.UNANSWERED)


def _undefined(theirs: NotebookNode | None, original: ReleasedNotebook) -> str:
    """Say which name a test did not find, where the student knows it from the assignment."""
    outputs = theirs.outputs if theirs and theirs.cell_type == "code" else []
    said = [o.evalue for o in outputs if o.output_type == "error" and o.ename == "NameError"]
    found = UNDEFINED.fullmatch(said[-1]) if said else None
    cells = original.node.cells
    named = {_mark(cell).get("grade_id", "") for cell in cells}
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    known = found and (found[1] in named or re.search(rf"\b(def|class) {found[1]}\b", code))
    return NOTHING_THERE.format(found[1]) if found and known else ""


def _needs_manual_grade(cell: NotebookNode, theirs: NotebookNode | None) -> bool:
    """Whether a cell is other than as released; one that is not gets 0, and nobody marks it."""
    if theirs is None:
        return False
    return bool(theirs.source != cell.source or _mark(cell).get("task"))


def _told(cell: NotebookNode) -> list[Mapping[str, Any]]:
    """Return what the problems that a test examined said of the answers."""
    told: list[Mapping[str, Any]] = cell.metadata.get("nbexaminer", {}).get("told", [])
    return told


def _blocks(
    notebook: NotebookNode,
    original: ReleasedNotebook,
    rows: Sequence[Mapping[str, Any]],
    entries: Mapping[str, GradebookEntry],
) -> Iterator[dict[str, Any]]:
    """Yield what the page shows of each cell, in order."""
    by_name = {row["cell"]: row for row in rows}
    released = {_mark(c).get("grade_id"): c.source for c in original.node.cells}
    given = {c.source for c in original.node.cells}
    allowance = pictures.PictureBudget()
    sizes = accumulate((min(len(c.source), MAX_CODE) for c in notebook.cells), initial=0)
    for number, (cell, before) in enumerate(zip(notebook.cells, sizes, strict=False), start=1):
        mark, plain = _mark(cell), before > MAX_PAGE
        name = mark.get("grade_id", "")
        row = by_name.get(name)
        held = entries.get(original.prefix + name)
        if row and not mark.get("solution"):
            yield {"kind": "verdict", "row": row, "told": _told(cell)}
        elif _heading(cell) and (_is_given(mark) or (not name and cell.source in given)):
            yield {"kind": "heading", "text": _heading(cell)}
        elif cell.cell_type == "code" and not _is_given(mark):
            yield {
                **_shown_code(
                    cell,
                    number,
                    released.get(name) if mark.get("locked") else None,
                    plain,
                    allowance,
                ),
                "row": row,
                "comment": held.comment if held and not row else None,
            }
        elif cell.cell_type != "code":
            html = _prose(cell.source, cell.get("attachments"), plain=plain)
            yield {"kind": "text", "html": html, "row": row}


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
    cell: NotebookNode,
    number: int,
    released: str | None,
    plain: bool,
    allowance: pictures.PictureBudget,
) -> dict[str, Any]:
    """Return a code cell as it is shown; of a locked one only what was released.

    Where it had a hidden part, what it put out stays hidden, too: a traceback quotes it.
    """
    mark = _mark(cell)
    partly_hidden = released is not None and released != cell.source
    return {
        "kind": "check" if mark.get("grade") and not mark.get("solution") else "code",
        "code": _code(cell.source if released is None else released, plain=plain),
        "passed": not any(output.output_type == "error" for output in cell.outputs),
        "outputs": []
        if partly_hidden
        else [_output(output, number, allowance) for output in cell.outputs],
    }


def _mark(cell: NotebookNode) -> Mapping[str, Any]:
    """Return what nbgrader has noted of a cell, or nothing."""
    mark: Mapping[str, Any] = cell.metadata.get("nbgrader") or {}
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


def _prose(source: str, attachments: Any = None, *, plain: bool = False) -> Markup:
    """Return markdown as HTML with the pictures that are attached; nothing else is loaded.

    Raw HTML in it is shown as text, and so are links and other pictures.
    """
    wide = source.count("|") * source.count("\n") > MAX_TABLE
    pictures = showable(attachments)
    if plain or wide or len(source) > MAX_TEXT:
        return _plain(source, MAX_TEXT) + Markup().join(_picture("", p) for p in pictures.values())
    tokens, markdown = _markdown().parse(source), _markdown()
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):  # the page's own come above a student's
            token.tag = f"h{min(6, int(token.tag[1:]) + 2)}"
    return Markup(markdown.renderer.render(tokens, markdown.options, {"pictures": pictures}))


def _image(_: Any, tokens: Sequence[Any], index: int, __: Any, env: Mapping[str, Any]) -> str:
    """Return a picture of Markdown as HTML if it is attached, else as it was typed."""
    source, alt = str(tokens[index].attrs["src"]), tokens[index].content
    data = env["pictures"].get(unquote(source.removeprefix("attachment:")))
    return str(_picture(alt, data) if data else escape(f"![{alt}]({source})"))


def _picture(alt: str, data: bytes) -> Markup:
    return Markup('<img src="{}" alt="{}">').format(address(data), alt)


def _plain(source: str, most: int) -> Markup:
    shown = source if len(source) <= most else source[:most] + "\n… cut here"
    return Markup('<pre tabindex="0">{}</pre>').format(shown)


def _output(
    output: Mapping[str, Any], number: int, allowance: pictures.PictureBudget
) -> dict[str, str]:
    """Return an output as a kind and a text: ``text``, ``error`` or ``picture`` (a data URL)."""
    kind = output["output_type"]
    if kind == "stream":
        return {"kind": "text", "text": _cut(output["text"])}
    if kind == "error":
        text = "\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"
        return {"kind": "error", "text": _cut(text)}
    text = _cut(str(output["data"].get("text/plain", "")))
    for mime in ("image/png", "image/jpeg"):
        if data := output["data"].get(mime, ""):
            why = allowance.fault(pictures.decoded(data))
            if not why:
                alt = f"What cell {number} drew"
                return {"kind": "picture", "text": f"data:{mime};base64,{data.strip()}", "alt": alt}
            text = f"{text}\n(a picture is left out: it {why})".strip()
    return {"kind": "text", "text": text}


def _cut(text: str) -> str:
    text = ESCAPES.sub("", text)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n… cut here"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("nbexaminer.feedback"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"link": _link, "figures": figures, "href": _href, "code": with_code}
    return environment.get_template("feedback.html")


def _href(section: str, book: Book) -> str:
    return book.href(section)


def with_code(text: str) -> Markup:
    """Return text of a problem's as HTML, what stands between backquotes as code.

    Examples
    --------
    >>> with_code("`@` is < `*`, and a lone ` stays")
    Markup('<code>@</code> is &lt; <code>*</code>, and a lone ` stays')
    """
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _link(section: str, book: Book) -> Markup:
    """Return the heading of a section of the book, as a link if the address is known."""
    href, words = book.href(section), book.title(section)
    return Markup('<a href="{}">{}</a>').format(href, words) if href else escape(words)


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.disable(["link", "autolink", "reference"])
    markdown.add_render_rule("image", _image)
    return markdown


@cache
def _formatter() -> Any:
    return HtmlFormatter(cssclass="code")


@cache
def _code_css() -> str:
    light = HtmlFormatter(style="xcode", cssclass="code").get_style_defs(".code")
    dark = HtmlFormatter(style="monokai", cssclass="code").get_style_defs(".code")
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"

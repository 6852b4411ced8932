"""The built book as files: every page is there, nothing else is, and every figure is described."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from pages import BUILT, ROOT, TOPICS, documents, page

from problems import bank

TEXT = {".html", ".txt", ".md", ".ipynb", ".js", ".json", ".inv", ".py"}
HINTS = [(p.name, m) for problems in bank().values() for p in problems for m in p.misconceptions]


class Images(HTMLParser):
    """Collects the pictures of a page's article, and what stands for each of them.

    A label stands for all that is drawn inside its element; a picture that is hidden from
    assistive technology outside such an element is described by nothing.
    """

    VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.described: list[str] = []
        self.labelled: list[bool] = [False]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        group = found.get("role") == "img"
        if group:
            self.described.append(found.get("aria-label") or "")
        elif tag == "img" and not self.labelled[-1]:
            self.described.append(found.get("alt") or "")
        elif tag == "svg" and "drawing" in (found.get("class") or "") and not self.labelled[-1]:
            self.described.append("")
        if tag not in self.VOID:
            self.labelled.append(group or self.labelled[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.labelled.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.labelled.pop()


def built_text() -> list[tuple[Path, str]]:
    """Return every text file of the built book with its content."""
    files = [p for p in BUILT.rglob("*") if p.is_file() and p.suffix in TEXT]
    return [(p, p.read_text(encoding="utf-8", errors="replace")) for p in files]


@pytest.mark.parametrize("document", documents())
def test_every_document_of_the_contents_has_a_page(document: str) -> None:
    """The page is there and has a heading of its own."""
    assert re.search(r"<h1>.+?<", page(document).read_text(encoding="utf-8"))


def test_no_document_is_built_that_the_contents_do_not_name() -> None:
    """Sphinx's own list of documents is the table of contents, and so are the copied sources."""
    index = (BUILT / "searchindex.js").read_text(encoding="utf-8")
    found = json.loads(re.search(r"\"docnames\":\s*(\[.*?\])", index).group(1))  # type: ignore[union-attr]
    sources = {str(p.relative_to(BUILT / "_sources")) for p in (BUILT / "_sources").rglob("*.*")}

    assert sorted(found) == sorted(documents())
    assert {re.sub(r"\.(md|ipynb)$", "", s) for s in sources} == set(documents())


def test_pages_follow_one_another() -> None:
    """Next leads from the first page through all documents, previous back; none leads elsewhere."""
    order = documents()
    link = r'<a class="{}"\s+href="([^"#]+)'
    for side, neighbors in (("right-next", [*order[1:], None]), ("left-prev", [None, *order[:-1]])):
        for document, neighbor in zip(order, neighbors, strict=True):
            text = page(document).read_text(encoding="utf-8")
            found = [page(document).parent / a for a in re.findall(link.format(side), text)]
            wanted = [] if neighbor is None else [page(neighbor)]

            assert [path.resolve() for path in found] == wanted


@pytest.mark.parametrize("topic", TOPICS)
def test_the_notebook_of_a_chapter_has_its_code_cells(topic: str) -> None:
    """In order, after one that installs the book's package; it opens in Jupyter."""
    book = nbformat.read(BUILT / "_sources" / "book" / f"{topic}.ipynb", as_version=4)
    nbformat.validate(book)
    code = [c.source for c in book.cells if c.cell_type == "code"]
    source = (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")

    assert "convolutions-*.whl" in code[0]
    assert source.count("```{code-cell}") / 3 < len(code) - 1 < source.count("```{code-cell}")
    assert all(line in source for cell in code[1:] for line in cell.splitlines())


@pytest.mark.parametrize("topic", TOPICS)
def test_the_list_of_assignments_offers_each_as_it_was_released(topic: str) -> None:
    """The very bytes of `exercises/`."""
    text = page("book/exercises").read_text(encoding="utf-8")
    (offered,) = set(re.findall(rf'href="([^"]+/{topic}\.ipynb)"', text))
    released = (ROOT / "exercises" / topic / f"{topic}.ipynb").read_bytes()

    assert (page("book/exercises").parent / offered).read_bytes() == released


@pytest.mark.parametrize("topic", TOPICS)
def test_each_chapter_asks_before_it_shows(topic: str) -> None:
    """Two questions or more; one right option each; wrong ones are the bank's mistakes by name."""
    built = BeautifulSoup(page(f"book/{topic}").read_text(encoding="utf-8"), "html.parser")
    questions = built.select(".selfcheck")
    named = {option["data-mistake"] for option in built.select(".option[data-mistake]")}

    assert len(questions) >= 2
    for question in questions:
        assert len(question.select(".option.right")) == 1
        assert question.select(".option.wrong")
    assert named
    assert named <= {misconception.name for _, misconception in HINTS}


def secrets() -> list[str]:
    """Return lines that only instructors may see: hidden tests, marking schemes, essays."""
    lines = ["BEGIN SOLUTION", "BEGIN HIDDEN TESTS"]
    for topic in TOPICS:
        book = nbformat.read(ROOT / "solutions" / topic / f"{topic}.ipynb", as_version=4)
        cells = {c.id: c.source for c in book.cells}
        lines += [line for line in cells["explain"].splitlines() if len(line) > 40]
        lines += re.findall(r"^[A-Z0-9_]+\.grade\(.*$", "\n".join(cells.values()), re.MULTILINE)
    return lines


def test_nothing_of_the_instructor_s_is_in_the_built_book() -> None:
    """Canaries: no secret line, no folder of solutions, grading or .venv, `_sources` included."""
    hidden = secrets()
    leaks = [
        (str(path.relative_to(BUILT)), line)
        for path, text in built_text()
        for line in hidden
        if line in text
        and path.stem != "instructor_guide"  # it teaches what such a line looks like
    ]
    folders = [p for p in BUILT.rglob("*") if p.name in ("solutions", "grading", ".venv", "src")]

    assert len(hidden) > 30
    assert leaks == []
    assert folders == []


@pytest.mark.parametrize("document", documents())
def test_every_picture_is_described(document: str) -> None:
    """Alt text of at least 20 characters that is not a file's name."""
    images = Images()
    article = page(document).read_text(encoding="utf-8").split("<article", 1)[-1]
    images.feed(article.split("</article>", 1)[0])
    poor = [alt for alt in images.described if len(alt) < 20 or "/" in alt.split(" ")[0]]

    assert poor == []


@pytest.mark.parametrize("topic", TOPICS)
def test_each_chapter_has_figures_with_captions_and_solutions(topic: str) -> None:
    """A chapter draws, names what it draws, and folds worked solutions away."""
    text = page(f"book/{topic}").read_text(encoding="utf-8")

    assert text.count('class="drawing"') >= 2
    assert text.count("<figcaption>") >= 2
    assert "Worked solution" in text


@pytest.mark.parametrize("document", documents())
def test_no_page_loads_anything_from_another_host(document: str) -> None:
    """Scripts, styles, fonts and pictures all come with the book."""
    text = page(document).read_text(encoding="utf-8")
    loaded = re.findall(r"<(?:script|img|iframe)[^>]+src=\"(https?:[^\"]+)\"", text)
    loaded += re.findall(r"<link[^>]+rel=\"stylesheet\"[^>]+href=\"(https?:[^\"]+)\"", text)

    assert loaded == []


@pytest.mark.parametrize(("name", "misconception"), HINTS, ids=lambda x: getattr(x, "name", x))
def test_each_hint_points_at_a_section_that_exists(name: str, misconception: object) -> None:
    """The section that mends a mistake is an anchor of a built page."""
    document, anchor = misconception.section.split("#")  # type: ignore[attr-defined]

    assert f'id="{anchor}"' in page(f"book/{document}").read_text(encoding="utf-8"), name


@pytest.mark.parametrize("topic", TOPICS)
def test_an_assignment_leads_to_its_chapter(topic: str) -> None:
    """From where it says which chapter has all that is needed."""
    text = page(f"exercises/{topic}/{topic}").read_text(encoding="utf-8")

    assert re.search(rf'chapter <a [^>]*href="../../book/{topic}.html"><em>', text)


def test_the_facts_that_the_course_promises_are_on_the_pages() -> None:
    """The source's own values, and the figures of the learning and receptive field chapters."""
    text = {t: page(f"book/{t}").read_text(encoding="utf-8") for t in TOPICS}

    for value in ("19", "25", "37", "43"):
        assert value in text["correlation"]
    assert "epoch" in text["learning"] or "iteration" in text["learning"]
    assert all(fact in text["learning"] for fact in ("0.034", "0.05", "42", "1/30"))
    assert "212" in text["receptive_fields"]


@pytest.mark.parametrize("document", documents())
def test_a_page_loads_one_style_sheet_which_is_whole(document: str) -> None:
    """It imports no other, asks for no file that is not there, and has the rules of all parts."""
    path = page(document)
    links = re.findall(r'<link rel="stylesheet" href="([^"?]*)', path.read_text(encoding="utf-8"))
    (sheet,) = [(path.parent / href).resolve() for href in links]
    text = sheet.read_text(encoding="utf-8")
    asked = re.findall(r"""\burl\((?!["']?(?:data:|#))["']?([^"')?#]+)""", text)
    absent = {name for name in asked if not (sheet.parent / name).is_file()}

    assert "@import" not in text
    assert absent == set()
    assert all(
        part in text for part in ("--pst-color-text-base", "Font Awesome 6 Free", ".selfcheck")
    )

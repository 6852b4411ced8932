"""The class report in a real browser: complete, self-contained, and deaf to what students wrote."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from browser import launched
from homes import Home
from playwright.sync_api import Browser, Page

from nbexaminer.feedback.chapters import Book
from nbexaminer.reports import class_page as page
from nbexaminer.reports.class_page import Class
from nbexaminer.reports.facts import CellFact, SubmissionFact

pytestmark = pytest.mark.slow

RIGHT = "def add(a, b):\n    return a + b"
PAYLOADS = [
    "<script>hit(1)</script>",
    "</script><script>hit(2)</script>",
    "<img src=x onerror=hit(3)>",
    "<svg onload=hit(4)>",
    "<svg><script>hit(5)</script></svg>",
    '"><script>hit(6)</script>',
    "'><img src=x onerror=hit(7)>",
    '" onfocus="hit(8)" autofocus tabindex="1',
    "javascript:hit(9)",
    "<a href='javascript:hit(10)'>x</a>",
    "<iframe srcdoc='<script>parent.hit(11)</script>'></iframe>",
    "<details open ontoggle=hit(12)>",
    "<body onload=hit(13)>",
    "<style>@import 'https://example.org/hit'</style>",
    "<link rel=stylesheet href=https://example.org/hit.css>",
    "<meta http-equiv=refresh content='0;url=https://example.org/hit'>",
    "<base href=https://example.org/>",
    "<form action=https://example.org><button>x</button></form>",
    "</pre></mark></details><script>hit(19)</script>",
    "{{ hit(20) }}{% raw %}",
    "<math><mtext></p><script>hit(21)</script>",
    "<!--><script>hit(22)</script-->",
    "\u202e<script>hit(23)</script>",
    "\x00<script>hit(24)</script>",
    "<template shadowrootmode=open><script>hit(25)</script></template>",
]


def code(payload: str) -> str:
    """Return an answer long enough to be compared, with the payload in a text and a comment."""
    lines = [f"    total{n} = a * {n} + b ** {n} - max(a, b, {n})" for n in range(12)]
    return "\n".join([f"def add(a, b):  # {payload}", *lines, f"    return {payload!r}"])


def hostile() -> Class:
    """Return a class whose every name, failure and answer is an attack."""
    graded = [
        SubmissionFact(
            f"{payload} {n}",
            "sums",
            "graded",
            (
                CellFact("test_add", n % 2, 2.0, "failed", "", "", payload),
                CellFact("test_more", n % 3, 2.0, "timeout", payload, f"page#{payload}", payload),
            ),
            float(n % 5),
            4.0,
            answers={"add": code(payload)},
            seconds=50.0 if n == 0 else 1.0,
        )
        for n, payload in enumerate([*PAYLOADS, *PAYLOADS])
    ]
    return Class("Class report", graded, ["<b>missing</b>"], {}, Book("https://example.org/book"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all the tests of this file."""
    with launched() as running:
        yield running


@pytest.fixture
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab that records what runs, what is asked of other hosts, and what the console says."""
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": 900, "height": 800}
    )
    new = context.new_page()
    new.hits, new.asked, new.complaints = [], [], []  # type: ignore[attr-defined]
    new.expose_function("hit", lambda *a: new.hits.append(a))  # type: ignore[attr-defined]
    new.on("request", lambda r: new.asked.append(r.url))  # type: ignore[attr-defined]
    new.on("console", lambda m: new.complaints.append(m.text))  # type: ignore[attr-defined]
    new.on("pageerror", lambda e: new.complaints.append(str(e)))  # type: ignore[attr-defined]
    yield new
    context.close()


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
def test_nothing_that_students_wrote_runs_or_calls(tab: Page, tmp_path: Path) -> None:
    """25 attacks as names, failures, misconceptions and code: shown, and nothing else."""
    path = tmp_path / "index.html"
    path.write_text(page.as_html(hostile()), encoding="utf-8")
    tab.goto(path.as_uri())
    for details in tab.locator("details").all():
        details.evaluate("d => { d.open = true }")
    for element in tab.locator("[tabindex]").all()[:20]:
        element.focus()
    tab.wait_for_timeout(200)
    wide = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert tab.hits == []  # type: ignore[attr-defined]
    assert tab.asked == [path.as_uri()]  # type: ignore[attr-defined]
    assert tab.complaints == []  # type: ignore[attr-defined]
    assert tab.locator("details").count() > 0
    assert tab.locator("iframe, form, base, link, template, math, body img").count() == 0
    assert wide <= 0


def test_the_page_s_policy_stops_what_would_slip_through() -> None:
    """No script but the page's own, by its hash; no source of anything else."""
    text = page.as_html(hostile())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]

    assert "default-src 'none'" in html.unescape(policy)
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/=]{44}'", html.unescape(policy))
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("tab", ["light"], indirect=True)
def test_a_table_is_sorted_by_the_head_of_a_column(tab: Page, tmp_path: Path) -> None:
    """Numbers as numbers, up and then down; the head says which."""
    graded = [
        SubmissionFact(f"s{n}", "sums", "graded", (CellFact("a", n, 10.0),), float(n), 10.0)
        for n in (2, 10, 9)
    ]
    path = tmp_path / "index.html"
    path.write_text(page.as_html(Class("Class report", graded)), encoding="utf-8")
    tab.goto(path.as_uri())
    table = tab.locator("section[aria-labelledby=glance] table")
    head = table.locator("th", has=tab.get_by_role("button", name="sums, total"))
    orders = []
    for _ in range(2):
        head.locator("button").click()
        order = table.locator("tbody td:nth-child(3)").all_inner_texts()
        orders.append((head.get_attribute("aria-sort"), order))

    assert orders == [("ascending", ["2", "9", "10"]), ("descending", ["10", "9", "2"])]


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
def test_every_ink_of_the_page_is_readable(tab: Page, tmp_path: Path) -> None:
    """Text and figures take the page's color, which is light in the dark."""
    path = tmp_path / "index.html"
    path.write_text(page.as_html(hostile()), encoding="utf-8")
    tab.goto(path.as_uri())
    inks = tab.evaluate(
        """() => [...new Set([...document.querySelectorAll("h1, li > strong, figcaption, svg text")]
        .map(e => e.tagName == "text" ? getComputedStyle(e).fill : getComputedStyle(e).color))]"""
    )

    assert len(inks) == 1, inks
    assert tab.locator("svg text").count() > 0


def test_the_page_is_well_formed_for_readers_of_all_kinds() -> None:
    """One h1, headings in order, a caption and scopes for every table, no id twice."""
    text = page.as_html(hostile())
    levels = [int(level) for level in re.findall(r"<h(\d)", text)]
    ids = re.findall(r'\sid="([^"]+)"', text)

    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert text.count("<table") == text.count("<caption>") == text.count("</table>") > 3
    assert not re.search(r"<th(?![^>]*scope=)", text.replace("<thead", ""))
    assert len(ids) == len(set(ids))
    assert 'lang="en"' in text


def small() -> Class:
    """Return a class of two assignments, in which one student needs help and one handed in late."""

    def answers(student: str, a: float, b: float, **more: object) -> SubmissionFact:
        mistake = ("flip", "flipping#strict") if a < 2 else ("", "")
        cells = (
            CellFact("test_turn", a, 2.0, "passed" if a == 2 else "failed", *mistake),
            CellFact("test_shift", b, 4.0, "passed" if b == 4 else "partial"),
            CellFact(
                "explain",
                0,
                2.0,
                "needs_manual_grade" if more.get("needs_manual_grade") else "not answered",
            ),
        )
        return SubmissionFact(student, "edges", "graded", cells, a + b, 8.0, **more)

    graded = [
        answers("ada", 2, 4, needs_manual_grade=True),
        answers("bob", 0, 1),
        answers("eve", 0, 4, late=True),
        SubmissionFact("ada", "sums", "graded", (CellFact("test_add", 1, 1.0),), 1.0, 1.0),
    ]
    return Class("Class report", graded, ["ada", "bob", "eve"], {}, Book("https://b.org"))


def parts_of(text: str) -> dict[str, str]:
    """Return the text of each section of a page, without its markup, by its label."""
    found = re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', text, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]+>", " ", body).split()) for name, body in found}


def test_a_report_begins_with_what_a_teacher_acts_on() -> None:
    """Who needs help and why, what to teach again and where, all at a glance; then details."""
    parts = parts_of(page.as_html(small()))

    assert list(parts) == ["help", "again", "glance", "assignments", "alike"]
    assert "bob 11 % of all points no submission: sums; few points: edges 1/8" in parts["help"]
    assert "eve" in parts["help"] and "ada" not in parts["help"]
    assert parts["again"].index("2 of 3 flip in edges, turn; teach again: Strict (Flipping)") > 0
    assert "0 of 3 have all points" not in parts["again"]


def test_students_and_problems_are_one_table_that_says_what_it_shades() -> None:
    """Points in words beside each color; no prefix of a test; what waits, is late or missing."""
    text = page.as_html(small())
    row = re.search(r'<tr><th scope="row">eve</th>(.*?)</tr>', text)[1]
    cells = re.findall(r'<td class="(\w+)"[^>]*>([^<]*)</td>', row)

    assert cells == [
        ("sum", "4"),
        ("sum", "4†"),
        ("none", "0"),
        ("full", "4"),
        ("unanswered", "–"),
        ("sum", "×"),
        ("absent", "×"),
    ]
    assert "test_" not in text
    assert ">6…</td>" in text


def test_problems_come_hardest_first_with_their_mean_score() -> None:
    """A number that is the higher, the easier a problem is, is not called its difficulty."""
    text = page.as_html(small())
    table = text[text.index('aria-label="Problems of edges"') :]
    scores = re.findall(r'<th scope="row">(\w+)</th><td data-key="([\d.]+)">', table)[:3]

    assert [name for name, _ in scores] == ["explain", "turn", "shift"]
    assert [float(score) for _, score in scores] == pytest.approx([0, 1 / 3, 0.75])
    assert "difficulty" not in text.lower()


def test_clusters_that_are_cut_are_named() -> None:
    """Beyond those whose code is shown there is a line each, and a number."""
    graded = [
        SubmissionFact(
            f"s{ring:02}{one}",
            "sums",
            "graded",
            (),
            0.0,
            1.0,
            answers={"add": "\n".join(f"f.g{ring}_{n}(a, b, {n})[{n}].h()" for n in range(12))},
        )
        for ring in range(page.MAX_CLUSTERS + 3)
        for one in "ab"
    ]
    part = parts_of(page.as_html(Class("r", graded)))["alike"]

    assert "3 more clusters, whose code is not shown here" in part
    assert all(f"s{ring:02}a, s{ring:02}b" in part for ring in range(page.MAX_CLUSTERS + 3))


LABELS = """() => [...document.querySelectorAll("svg")].map(svg => {
    const box = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map(t => t.getBoundingClientRect());
    const cut = texts.filter(t => t.left < box.left - 1 || t.right > box.right + 1
        || t.top < box.top - 1 || t.bottom > box.bottom + 1).length;
    const over = texts.filter((a, i) => texts.some((b, j) => i < j && a.left < b.right - 1
        && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
    return [cut, over];
})"""


@pytest.mark.parametrize("tab", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_no_label_is_cut_or_lies_on_another(tab: Page, tmp_path: Path, width: int) -> None:
    """In figures; points in the figure have a color, and the page is no wider than the screen."""
    path = tmp_path / "index.html"
    path.write_text(page.as_html(hostile()), encoding="utf-8")
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto(path.as_uri())
    for details in tab.locator("details").all():
        details.evaluate("d => { d.open = true }")
    bar = tab.locator("svg rect").first.evaluate("e => getComputedStyle(e).fill")
    ink = tab.locator("svg text").first.evaluate("e => getComputedStyle(e).fill")

    assert tab.evaluate(LABELS) == [[0, 0]]
    assert bar != ink
    assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("tab", ["dark"], indirect=True)
def test_the_report_prints_whole_and_black_on_white(tab: Page, tmp_path: Path) -> None:
    """What is folded is on paper, but for code; afterwards it is folded again."""
    path = tmp_path / "index.html"
    path.write_text(page.as_html(hostile()), encoding="utf-8")
    tab.goto(path.as_uri())
    folded = tab.locator("details:not([open])").count()
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    hidden = tab.evaluate(
        "[...document.querySelectorAll('td, main section li, summary, .alike > p')]"
        ".filter(e => !e.checkVisibility()).length"
    )
    paper = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")

    assert folded > 0
    assert hidden == 0
    assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert tab.locator("details:not([open])").count() == folded


def test_sections_are_linked_into_the_book() -> None:
    """The label of the section to teach again, at the address that was given."""
    cell = CellFact("a", 0, 1.0, "failed", "flip", "flipping#strict")
    graded = [SubmissionFact("s", "sums", "graded", (cell,), 0.0, 1.0)]

    assert 'href="https://b.org/flipping.html#strict"' in page.as_html(
        Class("r", graded, book=Book("https://b.org/"))
    )
    assert 'href="http' not in page.as_html(Class("r", graded))


def test_the_table_beside_the_page_holds_every_cell_and_no_formula() -> None:
    """What a spreadsheet opens is text."""
    graded = [
        SubmissionFact(
            "=1+1", "sums", "graded", (CellFact("a", 1, 2, "failed", "", "", "@x"),), 1.0, 2.0
        )
    ]
    rows = list(csv.reader(io.StringIO(page.as_csv(graded))))

    assert rows[1] == ["'=1+1", "sums", "graded", "a", "1", "2", "failed", "", "'@x"]


def test_the_command_reports_what_was_graded(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """From collecting to the page: statuses, errors in common, who is missing, times."""
    answers = {"ada": RIGHT, "alan": "def add(a, b):\n    return c", "grace": None}
    for student, answer in answers.items():
        folder = home.course.folder("submitted", student, "sums")
        folder.mkdir(parents=True)
        (folder / "sums.ipynb").write_text(home.notebook(answer) if answer else "{half")
    home.run("grade", "--workers", "1", "--trust-submissions")
    code = home.run("report")
    folder = home.course.root / "reports"
    text = (folder / "index.html").read_text(encoding="utf-8")
    rows = list(csv.DictReader((folder / "class.csv").open(encoding="utf-8")))
    by_cell = {(r["student"], r["cell"]): r for r in rows}

    assert code == 0, capsys.readouterr()
    assert by_cell["ada", "test_add"]["cell_status"] == "passed"
    assert by_cell["alan", "test_add"]["failure"].startswith("NameError")
    assert by_cell["alan", "why"]["cell_status"] == "not answered"
    assert by_cell["grace", "test_add"]["status"] == "malformed"
    assert "Missing: zoe." in text
    assert "no submission: sums" in text
    assert "could not be graded: sums (malformed)" in text


def test_a_report_of_nothing_says_so(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, exit code 2."""
    assert home.run("report") == 2
    assert "nothing has been graded yet" in capsys.readouterr().err

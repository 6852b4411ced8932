"""What hostile students hand in, through the engine, into pages that a browser opens: only text.

Every payload goes through every channel: code, comments, prints, errors, rich outputs, markdown,
names of students. None may run, load or lead anywhere, in feedback, scores and the class report.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import tiny_course
from axe_playwright_python.sync_playwright import Axe
from browser import launched
from nbformat.v4 import new_code_cell, new_markdown_cell
from playwright.sync_api import Browser, Page

from nbexaminer.cli.main import main
from nbexaminer.feedback import page as feedback
from nbexaminer.model import Submission
from nbexaminer.nbgrader.course import Course
from nbexaminer.nbgrader.marks import opened

pytestmark = pytest.mark.slow

ELSEWHERE = "https://elsewhere.example/hit"
PAYLOADS = [
    "<script>hit(1)</script>",
    "</pre></div></main><script>hit(2)</script>",
    "<img src=x onerror=hit(3)>",
    f"<img src={ELSEWHERE}.png>",
    "<svg onload=hit(5)><circle r=9/></svg>",
    "<svg><script>hit(6)</script></svg>",
    f'<svg><use href="{ELSEWHERE}.svg#x"/></svg>',
    '"><script>hit(8)</script>',
    "' onmouseover='hit(9)' x='",
    '" autofocus tabindex=1 onfocus="hit(10)',
    "javascript:hit(11)",
    "<a href='javascript:hit(12)'>x</a>",
    "[x](javascript:hit(13)) [y](data:text/html,<script>hit(13)</script>)",
    f"![x]({ELSEWHERE}.png) <{ELSEWHERE}> [r]\n\n[r]: {ELSEWHERE}",
    "<iframe srcdoc='<script>parent.hit(15)</script>'></iframe>",
    "<iframe src='javascript:parent.hit(16)'></iframe>",
    "<object data='data:text/html,<script>parent.hit(17)</script>'></object>",
    "<details open ontoggle=hit(18)><summary>x</summary></details>",
    "<body onload=hit(19)><marquee onstart=hit(19)>",
    f"<style>@import '{ELSEWHERE}.css'; body {{ background: url({ELSEWHERE}) }}</style>",
    f"<link rel=stylesheet href={ELSEWHERE}.css><base href={ELSEWHERE}>",
    f"<meta http-equiv=refresh content='0;url={ELSEWHERE}'>",
    f"<form action={ELSEWHERE}><button autofocus>x</button></form>",
    "{{ hit(24) }}{% for x in 1 %}${hit(24)}",
    "<math><mtext></p><script>hit(25)</script></mtext></math>",
    "<!--><script>hit(26)</script-->",
    "\u202e<script>hit(27)</script>\u2066",
    "\x1b]8;;javascript:hit(28)\x07x\x1b]8;;\x07\x1b[31m<script>hit(28)</script>",
    "<template shadowrootmode=open><script>hit(29)</script></template>",
    "<video autoplay src=x onerror=hit(30)><source onerror=hit(30)></video>",
    "&lt;script&gt;hit(31)&lt;/script&gt; &#60;script&#62;hit(31)&#60;/script&#62;",
]
MIMES = ["text/html", "image/svg+xml", "application/javascript", "text/markdown", "text/latex"]
MIMES += ["image/png", "image/jpeg", "application/json", "text/plain", "application/vnd.x+json"]
STUDENTS = [
    "<img src=x onerror=hit(40)>",
    '"><svg onload=hit(41)>',
    "javascript:hit(42)",
    "{{hit(43)}}",
    "\u202eoidua.sknaht' onmouseover='hit(44)",
    "-->&lt;script>hit(45)",
]
OUTPUTS = f"""from IPython.display import display
for payload in {PAYLOADS!r}:
    print(payload)
    for mime in {MIMES!r}:
        display({{mime: payload}}, raw=True)
import sys
print({PAYLOADS[0]!r}, file=sys.stderr)
raise type({PAYLOADS[2]!r}, (Exception,), {{}})({PAYLOADS[1]!r})"""


def hand_in(course: Course, student: str, number: int) -> None:
    """Hand in a notebook full of payloads; each student's function fails in another way."""
    body = ["return a - b", f"raise ValueError({PAYLOADS[number]!r})", "return None"][number % 3]
    comments = "\n".join(f"    # {p!r}" for p in PAYLOADS)
    path = tiny_course.hand_in(course, student, f"def add(a, b):\n{comments}\n    {body}")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell(OUTPUTS))
    notebook.cells += [new_markdown_cell(payload) for payload in PAYLOADS]
    notebook.cells += [new_markdown_cell(f"## {payload}") for payload in PAYLOADS]
    next(c for c in notebook.cells if c.id == "why").source = "\n\n".join(PAYLOADS)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class of attackers and one of a file that is none, graded, commented on, reported."""
    course = tiny_course.make(tmp_path_factory.mktemp("hostile"), isolated=True)
    for number, student in enumerate(STUDENTS):
        hand_in(course, student, number)
    (course.folder("submitted", "zed", "sums")).mkdir(parents=True)
    (course.folder("submitted", "zed", "sums") / "<img src=x onerror=hit(50)>.ipynb").touch()
    main(["--course", str(course.root), "grade", "--workers", "2"])
    with opened(course) as book:
        grade = book.find_grade("why", "sums", "sums", STUDENTS[0])
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        book.find_comment("why", "sums", "sums", STUDENTS[0]).manual_comment = PAYLOADS[0]
        book.db.commit()
    main(["--course", str(course.root), "feedback"])
    main(["--course", str(course.root), "report"])
    return course


def pages_of(course: Course) -> list[Path]:
    """Return every page that the engine wrote."""
    return sorted(course.folder("feedback").rglob("*.html")) + sorted(
        (course.root / "reports").glob("*.html")
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all the tests of this file."""
    with launched() as running:
        yield running


VIEWS = {"light": 1000, "dark": 360}  # by theme, how wide


@pytest.fixture(params=VIEWS)
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab that records what runs and what is asked for; a phone in the dark, a desk in light."""
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": VIEWS[request.param], "height": 800}
    )
    new = context.new_page()
    new.hits, new.asked = [], []  # type: ignore[attr-defined]
    new.expose_function("hit", lambda *a: new.hits.append(a))  # type: ignore[attr-defined]
    new.on("dialog", lambda d: (new.hits.append(d.message), d.dismiss()))  # type: ignore[attr-defined]
    new.on("request", lambda r: new.asked.append(r.url))  # type: ignore[attr-defined]
    yield new
    context.close()


def provoked(tab: Page, path: Path) -> dict[str, list[str]]:
    """Open a page, unfold, hover and focus what there is; return what ran and what was asked."""
    tab.hits.clear()  # type: ignore[attr-defined]
    tab.asked.clear()  # type: ignore[attr-defined]
    tab.goto(path.as_uri(), wait_until="load")
    tab.evaluate(
        """() => { for (const e of document.querySelectorAll("*")) {
            if (e.tagName == "DETAILS") e.open = true;
            e.dispatchEvent(new MouseEvent("mouseover", {bubbles: false}));
            if (e.tabIndex >= 0) e.focus();
        } }"""
    )
    tab.wait_for_timeout(150)
    mine = {path.as_uri()}
    return {
        "ran": [str(hit) for hit in tab.hits],  # type: ignore[attr-defined]
        "asked": [u for u in tab.asked if u not in mine and not u.startswith("data:image/")],  # type: ignore[attr-defined]
    }


ODD = """() => [...document.querySelectorAll("*")].flatMap(e =>
    [...e.attributes].filter(a => a.name.startsWith("on")
        || /^\\s*(javascript|vbscript|data:text)/i.test(a.value)
        && /^(href|src|action|data)$/.test(a.name)
    ).map(a => e.tagName + " " + a.name))
    .concat([...document.querySelectorAll("iframe,object,embed,form,base,link,template,math,video,"
        + "marquee,body script:not(:last-child),meta[http-equiv=refresh],"
        + "main style:not(svg style)")]
        .map(e => e.tagName))"""


def test_nothing_that_was_handed_in_runs_or_asks(tab: Page, course: Course) -> None:
    """31 payloads through 16 channels, 6 hostile names: no hit, no request, no odd element."""
    pages = pages_of(course)
    seen = {p.name + p.parent.parent.name: provoked(tab, p) | odd(tab) for p in pages}

    assert len(pages) == len(STUDENTS) + 1 + 2
    assert {k: v for k, v in seen.items() if any(v.values())} == {}


def odd(tab: Page) -> dict[str, list[str]]:
    return {"odd": tab.evaluate(ODD)}


def test_the_payloads_do_run_where_nothing_stops_them(tab: Page, tmp_path: Path) -> None:
    """The same payloads, raw in a page without a policy: the tests above would see them."""
    for number, payload in enumerate(PAYLOADS):
        if "http-equiv" not in payload:
            (tmp_path / f"{number}.html").write_text(f"<main>{payload}</main>", encoding="utf-8")
    seen = [provoked(tab, p) | odd(tab) for p in sorted(tmp_path.iterdir())]

    assert sum(bool(s["ran"]) for s in seen) >= 12
    assert sum(bool(s["asked"]) for s in seen) >= 4
    assert sum(bool(s["odd"]) for s in seen) >= 12


def test_every_payload_is_there_to_be_read(tab: Page, course: Course) -> None:
    """Text is shown, not dropped: staff and the student see what was written."""
    page = next(p for p in pages_of(course) if p.parent.parent.name == STUDENTS[2])
    tab.goto(page.as_uri())
    text = tab.locator("main").inner_text()

    assert all(f"hit({n})" in text for n in (1, 2, 3, 5, 6, 8, 10, 11, 12, 18, 25, 26, 27, 29))


def test_axe_finds_nothing(tab: Page, course: Course) -> None:
    """Pages of feedback, scores and the class, whatever is in them: no rule of axe-core broken."""
    chosen = [pages_of(course)[n] for n in (0, len(STUDENTS))]
    chosen += [p for p in pages_of(course) if p.parent.name == "reports"]
    found = {}
    for path in chosen:
        tab.goto(path.as_uri())
        violations = Axe().run(tab).response["violations"]
        found |= {f"{path.name} {v['id']}": v["nodes"][0]["html"][:200] for v in violations}

    assert found == {}


def test_no_page_is_wider_than_the_screen(tab: Page, course: Course) -> None:
    """Wide tables and lines scroll in boxes of their own; on a phone, too."""
    wide = {}
    for path in pages_of(course):
        tab.goto(path.as_uri())
        over = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        wide |= {str(path): over} if over > 0 else {}

    assert wide == {}


def test_a_feedback_page_prints_whole_and_black_on_white(
    tab: Page, course: Course, tmp_path: Path
) -> None:
    """What is folded on the screen is on paper, in either theme, and nothing is cut off."""
    who = Submission(STUDENTS[2], "sums")
    path = course.folder("autograded", who.student, "sums") / "sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    tested = next(c for c in notebook.cells if "test_add" in str(c.metadata.get("nbgrader")))
    criterion = {"text": "the values are right", "points": 2.0, "met": True}
    told = {"criteria": [criterion], "mistake": None, "second": None}
    tested.metadata["nbexaminer"] = {"status": "passed", "told": [told]}
    tested.outputs = []
    (tmp_path / "sums.html").write_text(
        feedback.page_of(course, who, "sums", notebook), encoding="utf-8"
    )
    tab.goto((tmp_path / "sums.html").as_uri())
    folded = tab.locator("details:not([open])").count()
    tab.emulate_media(media="print")
    tab.wait_for_function(  # a browser takes a frame to show what was not to be seen
        "() => [...document.querySelectorAll('li')].every(e => e.checkVisibility("
        "{contentVisibilityAuto: true, visibilityProperty: true}))"
    )
    wide = tab.evaluate(
        "[...document.querySelectorAll('pre')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )

    assert folded > 0
    assert wide == 0
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


CLIPPED = """() => { const box = document.querySelector("[aria-label=Points]");
    const found = [...box.querySelectorAll("td.found")].map(e => e.getBoundingClientRect());
    return [box.scrollWidth - box.clientWidth, Math.min(...found.map(e => e.width))]; }"""


def test_what_was_found_has_room_beside_long_names(
    tab: Page, course: Course, tmp_path: Path
) -> None:
    """On a phone it stands below its part: no word is broken, and nothing is cut off."""
    page = next(p for p in pages_of(course) if p.parent.parent.name == STUDENTS[2])
    text = page.read_text(encoding="utf-8").replace(">add</a>", ">second_derivative_kernel</a>")
    path = tmp_path / "sums.html"
    path.write_text(text, encoding="utf-8")
    tab.goto(path.as_uri())
    over, width = tab.evaluate(CLIPPED)

    assert "second_derivative_kernel" in text
    assert over <= 0
    assert width > 250


def test_texts_of_the_report_keep_a_readable_width(tab: Page, course: Course) -> None:
    """Their tables scroll rather than break every word."""
    tab.goto((course.root / "reports" / "index.html").as_uri())
    widths = tab.evaluate(
        "[...document.querySelectorAll('td.text')].map(e => e.getBoundingClientRect().width / 16)"
    )

    assert widths
    assert min(widths) >= (14 if tab.viewport_size["width"] < 480 else 6)

"""The figures of a class report, against SciPy, a direct count and cases worked by hand."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nbexaminer.nbgrader.marks import CellGrade
from nbexaminer.reports import class_page as page
from nbexaminer.reports import gather, item_analysis
from nbexaminer.reports.facts import CellFact, SubmissionFact


def fact(
    student: str, *cells: CellFact, assignment: str = "sums", **more: object
) -> SubmissionFact:
    """Return a graded submission with these cells, of 12 points."""
    total = sum(cell.points for cell in cells)
    return SubmissionFact(student, assignment, "graded", cells, total, 12.0, **more)


def klass(seed: int, size: int = 40) -> list[SubmissionFact]:
    """Return a class in which able students are right more often, in three cells."""
    rng = random.Random(seed)
    out = []
    for n in range(size):
        able = rng.random()
        cells = [CellFact(c, 4.0 * (rng.random() < able), 4.0) for c in ("a", "b", "c")]
        out.append(fact(f"s{n:02}", *cells))
    return out


@pytest.mark.parametrize("seed", range(3))
def test_discrimination_is_the_corrected_point_biserial_correlation(seed: int) -> None:
    """SciPy's, of right or wrong with the points of the other cells."""
    graded = klass(seed)
    item = next(item for item in item_analysis.items(graded) if item.cell == "a")
    right = [g.cells[0].points > 0 for g in graded]
    rest = [g.cells[1].points + g.cells[2].points for g in graded]

    assert item.discrimination == pytest.approx(stats.pointbiserialr(right, rest).statistic)
    assert item.mean == pytest.approx(sum(right) / 40)
    assert (item.full, item.nothing) == (sum(right), 40 - sum(right))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=30))
def test_correlation_is_pearson_s_or_undefined(points: list[tuple[int, int]]) -> None:
    """Undefined exactly where one side does not vary."""
    x, y = (list(side) for side in zip(*points, strict=True))
    ours = item_analysis.correlation(x, y)

    if len(set(x)) == 1 or len(set(y)) == 1:
        assert ours is None
    else:
        assert ours == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)


def test_a_problem_that_all_or_few_solve_tells_nothing() -> None:
    """No discrimination from a cell that everyone has, nor from fewer than five students."""
    everyone = [fact(f"s{n}", CellFact("a", 1, 1), CellFact("b", n % 2, 1)) for n in range(9)]

    assert item_analysis.items(everyone)[0].discrimination is None
    assert all(item.discrimination is None for item in item_analysis.items(klass(0, size=4)))


def test_an_answer_that_waits_counts_in_no_figure_of_its_problem() -> None:
    """Neither as nothing, nor in the rest of another problem."""
    waiting = CellFact("why", 0, 2, "needs_manual_grade")
    graded = [fact("s1", CellFact("a", 1, 1), waiting), fact("s2", CellFact("why", 2, 2))]
    items = {item.cell: item for item in item_analysis.items(graded)}

    assert (items["why"].count, items["why"].mean) == (1, 1.0)


def test_who_is_missing_late_and_waiting_is_counted() -> None:
    """Everybody of the class without a submission is missing, and nobody else."""
    graded = [
        fact("ada", CellFact("a", 3, 4), late=True),
        fact("bob", CellFact("a", 1, 4), needs_manual_grade=True),
        SubmissionFact("eve", "sums", "malformed", (), 0.0, 12.0),
    ]
    (scores,) = item_analysis.scores(graded, ["ada", "bob", "eve", "zoe"])

    assert (scores.missing, scores.late, scores.waiting) == (("zoe",), 1, 1)
    assert scores.points == (3, 1)
    assert dict(scores.statuses) == {"graded": 2, "malformed": 1}


def test_misconceptions_come_by_frequency_and_explain_their_failures() -> None:
    """A failure that a misconception names is in no cluster; a lonely failure is in none either."""

    def failed(name: str, mistake: str, failure: str) -> SubmissionFact:
        return fact(name, CellFact("a", 0, 4, "failed", mistake, "page#label", failure))

    graded = [
        failed("s1", "flip", "wrong"),
        failed("s2", "flip", "wrong"),
        failed("s3", "swap", "wrong"),
        failed("s4", "", "IndexError: …"),
        failed("s5", "", "IndexError: …"),
        failed("s6", "", "KeyError: …"),
        fact("s7", CellFact("a", 4, 4)),
    ]

    assert [(g.what, g.students) for g in item_analysis.misconceptions(graded)] == [
        ("flip", ("s1", "s2")),
        ("swap", ("s3",)),
    ]
    assert [(g.what, g.students) for g in item_analysis.clusters(graded)] == [
        ("IndexError: …", ("s4", "s5"))
    ]


def test_who_needs_help_is_named_with_the_reason() -> None:
    """Nothing handed in, unreadable, few points in all or in one; waiting answers do not count."""

    def points(student: str, assignment: str, earned: float, **more: object) -> SubmissionFact:
        return fact(student, CellFact("a", earned, 12.0), assignment=assignment, **more)

    graded = [
        points("ada", "one", 9),
        fact(
            "ada",
            CellFact("a", 9, 10),
            CellFact("why", 0, 2, "needs_manual_grade"),
            assignment="two",
        ),
        points("bob", "one", 12),
        points("bob", "two", 3),
        SubmissionFact("eve", "one", "malformed", (), 0.0, 12.0),
        points("eve", "two", 12),
        points("kim", "one", 2),
        fact("kim", CellFact("a", 0, 12.0, "not answered"), assignment="two"),
        points("zoe", "one", 12),
    ]
    needs = {n.student: n for n in item_analysis.in_need(graded, ["ada", "bob", "moe"])}

    assert list(needs) == ["moe", "kim", "eve", "zoe", "bob"]
    assert needs["moe"].reasons == ("no submission: one, two",)
    assert needs["kim"].reasons == ("few points: two 0/12, one 2/12", "1 left unanswered")
    assert needs["eve"].reasons == ("could not be graded: one (malformed)",)
    assert needs["zoe"].reasons == ("no submission: two",)
    assert needs["bob"].reasons == ("few points: two 3/12",)
    assert needs["bob"].share == pytest.approx(15 / 24)


def test_the_hardest_problems_are_those_that_somebody_tried() -> None:
    """A written answer that the whole class left out says nothing of what to teach."""
    left = CellFact("why", 0, 2, "not answered")
    graded = [fact(f"s{n}", CellFact("a", 1, 4), CellFact("b", 2, 4), left) for n in range(3)]

    assert [item.cell for item in item_analysis.hardest(graded)] == ["a", "b"]


def test_limits_are_listed_by_cell_and_status() -> None:
    """Time-outs and crashes, not ordinary failures."""
    graded = [
        fact("s1", CellFact("a", 0, 4, "timeout")),
        fact("s2", CellFact("a", 0, 4, "timeout")),
        fact("s3", CellFact("a", 0, 4, "failed")),
    ]

    assert [(g.what, g.students) for g in item_analysis.odd_cells(graded)] == [
        ("timeout", ("s1", "s2"))
    ]


@pytest.mark.parametrize(("slowest", "found"), [(9.0, ["s0"]), (1.9, [])])
def test_an_outlier_is_far_from_the_others(slowest: float, found: list[str]) -> None:
    """Nine seconds among ones is; twice the median of a narrow class is not by its fence alone."""
    times = [slowest] + [1.0 + n / 10 for n in range(9)]
    graded = [fact(f"s{n}", CellFact("a", 1, 1), seconds=t) for n, t in enumerate(times)]

    assert [o.student for o in item_analysis.outliers(graded)] == found
    assert item_analysis.outliers(graded[:7]) == [], "of seven, nobody is called odd"


def test_what_was_left_as_released_is_counted_and_explains_itself() -> None:
    """It is not answered: no failure that students share, and no misconception."""
    told = {"answered": False, "reasons": ["not answered yet"], "mistake": None, "second": None}
    cell = {"metadata": {"nbexaminer": {"status": "failed", "told": [told]}}}
    left = gather._cell(CellGrade("a", 0.0, 4.0), cell, was_run=True)
    graded = [fact("s1", left), fact("s2", left), fact("s3", CellFact("a", 0, 4, "failed"))]
    item = item_analysis.items(graded)[0]

    assert (left.status, left.failure, left.mistakes) == ("not answered", "", ())
    assert (item.nothing, item.unanswered) == (3, 2)
    assert item_analysis.clusters(graded) == item_analysis.misconceptions(graded) == []


def test_every_mistake_that_was_recognized_counts() -> None:
    """The second of an answer, too, in the figures and in the table beside the page."""
    flip, swap = ({"name": n, "hint": "", "section": f"page#{n}"} for n in ("flip", "swap"))
    told = [{"reasons": ["wrong"], "mistake": flip, "second": swap}]
    cell = {"metadata": {"nbexaminer": {"status": "failed", "told": told}}}
    both = gather._cell(CellGrade("a", 0.0, 4.0), cell, was_run=True)
    graded = [fact("s1", both), fact("s2", CellFact("a", 0, 4, "failed", "swap", "page#swap"))]

    assert [(g.what, g.section, g.students) for g in item_analysis.misconceptions(graded)] == [
        ("swap", "page#swap", ("s1", "s2")),
        ("flip", "page#flip", ("s1",)),
    ]
    assert page.as_csv(graded).splitlines()[1].split(",")[7] == "flip; swap"


def test_a_group_is_shown_by_the_input_that_most_of_its_answers_share() -> None:
    """Of several as frequent ones the first; none where none was found."""
    graded = [
        fact(f"s{n}", CellFact("f", 0.0, 4.0, misconception="flipped", example=example))
        for n, example in enumerate(["f(2): no", "f(1): no", "", "f(2): no", "f(1): no"])
    ]
    (group,) = item_analysis.misconceptions(graded)
    (silent,) = item_analysis.misconceptions(graded[2:3])
    text = page.as_html(page.Class("Sums", graded))

    assert group.example == "f(1): no" and silent.example == ""
    assert '<span class="soft">shown by</span> <code>f(1): no</code>' in text


def test_an_input_illustrates_a_cells_first_mistake_alone() -> None:
    """It was sought for that one: the second may not show on it."""
    two = CellFact("f", 0.0, 4.0, misconception="flipped", others=(("slow", ""),), example="f(1)")
    groups = item_analysis.misconceptions([fact("ann", two)])

    assert {group.what: group.example for group in groups} == {"flipped": "f(1)", "slow": ""}


def test_methods_to_look_at_are_listed_by_cell_with_who_uses_them() -> None:
    """What a graded cell's metadata says of the method reaches the report's figures and page."""
    said = "the answer uses torch.autograd, which the task excludes"
    cell = {"metadata": {"nbexaminer": {"status": "passed", "told": [{"methods": [said]}]}}}
    mark = CellGrade("test_f", 4.0, 4.0)
    read = gather._cell(mark, cell, was_run=True)
    graded = [fact("ada", read), fact("bob", CellFact("test_f", 4.0, 4.0))]

    (group,) = item_analysis.methods(graded)
    html = page.as_html(page.Class("Report", graded, [], {}))

    assert (group.cell, group.what, group.students) == ("test_f", said, ("ada",))
    assert said in html

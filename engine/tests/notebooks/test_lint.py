"""The linter of graded cells: what it refuses fails in the engine, what it lets pass works."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
import tiny_course
from nbformat.v4 import new_code_cell, new_notebook

from nbexaminer.cli.main import main
from nbexaminer.execution.graded_cell import ExecutedCell, Plan
from nbexaminer.execution.runner import run_notebook
from nbexaminer.execution.student_process import StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess
from nbexaminer.notebooks.lint import check as lint

ROOT = Path(__file__).resolve().parents[3]
ANSWER = """
import math
import statistics as st
def squares(n):
    if n < 1:
        raise ValueError("n must be at least 1")
    return [i ** 2 for i in range(1, n + 1)]
def apply(f, *rest):
    return [f, *rest]
def sum(a, b):
    return a + b
def check_all(n):
    return n
class Stack:
    size = 3
    def push(self, x):
        return x
class OddError(ValueError):
    pass
def odd(n):
    raise OddError("odd")
def total(n):
    return st.fsum(squares(n))
def loud(n):
    print("hello")
    return n
if answer_is_asked := True:
    def inside(n):
        return n
stack = Stack()
limit, items, answer = 5, [1, 2], 42
"""
LOCKED = """
import math as m
from statistics import mean
for unit in ("cm",):
    pass
def check(values, expected):
    assert values == expected, m.sqrt(4)
def check_all(n):
    return mean([n])
"""
FAILS = {
    "isinstance": ("import types\nassert isinstance(squares, types.FunctionType)", "looked at"),
    "inspect": ("import inspect\nassert inspect.signature(squares).parameters['n']", "looked at"),
    "a comparison": ("assert squares is not apply and squares == squares.__self__", "is compared"),
    "an index": ("assert squares[0] or True", "neither called nor handed over"),
    "a subclass": ("class T(Stack):\n    pass\nassert T().push(1) == 1", "a class made from Stack"),
    "except theirs": ("try:\n    odd(1)\nexcept OddError:\n    pass", "except OddError"),
    "an exception of a library": (
        "from statistics import StatisticsError\ntry:\n    odd(1)\nexcept StatisticsError:\n"
        "    pass\nexcept ValueError:\n    raise\nassert True is not None",
        "except StatisticsError",
    ),
    "a generator": ("assert apply(i for i in (1, 2)) is not None", "a generator is given"),
    "a map": ("assert apply(map(abs, [1])) is not None", "what map() returns is given"),
    "a module of theirs": ("assert st.mean([1]) == 1", "import it in this cell"),
    "globals": ("assert globals()['squares'](1) == [1]", "globals()"),
    "exec": ("exec('assert squares(1) == [1]')", "exec()"),
    "a magic": ("%timeit squares(3)\nassert squares(1) == [1]", "is a magic"),
    "a syntax error": ("assert squares(1) ==", "syntax error"),
    "a shadowed built-in": ("assert sum(1, 2) == 3", "sum is Python's own here"),
    "replaced": (
        "del squares\ndef squares(n):\n    return [3, 4]\nassert total(2) == 7",
        "squares is assigned in this cell",
    ),
    "assigned after use": ("assert answer == 42\nanswer = 3", "answer is assigned in this cell"),
    "defined nowhere": ("assert cubes(1) == [1]", "cubes is defined nowhere"),
    "defined below": ("assert later(1) == 1", "a cell below defines it"),
    "a text at the end": ("assert squares(1) == [1]\n'well done'", "the last line is no number"),
    "a list at the end": ("assert squares(1) == [1]\n[1]", "the last line is no number"),
    "a handle at the end": ("assert squares(1) == [1]\nsquares", "the last line is squares"),
    "print caught": (
        "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "    loud(1)\nassert out.getvalue() == 'hello\\n'",
        "what it prints stays",
    ),
    "a figure": (
        "import matplotlib.pyplot as plt\nassert plt.gcf().axes, squares(1)",
        "students' figures are in another process",
    ),
}  # fmt: skip
BLIND = {
    "no conclusion": ("print(squares(1))", "concludes nothing"),
    "nothing but a comment": ("# 2 points", "concludes nothing"),
    "an assert on a tuple": ("assert (squares(1) == [2], 'wrong')", "an assert on a tuple"),
    "an assert on a constant": ("squares(1)\nassert True", "an assert on a constant"),
    "a call of theirs at the end": ("assert 1 > squares(1)[0] - 1\nlimit_of(2)",
                                    "what the student's function returns would be the points"),
    "a value of theirs at the end": ("limit", "the student's own number would be the points"),
    "the instructor's own": ("assert check_all(3) == 3", "check_all is the instructor's here"),
    "a change of a copy": ("items.append(3)\nassert squares(2) == [1, 4]", "items is changed"),
    "a change by index": ("items[0] = 3\nassert squares(2) == [1, 4]", "items is changed"),
    "a star": ("from math import *\nassert squares(1) == [1]", "import each name"),
    "the shell": ("assert get_ipython() is not None", "the shell is the student's"),
    "always true": ("assert squares", "neither called nor handed over"),
    "an alias that is looked at": ("f = squares\nassert callable(f)", "f is looked at"),
}  # fmt: skip
WORKS = {
    "an attribute of a class": "assert Stack.size == 3",
    "an object made": "assert Stack().push(1) == 1",
    "an object of theirs": "assert stack.push(1) == 1",
    "a lambda": "assert apply(lambda x: x) is not None",
    "a callback": "def double(x):\n    return 2 * x\nassert apply(double) is not None",
    "a handle": "assert apply(squares, 3)[0](2) == [1, 4]",
    "a function in a list": "assert apply([1, (2, abs)])[0][1][1](-3) == 3",
    "nbgrader's own": "assert squares(1) == [1]\nassert squares(2) == [1, 4]",
    "an expected error": (
        'try:\n    squares(0)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError("no")'
    ),
    "a locked helper": "check(squares(2), [1, 4])",
    "a helper of its own": "def test(f, x, y):\n    assert f(x) == y\ntest(squares, 1, [1])",
    "unittest": "from unittest import TestCase\nTestCase().assertEqual(squares(1), [1])",
    "a loop over functions": "for f in (squares, squares):\n    assert f(1) == [1]",
    "a parameter of the same name": "assert [s for s in (1, 2)] and (lambda stack: stack)(1) == 1",
    "keywords": "assert squares(n=2)[-1] == 4",
    "what comes back": "assert squares(3).index(4) == 1 and isinstance(squares(1), list)",
    "defined in a block": "assert inside(3) == 3 and answer_is_asked",
    "a value": "assert answer == 42 and items[0] == 1 and isinstance(limit, int)",
    "partial credit": "0.5 * (squares(1) == [1]) + 0.5 * (squares(2) == [1, 4])",
    "an alias": "f = squares\nassert f(1) == [1]",
    "deleted for a while": (
        "kept = squares\ndel squares\ntry:\n    total(2)\nexcept NameError:\n    pass\nelse:\n"
        "    raise AssertionError\nfinally:\n    squares = kept\nassert total(2) == 5"
    ),
    "its name": "assert squares.__name__ == 'squares'",
    "mapped over": "assert list(map(squares, [1, 2])) == [[1], [1, 4]]",
    "a function of math's by theirs": "import math\nassert math.isqrt(squares(3)[-1]) == 3",
    "print at the end": "assert squares(1) == [1]\nprint('fine')",
    "a docstring": '"""Check squares."""\nassert squares(1) == [1]',
}


def findings(source: str, *, answer: str = ANSWER, locked: str = LOCKED) -> list[str]:
    """Check a notebook with a locked cell, an answer, this graded cell, and one more below."""
    mark = tiny_course.mark
    cells = [
        new_code_cell(locked, metadata=mark("given", locked=True)),
        new_code_cell(answer, metadata=mark("answer", solution=True)),
        new_code_cell(source, metadata=mark("test", grade=True, locked=True, points=1)),
        new_code_cell("def later(n):\n    return n", metadata=mark("below", solution=True)),
    ]
    found = lint.check_notebook(new_notebook(cells=cells), "a.ipynb")
    return [str(finding) for finding in found]


def examined(template: TemplateProcess, source: str, answer: str = ANSWER) -> ExecutedCell:
    """Run the same cells in the engine, and return how the graded one ended."""
    plans = [Plan(LOCKED, locked=True), Plan(answer), Plan(source, graded=True, locked=True)]
    return run_notebook(plans, lambda: StudentProcess(template, 1, TimeLimits(5, 10)))[-1]


@pytest.mark.parametrize(("source", "says"), FAILS.values(), ids=FAILS.keys())
def test_what_cannot_cross_is_refused_and_does_fail(
    template: TemplateProcess, source: str, says: str
) -> None:
    """A right answer would lose its points by such a cell: the finding is true."""
    found = findings(source)

    assert any(says in finding for finding in found), found
    assert all(finding.startswith("a.ipynb: cell test, line ") for finding in found)
    assert examined(template, source).status in ("failed", "error")


@pytest.mark.parametrize(("source", "says"), BLIND.values(), ids=BLIND.keys())
def test_what_examines_nothing_is_refused_and_does_pass(
    template: TemplateProcess, source: str, says: str
) -> None:
    """An answer would keep its points whatever it does: the finding is true."""
    limit_of = "\ndef limit_of(n):\n    return 99\n"

    assert any(says in finding for finding in findings(source, answer=ANSWER + limit_of))
    assert examined(template, source, ANSWER + limit_of).status == "passed"


@pytest.mark.parametrize("source", WORKS.values(), ids=WORKS.keys())
def test_what_works_is_let_pass(template: TemplateProcess, source: str) -> None:
    """No finding, and the engine gives a right answer its points."""
    assert findings(source) == []
    assert examined(template, source).status == "passed"


def test_a_locked_helper_is_checked_where_it_stands() -> None:
    """A finding in a function of a locked cell names that cell and its line."""
    locked = "import math\n\n\ndef check(n):\n    assert callable(squares)\n"

    assert findings("check(3)", locked=locked) == [
        "a.ipynb: cell given, line 5: squares is looked at: here it is a handle, whatever it is "
        "there; call it, and examine what comes back"
    ]


def test_a_star_import_of_a_locked_cell_is_refused() -> None:
    """What it brings is not found by the runner."""
    found = findings("assert sqrt(squares(2)[1]) == 2", locked="from math import *")

    assert len(found) == 1
    assert "cell given, line 1: from math import *" in found[0]


def test_two_cells_with_one_id_are_refused() -> None:
    """nbgrader would grade one of them for both."""
    cells = [tiny_course.cell("x = 1", "same", solution=True) for _ in range(2)]

    assert "2 cells have this grade_id" in str(
        lint.check_notebook(new_notebook(cells=cells), "a")[0]
    )


def test_cells_that_give_no_points_may_do_anything() -> None:
    """They run where the student's code runs."""
    cells = [tiny_course.cell("Stack().size", "check", grade=True, locked=True, points=0)]

    assert lint.check_notebook(new_notebook(cells=cells), "a") == []


def test_the_courses_own_notebooks_are_clean(capsys: pytest.CaptureFixture[str]) -> None:
    """All seven, and the tiny course."""
    tiny = lint.check_notebook(tiny_course.source_notebook(), "sums.ipynb")

    assert main(["check", str(ROOT / "solutions")]) == 0
    assert "7 notebooks checked, 0 findings" in capsys.readouterr().out
    assert tiny == []


def test_findings_are_exit_code_1_and_wrong_input_is_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without notebooks and a file that is none are one line on stderr."""
    book = new_notebook(cells=[tiny_course.cell("f.x", "t", grade=True, locked=True, points=1)])
    nbformat.write(book, tmp_path / "a.ipynb")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.txt").write_text("{")
    codes = [
        main(["check", str(p)]) for p in (tmp_path, tmp_path / "empty", tmp_path / "broken.txt")
    ]
    said = capsys.readouterr()

    assert codes == [1, 2, 2]
    assert f"{tmp_path / 'a.ipynb'}: cell t, line 1: " in said.out
    assert "has no notebook" in said.err and "cannot be read" in said.err

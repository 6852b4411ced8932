"""What a graded cell needs of the instructor's cells: which statements, and whose names."""

from __future__ import annotations

import ast

import pytest

from nbexaminer.notebooks.dependencies import SourceCell, lent, needed, python_of

NEEDED = {  # a graded cell, the cells before it, and the statements that it needs
    "only what serves": ("assert f(x)", "import os\nx = 1\ny = 2", ["x = 1"]),
    "what that needs": ("assert x", "import math\ny = math.pi\nx = y", ["import math",
                        "y = math.pi", "x = y"]),
    "a function called later": ("g()", "def g():\n    return h()\ndef h():\n    return 1",
                                ["def g():\n    return h()", "def h():\n    return 1"]),
    "a loop": ("x", "x = []\nfor i in range(3):\n    x.append(i)",
               ["x = []", "for i in range(3):\n    x.append(i)"]),
    "an element": ("x", "x = [1]\nx[0] = 2\nprint(x)", ["x = [1]", "x[0] = 2"]),
    "an attribute": ("x", "x = C()\nx.a.b = 2", ["x = C()", "x.a.b = 2"]),
    "an argument": ("x", "x = [1]\nfill(x, 2)", ["x = [1]", "fill(x, 2)"]),
    "a taken element": ("x", "x = [1]\ny = x.pop()", ["x = [1]", "y = x.pop()"]),
    "a sum": ("x", "x = 1\nx += 1", ["x = 1", "x += 1"]),
    "an annotation": ("x", "x: int = 1", ["x: int = 1"]),
    "with": ("x", "with open('f') as f:\n    x = f.read()",
             ["with open('f') as f:\n    x = f.read()"]),
    "a seed": ("random.random()", "import random\nrandom.seed(1)\nx = random.random()",
               ["import random", "random.seed(1)"]),
    "no check": ("x", "x = 1\nassert x == 1\nassert_equal(x, 1)\nlen(x)", ["x = 1"]),
    "a star where a name is left": ("sqrt(x)", "from math import *\nx = 1",
                                    ["from math import *", "x = 1"]),
    "no star where none is left": ("print(x)", "from math import *\nx = 1", ["x = 1"]),
    "a magic": ("x", "%matplotlib inline\nx = 1", ["x = 1"]),
}  # fmt: skip


@pytest.mark.parametrize("name", NEEDED)
def test_a_graded_cell_gets_what_it_needs_and_no_more(name: str) -> None:
    """Statements that make or change a name that it uses, in order, and what these use."""
    source, before, expected = NEEDED[name]
    found = needed(source, (SourceCell(before),)).statements

    assert [ast.unparse(one.node) for one in found] == expected


def test_the_last_cell_that_makes_or_changes_a_name_decides() -> None:
    """A name is the student's from the answer on that makes or changes it."""
    cells = (
        SourceCell("x = 1\ny = 2\nz = 3"),
        SourceCell("x = 5\ny.append(1)\nplt.plot(z)", answer=True),
    )
    found = needed("x, y, z", cells)
    by_answers = {n for one in found.statements if one.cell.answer for n in one.makes | one.changes}

    assert by_answers == {"x", "y"}
    assert found.instructors == {"x", "y", "z"}


def test_what_no_magic_is_stays_as_it_is() -> None:
    """A percent sign in Python is no magic; one that does something stays, and fails."""
    assert python_of("x = 7 % 4\n'%matplotlib'") == "x = 7 % 4\n'%matplotlib'"
    assert python_of("%time x = f()") == "x = f()"
    assert python_of("%run other.py") == "%run other.py"


def test_students_cells_get_what_a_check_above_them_made() -> None:
    """Only names that no other cell makes, and only what makes them."""
    cells = [
        SourceCell("def f(): return 1", answer=True),
        SourceCell("start = f()\nother = 2\nassert start == 1", graded=True),
        SourceCell("other = 3", answer=True),
        SourceCell("y = start + other", answer=True),
    ]

    assert lent(cells) == {1: "start = f()"}
    assert lent(cells[:3]) == {}

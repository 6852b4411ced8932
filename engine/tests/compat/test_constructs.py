"""Courses as others write them: each construct has its marks, apart wherever that can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import nbformat
import pytest
import tiny_course
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from nbexaminer.model import Submission
from nbexaminer.nbgrader import calibration
from nbexaminer.nbgrader.course import Course
from nbexaminer.notebooks import levels

pytestmark = pytest.mark.slow

APART, TOGETHER = levels.Level.APART, levels.Level.TOGETHER
ADD = "def add(a, b):\n    return a + b"


@dataclass(frozen=True)
class Construct:
    """A notebook: its cells by kind, what its last answer is replaced by, and what is expected."""

    cells: tuple[tuple[str, str], ...]
    wrong: str
    level: levels.Level = APART
    files: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


def cells(*sources: str) -> tuple[tuple[str, str], ...]:
    """Return cells from texts that begin with their kind: given, locked, answer, hand or test."""
    return tuple((text.split("\n", 1)[0], text.split("\n", 1)[1]) for text in sources)


WRITES = "def note(n, name):\n    with open(name, 'w') as file:\n        file.write(str(n))"
SCALE = """\
class Vector:
    def __init__(self, x):
        self.x = x
    def __rmul__(self, factor):
        return Vector(factor * self.x)
    def __rsub__(self, other):
        return Vector(other - self.x)
"""
CONSTRUCTS = {
    "an object on the right of an operator": Construct(
        cells(
            f"answer\n{SCALE}",
            "test\nv = Vector(3)\nassert (2 * v).x == 6 and (5 - v).x == 2",
        ),
        SCALE.replace("factor * self.x)", "factor + self.x)"),
    ),
    "a path as an argument": Construct(
        cells(
            "given\nfrom pathlib import Path",
            "answer\ndef first(path):\n    return path.read_text().split()[0]",
            "test\nassert first(Path('words.txt')) == 'one'",
        ),
        "def first(path):\n    return path.name",
        files={"words.txt": "one two"},
    ),
    "a file that an answer writes over the instructor's": Construct(
        cells(
            "given\nNAME = 'noted.txt'",
            f"answer\n{WRITES}",
            "test\nnote(3, NAME)\nassert open(NAME).read() == '3'",
        ),
        WRITES.replace("str(n)", "str(n + 1)"),
        level=TOGETHER,
        files={"noted.txt": "3"},
        why="an answer may write noted.txt, which it reads",
    ),
    "an import in an ordinary cell": Construct(
        cells("given\nimport math", f"answer\n{ADD}", "test\nassert add(1, 1) == math.sqrt(4)"),
        "def add(a, b):\n    return 3",
    ),
    "a loop, with, annotations and changes": Construct(
        cells(
            "locked\nlimits: list[int] = []\nfor n in range(3):\n    limits.append(n)",
            "given\nwith open('numbers.txt') as file:\n    numbers = [int(x) for x in file]",
            "locked\ntotal = 1\ntotal += 2\nlimits[0] = 5",
            f"answer\n{ADD}",
            "test\nassert add(limits[0], total) == 8 and add(numbers[0], numbers[1]) == 30",
        ),
        "def add(a, b):\n    return 8",
        files={"numbers.txt": "10\n20\n"},
    ),
    "a seed": Construct(
        cells(
            "given\nimport random\nrandom.seed(3)\nx = random.random()",
            "locked\nrandom.seed(3)",
            f"answer\n{ADD}",
            "test\nassert add(x, -random.random()) == 0",
        ),
        "def add(a, b):\n    return 1",
    ),
    "a module beside the notebook": Construct(
        cells("given\nfrom helper import same", f"answer\n{ADD}", "test\nsame(add(1, 2), 3)"),
        "def add(a, b):\n    return 4",
        files={"helper.py": "def same(a, b):\n    assert a == b\n"},
    ),
    "a module in a folder beside the notebook": Construct(
        cells(
            "given\nimport sys\nfolder = 'code'\nif folder not in sys.path:\n"
            "    sys.path.append(folder)",
            f"answer\n{ADD}",
            "test\nfrom helper_of_code import same\nsame(add(1, 2), 3)",
        ),
        "def add(a, b):\n    return 4",
        files={"code/helper_of_code.py": "def same(a, b):\n    assert a == b\n"},
    ),
    "a name of the graded cell before": Construct(
        cells(
            f"answer\n{ADD}",
            "test\nexpected = [3, 5]\nassert add(1, 2) == expected[0]",
            "test\nassert add(2, 3) == expected[1]",
        ),
        "def add(a, b):\n    return 4",
    ),
    "an end that is no number": Construct(
        cells(f"answer\n{ADD}", "test\nassert add(1, 2) == 3\n'well done'"),
        "def add(a, b):\n    return 4",
    ),
    "harmless magics": Construct(
        cells(
            f"given\n%matplotlib inline\nx = 1\n{'y = 2'}",
            f"answer\n{ADD}",
            "test\n%%time\n%config InlineBackend.figure_format = 'svg'\nassert add(x, y) == 3",
        ),
        "def add(a, b):\n    return 4",
    ),
    "an import that the answer makes": Construct(
        cells(
            "answer\nimport math\ndef root(x):\n    return math.sqrt(x)",
            "test\nassert root(2) == math.sqrt(2)",
        ),
        "import math\ndef root(x):\n    return 1",
    ),
    "a value that the answer changes": Construct(
        cells("given\nbag = [1]", "answer\nbag.append(2)", "test\nassert bag == [1, 2]"), "pass"
    ),
    "a value that comes of the answer": Construct(
        cells(f"answer\n{ADD}", "given\nresult = add(1, 2)", "test\nassert result == 3"),
        "def add(a, b):\n    return 4",
    ),
    "a built-in name": Construct(
        cells("answer\ndef sum(a, b):\n    return a + b", "test\nassert sum(1, 2) == 3"),
        "def sum(a, b):\n    return 4",
    ),
    "code that a person marks": Construct(
        cells("hand\ny = 2", f"answer\n{ADD}", "test\nassert add(y, 1) == 3"),
        "def add(a, b):\n    return 4",
    ),
    "a check whose name an answer uses": Construct(
        cells(
            "answer\ndef one():\n    return 1",
            "test\nstart = one()\nassert start == 1",
            "answer\nlist_of = [start + n for n in range(3)]",
            "test\nassert list_of == [1, 2, 3]",
        ),
        "list_of = [0, start]",
    ),
    "functions of the test": Construct(
        cells(
            "answer\ndef newton(f, slope, x):\n    for _ in range(20):\n"
            "        x = x - f(x) / slope(x)\n    return x",
            "test\nseen = []\ndef f(x):\n    seen.append(x)\n    return x ** 2 - 2\n"
            "assert abs(newton(f, lambda x: 2 * x, 1.0) ** 2 - 2) < 1e-9 and len(seen) > 3",
        ),
        "def newton(f, slope, x):\n    return 2 ** 0.5",
    ),
    "functions of the student's": Construct(
        cells(
            "answer\ndef double(x):\n    return 2 * x\ndef twice(f):\n    return lambda x: f(f(x))",
            "test\nassert twice(double)(3) == 12 and twice(twice(double))(1) == 16",
        ),
        "def double(x):\n    return 2 * x\ndef twice(f):\n    return f",
    ),
    "objects of a class": Construct(
        cells(
            "answer\nclass Point:\n    count = 0\n    def __init__(self, x, y=0):\n"
            "        self.x, self.y = x, y\n    def moved(self, by):\n"
            "        return Point(self.x + by.x, self.y + by.y)\n"
            "    def __eq__(self, other):\n        return (self.x, self.y) == (other.x, other.y)\n"
            "    def __add__(self, other):\n        return self.moved(other)\n"
            "    def __str__(self):\n        return f'({self.x}, {self.y})'\n"
            "    def __len__(self):\n        return 2",
            "given\np = Point(1, y=2)",
            "answer\norigin = Point(0)",
            "test\nq = p.moved(Point(3))\nassert (q.x, q.y) == (4, 2) and str(p) == '(1, 2)'\n"
            "assert p + Point(3) == q and p != q and len(p) == 2 and isinstance(p, Point)\n"
            "p.x = 7\nassert p.x == 7 and Point.count == 0 and hasattr(p, 'y')\n"
            "assert 'moved' in dir(p) and not hasattr(p, 'z') and origin.x == 0",
        ),
        "origin = Point(1)",
    ),
    "objects of a class that a call makes": Construct(
        cells(
            "answer\nPair = type('Pair', (), {'__neg__': lambda self: 3})",
            "test\nassert -Pair() == 3",
        ),
        "class Pair: pass",
    ),
    "an object with its own membership": Construct(
        cells(
            "answer\nclass Bag:\n    __contains__ = lambda self, x: x == 2\nfull = {2: 0}.keys()",
            "test\nassert 2 in Bag() and 3 not in Bag() and 2 in full and 3 not in full",
        ),
        "class Bag: pass\nfull = {2: 0}.keys()",
    ),
    "arrays of text and moments": Construct(
        cells(
            "given\nimport numpy as np",
            "answer\ndef last(a):\n    return a[::-1]",
            "test\nassert list(last(np.array(['a', 'bc']))) == ['bc', 'a']\n"
            "days = np.array(['2026-01-02', '2026-01-03'], dtype='datetime64[D]')\n"
            "assert last(days)[0] == days[1] and last(days).dtype == days.dtype",
        ),
        "def last(a):\n    return a",
    ),
    "tables": Construct(
        cells(
            "given\nimport pandas as pd\nscores = pd.read_csv('scores.csv', index_col='who')",
            "answer\ndef passed(t):\n    t['ok'] = t['points'] > 5\n    return t[t['ok']]",
            "answer\nmean = scores.groupby('group')['points'].mean()",
            "test\nfound = passed(scores)\n"
            "assert list(found.index) == ['ada', 'zoe'] and found['group'].tolist() == ['a', 'b']\n"
            "assert scores['ok'].sum() == 2 and mean['a'] == 4.5 and mean.name == 'points'\n"
            "pd.testing.assert_series_equal(mean, scores.groupby('group')['points'].mean())",
        ),
        "mean = scores.groupby('group')['points'].sum()",
        files={"scores.csv": "who,group,points\nada,a,8\nalan,a,1\nzoe,b,6\n"},
    ),
    "what is drawn": Construct(
        cells(
            "given\nimport io\nfrom contextlib import redirect_stdout",
            "answer\ndef greet():\n    print('hello')",
            "test\nsaid = io.StringIO()\nwith redirect_stdout(said):\n    greet()\n"
            "assert said.getvalue() == 'hello\\n'",
        ),
        "def greet():\n    print('bye')",
        TOGETHER,
        why="AssertionError",
    ),
    "a file that a later cell removes": Construct(
        cells(
            "answer\nwith open('made.txt', 'w') as f:\n    f.write('3')",
            "test\nassert open('made.txt').read() == '3'",
            "given\nimport os\nif os.path.exists('made.txt'):\n    os.remove('made.txt')",
        ),
        "pass",
        TOGETHER,
        why="FileNotFoundError",
    ),
    "a value before an answer changed it": Construct(
        cells(
            "answer\nclass Box:\n    value = 1\nbox = Box()",
            "test\nassert box.value == 1\nbefore = box.value",
            "answer\nbox.value = 2",
            "test\nassert before != box.value",
        ),
        "pass",
    ),
    "objects of a check that a later one uses, together": Construct(
        cells(
            "answer\nclass Box:\n    value = 1",
            "test\nmade = Box()\nassert vars(made) == {}",
            "answer\ndef one():\n    return 1",
            "test\nassert vars(made) == {} and made.value == one()",
        ),
        "def one():\n    return 2",
        TOGETHER,
    ),
    "a value before an answer changed it, together": Construct(
        cells(
            "answer\nclass Box:\n    value = 1\nbox = Box()",
            "test\nassert vars(box) == {}\nbefore = box.value",
            "answer\nbox.value = 2",
            "test\nassert before != vars(box)['value']",
        ),
        "pass",
        TOGETHER,
    ),
}


def notebook(construct: Construct) -> NotebookNode:
    """Return the instructor's notebook."""
    flags = {
        "locked": {"locked": True},
        "answer": {"solution": True},
        "hand": {"solution": True, "grade": True, "points": 1},
        "test": {"grade": True, "locked": True, "points": 2},
    }
    made = [
        tiny_course.cell(source, f"c{n}", **flags[kind])
        if kind != "given"
        else new_code_cell(source, id=f"c{n}")
        for n, (kind, source) in enumerate(construct.cells)
    ]
    return new_notebook(cells=made)


def folder_of(name: str) -> str:
    return name.replace(" ", "-").replace(",", "")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with an assignment for each construct."""
    root = tmp_path_factory.mktemp("constructs")
    (root / "nbgrader_config.py").write_text(tiny_course.CONFIG + tiny_course.ISOLATED)
    for name, construct in CONSTRUCTS.items():
        folder = root / "source" / folder_of(name)
        folder.mkdir(parents=True)
        nbformat.write(notebook(construct), folder / "one.ipynb")
        for file, text in construct.files.items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(text)
    return Course(root)


def earned(course: Course, assignment: str, text: str) -> dict[str, float]:
    """Return what the instructor's solution earns, its last answer replaced, by cell."""
    source = course.folder("source", ".", assignment) / "one.ipynb"
    handed_in = nbformat.read(source, as_version=4)
    answers = [c for c in handed_in.cells if c.metadata.get("nbgrader", {}).get("solution")]
    answers[-1].source = text
    file = nbformat.writes(handed_in).encode()
    originals = course.released(assignment)
    marked = course.marker().mark(Submission("ada", assignment), {"one": file}, originals)
    return {cell: verdict.earned for cell, verdict in marked.result.verdicts.items()}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_construct_has_its_marks_at_the_level_that_it_needs(course: Course, name: str) -> None:
    """The solution has all marks; a wrong last answer has none in the last test."""
    if name == "tables":
        pytest.importorskip("pandas")
    construct, assignment = CONSTRUCTS[name], folder_of(name)
    (trials,) = calibration.renew(course, [assignment]).values()

    assert [(t.earned, t.points) for t in trials] == [(2, 2)] * len(trials), trials
    assert max(t.how.level for t in trials) == construct.level, trials
    assert any(construct.why in t.how.why for t in trials)

    points = earned(course, assignment, construct.wrong)

    assert list(points.values())[-1] == 0

"""Students' code runs elsewhere; graded cells run here and see values only."""

from __future__ import annotations

import resource
import sys
import time
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tiny_course
import torch
from torch import Tensor, nn

from nbexaminer.execution import graded_cell, protocol
from nbexaminer.execution.graded_cell import ExecutedCell, Plan
from nbexaminer.execution.runner import run_notebook
from nbexaminer.execution.sandbox import memory
from nbexaminer.execution.stopwatch import Stopwatch
from nbexaminer.execution.student_process import StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess
from nbexaminer.nbgrader.preprocessor import IsolatedExecute
from nbexaminer.notebooks.dependencies import SourceCell
from nbexaminer.notebooks.lint.names import free_names
from nbexaminer.problems.case import Case, Misconception
from nbexaminer.problems.problem import Call, ModuleCall, Problem

PATIENCE = TimeLimits(cpu_seconds=2, wall_seconds=4)
PACKAGES = ("numpy", "torch")  # of the template process


def run(
    template: TemplateProcess, *cells: str | Plan, patience: TimeLimits = PATIENCE
) -> list[ExecutedCell]:
    """Run cells: text is the student's, a `Plan` is what it says."""
    plans = [cell if isinstance(cell, Plan) else Plan(cell) for cell in cells]
    return run_notebook(plans, lambda: StudentProcess(template, 1, patience))


def graded(source: str, **options: Any) -> Plan:
    return Plan(source, graded=True, locked=True, **options)


def value(done: ExecutedCell) -> str | None:
    """Return the value of a cell's last line, as nbgrader reads it."""
    return next(
        (o["data"]["text/plain"] for o in done.outputs if o["output_type"] == "execute_result"),
        None,
    )


ADD = "def add(a, b):\n    return a + b"


def test_a_function_is_called_over_there_and_its_value_comes_back(
    template: TemplateProcess,
) -> None:
    """A plain assert on a student's function works as it does in one process."""
    *_, wrong, right = run(
        template, ADD, graded("assert add(2, 3) == 6"), graded("assert add(2, 3) == 5\n1.5")
    )

    assert (wrong.status, right.status, value(right)) == ("failed", "passed", "1.5")


def test_tensors_lists_and_exceptions_cross(template: TemplateProcess) -> None:
    """Values come back as what they are, and a ValueError is a ValueError."""
    answer = (
        "import torch\ndef f(x):\n    if x is None:\n        raise ValueError('no')\n"
        "    return [2 * x, {'n': 1}]"
    )
    test = """
import torch
double, about = f(torch.ones(2, 2))
assert torch.equal(double, torch.full((2, 2), 2.0)) and about == {"n": 1}
try:
    f(None)
except ValueError as error:
    assert str(error) == "no"
else:
    raise AssertionError
"""
    assert run(template, answer, graded(test))[-1].status == "passed"


def test_changes_of_an_argument_are_seen_here(template: TemplateProcess) -> None:
    """An answer that works in place shows it, as in one process."""
    answer = "def f(x, items):\n    x.mul_(3)\n    items.append(4)"
    test = (
        "import torch\nx, items = torch.ones(2), [1]\nf(x, items)\n"
        "assert x.tolist() == [3, 3] and items == [1, 4]"
    )

    assert run(template, answer, graded(test))[-1].status == "passed"


ORDINARY = """
import numpy as np
def primes(n):
    return {k for k in range(2, n) if all(k % d for d in range(2, k))}
def counts(word):
    return {word.count(c): c for c in word}
def naturals():
    n = 0
    while True:
        yield n
        n += 1
def normalized(x):
    return (x - x.mean()) / x.std()
def fill(x, seen):
    x[:] = 7
    seen.add(3)
def largest(x):
    return x.max()
def half(numbers):
    from fractions import Fraction
    return [Fraction(n, 2) for n in numbers]
def price(text, days):
    import datetime
    from decimal import Decimal
    return Decimal(text) * 2, datetime.date(2026, 1, 31) + datetime.timedelta(days)
def find(table, key):
    return table[key]
def decode(data):
    return data.decode("ascii")
class EmptyError(LookupError):
    pass
def pop():
    raise EmptyError("nothing is left")
size = np.array([2, 3])
"""
ORDINARY_TESTS = {
    "a set": "assert primes(10) == {2, 3, 5, 7}",
    "a dict with numbers as keys": "assert counts('aab') == {2: 'a', 1: 'b'}",
    "a generator": (
        "numbers = naturals()\nassert next(numbers) == 0 and next(numbers) == 1\n"
        "import itertools\nassert list(itertools.islice(naturals(), 4)) == [0, 1, 2, 3]"
    ),
    "an array": (
        "import numpy as np\nx = normalized(np.array([1.0, 2.0, 3.0]))\n"
        "np.testing.assert_allclose(x.mean(), 0, atol=1e-12)\nassert x.shape == (3,)"
    ),
    "an array and a set changed in place": (
        "import numpy as np\nx, seen = np.zeros((2, 2)), {1}\nfill(x, seen)\n"
        "assert (x == 7).all() and seen == {1, 3}"
    ),
    "a number of NumPy's": (
        "import numpy as np\nn = largest(np.array([1, 5]))\nassert n == 5\n"
        "assert isinstance(n, np.integer) and isinstance(largest(np.ones(2)), float)"
    ),
    "fractions": (
        "from fractions import Fraction\nassert half([1, 2]) == [Fraction(1, 2), 1]\n"
        "assert isinstance(half([2])[0], Fraction)"
    ),
    "a decimal and a date": (
        "from datetime import date\nfrom decimal import Decimal\n"
        "assert price('0.1', 1) == (Decimal('0.2'), date(2026, 2, 1))"
    ),
    "an array as a global": "assert size.tolist() == [2, 3]",
    "a KeyError": (
        "try:\n    find({1: 2}, 'x')\nexcept KeyError as error:\n"
        "    assert error.args == ('x',) and str(error) == \"'x'\"\nelse:\n    raise AssertionError"
    ),
    "an error that takes more than a message": (
        "try:\n    decode(b'\\xff')\nexcept ValueError as e:\n    assert 'ascii' in str(e)\n"
        "else:\n    raise AssertionError"
    ),
    "an error of theirs": (
        "try:\n    pop()\nexcept LookupError as e:\n    assert str(e) == 'nothing is left'\n"
        "else:\n    raise AssertionError"
    ),
}


@pytest.mark.parametrize("test", ORDINARY_TESTS.values(), ids=ORDINARY_TESTS.keys())
def test_ordinary_tests_of_ordinary_answers_work_as_in_one_process(
    template: TemplateProcess, test: str
) -> None:
    """Sets, dicts, generators, arrays and errors: the same test passes here and in one process."""
    exec(ORDINARY + test, {"__name__": "__main__"})

    assert run(template, ORDINARY, graded(test))[-1].outputs == []


def test_values_and_missing_names_are_what_they_are(template: TemplateProcess) -> None:
    """A number is a number; what the student never defined is a NameError."""
    done = run(template, "answer = 42", graded("assert answer == 42"), graded("assert nothing"))

    assert [d.status for d in done] == ["passed", "passed", "error"]
    assert done[-1].outputs[-1]["ename"] == "NameError"


def test_graded_cells_use_what_locked_cells_provide_not_what_students_rebind(
    template: TemplateProcess,
) -> None:
    """`torch` in a test is the instructor's import, whatever the student calls by that name."""
    locked = Plan("import torch\nLIMIT = 3\ndef helper(x):\n    return x + LIMIT", locked=True)
    attack = "torch = helper = LIMIT = None\ndef f():\n    return 0"
    done = run(
        template,
        locked,
        attack,
        graded("assert torch.ones(1).item() == 1\nassert helper(f()) == 3"),
    )

    assert done[-1].status == "passed"


def test_helpers_of_helpers_are_found_wherever_they_are(template: TemplateProcess) -> None:
    """A locked function may use one defined before it, and that one an import before both."""
    locked = "import math\ndef root(x):\n    return math.sqrt(x)\ndef check(x):\n    return root(x)"
    done = run(template, ADD, Plan(locked, locked=True), graded("assert check(add(4, 5)) == 3"))

    assert done[-1].status == "passed", done[-1].outputs


def test_what_a_graded_cell_deletes_is_gone_over_there_until_it_is_put_back(
    template: TemplateProcess,
) -> None:
    """Whether an answer uses another one can be seen; the cell after it sees nothing of that."""
    answer = "def one():\n    return 1\ndef two():\n    return one() + one()"
    test = (
        "kept = one\ndel one\ntry:\n    two()\nexcept NameError as e:\n    assert 'one' in str(e)\n"
        "else:\n    raise AssertionError\nassert kept() == 1\none = kept\nassert two() == 2"
    )
    done = run(template, answer, graded(test), graded("assert two() == 2"))

    assert [d.status for d in done[1:]] == ["passed", "passed"], done


def test_a_test_that_takes_longer_than_an_answer_may_leaves_the_process_alive(
    template: TemplateProcess,
) -> None:
    """A state that has been given up hears neither of a further call nor of the end."""
    student = StudentProcess(template, 1, TimeLimits(cpu_seconds=2, wall_seconds=0.2))
    student.run(ADD)
    student.keep()
    student.keep()
    for kept, asked in enumerate((False, True)):
        with student.examination(kept):
            time.sleep(1)
            if asked:
                assert student.call("add", [Call((2, 3))])[0].errors[0] == "TimeoutError"
    (output,) = student.run("add(2, 3)")
    student.close()

    assert output["data"]["text/plain"] == "5"


def test_what_a_graded_cell_draws_follows_from_its_seed(template: TemplateProcess) -> None:
    """Of torch's numbers, whatever cell drew some before."""
    test = "import torch\nfloat(torch.rand(1))"
    done = run(template, ADD, *(graded(test, seed=seed) for seed in (5, 6, 5)))
    drawn = [torch.rand(1, generator=torch.Generator().manual_seed(n)) for n in (5, 6, 5)]

    assert [value(cell) for cell in done[1:]] == [repr(float(x)) for x in drawn]


def test_a_graded_cell_cannot_be_poisoned_by_one_before_it(template: TemplateProcess) -> None:
    """Each graded cell meets the student's state as it was: its own fork."""
    answer = "count = [0]\ndef f():\n    count[0] += 1\n    return count[0]"

    assert [
        d.status
        for d in run(template, answer, graded("assert f() == 1"), graded("assert f() == 1"))
    ] == ["passed"] * 3


def double(x: Tensor) -> Tensor:
    if x.ndim != 1:
        raise ValueError("one axis")
    return 2 * x


def cases(generator: torch.Generator) -> list[Case]:
    x = torch.randn(6, generator=generator)
    return [
        Case("values", "a vector", Call((x,))),
        Case("values", "a strided vector", Call((x[::2],))),
        Case("errors", "a matrix", Call((x.reshape(2, 3),))),
    ]


def test_a_problem_gives_the_same_here_and_across(template: TemplateProcess) -> None:
    """`PROBLEM.grade(answer)` gives an answer what it gives it in one process."""
    problem = Problem("double", double, {"values": 2.0, "errors": 1.0, "untouched": 1.0}, cases)
    sources = {
        "def double(x):\n    if x.ndim != 1: raise ValueError\n    return x + x": 4.0,
        "def double(x):\n    return x + x": 3.0,
        "def double(x):\n    return x.mul_(2)": 2.0,
        "def double(x):\n    return 3 * x": 0.0,
        "def double(x):\n    while x.ndim != 1: pass\n    return 2 * x": 2.0,
    }
    for source, points in sources.items():
        student = StudentProcess(template, 1, PATIENCE)
        student.run(source)
        with student.examination():
            from nbexaminer.execution.student_process import RemoteFunction

            earned = problem.examine(RemoteFunction(student, "double", "function")).earned
        student.close()

        assert earned == points, source


def test_a_module_lives_over_there(template: TemplateProcess) -> None:
    """Construct, set parameters, forward, backward: one request, plain values back."""
    student = StudentProcess(template, 1, PATIENCE)
    student.run(
        "import torch\nclass Scale(torch.nn.Module):\n"
        "    def __init__(self, n):\n        super().__init__()\n"
        "        self.weight = torch.nn.Parameter(torch.zeros(n))\n"
        "    def forward(self, X):\n        return X * self.weight"
    )
    X = torch.tensor([1.0, 2.0], requires_grad=True)
    call = ModuleCall((2,), {"weight": torch.tensor([3.0, 4.0])}, (X,), torch.tensor([1.0, 10.0]))
    with student.examination():
        (reply,) = student.call("Scale", [call])
    student.close()

    assert torch.equal(reply.value["output"], torch.tensor([3.0, 8.0]))
    assert torch.equal(reply.value["gradients"]["weight"], torch.tensor([1.0, 20.0]))
    assert torch.equal(reply.value["gradients"]["input0"], torch.tensor([3.0, 40.0]))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("def add(a, b):\n    while True: pass", "timeout"),
        ("import time\ndef add(a, b):\n    time.sleep(1000)", "timeout"),
        ("def add(a, b):\n    return sum(range(10**12))", "timeout"),
        ("def add(a, b):\n    bytearray(1 << 40)", "error"),
        ("import os\ndef add(a, b):\n    os._exit(0)", "crashed"),
        ("import os\ndef add(a, b):\n    os.kill(os.getpid(), 11)", "crashed"),
        ("import sys\ndef add(a, b):\n    sys.exit()", "error"),
        ("def add(a, b):\n    return add(a, b)", "error"),
        ("def add(a, b):\n    return object()", "failed"),
    ],
)
def test_an_answer_that_ends_badly_costs_its_own_cell(
    template: TemplateProcess, answer: str, status: str
) -> None:
    """The cell says how it ended, and the next graded cell is graded."""
    *_, bad, good = run(
        template,
        answer,
        "def one():\n    return 1",
        graded("assert add(1, 2) == 3"),
        graded("assert one() == 1"),
    )

    assert (bad.status, good.status) == (status, "passed")


@pytest.mark.parametrize(
    "cell",
    ["import os; os._exit(0)", "import ctypes; ctypes.string_at(0)", "while True: pass",
     "sum(range(10**12))", "import time; time.sleep(1000)", "exit()", "raise KeyboardInterrupt",
     "import threading; threading.Thread(target=lambda: [1 for _ in iter(int, 1)]).start()"],
)  # fmt: skip
def test_a_cell_that_ends_the_process_loses_nothing_but_itself(
    template: TemplateProcess, cell: str
) -> None:
    """What stood before it is there again, what comes after it is graded."""
    done = run(template, ADD, cell, "def one():\n    return 1",
               graded("assert add(1, 2) == 3 and one() == 1"))  # fmt: skip

    assert done[-1].status == "passed", [d.status for d in done]


def test_outputs_are_recorded_as_jupyter_does(template: TemplateProcess) -> None:
    """Streams, a result, a figure, an error; in order."""
    done = run(
        template, "print('a')\n1 + 1", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "1 / 0"
    )
    kinds = [[o["output_type"] for o in d.outputs] for d in done]

    assert kinds == [["stream", "execute_result"], ["display_data"], ["error"]]
    assert "image/png" in done[1].outputs[0]["data"]
    assert done[2].outputs[0]["ename"] == "ZeroDivisionError"


def test_an_interrupted_cell_shows_the_students_lines_alone(template: TemplateProcess) -> None:
    """The traceback ends where the student's code was, not in what interrupted it."""
    (done,) = run(template, "def spin():\n    while True:\n        x = 1\nspin()")
    error = done.outputs[-1]
    text = "\n".join(error["traceback"])

    assert error["ename"] == "CellTimeoutError"
    assert "in spin()" in text and "x = 1" in text
    assert "shell.py" not in text and "interrupt(" not in text


def test_a_flood_of_output_is_cut(template: TemplateProcess) -> None:
    """40 MB printed are not kept, and the notebook goes on."""
    done = run(template, "for _ in range(400):\n    print('x' * 100_000)", "print('after')")

    assert sum(len(o["text"]) for o in done[0].outputs) < 300_000
    assert done[1].outputs[0]["text"] == "after\n"


@pytest.mark.parametrize(
    "answer",
    [
        "class Liar:\n    __eq__ = __ge__ = __bool__ = lambda *a: True\n    __hash__ = None\n"
        "def add(a, b):\n    return Liar()",
        "class Five(int):\n    __eq__ = lambda *a: True\n    __hash__ = None\n"
        "def add(a, b):\n    return Five(7)",
        "import builtins\nbuiltins.AssertionError = ValueError\ndef add(a, b):\n    return 0",
        "import sys\nsys.modules['problems'] = None\ndef add(a, b):\n    return 0",
        "import torch\ntorch.equal = torch.allclose = lambda *a, **k: True\n"
        "def add(a, b):\n    return 0",
    ],
    ids=["liar", "int subclass", "patched builtins", "patched modules", "patched torch"],
)
def test_tricks_with_objects_end_at_the_border(template: TemplateProcess, answer: str) -> None:
    """What comes back is a plain value, and the test runs where nothing is patched."""
    assert run(template, answer, graded("assert add(2, 3) == 5"))[-1].status == "failed"


YES = """
class Yes:
    __contains__ = __eq__ = __lt__ = equals = issubset = startswith = all = lambda *a: True
    __sub__ = lambda *a: 0.0
    __call__ = lambda self, *a: 7
"""
AGREES = ("add(2, 3) == 5", "add(2, 3) < 6", "5 in add(2, 3)", "add(2, 3).equals(5)",
          "add(2, 3).issubset({5})", "add(2, 3).startswith('5')", "add(2, 3).all()",
          "abs(add(2, 3) - 5) < 1e-9", "add.equals(5)")  # fmt: skip


@pytest.mark.parametrize("test", AGREES)
@pytest.mark.parametrize(
    "answer",
    [
        "def add(a, b):\n    return Yes()",
        "class add(Yes):\n    def __init__(self, a, b): pass",
        "class add(Yes):\n    def __new__(cls, a, b): return Yes()",
        "add = Yes()",
    ],
)
def test_no_method_of_the_students_says_what_a_result_is_equal_to(
    template: TemplateProcess, answer: str, test: str
) -> None:
    """Nor does a class in the place of a function, of which a test would make objects."""
    before = (SourceCell(ADD, answer=True),)
    *_, done = run(template, YES + answer, graded(f"assert {test}", before=before))

    assert done.status != "passed"


def test_values_that_do_not_cross_together_are_made_again() -> None:
    """Each of them fits into one message, and all of them do not."""
    made = {name: np.zeros(5 << 20) for name in "ab"}
    before = (SourceCell("a = f()\nb = f()", graded=True),)
    texts, values = graded_cell._from_graded(graded("assert a is not b"), before, made)

    assert (texts, dict(values)) == (["a = f()", "b = f()"], {})


def test_an_argument_of_the_test_that_cannot_cross_is_the_tests_fault(
    template: TemplateProcess,
) -> None:
    """The graded cell fails with a sentence, and the student's process goes on."""
    cells = [graded("add(object(), 2)"), graded("assert add(1, 2) == 3")]
    first, second = run(template, ADD, *cells)[1:]

    assert (first.status, second.status) == ("error", "passed")
    assert "an argument of this test cannot cross" in first.outputs[-1]["evalue"]


@pytest.mark.parametrize("last", ["'3'", "[3]", "float('nan')", "float('inf')", "3j", "add"])
def test_a_test_that_ends_with_no_number_gives_nothing(
    template: TemplateProcess, last: str
) -> None:
    """nbgrader gives full points for what is no number; here it is an error."""
    *_, done = run(template, ADD, graded(f"assert add(1, 2) == 3\n{last}"))

    assert done.status == "error"


@pytest.mark.parametrize("last", ["-1", "2.5", "add(1, 2)"])
def test_points_beyond_those_of_the_cell_are_an_error(template: TemplateProcess, last: str) -> None:
    """nbgrader gives all points for a number below zero, and fails for one above."""
    *_, done = run(template, ADD, graded(last, points=2.0))

    assert done.status == "error"
    assert "a test cell of 2 points must not end with" in done.outputs[-1]["evalue"]


def test_a_notebook_has_a_deadline_of_its_own(template: TemplateProcess) -> None:
    """Cells that sleep just below their limit do not hold a worker for hours."""
    plans = [Plan("import time; time.sleep(1)")] * 10
    done = run_notebook(plans, lambda: StudentProcess(template, 1, PATIENCE), total_seconds=2.5)

    assert [d.status for d in done].count("timeout") >= 6
    assert len(done) == 10


LEAKS = """
import os
def add(a, b):
    open('/tmp/seen', 'a').write(f'{a} ')
    return 0
"""
SHOWS = "import os\nprint('seen:', open('/tmp/seen').read() if os.path.exists('/tmp/seen') else '')"


def test_an_answer_whose_cells_use_up_all_files_keeps_its_points(template: TemplateProcess) -> None:
    """All but the two that each graded cell needs: its pipe, then what tells of its end."""
    cells = (
        "import os\ndef add(a, b):\n    return a + b",
        "held = []\ntry:\n    while True:\n        held.append(os.dup(0))\nexcept OSError:\n"
        "    for spare in held[-4:]:\n        os.close(spare)",
    )
    *_, first, second = run(template, *cells, graded("add(1, 2) - 2"), graded("add(1, 1) - 1"))

    assert (value(first), value(second)) == ("1.0", "1.0")


def test_no_cell_of_the_students_runs_after_a_hidden_input_was_seen(
    template: TemplateProcess,
) -> None:
    """An answer can keep what it is given in a file; no later cell is there to show it."""
    _, hidden, shown = run(template, LEAKS, graded("assert add(271828, 1) == 0"), SHOWS)

    assert hidden.status == "passed"
    assert shown.outputs == [{"output_type": "stream", "name": "stdout", "text": "seen: \n"}]


def test_a_graded_cell_sees_the_names_as_they_are_where_it_stands(
    template: TemplateProcess,
) -> None:
    """What later cells of the student's define or change does not reach an earlier test."""
    later = "def add(a, b):\n    return 0\nextra = 1"
    first, _, second = run(
        template, ADD, graded("assert add(2, 3) == 5"), later, graded("assert add(2, 3) == 0")
    )[1:]

    assert (first.status, second.status) == ("passed", "passed")


def test_an_answer_that_ends_its_process_is_asked_again_from_where_its_test_stands(
    template: TemplateProcess,
) -> None:
    """What it answers to the other questions counts, and is not of a later state."""
    ends = "import os\ndef f(x):\n    return os._exit(1) if x == 1 else x"
    test = "try:\n    f(1)\nexcept ChildProcessError:\n    pass\nassert f(2) == 2\n0.5"
    *_, died, _ = run(template, ends, graded(test), "def f(x):\n    return 0")

    assert (died.status, value(died)) == ("crashed", "0.5")


def test_an_answer_cannot_end_the_iterations_of_a_test(template: TemplateProcess) -> None:
    """A StopIteration would end a `map`, and `all` of nothing is true."""
    stops = "def even(n):\n    raise StopIteration"
    *_, done = run(template, stops, graded("assert all(map(even, [2, 4]))"))

    assert done.status == "error"
    assert done.outputs[0]["ename"] == "RuntimeError"


@pytest.mark.parametrize(
    ("test", "says"),
    [
        ("for n in range(f()):\n    pass", "OverrunError"),
        ("x = bytearray(f() << 20)", "MemoryError"),
    ],
    ids=["a loop", "memory"],
)
def test_an_answer_cannot_make_a_test_work_without_end(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch, test: str, says: str
) -> None:
    """A test that does something as often as an answer says is stopped here, too."""
    monkeypatch.setattr(graded_cell, "TEST_SECONDS", 0.2)
    before = resource.getrlimit(resource.RLIMIT_AS)
    *_, done = run(template, "def f():\n    return 10**10", graded(test))

    assert (done.status, done.outputs[0]["ename"]) == ("error", says)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_what_a_test_prints_of_an_answer_can_be_written(template: TemplateProcess) -> None:
    """Lone surrogates are replaced, and a flood is cut."""
    *_, done = run(template, "f = lambda: '\\ud800' + 'x' * 10**6", graded("print(f())"))
    text = done.outputs[0]["text"]

    assert len(text.encode("utf-8")) <= 100_000


def test_answers_that_take_their_time_have_a_deadline_together(template: TemplateProcess) -> None:
    """Where the other side does not keep the time, this one does."""
    patches = "import nbexaminer.execution.child.student as s, os, time\n"
    patches += "s._how_it_ended = lambda child, *_: (os.waitpid(child, 0), 'done')[1]\n"
    patches += "def f():\n    time.sleep(0.4)\n    return 1"
    start = time.monotonic()
    *_, done = run(
        template, patches, graded("for _ in range(100): f()"), patience=TimeLimits(0.1, -4.5)
    )

    assert done.status == "timeout"
    assert time.monotonic() - start < 15


def test_free_names_are_those_a_cell_does_not_define() -> None:
    """Names in functions, lambdas and comprehensions count; imports and assignments do not."""
    source = (
        "from m import P\nn = 2\ndef check(k):\n    return f(k, n)\n"
        "[g(i) for i in (1, 2)]\nP.grade(h)"
    )

    assert free_names(source) == {"f", "g", "h"}


def test_a_wrong_answer_is_recognized_across_the_border(template: TemplateProcess) -> None:
    """Twins run here, on the trusted side, and are compared with what came back."""
    wrong_answer = Misconception("tripled", lambda x: 3 * x, "Three.", "a#b", frozenset({"values"}))
    problem = Problem("double", double, {"values": 1.0}, lambda g: cases(g)[:2], (wrong_answer,))
    student = StudentProcess(template, 1, PATIENCE)
    student.run("def double(x):\n    return x + x + x")
    with student.examination():
        from nbexaminer.execution.student_process import RemoteFunction

        outcome = problem.examine(RemoteFunction(student, "double", "function"))
    student.close()

    assert outcome.misconception is wrong_answer


def test_a_module_given_as_an_argument_is_built_over_there(template: TemplateProcess) -> None:
    """Layers are described, built where the answer runs, and come back as their state."""
    from nbexaminer.problems.problem import Made

    student = StudentProcess(template, 1, PATIENCE)
    student.run("def f(layer, X):\n    return layer(X)")
    state = {"weight": torch.full((1, 1, 2, 2), 2.0)}
    made = Made("Conv2d", (1, 1, 2), {"bias": False}, state)
    with student.examination():
        (reply,) = student.call("f", [Call((made, torch.ones(1, 1, 3, 3)))])
    student.close()

    assert torch.equal(reply.value, torch.full((1, 1, 2, 2), 8.0))
    assert torch.equal(reply.inputs[0]["state"]["weight"], state["weight"])
    assert isinstance(made.build(), nn.Conv2d)


def test_the_words_of_an_error_are_bounded_like_the_test(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that takes minutes to write out is an error of its cell, and of no other."""
    monkeypatch.setattr(graded_cell, "TEST_SECONDS", 0.5)
    answer = "import torch\ndef f():\n    return [torch.zeros(100) for _ in range(20_000)]"
    slow, after = run(
        template, answer, graded("assert f() == 5, f()"), graded("assert 1 + 1 == 2")
    )[1:]

    assert (slow.status, slow.outputs[-1]["ename"]) == ("error", "OverrunError")
    assert after.status == "passed"


@pytest.mark.parametrize("error", [graded_cell.OverrunError, MemoryError])
def test_a_cell_stopped_within_an_answer_leaves_none_to_the_next(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """What was asked and not read answers no later question, and every state is there again."""
    ask, receive, stops = StudentProcess.use, protocol.receive, iter([True])

    def stopped(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(protocol, "receive", receive)
        raise error

    def use(self: StudentProcess, *args: Any, **kwargs: Any) -> Any:
        if next(stops, False):
            monkeypatch.setattr(protocol, "receive", stopped)
        return ask(self, *args, **kwargs)

    monkeypatch.setattr(StudentProcess, "use", use)
    answer = "n = 1\ndef f():\n    return n"
    _, stopped_one, _, after = run(
        template, answer, graded("f()"), "n = 2", graded("assert f() == 2")
    )

    assert (stopped_one.status, after.status) == ("error", "passed")


def test_what_a_call_changes_is_put_back_after_the_test(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test sees the change; a module of the course's, which the next student gets, does not."""
    cases = ModuleType("cases_of_the_course")
    cases.X, cases.items = torch.ones(2), [1, [2]]
    monkeypatch.setitem(sys.modules, cases.__name__, cases)
    answer = "def f(x, items):\n    x.zero_()\n    items[1].append(3)\n    items.clear()"
    test = (
        "from cases_of_the_course import X, items\nf(X, items)\nassert X.sum() == 0 and not items"
    )
    done = run(template, answer, graded(test))[-1]

    assert done.status == "passed", done.outputs
    assert (cases.X.tolist(), cases.items) == ([1, 1], [1, [2]])


def test_an_answer_that_loops_costs_two_forks_at_most(template: TemplateProcess) -> None:
    """Of five calls that never end, the first two take their time; what is right is kept."""
    answer = "def f(n):\n    while n > 1: pass\n    return n"
    test = (
        "import time\nstarted, right = time.monotonic(), 0\nfor n in (1, 2, 3, 4, 5, 6):\n"
        "    try:\n        right += f(n) == n\n    except TimeoutError:\n        pass\nfloat(right)"
    )
    student_patience = TimeLimits(cpu_seconds=1, wall_seconds=3)
    done = run(template, answer, graded(test), patience=student_patience)[-1]

    assert (done.status, value(done)) == ("timeout", "1.0")


def test_a_test_that_gives_no_points_is_run_as_students_have_it() -> None:
    """What it hides stays out of students' processes, where such a cell runs."""
    hidden = "a = 1\n### BEGIN HIDDEN TESTS\nsecret = 2\n### END HIDDEN TESTS\nb = 3"
    plans = [
        IsolatedExecute()._plan(
            tiny_course.cell(hidden, "test", grade=True, locked=True, points=points), lambda _: 0
        )
        for points in (0, 2)
    ]

    assert [(p.source, p.graded) for p in plans] == [("a = 1\nb = 3", False), (hidden, True)]


REMEMBERS = """
import pathlib
calls, note = [], pathlib.Path("note")
def double(x):
    if not note.exists():
        note.write_text(str(int(abs(float(x.flatten()[0])) * 1000) % 7))
    calls.append(1)
    if len(calls) % 7 == int(note.read_text()):
        raise [KeyError, OSError, EOFError][len(calls) % 3]
    return 2 * x
"""


def test_what_a_page_explains_does_not_know_what_was_hidden(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an answer has noted of hidden inputs, in a file and in a global, is gone by then."""
    kept = ModuleType("kept")
    kept.PROBLEM = Problem(  # type: ignore[attr-defined]
        "double", double, {"values": 2.0, "errors": 1.0}, cases
    )
    monkeypatch.setitem(sys.modules, "kept", kept)
    cell = "from kept import PROBLEM\nPROBLEM.grade(double)"
    told = [
        run(template, REMEMBERS, graded(cell, seed=seed, points=3))[1].told[0] for seed in range(6)
    ]
    reasons = {tuple(facts["reasons"]) for facts in told}

    assert len({facts["earned"] for facts in told}) >= 1
    assert len(reasons) == 1, reasons


def test_a_name_that_an_answer_says_is_not_one_that_a_test_misses(
    template: TemplateProcess,
) -> None:
    """A page tells a name that was not found, which an answer could choose by a hidden input."""
    from nbexaminer.feedback.page import UNDEFINED

    says = "def add(a, b):\n    raise NameError(\"name 'mul' is not defined\")"
    _, chosen, missed = run(template, says, graded("add(1, 2)"), graded("mul(1, 2)"))
    words = [done.outputs[-1]["evalue"] for done in (chosen, missed)]

    assert [bool(UNDEFINED.fullmatch(text)) for text in words] == [False, True]


SMALL = """
import torch
from nbexaminer.problems.case import Case, Misconception
from nbexaminer.problems.problem import Call, Problem, Small

def double(x):
    return 2 * x

def cases(g):
    for n in (5, 6):
        yield Case("values", "a vector", Call((torch.randn(n, generator=g),)))
    yield Case("options", "a long one", Call((torch.randn(99, generator=g),)))

def small(g):
    for n in (1, 2, 3):
        yield Case("values", "a short vector", Call((torch.ones(n),)))

PROBLEM = Problem("double", double, {"values": 1.0, "options": 1.0}, cases, small=Small(small))
"""
BEHAVED = "def double(x):\n    {}\n    return 2 * x if len(x) > 9 else 3 * x"


def shown(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch, act: str, *, cells: int = 1
) -> list[tuple[str, str | None, Any]]:
    """Return of each graded cell its status, its points and the counterexample that it told."""
    module = ModuleType("small_bank")
    exec(SMALL, module.__dict__)
    monkeypatch.setitem(sys.modules, "small_bank", module)
    test = "from small_bank import PROBLEM\nPROBLEM.grade(double)"
    plans = [graded(test, seed=7, points=2) for _ in range(cells)]
    _, _, *done = run(template, "import torch, os, time", BEHAVED.format(act), *plans)
    return [(d.status, value(d), d.told[0]["counterexample"]) for d in done]


ON_SMALL_INPUTS = {  # what an answer of half the points does; how often an input is shown, if known
    "it is wrong": ("pass", 2),
    "it behaves well": ("if len(x) < 4: return 2 * x", 0),
    "it never ends": ("while len(x) < 4: pass", 0),
    "it sleeps": ("if len(x) < 4: time.sleep(1000)", 0),
    "it ends its process": ("if len(x) < 4: os._exit(0)", 0),
    "it kills its process": ("if len(x) < 4: os.kill(os.getpid(), 9)", 0),
    "it floods the border": ("if len(x) < 4: return torch.ones(9_000_000)", None),
    "it gives what cannot cross": ("if len(x) < 4: return torch.ones(2).to_sparse()", 2),
    "it answers otherwise each time": ("if len(x) < 4: return torch.rand(len(x))", 2),
    "it takes all memory": ("if len(x) < 4: bytearray(1 << 40)", 2),
    "it raises what is no exception": ("if len(x) < 4: raise KeyboardInterrupt", 2),
}


@pytest.mark.parametrize("kind", ON_SMALL_INPUTS)
def test_what_an_answer_does_on_small_inputs_moves_no_point(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Nor a status, of that cell and of the next: nothing that counts is asked after it."""
    act, examples = ON_SMALL_INPUTS[kind]
    done = shown(template, monkeypatch, act, cells=2)

    assert [(status, points) for status, points, _ in done] == [("passed", "1.0")] * 2
    assert examples in (None, sum(example is not None for *_, example in done))


def test_an_answer_that_is_given_up_is_followed_by_another_problem(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same cell: it is asked of a process that is alive."""
    module = ModuleType("small_bank")
    exec(SMALL, module.__dict__)
    monkeypatch.setitem(sys.modules, "small_bank", module)
    test = "from small_bank import PROBLEM\nPROBLEM.grade(double)\nPROBLEM.grade(double)"
    answer = BEHAVED.format("while len(x) < 4: pass")
    _, _, done = run(template, "import torch", answer, graded(test, seed=7, points=2))

    assert (done.status, value(done)) == ("passed", "1.0")
    assert [told["earned"] for told in done.told] == [1.0, 1.0]


@pytest.mark.parametrize("name", ["python", "NSpid:"])
def test_what_has_seen_hidden_inputs_stands_still_while_small_ones_are_asked(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A child that was left behind there cannot keep the processor busy to tell of them."""
    states: list[str] = []

    def look(self: StudentProcess, *given: Any, **options: Any) -> Any:
        folders = memory.tree(self.folder)
        states.extend((f / "stat").read_text().rpartition(")")[2].split()[0] for f in folders)
        return asked(self, *given, **options)

    asked = StudentProcess.call_within
    monkeypatch.setattr(StudentProcess, "call_within", look)
    named = f"__import__('ctypes').CDLL(None).prctl(15, b'{name}')"
    leave = f"if len(x) > 4 and os.fork() == 0:\n        {named}\n        while True: pass"
    ((status, points, example),) = shown(template, monkeypatch, leave)

    assert (status, points) == ("passed", "1.0") and example is not None
    assert len(states) > 3 and set(states) <= {"T", "Z"}


def test_what_does_not_stand_still_is_ended(
    template: TemplateProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small inputs are asked all the same, and the cells after it have their answers."""
    gone: list[bool] = []

    def look(self: StudentProcess, *given: Any, **options: Any) -> Any:
        gone.append(self.closed)
        return asked(self, *given, **options)

    asked = StudentProcess.call_within
    monkeypatch.setattr(StudentProcess, "call_within", look)
    monkeypatch.setattr(Stopwatch, "signal", lambda *_: False)
    cells = shown(template, monkeypatch, "pass", cells=2)

    assert [(status, points) for status, points, _ in cells] == [("passed", "1.0")] * 2
    assert all(example for *_, example in cells) and gone and all(gone)

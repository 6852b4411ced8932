"""Methods that a task excludes or names are found in the code, whatever they are called there."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell

from nbexaminer.nbgrader.preprocessor import _with_methods
from nbexaminer.problems.methods import Method, _used, told

AUTOGRAD = Method(excludes=(".backward", "torch.autograd"))
FFT = Method(names=("torch.fft",))


@pytest.mark.parametrize(
    "cells",
    [
        ["import torch", "def f(x):\n    return torch.autograd.grad(x, x)"],
        ["import torch as t", "def f(x):\n    return t.autograd.grad(x, x)"],
        ["from torch.autograd import grad as g", "def f(x):\n    return g(x, x)"],
        ["import torch\nlearn = torch.autograd", "def f(x):\n    return learn.grad(x, x)"],
        ["def f(x):\n    x.sum().backward()\n    return x.grad"],
        ["%matplotlib inline\ndef help(x):\n    x.backward()", "def f(x):\n    return help(x)"],
        ["class C:\n    def go(self, x):\n        x.backward()", "def f(x):\n    return C().go(x)"],
        ["help = lambda x: x.backward()", "f = help"],
    ],
)
def test_what_is_excluded_is_found_through_aliases_and_helpers(cells: list[str]) -> None:
    """Imports, assignments, helpers, classes and lambdas hide nothing."""
    assert len(told(AUTOGRAD, cells, "f")) == 1


@pytest.mark.parametrize(
    "cells",
    [
        ["def f(x):\n    return x", "y = f(x).backward()"],
        ["def other(x):\n    x.backward()", "def f(x):\n    return x"],
        ["def f(x):\n    '''No torch.autograd, no backward().'''\n    return corr2d_backward(x)"],
        ["def f(x:\n"],
        [],
    ],
)
def test_what_the_answer_does_not_use_is_not_told(cells: list[str]) -> None:
    """Other cells, other functions, text and code that is none are no use of a name."""
    assert told(AUTOGRAD, cells, "f") == []


def test_a_method_that_is_asked_for_is_missed() -> None:
    """A helper's use counts; another function's does not."""
    helper = "from torch import fft as T\ndef go(x):\n    return T.fft2(x)"

    assert told(FFT, [helper, "def f(x):\n    return go(x)"], "f") == []
    assert told(FFT, [helper, "def f(x):\n    return x * x"], "f") == [
        "the task asks for torch.fft, which the answer does not use"
    ]


COSTLY = {
    "aliases of each other": ["a0 = a1.x\na1 = a0.y\n" + "".join(f"b{n} = c\n" for n in range(900)),
                              "def f(x):\n    return [" + "a0, " * 100 + "]"],
    "names of one value": ["f = " + "".join(f"a{n} = " for n in range(900))
                           + "[" + ", ".join(f"a{n}" for n in range(900)) + "]"],
    "more than is read": ["def f(x):\n    return x"] + ["x = 1\n" * 20_000] * 2,
}  # fmt: skip


@pytest.mark.parametrize("cells", COSTLY.values(), ids=COSTLY)
def test_no_code_makes_more_of_itself(cells: list[str]) -> None:
    """A notebook costs the trusted side about its length to look through."""
    used = list(_used(cells, "f"))

    assert sum(map(len, used)) < 20_000


def test_recursion_ends() -> None:
    """Aliases and helpers that lead back to themselves are followed once."""
    assert (
        told(
            AUTOGRAD, ["a = b\nb = a\ndef f(x):\n    return g(a)\ndef g(x):\n    return f(x)"], "f"
        )
        == []
    )


def test_only_students_cells_are_searched_and_only_for_problems_that_declare() -> None:
    """A test cell may use what its task excludes; the declaration itself is not kept."""
    method = {"excludes": [".backward"], "names": []}
    test = {"grade": True, "solution": False, "grade_id": "test_f", "points": 1}
    cells = [
        new_code_cell("def f(x):\n    return help(x)"),
        new_code_cell("def help(x):\n    x.backward()", metadata={"nbgrader": test}),
    ]

    assert _with_methods({"problem": "f", "method": method}, cells) == {"problem": "f"}
    del cells[1].metadata["nbgrader"]
    assert _with_methods({"problem": "f", "method": method}, cells)["methods"]
    assert _with_methods({"problem": "f"}, cells) == {"problem": "f"}

"""What a reader is told of a run: a sentence for each mistake, and the next run works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import ROOT
from practice import session
from practice.export import exported

from problems import bank

sys.path.append(str(ROOT / "book" / "_ext"))

import practice_pages

REST = {"setup": "import torch", "before": []}


def run(source: str, *before: str) -> Any:
    """Run a cell as the page does."""
    return json.loads(session.run(json.dumps({**REST, "before": before, "source": source})))


@pytest.mark.parametrize(
    ("source", "says", "line"),
    [
        ("x = 1\ndef f(:\n    pass", "SyntaxError: invalid syntax", 2),
        ("def f():\n    return 1 / 0\n\nf()", "ZeroDivisionError: division by zero", 2),
        ("while True:\n    print('again')", "it printed more than 5,000 characters", 2),
        ("import sys\nsys.exit(1)", "SystemExit: 1", 2),
        ("def f():\n    f()\nf()", "a function called itself too many times", 2),
        ("raise MemoryError", "it asked for more memory than this page has", 1),
        ("raise NotImplementedError", "write your answer in its place", 1),
        ("assert False, 'Mind the gap.'", "Mind the gap.", 1),
        ("raise ModuleNotFoundError('x', name='numpy')", "There is no numpy in this page", 1),
    ],
)
def test_each_mistake_is_a_sentence_with_the_reader_s_own_line(
    source: str, says: str, line: int
) -> None:
    """And no line of the page's own Python; the next run starts afresh."""
    told = run(source)["error"]

    assert says in told["text"]
    assert told["lines"][-1]["number"] == line
    assert run("x = 2\nx")["shown"] == [{"text": "2\n"}]


def test_the_last_value_is_shown_as_in_a_notebook_and_small_tensors_as_tables() -> None:
    """After the answers before it; a pair of tensors as two tables."""
    told = run("print('first')\nA, B", "A = torch.eye(2)\nB = A[0].double() / 0")
    tables = [one["table"] for one in told["shown"][1:]]

    assert told["shown"][0] == {"text": "first\n"}
    assert tables[0] == {"rows": [[1, 0], [0, 1]], "shape": [2, 2], "dtype": "torch.float32"}
    assert tables[1]["rows"] == [["inf", "nan"]]


def test_a_small_input_is_shown_of_each_wrong_answer_and_none_of_a_right_one() -> None:
    """Of a problem without small inputs, the smallest of the cases; a large one is not called."""
    names = {problem.name: problem for problems in bank().values() for problem in problems}
    some = {name: exported(names[name]) for name in ("output_shape", "parameter_counts", "flip")}
    session.load(json.dumps({"problems": some}))
    wrong = {name: names[name].misconceptions[0].wrong_answer for name in some}
    told = {n: session.examined(n, answer)["counterexample"] for n, answer in wrong.items()}
        name: session.examined(name, answer)["counterexample"] for name, answer in wrong.items()
    }
    right = session.examined("output_shape", names["output_shape"].right[0])

    assert right["counterexample"] is None
    assert told["output_shape"]["size"] <= 4
    assert told["parameter_counts"]["call"].startswith("parameter_counts(")
    assert told["flip"]["yours"] != told["flip"]["expected"]


def test_the_page_has_all_the_python_that_it_imports(tmp_path: Path) -> None:
    """Nothing of what is installed here is there."""
    for name, text in practice_pages.python_sources().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    code = "import sys; sys.path.insert(0, '.'); import practice.session, torch; print(torch)"
    command = [sys.executable, "-I", "-S", "-B", "-c", code]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert str(tmp_path / "torch") in run.stdout.replace("./", f"{tmp_path}/"), run.stderr

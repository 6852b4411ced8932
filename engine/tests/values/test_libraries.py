"""NumPy and torch are imported where a course has them, and nowhere else."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_course
import torch

from nbexaminer.execution import forkserver
from nbexaminer.execution import packages as wanted
from nbexaminer.execution.graded_cell import Plan
from nbexaminer.execution.prestart import guessed
from nbexaminer.execution.runner import run_notebook
from nbexaminer.execution.sandbox.namespaces import Limits, free_slot
from nbexaminer.execution.student_process import DiedError, StudentProcess, TimeLimits
from nbexaminer.execution.template import TemplateProcess
from nbexaminer.problems.case import Case
from nbexaminer.problems.problem import Call, Problem
from nbexaminer.values import frames, libraries

BLOCKER = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "torch"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
"""
EVERY_MODULE = """
import pkgutil
from importlib import import_module
import nbexaminer

names = [m.name for m in pkgutil.walk_packages(nbexaminer.__path__, "nbexaminer.")]
for name in names:
    if not name.endswith("__main__"):
        import_module(name)
assert len(names) > 50, names
"""
NO_VALUES = """
import json
from nbexaminer.execution.protocol import (PREFIX, ProtocolError, decode, encode)
for tree in ({"tensor": ["uint8", [1], 0, None, False]}, {"array": ["uint8", [1], 0]}):
    header = json.dumps(tree).encode()
    try:
        decode(PREFIX.pack(len(header), 1) + header + b"1")
    except ProtocolError as error:
        assert "where there is no" in str(error), error
    else:
        raise AssertionError
assert decode(encode({"x": [1, 2.5, (None,)]})) == {"x": [1, 2.5, (None,)]}
"""
GRADE = """
import sys
from nbexaminer.cli.main import main
from nbexaminer.execution import forkserver

forkserver.ENVIRONMENT["PYTHONPATH"] = sys.argv[2]
sys.exit(main(["--course", sys.argv[1], "grade", "--workers", "1"]))
"""
BOUNDED = """
import resource, signal, sys
from pathlib import Path
from nbexaminer.values.libraries import whole

def stop(*_):
    raise SystemExit("stopped")

size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (1 << 20), resource.RLIM_INFINITY))
signal.signal(signal.SIGPROF, stop)
signal.setitimer(signal.ITIMER_PROF, 0.01, 0.01)
whole("numpy")
signal.setitimer(signal.ITIMER_PROF, 0)
assert "numpy.linalg" in sys.modules
assert resource.getrlimit(resource.RLIMIT_AS)[0] == size + (1 << 20)
assert signal.getsignal(signal.SIGPROF) is stop
"""


@pytest.fixture(scope="module")
def blocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that keeps Python from importing NumPy and torch where it is on the path."""
    folder = tmp_path_factory.mktemp("blocked")
    (folder / "sitecustomize.py").write_text(BLOCKER)
    return folder


def without(blocked: Path, source: str, *arguments: object) -> str:
    """Run a source in a new process, without NumPy and torch, and return what it says."""
    command = [sys.executable, "-c", source, *map(str, arguments)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(blocked), "HOME": str(blocked)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_no_module_of_the_engine_needs_numpy_or_torch(blocked: Path) -> None:
    """Each can be imported where they are not, and there none of their values is taken."""
    without(blocked, EVERY_MODULE + NO_VALUES)


@pytest.mark.slow
def test_a_course_without_them_is_graded_where_they_are_not_installed(
    blocked: Path, tmp_path: Path
) -> None:
    """In no process of grading is either imported; an answer that asks for them gets an error."""
    course = tiny_course.make(tmp_path, isolated=True)
    tiny_course.hand_in(course, "right", tiny_course.ANSWERS["right"])
    tiny_course.hand_in(course, "torch", f"import torch\n{tiny_course.ANSWERS['right']}")
    without(blocked, GRADE, tmp_path, blocked)
    points = {s.student: course.recorded([s])[s] for s in course.submissions()}

    assert points["right"] == {"test_add": 2, "test_partial": 1}
    assert points["torch"] == {"test_add": 0, "test_partial": 0}


def test_a_library_is_imported_whole_in_the_middle_of_a_graded_cell() -> None:
    """Neither the cell's timer nor its limit on memory breaks the import off; both stand after."""
    done = subprocess.run([sys.executable, "-c", BOUNDED], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_library_that_nobody_preloaded_is_there_seeded_and_takes_no_time_of_a_cell(
    template: TemplateProcess,
) -> None:
    """Of Python, NumPy and torch the first numbers follow from the seed, as where it is there."""
    source = "import random, numpy, torch\nrandom.random(), numpy.random.rand(), torch.rand(1)[0]"
    short = TimeLimits(cpu_seconds=0.5, wall_seconds=30)
    (done,) = run_notebook([Plan(source)], lambda: StudentProcess(template, 7, short))
    drawn = torch.rand(1, generator=torch.Generator().manual_seed(7))[0]
    expected = random.Random(7).random(), np.random.RandomState(7).rand(), drawn

    assert done.outputs[-1]["data"]["text/plain"] == repr(expected)


def test_a_figure_is_shown_though_nobody_preloaded_matplotlib(template: TemplateProcess) -> None:
    """The first of its figures appears under the cell, as in a notebook."""
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint(plt.get_backend())"
    (done,) = run_notebook([Plan(source)], lambda: StudentProcess(template, 1, TimeLimits(20, 60)))
    kinds = [kind for output in done.outputs for kind in output.get("data", {})]

    assert kinds == ["text/plain", "image/png"], done.outputs


class Unprepared(StudentProcess):
    """A student's process that ends when it is told to import something."""

    def prepare(self, names: Iterable[str]) -> None:
        if names:
            raise DiedError("memory")


def test_who_has_no_room_for_a_library_is_graded_without_it(template: TemplateProcess) -> None:
    """The process that ended for it is replaced; the notebook's other cells run."""
    plans = [Plan("def f():\n    import torch\nx = 5"), Plan("assert x == 5", graded=True)]
    done = run_notebook(plans, lambda: Unprepared(template, 1, TimeLimits(5, 20)))

    assert [cell.status for cell in done] == ["passed", "passed"]


def test_a_package_that_starts_threads_is_not_preloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fork of a process with threads can hang: the template process begins anew without it."""
    start = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True)"
    (tmp_path / "spinner.py").write_text(f"{start}.start()")
    (tmp_path / "quiet.py").write_text("")
    monkeypatch.setitem(forkserver.ENVIRONMENT, "PYTHONPATH", str(tmp_path))
    warm = TemplateProcess(free_slot(), Limits(), packages=("spinner", "quiet"))
    student = StudentProcess(warm, 1, TimeLimits(5, 20))
    (said,) = student.run("import sys; print([m in sys.modules for m in ('spinner', 'quiet')])")
    student.close()
    warm.close()

    assert said["text"].strip() == "[False, True]"


def test_what_happens_at_an_import_happens_once_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of the import, or at once for what is there; its loader stays of its class."""
    (tmp_path / "late_library.py").write_text("import sys\nx = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    seen: list[Any] = []
    libraries.at_import("late_library", lambda module: seen.append(("later", module.x)))
    import late_library  # type: ignore[import-not-found]

    libraries.at_import("late_library", lambda module: seen.append(("now", module.x)))

    assert seen == [("later", 1), ("now", 1)]
    assert type(late_library.__loader__).__name__ == "SourceFileLoader"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import torch.nn as nn, numpy", {"torch", "numpy"}),
        ("%matplotlib inline\n  from matplotlib import pyplot", {"matplotlib"}),
        ("try: import a\nexcept ImportError: b = 1; from c.d import e", {"a", "c"}),
        ("def broken(:\n    import late", {"late"}),
        ("important = 1\nfrom_here = 2\nprint('no import x')", set()),
        ("from . import x", set()),
    ],
)
def test_imports_are_read_from_what_need_not_be_python(source: str, names: set[str]) -> None:
    """Magics, broken cells and imports within lines are read as they stand."""
    assert wanted.named(source) == names


def test_packages_that_need_a_library_count_as_its_imports() -> None:
    """SciPy imports NumPy; the standard library and names of nothing import nothing."""
    assert wanted.heavy(["import scipy.signal"]) == ("numpy",)
    assert wanted.heavy(["import json, no_such_thing", "import torch"]) == ("torch",)


def test_in_place_of_a_bank_stands_what_it_imports() -> None:
    """No student's process finds a reference or a wrong answer in its memory."""
    found = set(wanted.shared(["problems.correlation"], ("problems", "convolutions")))

    assert {"matplotlib", "torch"} <= found
    assert not {"nbexaminer", "convolutions", "nbgrader", "problems"} & found
    assert wanted.shared(["json", "nbexaminer", "no_such_thing", "numpy.random"]) == ("numpy",)


def test_a_course_says_what_else_to_preload(tmp_path: Path) -> None:
    """What an assignment's notebooks import, and `IsolatedExecute.preload`."""
    course = tiny_course.make(tmp_path)
    bare = course.packages(["sums"])
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write('c.IsolatedExecute.preload = ["numpy", "problems"]\n')
    notebook = tmp_path / "release" / "sums" / "sums.ipynb"
    notebook.write_text(
        notebook.read_text()
        .replace("# Sums", "# Sums\\nimport x")
        .replace("raise NotImplementedError", "import scipy.signal")
    )
    more = type(course)(tmp_path).packages(["sums"])

    assert bare == ()
    assert {"numpy", "scipy", "torch"} <= set(more)
    assert not {"problems", "x"} & set(more)


@pytest.mark.parametrize("how", [["--course", "{}"], ["--course={}"]])
def test_what_a_course_imports_is_guessed_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: list[str]
) -> None:
    """Before the commands are read, the text of the notebooks has to do."""
    folder = tmp_path / "source" / "one"
    folder.mkdir(parents=True)
    (folder / "one.ipynb").write_text('{"cells": [{"source": ["from torch import nn\\n"]}]}')
    command = [part.format(tmp_path) for part in how]
    monkeypatch.chdir(folder)

    assert guessed(["-m", *command, "grade"]) == ["torch"]
    assert guessed(["-m", "--course", str(tmp_path / "nowhere"), "grade"]) == []


def doubled(draw: Any) -> list[Case]:
    """Return cases whose inputs NumPy draws."""
    return [
        Case("values", "a vector", Call((draw.random(4),))),
        Case("values", "a longer one", Call((draw.random(9),))),
    ]


DOUBLE = Problem(
    "double", lambda x: 2 * x, {"values": 2.0, "shape": 1.0}, doubled,
    generator=np.random.default_rng,
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        (lambda x: x + x, 3.0),
        (lambda x: 3 * x, 1.0),
        (lambda x: x[::-1], 0.0),
        (np.zeros_like, 0.0),
        (lambda x: np.random.rand(*x.shape), 0.0),
        (lambda x: (2 * x).astype(np.float32), 1.0),
        (list, 0.0),
    ],
    ids=["right", "wrong", "turned", "constant", "noise", "dtype", "list"],
)
def test_a_bank_of_numpy_problems_is_graded_as_one_of_torch(answer: Any, points: float) -> None:
    """Values, shapes and the trivial baselines: arrays in place of tensors."""
    assert DOUBLE.examine(answer).earned == points


def test_a_problem_draws_from_what_its_bank_has() -> None:
    """Python's own generator does for plain values, the same from the same seed."""
    add = Problem(
        "add", lambda a, b: a + b, {"values": 1.0},
        lambda rng: [Case("values", "two numbers", Call((rng.random(), rng.random())))],
        generator=random.Random,
    )  # fmt: skip

    assert add.cases(1)[0].call.args == add.cases(1)[0].call.args != add.cases(2)[0].call.args
    assert add.examine(lambda a, b: b + a).earned == 1


def test_pandas_is_imported_undisturbed_for_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that is broken off half-way through the import would cost those after it theirs."""
    pandas, asked = pytest.importorskip("pandas"), list[str]()
    monkeypatch.setattr(frames, "whole", asked.append)
    table = frames.put_together(frames.taken_apart(pandas.Series([1, 2]), lambda value: value))

    assert (table.tolist(), asked) == ([1, 2], ["pandas"])

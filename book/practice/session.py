"""Runs what a reader writes, and examines it: text in, JSON out, one worker of the page.

An answer runs as in its notebook: after the setup, and after the answers of the tasks before it.
What it prints is bounded; what it raises is told with the reader's own line numbers. Nothing that
an answer does ends the session, except what ends its worker.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import json
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from nbexaminer.problems.counterexample import Counterexample
from nbexaminer.problems.outcome import Outcome
from nbexaminer.problems.showing import facts
from nbexaminer.problems.small import MANY, cost
from practice.judge import PublicProblem, public

YOURS = "<your answer>"
CHECK = "<the check>"
MOST_PRINTED = 5_000  # characters
MOST_SHOWN = 12  # values of a result, one below the other
LARGEST_TABLE = 400  # elements of a tensor that is shown as a table
ELSEWHERE = ("numpy", "scipy", "matplotlib", "torchvision", "pandas", "PIL", "cv2", "sklearn")
_problems: dict[str, PublicProblem] = {}
_contents: dict[str, Any] = {}
_beats: list[Callable[[], object]] = []


class TooMuchPrintedError(BaseException):
    """More was printed than a page shows. No `Exception`: an answer must not catch it by chance."""


class Printed(io.TextIOBase):
    """What is printed, among what is shown, in order; too much of it ends the run."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.left = MOST_PRINTED

    def write(self, text: str) -> int:
        """Keep text as far as there is room."""
        kept = text[: self.left]
        if self.shown and "text" in self.shown[-1]:
            self.shown[-1]["text"] += kept
        elif kept:
            self.shown.append({"text": kept})
        self.left -= len(kept)
        if len(kept) < len(text):
            raise TooMuchPrintedError
        return len(text)

    def show(self, value: Any) -> None:
        """Show a value as a notebook does the last one of a cell: small tensors as tables."""
        parts = value if isinstance(value, tuple | list) and _holds_tables(value) else [value]
        for part in parts[:MOST_SHOWN]:
            table = as_table(part)
            if table:
                self.shown.append({"table": table})
            else:
                self.write(f"{part!r}\n")


def beats(beat: Callable[[], object]) -> None:
    """Have `beat` called before each call of an answer: many short calls are not one long one."""
    _beats.append(beat)


def load(topic: str) -> None:
    """Take in the problems of a topic, as `export.main` wrote them."""
    _contents.update(json.loads(topic)["problems"])


def run(request: str) -> str:
    """Run an answer and return what it shows, and what it raised.

    Parameters
    ----------
    request : str
        JSON of `setup`, `before` (the answers of earlier tasks) and `source`.
    """
    asked = json.loads(request)
    with _printing() as printed:
        _, error = _answered(asked, printed)
    return json.dumps({"shown": printed.shown, "error": error})


def check(request: str) -> str:
    """Run an answer and its visible check, examine it on the public cases, and return all three.

    Parameters
    ----------
    request : str
        JSON as `run` takes it, with the `task` and its visible `check`.
    """
    asked = json.loads(request)
    name = asked["task"]
    with _printing() as printed:
        space, error = _answered(asked, printed)
        if error is None and name not in space:
            error = {"text": f"There is no {name} after your answer ran: keep the first line."}
    reply: dict[str, Any] = {"shown": printed.shown, "error": error}
    if error is None:
        with _printing():
            reply["check"] = _run(asked["check"], CHECK, dict(space), None)
        with _printing():
            reply["outcome"] = examined(name, space[name])
    return json.dumps(reply)


def examined(name: str, answer: Any) -> dict[str, Any]:
    """Return what came of an answer on the public cases; what the page lacks is told instead."""
    if name not in _problems:
        _problems[name] = public(_contents[name])

    def called(*args: Any, **kwargs: Any) -> Any:
        for beat in _beats:
            beat()
        return answer(*args, **kwargs)

    problem = _problems[name]
    outcome = problem.examine(called)
    lacking = [f.reply.message for f in outcome.findings if "NotInThePage" in f.reply.errors]
    if lacking:
        return {"lacking": lacking[0]}
    example = _example(problem, outcome, called)
    return {**outcome.facts(), "counterexample": drawn(example) if example else None}


def _example(problem: PublicProblem, outcome: Outcome, answer: Any) -> Counterexample | None:
    """Return the smallest input on which an answer is wrong: of the pool, else of the cases."""
    wrong = [finding for finding in outcome.findings if not finding.right]
    if not wrong or not outcome.answered:
        return None
    found = problem.counterexample(answer, outcome.misconception, outcome.second)
    if found is None:
        least = min(wrong, key=lambda finding: cost(finding.case.call))
        found = Counterexample(problem, problem.reference.perform(least.case.call), least)  # type: ignore[attr-defined]
    return found


def drawn(example: Counterexample) -> dict[str, Any]:
    """Return a counterexample as a page draws it: what feedback shows, as far as it is small."""
    told = facts(example)
    if example.size > MANY:
        told["call"] = ""
    if example.found.case.judge and not example.problem.small:
        told["expected"] = []  # one right result of many
    return {**told, "examines": example.found.case.examines}


def as_table(value: Any) -> dict[str, Any] | None:
    """Return a real tensor of one or two axes and few elements as rows of numbers, else None."""
    if not isinstance(value, torch.Tensor) or value.ndim not in (1, 2) or value.is_complex():
        return None
    if not 0 < value.numel() <= LARGEST_TABLE:
        return None
    rows = value.detach().tolist()
    rows = rows if value.ndim == 2 else [rows]
    numbers = [[float(x) if abs(float(x)) < float("inf") else str(x) for x in row] for row in rows]
    return {"rows": numbers, "shape": list(value.shape), "dtype": str(value.dtype)}


def _holds_tables(values: Any) -> bool:
    return 0 < len(values) <= MOST_SHOWN and any(as_table(value) for value in values)


@contextlib.contextmanager
def _printing() -> Iterator[Printed]:
    printed = Printed()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        yield printed


def _answered(asked: Mapping[str, Any], printed: Printed) -> tuple[dict[str, Any], Any]:
    """Run setup, earlier answers and the answer; return their names, and what the last raised."""
    space: dict[str, Any] = {"__name__": "__main__", "display": printed.show}
    with _printing():
        for source in (asked["setup"], *asked["before"]):
            _run(source, "<an earlier cell>", space, None)
    printed.left = MOST_PRINTED
    return space, _run(asked["source"], YOURS, space, printed)


def _run(
    source: str, name: str, space: dict[str, Any], printed: Printed | None
) -> dict[str, Any] | None:
    """Run a cell; return what it raised, in words, or None."""
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    try:
        tree = ast.parse(source, name)
        last = tree.body.pop() if printed and tree.body and _shows(tree.body[-1]) else None
        exec(compile(tree, name, "exec"), space)
        if isinstance(last, ast.Expr) and printed:
            value = eval(compile(ast.Expression(last.value), name, "eval"), space)
            if value is not None:
                printed.show(value)
    except BaseException as error:
        return told(error)
    return None


def _shows(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr)


def told(error: BaseException) -> dict[str, Any]:
    """Return an error in a sentence, with the lines of the reader's own that led to it."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        {"number": f.lineno, "within": f.name, "source": f.line or ""}
        for f in frames
        if f.filename == YOURS
    ]
    if isinstance(error, SyntaxError) and error.filename == YOURS:
        text = (error.text or "").strip()
        lines = [{"number": error.lineno, "within": "<module>", "source": text}]
    return {
        "text": _sentence(error),
        "lines": lines[:1] + lines[1:][-3:],
        "kind": type(error).__name__,
    }


def _sentence(error: BaseException) -> str:
    if isinstance(error, TooMuchPrintedError):
        return f"The run was ended: it printed more than {MOST_PRINTED:,} characters."
    if isinstance(error, MemoryError):
        return "The run was ended: it asked for more memory than this page has (512 MB)."
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in ELSEWHERE:
        return (
            f"There is no {error.name} in this page, which has Python and a stand-in for PyTorch; "
            "the notebook has it, and no task needs it."
        )
    if isinstance(error, RecursionError):
        return "RecursionError: a function called itself too many times."
    if isinstance(error, AssertionError | NotImplementedError) and str(error):
        return str(error)
    if isinstance(error, NotImplementedError):
        return "NotImplementedError: this is the cell as it came; write your answer in its place."
    if type(error).__name__ == "NotInThePage":
        return str(error)
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def forget_the_shell() -> None:
    """Take away what would wait for a reader's typing: there is no one to type."""

    def asks(*_: Any) -> str:
        raise RuntimeError("input() has no one to ask in this page")

    builtins.input = asks  # type: ignore[assignment]
    sys.setrecursionlimit(min(sys.getrecursionlimit(), 800))  # the stack of WebAssembly is short


if sys.platform == "emscripten":
    forget_the_shell()

"""What a problem is made of: inputs to examine, what each one showed, and mistakes by name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbexaminer.problems.calls import Call, ModuleCall, Reply
from nbexaminer.problems.edits import Edit

Judge = Callable[[Reply, Reply], str | None]
Facts = dict[str, Any]
CRITERIA = {
    "shape": "the result has the right type and shape",
    "values": "the values are right",
    "types": "the dtype and its precision are right, for every input dtype and memory layout",
    "options": "padding, stride and dilation are right",
    "gradients": "the gradients are right",
    "errors": "ValueError is raised where it should be",
    "untouched": "the inputs are left as they were",
}


class Vague(str):
    """What a judge says of any wrong result that it knows no more of: it makes no two alike."""

    __slots__ = ()


@dataclass(frozen=True)
class Case:
    """One input on which an answer is examined.

    Parameters
    ----------
    criterion : str
        The criterion that the case belongs to.
    examines : str
        What it examines, in words that a student may read: no values.
    call : Call or ModuleCall
        What the answer is called with.
    terms, magnitude : int, float
        How many products an element of the result sums, and a bound on the sum of their
        absolute values: the tolerance follows from them (`compare.difference`).
    judge : callable, optional
        Takes the answer's reply and the reference's, returns what is wrong or None; for results
        that are right without being equal to the reference's.
    trivial : bool
        Whether an answer that does next to nothing may get it right, or a wrong one by chance.
    varies : callable, optional
        Takes a right reply, returns what the same call, made again, must give another value of.
    """

    criterion: str
    examines: str
    call: Call | ModuleCall
    terms: int = 1
    magnitude: float = 0.0
    judge: Judge | None = None
    trivial: bool = False
    varies: Callable[[Reply], Any] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.magnitude < math.inf:
            raise ValueError(f"magnitude is {self.magnitude}; it is a finite number from 0 on")


@dataclass(frozen=True)
class Misconception:
    """A named mistake, as code: a wrong answer.

    Parameters
    ----------
    name : str
        The mistake in a few words, such as "no +1 in the output size".
    wrong_answer : callable
        The wrong answer: an edit of a right one (`edits.edit`), which then is called after it and
        `name`, or a function or class. Self-contained: uses math, torch, nn and F only, so that it
        can stand in a notebook.
    hint : str
        What the answer seems to do and why that gives what it gives; never the answer.
    section : str
        Where the book mends it, as ``page#label``, such as ``correlation#output-size``.
    fails : frozenset of str
        The criteria that the wrong answer must lose.
    """

    name: str
    wrong_answer: Callable[..., Any]
    hint: str
    section: str
    fails: frozenset[str]

    def __post_init__(self) -> None:
        if isinstance(self.wrong_answer, Edit):
            object.__setattr__(self, "wrong_answer", self.wrong_answer.named(self.name))


@dataclass(frozen=True)
class CaseResult:
    """What one case showed: `wrong` is None where the answer is right."""

    case: Case
    reply: Reply
    wrong: str | None
    wrong_form: bool = False
    changed_inputs: bool = False
    shares_memory: bool = False

    @property
    def touched(self) -> str | None:
        """What the call did to its inputs that it must not do, in words."""
        if self.changed_inputs:
            return "the inputs were changed"
        return "the result is no new tensor: it shares memory" if self.shares_memory else None

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with the value, the error or the inputs."""
        return self.wrong is None and self.touched is None

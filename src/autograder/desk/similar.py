"""Answers that are nearly the same code: pure. Spelling is taken out, common passages count little.

Code becomes a row of words without comments, docstrings, layout and the names that the student
chose; runs of `RUN` words are compared. What was released does not count. A run counts the more,
the fewer students have it, so that the usual way of writing something makes nobody suspicious.
"""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import math
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from autograder.desk.facts import Graded
from autograder.desk.statistics import by_assignment

RUN = 8
LEAST_WORDS = 40
ALIKE = 0.8
RARE = 30
MAX_CODE = 20_000
KNOWN = frozenset(dir(builtins)) | {"torch", "nn", "F", "np", "numpy", "math", "self"}
LAYOUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)
Run = tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """A word of code without its spelling, and the line it stands on (from 0)."""

    text: str
    line: int


@dataclass(frozen=True)
class Pair:
    """Two students with nearly the same code in an assignment.

    `alike`, between 0 and 1, is how much of the one with less the other has too; the sides are
    lines of code, each with whether it is shared.
    """

    assignment: str
    students: tuple[str, str]
    alike: float
    sides: tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]


def words(code: str) -> list[Word]:
    """Return the words of code, without what two people can write differently by changing names.

    What does not tokenize ends the row there.

    Examples
    --------
    >>> [w.text for w in words("total = a.sum() + 1  # my idea")]
    ['name', '=', 'name', '.', 'sum', '(', ')', '+', '1']
    """
    skipped = _docstrings(code)
    out: list[Word] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type in LAYOUT or token.start in skipped:
                continue
            after_dot = bool(out) and out[-1].text == "."
            out.append(Word(_plain(token, after_dot), token.start[0] - 1))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return out
    return out


def _plain(token: tokenize.TokenInfo, after_dot: bool) -> str:
    if token.type == tokenize.STRING:
        return "text"
    if token.type == tokenize.NAME and not after_dot:
        return token.string if _fixed(token.string) else "name"
    return token.string


def _fixed(name: str) -> bool:
    return keyword.iskeyword(name) or name in KNOWN


def _docstrings(code: str) -> set[tuple[int, int]]:
    """Return where docstrings begin; nowhere in code that does not parse."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {
        (node.lineno, node.col_offset)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def near_identical(graded: Sequence[Graded], released: Mapping[str, str]) -> list[Pair]:
    """Return the pairs of students with nearly the same code, the most alike first.

    Parameters
    ----------
    graded : sequence of Graded
    released : mapping of str to str
        The code that students got with each assignment.
    """
    pairs = [
        pair
        for name, own in by_assignment(graded).items()
        for pair in _pairs(name, own, released.get(name, ""))
    ]
    return sorted(pairs, key=lambda p: (-p.alike, p.assignment, p.students))


def _pairs(assignment: str, own: Sequence[Graded], released: str) -> Iterator[Pair]:
    given = set(_runs(words(released)))
    codes = {g.student: "\n\n".join(g.answers.values())[:MAX_CODE] for g in own}
    rows = {student: words(code) for student, code in codes.items()}
    runs = {student: set(_runs(row)) - given for student, row in rows.items()}
    runs = {student: own for student, own in runs.items() if len(own) + RUN > LEAST_WORDS}
    weights = _weights(runs)
    for one, other in sorted(_candidates(runs)):
        alike = _likeness(runs[one], runs[other], weights)
        if alike >= ALIKE:
            shared = runs[one] & runs[other]
            sides = [_side(codes[s], rows[s], shared) for s in (one, other)]
            yield Pair(assignment, (one, other), alike, (sides[0], sides[1]))


def _runs(row: Sequence[Word]) -> Iterator[Run]:
    texts = [word.text for word in row]
    return (tuple(texts[i : i + RUN]) for i in range(len(texts) - RUN + 1))


def _weights(runs: Mapping[str, set[Run]]) -> dict[Run, float]:
    """Return how much each run counts: nothing, if everyone had it; more, the fewer have it."""
    owners: dict[Run, int] = defaultdict(int)
    for own in runs.values():
        for run in own:
            owners[run] += 1
    return {run: math.log((len(runs) + 1) / count) for run, count in owners.items()}


def _candidates(runs: Mapping[str, set[Run]]) -> set[tuple[str, str]]:
    """Return the pairs that share a rare run, or everything."""
    owners: dict[object, list[str]] = defaultdict(list)
    for student in sorted(runs):
        owners[frozenset(runs[student])].append(student)
        for run in runs[student]:
            owners[run].append(student)
    return {
        pair
        for what, students in owners.items()
        if len(students) <= RARE or isinstance(what, frozenset)
        for pair in combinations(students, 2)
    }


def _likeness(one: set[Run], other: set[Run], weights: Mapping[Run, float]) -> float:
    """Return how much of the one with less the other has too: what is added hides nothing."""
    least = min(math.fsum(weights[run] for run in runs) for runs in (one, other))
    return math.fsum(weights[run] for run in one & other) / least if least else 0.0


def _side(code: str, row: Sequence[Word], shared: set[Run]) -> tuple[tuple[str, bool], ...]:
    """Return the lines of code, each with whether a shared run touches it."""
    touched = {
        word.line for i, run in enumerate(_runs(row)) if run in shared for word in row[i : i + RUN]
    }
    return tuple((line, n in touched) for n, line in enumerate(code.split("\n")))

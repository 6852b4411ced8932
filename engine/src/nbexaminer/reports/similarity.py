"""Answers that are nearly the same code: pure. Spelling is taken out, common passages count little.

Code becomes a row of the nodes of its syntax tree, without comments, docstrings, layout, what does
nothing and the names that the student chose; runs of `RUN` nodes within a function are compared,
so that the order of functions does not matter. What was released does not count. A run counts the
more, the fewer students have it, so that the usual way of writing something makes nobody
suspicious.

References
----------
Schleimer, Wilkerson and Aiken (2003), *Winnowing*, the algorithm of MOSS.
Prechelt, Malpohl and Philippsen (2002), *Finding plagiarisms […] with JPlag*.
"""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import math
import re
import tokenize
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from nbexaminer.reports.facts import SubmissionFact
from nbexaminer.reports.item_analysis import by_assignment

RUN = 8
LEAST_WORDS = 40
ALIKE = 0.8
RARE = 30
MAX_CODE = 1_000_000  # characters of a student's answers, without lines that are comments
BUILTINS = frozenset(dir(builtins))
KNOWN = BUILTINS | {"torch", "nn", "F", "np", "numpy", "math", "self"}
LAYOUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)
ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
SHELL = re.compile(
    r"^[ \t]*[%!#].*$", re.MULTILINE
)  # comments and what IPython runs, as whole lines
WordRun = tuple[str, ...]
Code = Sequence[tuple["Word", ...]]


@dataclass(frozen=True)
class Word:
    """A word of code without its spelling, and the line it stands on (from 0)."""

    text: str
    line: int


@dataclass(frozen=True)
class Side:
    """A student's code: lines, each with whether it is shared with somebody else's of a cluster."""

    student: str
    lines: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Cluster:
    """Students with nearly the same code in an assignment.

    Parameters
    ----------
    assignment : str
    alike : float
        Between 0 and 1: how much of the one with less the other has too, of the two most alike.
    sides : tuple of Side
        One of each student.
    holder : str
        Who has, among other code, that of all the others, which is not alike; usually nobody.
    """

    assignment: str
    alike: float
    sides: tuple[Side, ...]
    holder: str = ""

    @property
    def students(self) -> tuple[str, ...]:
        """Return the names."""
        return tuple(side.student for side in self.sides)


def near_identical(graded: Sequence[SubmissionFact], released: Mapping[str, str]) -> list[Cluster]:
    """Return the clusters of students with nearly the same code, the most alike first.

    Whoever holds the code of several that are not alike makes a cluster of its own, after all
    others, and joins none: it hides nobody.

    Parameters
    ----------
    graded : sequence of Graded
    released : mapping of str to str
        The code that students got with each assignment.
    """
    found = [
        cluster
        for name, own in by_assignment(graded).items()
        for cluster in _clusters(name, [g for g in own if not too_long(g)], released.get(name, ""))
    ]
    return sorted(found, key=lambda c: (bool(c.holder), -c.alike, c.assignment, c.students))


def too_long(graded: SubmissionFact) -> bool:
    """Whether the answers of a submission are more than is compared."""
    return sum(len(SHELL.sub("", answer)) for answer in graded.answers.values()) > MAX_CODE


def words(code: str) -> Code:
    """Return the words of each statement at the top of code, without what says nothing.

    Names that the student chose, comments, docstrings, annotations and what does nothing are gone.
    Code that does not parse is taken as one statement of what can be read of it.

    Examples
    --------
    >>> [word.text for word in words("keep(a.sum() + 0); unused = 5  # my idea")[0]]
    ['Call', 'name', 'Call', '.sum', 'name']
    """
    plain = SHELL.sub("", code)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes: they are the student's
            tree = ast.parse(plain)
        used = frozenset(_read(tree))
        return [tuple(_nodes(statement, used)) for statement in _alive(tree.body, used)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [tuple(_tokens(plain))]


def _read(node: ast.AST) -> Iterator[str]:
    """Yield the names that code reads, but for what a statement reads of what it sets itself."""
    own: set[str] = set()
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        own = {target.id for target in targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    for child in ast.iter_child_nodes(node):
        yield from (name for name in _read(child) if name not in own)


def _alive(body: Iterable[ast.stmt], used: frozenset[str]) -> list[ast.stmt]:
    """Return the statements of a block that do something, those of ``if True`` without it."""
    out: list[ast.stmt] = []
    for node in body:
        truth = _constant(node.test) if isinstance(node, ast.If | ast.While) else None
        if isinstance(node, ast.If) and truth is not None:
            out += _alive(node.body if truth else node.orelse, used)
        elif not _does_nothing(node, used) and truth is not False:
            out.append(node)
        if out and isinstance(out[-1], ENDS):
            break
    return out


def _constant(test: ast.expr) -> bool | None:
    return bool(test.value) if isinstance(test, ast.Constant) else None


def _does_nothing(node: ast.stmt, used: frozenset[str]) -> bool:
    """Whether a statement can be left out: values and names that nobody reads, calls of `print`."""
    if isinstance(node, ast.Expr):
        calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
        return all(isinstance(f, ast.Name) and f.id in BUILTINS for f in calls) and not any(
            isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in ast.walk(node)
        )
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return all(isinstance(t, ast.Name) and t.id not in used for t in targets)
    true = isinstance(node, ast.Assert) and _constant(node.test) is True
    return true or isinstance(node, ast.Pass)


def _nodes(node: ast.AST, used: frozenset[str], line: int = 0) -> Iterator[Word]:
    """Yield a statement's nodes in order, each as a word."""
    line = getattr(node, "lineno", line + 1) - 1
    node = _without_neutral(node)
    if not isinstance(node, ast.Expr | ast.expr_context | ast.arguments | ast.Module):
        yield Word(_spelled(node), line)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment", "decorator_list", "simple"):
            continue
        several = value if isinstance(value, list) else [value]
        if name in ("body", "orelse", "finalbody") and isinstance(value, list):
            several = _alive(value, used)
        for child in several:
            if isinstance(child, ast.AST):
                yield from _nodes(child, used, line)


def _without_neutral(node: ast.AST) -> ast.AST:
    """Return an expression without ``+ 0``, ``- 0``, ``* 1`` and ``/ 1`` around it."""
    while isinstance(node, ast.BinOp):
        neutral = 0 if isinstance(node.op, ast.Add | ast.Sub) else 1
        ordered = isinstance(node.op, ast.Sub | ast.Div)
        if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
            break
        if isinstance(node.right, ast.Constant) and node.right.value == neutral:
            node = node.left
        elif not ordered and isinstance(node.left, ast.Constant) and node.left.value == neutral:
            node = node.right
        else:
            break
    return node


def _spelled(node: ast.AST) -> str:
    """Return the word of a node: its kind, or of a name or constant what is known to all."""
    if isinstance(node, ast.Name):
        return node.id if node.id in KNOWN else "name"
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    if isinstance(node, ast.Constant):
        return "text" if isinstance(node.value, str | bytes) else repr(node.value)[:20]
    if isinstance(node, ast.AnnAssign):
        return "Assign"
    return "name" if isinstance(node, ast.arg) else type(node).__name__


def _tokens(code: str) -> Iterator[Word]:
    """Yield the words of code that does not parse; what does not tokenize ends the row."""
    after_dot = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type in LAYOUT:
                continue
            yield Word(_plain(token, after_dot), token.start[0] - 1)
            after_dot = token.string == "."
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return


def _plain(token: tokenize.TokenInfo, after_dot: bool) -> str:
    if token.type == tokenize.STRING:
        return "text"
    is_fixed = keyword.iskeyword(token.string) or token.string in KNOWN
    is_name = token.type == tokenize.NAME and not after_dot and not is_fixed
    return "name" if is_name else token.string


def _clusters(assignment: str, own: Sequence[SubmissionFact], released: str) -> Iterator[Cluster]:
    given = _runs(words(released))
    cells = {g.student: list(g.answers.values()) for g in own}
    codes = {student: _joined(answers) for student, answers in cells.items()}
    runs = {student: _runs(code) - given for student, code in codes.items()}
    runs = {student: mine for student, mine in runs.items() if len(mine) + RUN > LEAST_WORDS}
    weights = _weights(runs)
    held = _held(runs, weights)
    groups, holders = _grouped(held)

    def cluster(students: Sequence[str], holder: str = "") -> Cluster:
        alike = max(held.get(pair, 0.0) for pair in permutations(students, 2))
        owners = Counter(run for student in students for run in runs[student])
        sides = (
            Side(s, tuple(_marked("\n\n".join(cells[s]).split("\n"), codes[s], owners)))
            for s in students
        )
        return Cluster(assignment, min(alike, 1.0), tuple(sides), holder)

    for group in groups:
        yield cluster(sorted(group))
    for holder, others in sorted(holders.items()):
        yield cluster([holder, *sorted(others)], holder)


def _joined(answers: Iterable[str]) -> list[tuple[Word, ...]]:
    """Return the words of several cells, their lines counted as if they stood below each other."""
    out: list[tuple[Word, ...]] = []
    line = 0
    for answer in answers:
        for row in words(answer):
            out.append(tuple(Word(word.text, word.line + line) for word in row))
        line += answer.count("\n") + 2
    return out


def _runs(code: Code) -> set[WordRun]:
    texts = [[word.text for word in row] for row in code]
    return {tuple(row[i : i + RUN]) for row in texts for i in range(len(row) - RUN + 1)}


def _weights(runs: Mapping[str, set[WordRun]]) -> dict[WordRun, float]:
    """Return how much each run counts: next to nothing, if everyone had it; more, the fewer."""
    owners: dict[WordRun, int] = defaultdict(int)
    for own in runs.values():
        for run in own:
            owners[run] += 1
    return {run: math.log((len(runs) + 1) / count) for run, count in owners.items()}


def _held(
    runs: Mapping[str, set[WordRun]], weights: Mapping[WordRun, float]
) -> dict[tuple[str, str], float]:
    """Return for (holder, other) how much of the other's code the holder has, where it is much."""
    heavy = {s: math.fsum(map(weights.__getitem__, own)) for s, own in runs.items()}
    out = {}
    for one, other in _candidates(runs):
        shared = math.fsum(map(weights.__getitem__, runs[one] & runs[other]))
        for holder, whose in ((one, other), (other, one)):
            if heavy[whose] and shared / heavy[whose] >= ALIKE:
                out[holder, whose] = shared / heavy[whose]
    return out


def _candidates(runs: Mapping[str, set[WordRun]]) -> set[tuple[str, str]]:
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


def _grouped(held: Iterable[tuple[str, str]]) -> tuple[list[set[str]], dict[str, set[str]]]:
    """Return groups of those who hold each other's code, and who holds that of several groups.

    Whoever holds that of one group, hidden in other code, belongs to it.
    """
    holds: dict[str, set[str]] = defaultdict(set)
    for holder, other in held:
        holds[holder].add(other)
    group_of = {student: frozenset({student}) for pair in held for student in pair}

    def join(one: str, other: str) -> None:
        both = group_of[one] | group_of[other]
        group_of.update(dict.fromkeys(both, both))

    for one, other in held:
        if one in holds.get(other, ()):
            join(one, other)
    apart = {
        holder: {other for other in others if other not in group_of[holder]}
        for holder, others in holds.items()
    }
    several = {h: o for h, o in apart.items() if len({group_of[other] for other in o}) > 1}
    for holder, others in apart.items():
        if others and holder not in several and not group_of[holder] & several.keys():
            join(holder, min(others))
    groups = {group for group in group_of.values() if len(group) > 1}
    return [set(group) for group in groups], several


def _marked(
    lines: Sequence[str], code: Code, owners: Mapping[WordRun, int]
) -> Iterator[tuple[str, bool]]:
    """Yield the lines of code, each with whether a run touches it that several have."""
    touched = set()
    for row in code:
        texts = [word.text for word in row]
        for i in range(len(row) - RUN + 1):
            if owners.get(tuple(texts[i : i + RUN]), 0) > 1:
                touched |= {word.line for word in row[i : i + RUN]}
    yield from ((line, number in touched) for number, line in enumerate(lines))

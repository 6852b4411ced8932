"""Reads source notebooks and names each graded cell that cannot work where students' code is apart.

Nothing is run. The rules follow from what a graded cell can do (`execution.graded_cell`):
graded cells run in a trusted process, as plain Python, on handles of students' functions and on
copies of their values; what cells of the instructor's make is there, too.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from nbexaminer.errors import NotACourseError
from nbexaminer.notebooks.cells import is_grade, is_solution, read_notebook
from nbexaminer.notebooks.dependencies import python_of
from nbexaminer.notebooks.lint.names import defined_by, reached
from nbexaminer.notebooks.lint.rules import BUILTINS, SHELL, broken, is_star, redefined, star_import
from nbexaminer.notebooks.lint.uses import CLASS, FUNCTION, MODULE, OBJECT, SCOPES, VALUE, Use, uses


@dataclass(frozen=True)
class Finding:
    """One thing in a graded cell that has to be changed: where, what, why, and what to do."""

    notebook: str
    cell: str
    use: Use

    @property
    def name(self) -> str:
        """What the cell is called in `levels.toml`."""
        return f"{Path(self.notebook).stem}/{self.cell}"

    def __str__(self) -> str:
        use = self.use
        where = f"{self.notebook}: cell {self.cell}, line {use.line}"
        return f"{where}: {use.what}: {use.why}; {use.instead}"


@dataclass
class _Before:
    """What the cells before a graded cell define: the student's, and the instructor's."""

    kinds: dict[str, str] = field(default_factory=dict)
    starred: bool = False
    provided: list[ast.stmt] = field(default_factory=list)
    cells: dict[int, str] = field(default_factory=dict)  # of provided statements, by their id

    def student(self, source: str) -> None:
        for node in _module_level(_parsed(source)):
            self.kinds.update(_kinds_of(node, self.kinds))
            self.starred |= is_star(node)

    def instructor(self, source: str, name: str) -> None:
        nodes = _parsed(python_of(source)).body
        self.provided += nodes
        self.cells.update({id(node): name for node in nodes})


def check(path: Path) -> tuple[list[Finding], int]:
    """Check a notebook, or all below a folder; return the findings and how many were read.

    Raises
    ------
    NotACourseError
        If there is none, or one cannot be read.
    """
    skipped = ".ipynb_checkpoints"
    paths = sorted(p for p in path.rglob("*.ipynb") if skipped not in p.parts)
    paths = [path] if path.is_file() else paths
    if not paths:
        raise NotACourseError(f"{path} has no notebook; name a notebook or a folder of notebooks")
    findings: list[Finding] = []
    for found in paths:
        try:
            notebook = read_notebook(found)
        except Exception as error:
            raise NotACourseError(f"{found} cannot be read: {str(error)[:200]}") from error
        findings += check_notebook(notebook, str(found))
    return findings, len(paths)


def check_notebook(notebook: NotebookNode, name: str) -> list[Finding]:
    """Return what is wrong with the graded cells of an instructor's notebook."""
    findings = [Finding(name, cell, use) for cell, use in _doubled(notebook)]
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    before = _Before()
    for place, cell in enumerate(cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", f"number {place + 1}")
        if _is_examined(cell):
            later = _defined_in(cells[place + 1 :])
            findings += [
                Finding(name, where or grade_id, use)
                for where, use in _graded(cell.source, before, later)
            ]
        if is_solution(cell):
            before.student(cell.source)
        else:
            before.instructor(cell.source, grade_id)
    return list(dict.fromkeys(findings))


def _is_examined(cell: NotebookNode) -> bool:
    return bool(is_grade(cell) and not is_solution(cell) and cell.metadata.nbgrader.points > 0)


def _doubled(notebook: NotebookNode) -> Iterator[tuple[str, Use]]:
    names = Counter(cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells)
    for name, count in names.items():
        if name and count > 1:
            yield (
                name,
                Use(
                    1,
                    f"{count} cells have this grade_id",
                    "one would be graded for both",
                    "give each cell an id of its own",
                    anywhere=True,
                ),
            )


def _graded(
    source: str, before: _Before, later: Mapping[str, int]
) -> Iterator[tuple[str | None, Use]]:
    """Yield what is wrong with a graded cell; a cell's name where it is a locked one's."""
    try:
        source = python_of(source)
        tree = ast.parse(source)
    except SyntaxError as error:
        yield None, _no_python(error)
        return
    nodes, names = reached(source, before.provided)
    provided = {name for node in nodes for name in defined_by(node)}
    theirs = {n: before.kinds[n] for n in names - provided - BUILTINS if n in before.kinds}
    own = {n.name for n in (*tree.body, *nodes) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    yield from ((None, use) for use in broken(source, tree, theirs))
    yield from ((None, use) for use in redefined(tree, before.kinds))
    yield from ((None, use) for use in _hidden(tree, names, provided, before))
    if not before.starred:
        unknown = names - provided - BUILTINS - before.kinds.keys() - SHELL.keys()
        starred = any(is_star(node) for node in (*ast.walk(tree), *before.provided))
        yield from ((None, u) for u in _unknown(tree, set() if starred else unknown, later))
    for node in (tree, *nodes):
        yield from ((before.cells.get(id(node)), use) for use in uses(node, theirs, own))
    for node in before.provided:
        if is_star(node):
            yield before.cells[id(node)], star_import(node)


def _no_python(error: SyntaxError) -> Use:
    text = (error.text or "").strip()
    what = f"{text[:40]!r} is a magic" if text[:1] in ("%", "!") else f"syntax error ({error.msg})"
    return Use(
        error.lineno or 1,
        what,
        "graded cells are plain Python, not IPython",
        "write it in Python, or in a cell before it",
    )


def _hidden(tree: ast.AST, names: set[str], provided: set[str], before: _Before) -> Iterator[Use]:
    """Names of the student's that mean something else in a graded cell."""
    for name in sorted(names & before.kinds.keys()):
        kind, line = before.kinds[name], _line_of(tree, name)
        if name in BUILTINS:
            yield Use(
                line,
                f"{name} is Python's own here",
                "built-in names are not looked up at the student's",
                "give the student's another name",
            )
        elif name in provided and kind in (FUNCTION, CLASS):
            yield Use(
                line,
                f"{name} is the instructor's here",
                "a locked cell before this one defines it, too",
                "name them apart",
            )


def _unknown(tree: ast.AST, unknown: set[str], later: Mapping[str, int]) -> Iterator[Use]:
    for name in sorted(unknown):
        line = _line_of(tree, name)
        if name in later:
            yield Use(
                line, f"{name} is not here yet", "a cell below defines it", "put that cell first"
            )
        else:
            yield Use(
                line,
                f"{name} is defined nowhere",
                "the cell would fail for everybody",
                "define it in a locked cell, or ask for it in an answer cell",
            )


def _line_of(tree: ast.AST, name: str) -> int:
    lines = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
    return min(lines, default=1)


def _parsed(source: str) -> ast.Module:
    """Return a student's cell as Python, magics turned into calls; nothing where it is neither."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]
    except SyntaxError:
        return ast.Module([], [])


def _module_level(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a cell that do not belong to a function, class or comprehension."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, (*SCOPES, ast.ClassDef)):
            yield from _module_level(node)


def _kinds_of(node: ast.AST, known: Mapping[str, str]) -> dict[str, str]:
    """Return the names that one statement of a student's cell defines, with their kinds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name: FUNCTION}
    if isinstance(node, ast.ClassDef):
        return {node.name: CLASS}
    if isinstance(node, ast.Import):
        return {a.asname or a.name.split(".")[0]: MODULE for a in node.names}
    if isinstance(node, ast.ImportFrom):
        return {a.asname or a.name: FUNCTION for a in node.names if a.name != "*"}
    if isinstance(node, ast.Assign):
        kind = _kind_of_value(node.value, known)
        return {n.id: kind for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in known:
        return {node.id: VALUE}
    return {}


def _kind_of_value(value: ast.expr, known: Mapping[str, str]) -> str:
    if isinstance(value, ast.Lambda):
        return FUNCTION
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return OBJECT if known.get(value.func.id) == CLASS else VALUE
    if isinstance(value, ast.Name):
        return known.get(value.id, VALUE)
    return VALUE


def _defined_in(cells: Sequence[NotebookNode]) -> dict[str, int]:
    """Return the names that these cells define."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        for node in _parsed(cell.source).body:
            found.update(dict.fromkeys(defined_by(node), place))
    return found

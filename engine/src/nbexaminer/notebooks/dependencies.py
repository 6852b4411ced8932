"""What a graded cell depends on: the statements of the instructor's own cells that it needs.

A graded cell runs apart from the student's process. The names in it are the instructor's where a
cell of the instructor's makes them, and the student's where an answer does; the last cell before it
that makes or changes a name decides. Nothing is run here.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nbexaminer.notebooks.lint.names import free_names

HARMLESS = ("matplotlib", "config", "load_ext", "reload_ext", "autoreload", "precision", "xmode")
MAGIC = re.compile(rf"^([ \t]*)%(?:{'|'.join(HARMLESS)})\b.*$", re.MULTILINE)
PYLAB = re.compile(r"^([ \t]*)%pylab\b.*$", re.MULTILINE)
TIMED = re.compile(r"^([ \t]*)%time[ \t]+(?=\S)", re.MULTILINE)
WHOLE = re.compile(r"\A\s*%%(?:time|timeit|capture)\b.*\n")
PYLAB_NAMES = "import numpy as np; import matplotlib.pyplot as plt; from matplotlib.pylab import *"
READERS = frozenset(dir(builtins)) | {"display", "help"}
CHANGERS = frozenset({"setattr", "delattr", "next", "exec"})
DRAWING = frozenset({"plt", "pylab", "sns", "ax", "axes", "axs", "fig"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
IMPORTS = (ast.Import, ast.ImportFrom)
CLASS_MAKERS = frozenset({"type", "namedtuple", "NamedTuple", "make_dataclass", "new_class"})


@dataclass(frozen=True)
class SourceCell:
    """A code cell of the instructor's notebook; an ``answer`` is replaced by the student's.

    A ``graded`` cell is the instructor's, and no student has seen all of it.
    """

    source: str
    answer: bool = False
    graded: bool = False


@dataclass(frozen=True)
class Statement:
    """A statement of the instructor's, and the names that it makes or changes."""

    node: ast.stmt
    makes: frozenset[str]
    changes: frozenset[str]
    cell: SourceCell

    @property
    def adds_modules(self) -> bool:
        """Whether it changes where modules are looked for, which any import may need."""
        listed = "path" in self.changes or "sys" in self.changes
        return listed and not self.cell.answer and "path" in ast.unparse(self.node)

    @property
    def is_star(self) -> bool:
        """Whether it imports whatever there is."""
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"

    @property
    def classes(self) -> frozenset[str]:
        """The names that it binds to classes."""
        value = self.node.value if isinstance(self.node, ast.Assign | ast.AnnAssign) else None
        maker = value.func if isinstance(value, ast.Call) else None
        if getattr(maker, "attr", getattr(maker, "id", "")) in CLASS_MAKERS:
            return self.makes
        inside = [] if isinstance(self.node, FUNCTIONS) else _outside_functions(self.node)
        return frozenset(one.name for one in inside if isinstance(one, ast.ClassDef))


@dataclass(frozen=True)
class Needed:
    """What a graded cell needs: statements in order, and all names that it and they use.

    A statement of an answer is not run: from there on, the names that it makes are the student's.
    """

    statements: tuple[Statement, ...]
    names: frozenset[str]

    @property
    def instructors(self) -> frozenset[str]:
        """The names that cells of the instructor's make."""
        own = (s.makes for s in self.statements if not s.cell.answer)
        return frozenset[str]().union(*own)


def python_of(source: str) -> str:
    r"""Return a cell as Python, without the magics that change nothing a test could see.

    Examples
    --------
    >>> python_of("%matplotlib inline\nx = 1"), python_of("%%time\nx = 1")
    ('pass\nx = 1', 'x = 1')
    """
    if "%" not in source or _parses(source):
        return source
    text = WHOLE.sub("", source)
    text = MAGIC.sub(r"\1pass", text)
    return TIMED.sub(r"\1", PYLAB.sub(rf"\1{PYLAB_NAMES}", text))


@lru_cache(maxsize=2000)
def needed(source: str, before: tuple[SourceCell, ...]) -> Needed:
    """Return what a graded cell needs of the cells before it.

    A function that the cell calls may call another, wherever that is defined: what is needed is
    looked for until nothing new is found.

    Raises
    ------
    SyntaxError
        If the graded cell is not Python.
    """
    statements = [one for cell in before for one in _statements(cell)]
    return _closure(set(free_names(python_of(source))), statements)


def lent(cells: Sequence[SourceCell]) -> dict[int, str]:
    """Return what later cells of students' need of graded ones, by place: as Python.

    In a notebook of one process a cell for an answer can use what a check above it made.

    Parameters
    ----------
    cells : sequence of SourceCell
        Of graded ones, what students see.
    """
    made: set[str] = set(READERS)
    missing: set[str] = set()
    found: dict[int, str] = {}
    for cell in cells:
        if not cell.graded:
            missing |= _used(cell) - made
            made |= {name for one in _statements(cell) for name in one.makes}
    for place, cell in enumerate(cells) if missing else ():
        if cell.graded:
            wanted = _closure(set(missing), _statements(cell)).statements
            if any(one.makes & missing for one in wanted):
                found[place] = "\n".join(ast.unparse(one.node) for one in wanted)
    return found


def _used(cell: SourceCell) -> frozenset[str]:
    try:
        return frozenset(free_names(python_of(cell.source)))
    except SyntaxError:
        return frozenset()


def _closure(names: set[str], statements: Sequence[Statement]) -> Needed:
    """Return which statements serve names, with all that these use in turn."""
    taken = {n for n, one in enumerate(statements) if one.adds_modules}
    for n in taken:
        names |= _free(statements[n].node)
    while True:
        new = {n for n, one in enumerate(statements) if n not in taken and _serves(one, names)}
        if not new and not taken.issuperset(stars := _stars(statements, names, taken)):
            new = stars - taken
        if not new:
            return Needed(tuple(statements[n] for n in sorted(taken)), frozenset(names))
        taken |= new
        for n in new:
            names |= set() if statements[n].cell.answer else _free(statements[n].node)


def _serves(one: Statement, names: set[str]) -> bool:
    return bool((one.makes | one.changes) & names)


def _stars(statements: Sequence[Statement], names: set[str], taken: set[int]) -> set[int]:
    """Return where star imports stand, if a name is left that nothing else makes."""
    made = {name for n in taken for name in statements[n].makes}
    if not names - made - READERS:
        return set()
    return {n for n, one in enumerate(statements) if one.is_star}


@lru_cache(maxsize=5000)
def _statements(cell: SourceCell) -> tuple[Statement, ...]:
    try:
        body = ast.parse(python_of(cell.source)).body
    except SyntaxError:
        return ()
    return tuple(
        Statement(node, _makes(node), frozenset(_changes(node, answer=cell.answer)), cell)
        for node in body
        if not isinstance(node, ast.Assert | ast.Pass)
    )


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


@lru_cache(maxsize=20_000)
def _free(node: ast.stmt) -> frozenset[str]:
    """Return the names that a statement reads, those that it makes anew included."""
    read = {
        n.id
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and (isinstance(node, ast.AugAssign) or _is_read(n))
    }
    return frozenset(free_names(ast.unparse(node)) | (read & _makes(node)))


def _is_read(name: ast.Name) -> bool:
    return not isinstance(name.ctx, ast.Store)


@lru_cache(maxsize=20_000)
def _makes(node: ast.stmt) -> frozenset[str]:
    """Return the names that a statement binds, but for those of functions within."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return frozenset({node.name})
    found: set[str] = set()
    for one in _outside_functions(node):
        if isinstance(one, IMPORTS):
            found |= {a.asname or a.name.split(".")[0] for a in one.names if a.name != "*"}
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(one.name)
        elif isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load):
            found.add(one.id)
        elif isinstance(one, ast.ExceptHandler) and one.name:
            found.add(one.name)
    return frozenset(found)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement that run with it, and not when a function is called."""
    yield node
    scopes = (*FUNCTIONS, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, scopes):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield child
            continue
        yield from _outside_functions(child)


def _changes(node: ast.stmt, *, answer: bool) -> Iterator[str]:
    """Yield the names whose objects a statement may change, though it does not bind them."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import):
        return
    for one in _outside_functions(node):
        if isinstance(one, ast.Attribute | ast.Subscript) and not isinstance(one.ctx, ast.Load):
            yield from _base(one)
        elif isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
            yield from _changed_by(one.value, answer=answer)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            yield from _popped(one.func)


def _changed_by(call: ast.Call, *, answer: bool) -> Iterator[str]:
    function = call.func
    if isinstance(function, ast.Attribute):
        base = list(_base(function))
        yield from base
        if answer and DRAWING & set(base):
            return
    elif isinstance(function, ast.Name) and _reads_only(function.id):
        return
    for argument in (*call.args, *(k.value for k in call.keywords)):
        yield from _base(argument)


def _reads_only(function: str) -> bool:
    return function in READERS - CHANGERS or function.startswith("assert")


def _popped(function: ast.Attribute) -> Iterator[str]:
    """Yield the base of ``x = a.pop()``, which changes what it reads."""
    if function.attr in ("pop", "popitem", "setdefault", "next", "get_nowait"):
        yield from _base(function)


def _base(node: ast.AST) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id

"""The source of a bank's judges, with all that they use and nothing else: no reference, no answer.

A judge is a function of a module of the bank, or one that such a function returned. Its source
goes with the definitions that it names, out of their modules; imports stay where they are of
Python, of torch and of the engine's problems.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from copy import copy, deepcopy
from functools import cache
from typing import Any

MAY_IMPORT = ("torch", "nbexaminer.problems", "nbexaminer.values")


class Bundle:
    """Definitions that functions of the bank need, each once, in the order of their use.

    Attributes
    ----------
    text : str
        Python source that defines them all.
    """

    def __init__(self) -> None:
        self._parts: dict[str, str] = {}
        self._imports: dict[str, None] = {}

    @property
    def text(self) -> str:
        """Return the source: imports, then definitions, those that others need first."""
        return "\n".join(
            ["from __future__ import annotations", *self._imports, *self._parts.values()]
        )

    def add(self, function: Callable[..., Any]) -> tuple[str, dict[str, Any]]:
        """Return the name of a function that makes `function`, and the arguments that it takes.

        Raises
        ------
        ValueError
            If it uses the reference.
        """
        module = sys.modules[function.__module__]
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        free = dict(zip(function.__code__.co_freevars, cells, strict=True))
        name = f"make_{function.__qualname__.replace('.<locals>.', '_')}"
        if name not in self._parts:
            node = _found(_tree(module), function.__qualname__.split(".<locals>."))
            self._need(node, module, bound=set(free))
            inner = "\n    ".join(_source(node).splitlines())
            arguments = ", ".join(free)
            self._parts[name] = f"def {name}({arguments}):\n    {inner}\n    return {node.name}"
        for value in free.values():
            if type(value).__module__.startswith("problems."):
                self._define(type(value).__name__, sys.modules[type(value).__module__])
        return name, free

    def _need(self, node: ast.AST, module: Any, bound: set[str]) -> None:
        """Define what a piece of source names, where its module does."""
        for name in sorted(_names(node) - bound):
            self._define(name, module)

    def _define(self, name: str, module: Any) -> None:
        """Define a name of a module, with all that its definition names."""
        for statement in _tree(module).body:
            if name not in _bound(statement) or name in self._parts:
                continue
            if isinstance(statement, ast.ImportFrom | ast.Import):
                self._import(statement, name)
            else:
                self._parts[name] = ""  # it may name itself
                self._need(statement, module, bound={name})
                del self._parts[name]  # behind what it needs
                self._parts[name] = _source(statement)

    def _import(self, statement: ast.ImportFrom | ast.Import, name: str) -> None:
        chosen = [a for a in statement.names if (a.asname or a.name).split(".")[0] == name]
        origin = statement.module or "" if isinstance(statement, ast.ImportFrom) else chosen[0].name
        if origin.startswith("problems."):
            self._define(chosen[0].name, sys.modules[origin])
        elif origin.split(".")[0] in sys.stdlib_module_names or origin.startswith(MAY_IMPORT):
            some = copy(statement)
            some.names = chosen
            self._imports[ast.unparse(some)] = None
        else:
            raise ValueError(f"a judge uses {name} of {origin}, which does not go to readers")


@cache
def _tree(module: Any) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _found(tree: ast.AST, path: list[str]) -> Any:
    """Return the definition at a path of names, one inside the other."""
    for name in path:
        tree = next(
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
        )
    return tree


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement of a module binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)} & {
            target.id
            for target in getattr(statement, "targets", [getattr(statement, "target", None)])
            if isinstance(target, ast.Name)
        }
    return set()


def _names(node: ast.AST) -> set[str]:
    """Return the names that a piece of source reads when it runs: not those of annotations."""
    return {n.id for n in _running(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through a tree without its annotations."""
    yield node
    for field, child in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for part in child if isinstance(child, list) else [child]:
            if isinstance(part, ast.AST):
                yield from _running(part)


def _source(node: ast.stmt) -> str:
    """Return the source of a definition without its docstrings."""
    for inner in ast.walk(node := deepcopy(node)):
        if isinstance(inner, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(inner):
            inner.body = inner.body[1:] or [ast.Pass()]
    return ast.unparse(node)

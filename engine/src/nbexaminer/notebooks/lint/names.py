"""What a cell's names are: those it uses and does not define, and what locked cells give it."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Sequence


def free_names(source: str) -> set[str]:
    r"""Return the global names that a cell uses and does not define itself.

    Examples
    --------
    >>> sorted(free_names("from a import b\nx = 1\nb.grade(f, x, key=lambda y: y + z)"))
    ['f', 'z']

    What a cell deletes was there before, even if the cell puts it back:

    >>> free_names("kept = f\ndel f\nf = kept")
    {'f'}
    """
    top = symtable.symtable(source, "cell", "exec")
    used: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                used.add(symbol.get_name())
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    return used - bound | deleted_names(ast.parse(source))


def deleted_names(tree: ast.AST) -> set[str]:
    """Return the names that a cell deletes."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {name.id for name in found if isinstance(name.ctx, ast.Del)}


def defined_by(node: ast.stmt) -> set[str]:
    """Return the names that a statement defines."""
    table = symtable.symtable(ast.unparse(node), "cell", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}


def reached(source: str, provided: Sequence[ast.stmt]) -> tuple[list[ast.stmt], set[str]]:
    """Return the statements that a cell needs, in order, and all names that it and they use.

    A function that the cell calls may call another, wherever that is defined: what is needed is
    looked for until nothing new is found.
    """
    names, taken = free_names(source), set[int]()
    while True:
        new = {i for i, n in enumerate(provided) if i not in taken and defined_by(n) & names}
        if not new:
            return [provided[i] for i in sorted(taken)], names
        taken |= new
        for i in new:
            names |= free_names(ast.unparse(provided[i]))

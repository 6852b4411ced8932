"""Whether two cells say the same, though an editor has saved one of them. Nothing is run.

Line ends, blanks at the ends of lines and, in code, all formatting and comments do not count.
"""

from __future__ import annotations

import ast
import re

MAX_CODE = 50_000  # characters of a cell that is read as Python: some take the square of a length
MAGIC = re.compile(r"^([ \t]*)([%!].*)$", re.MULTILINE)


def plain_text(source: str) -> str:
    r"""Return a text as editors save it: lines end with a line feed, and with no blanks.

    Examples
    --------
    >>> plain_text("a  \r\nb\n\n")
    'a\nb'
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def parsed(source: str) -> ast.Module | None:
    """Return a cell as Python, its magics as texts; None where it is neither, or too long."""
    if len(source) > MAX_CODE:
        return None
    try:
        return ast.parse(MAGIC.sub(lambda found: f"{found[1]}{found[2].rstrip()!r}", source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def meaning(tree: ast.Module | None) -> str:
    r"""Return what is equal for equal programs, however they are formatted; nothing for none.

    Examples
    --------
    >>> meaning(parsed("f( 1,2 )  # so")) == meaning(parsed("f(\n    1,\n    2,\n)"))
    True
    >>> meaning(parsed("# nothing"))
    ''
    """
    if tree is None or not tree.body:
        return ""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(ast.Constant(str(text)) as docstring):  # formatters move its lines
                docstring.value = "\n".join(map(str.strip, text.strip().split("\n")))
    try:
        return ast.dump(tree)
    except RecursionError:
        return ""


def definitions_of(tree: ast.Module | None) -> frozenset[str]:
    r"""Return the names that a cell itself defines: functions, classes, and what it assigns.

    Examples
    --------
    >>> sorted(definitions_of(parsed("import a\ndef f(): g = 1\nx, y = 1, 2\nclass C: pass")))
    ['C', 'f', 'x', 'y']
    """
    found: set[str] = set()
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (n for target in targets for n in ast.walk(target))
            found |= {n.id for n in names if isinstance(n, ast.Name) and _is_stored(n)}
    return frozenset(found)


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def says_no_code(source: str, tree: ast.Module | None) -> bool:
    """Whether a code cell holds words rather than code: comments or texts alone, or no Python."""
    if tree is None:
        return bool(source.strip()) and len(source) <= MAX_CODE
    return all(isinstance(node, ast.Expr) and _is_text(node.value) for node in tree.body)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)

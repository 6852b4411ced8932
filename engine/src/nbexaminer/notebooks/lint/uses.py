"""What a graded cell may do with a student's name, and what it does that cannot cross the border.

A student's function is a handle on the trusted side: it can be called, and handed to a function.
Its results are values, or objects that stay over there and can be used. Whatever else is done with
a handle fails for every student, or tells nothing about the answer.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FUNCTION, CLASS, OBJECT, MODULE, VALUE = "function", "class", "object", "module", "value"
SCOPES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
LOOKERS = {
    "isinstance",
    "issubclass",
    "type",
    "id",
    "callable",
    "hasattr",
    "getattr",
    "setattr",
    "delattr",
    "dir",
    "vars",
    "repr",
    "str",
    "help",
    "hash",
    "bool",
}
LAZY = {"iter", "map", "filter", "zip", "enumerate", "reversed", "open", "object", "memoryview"}
CHANGERS = {
    "append",
    "extend",
    "insert",
    "remove",
    "pop",
    "clear",
    "sort",
    "reverse",
    "update",
    "setdefault",
    "popitem",
    "add",
    "discard",
    "fill_",
    "zero_",
    "copy_",
    "add_",
    "mul_",
}
HOLDERS = (
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.Return,
    ast.Lambda,
    ast.IfExp,
    ast.Starred,
    ast.NamedExpr,
    ast.Assign,
    ast.AnnAssign,
    ast.Expr,
)
CALL_IT = "call it, and examine what comes back"
WITH_VALUES = "give numbers, strings, lists, dicts, arrays or tensors"


@dataclass(frozen=True)
class Use:
    """One use that cannot work: where, what it is, why not, and what to do instead.

    ``anywhere`` says that it is a fault wherever the cell runs, and not only apart.
    """

    line: int
    what: str
    why: str
    instead: str
    anywhere: bool = False


def uses(tree: ast.AST, kinds: Mapping[str, str], own: set[str]) -> Iterator[Use]:
    """Yield what a piece of trusted code does with students' names that cannot work.

    Parameters
    ----------
    tree : ast.AST
        The graded cell, or a locked function that it calls.
    kinds : mapping of name to kind
        What each of the student's names is.
    own : set of str
        Functions and classes of the instructor's.
    """
    reader = _Reader(tree, kinds, own)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and reader.kind(node):
            yield from reader.name(node)
        if isinstance(node, ast.Call) and reader.is_students_call(node):
            yield from reader.arguments(node)


class _Reader:
    def __init__(self, tree: ast.AST, kinds: Mapping[str, str], own: set[str]) -> None:
        self.parents = {c: p for p in ast.walk(tree) for c in ast.iter_child_nodes(p)}
        self.kinds, self.own = dict(kinds), own
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                kind = self.kinds.get(node.value.id, VALUE)
                aliases = [t.id for t in node.targets if isinstance(t, ast.Name)]
                self.kinds.update({a: kind for a in aliases if kind != VALUE})

    def kind(self, name: ast.Name) -> str | None:
        """Return what a student's name is, None where it is another's."""
        kind = self.kinds.get(name.id)
        node: ast.AST | None = name
        while kind and (node := self.parents.get(node)):  # type: ignore[arg-type]
            if isinstance(node, SCOPES) and name.id in _bound(node):
                return None
        return kind

    def is_students_call(self, call: ast.Call) -> bool:
        """Return whether the call is one of a student's function."""
        return isinstance(call.func, ast.Name) and self.kind(call.func) in (FUNCTION, VALUE)

    def name(self, name: ast.Name) -> Iterator[Use]:
        """Yield what is wrong with one use of a student's name."""
        kind, parent = self.kind(name), self.parents.get(name)
        line = name.lineno
        if not isinstance(name.ctx, ast.Load):
            return
        if kind == VALUE:
            yield from self._changed(name)
        elif kind == MODULE:
            yield Use(
                line,
                f"{name.id} comes from a cell that students can change",
                "modules do not cross",
                "import it in this cell or in a locked one",
            )
        elif kind != OBJECT:
            yield from self._handle(name, parent)

    def _changed(self, name: ast.Name) -> Iterator[Use]:
        parent = self.parents.get(name)
        stored = isinstance(parent, ast.Subscript | ast.Attribute) and not isinstance(
            parent.ctx, ast.Load
        )
        above = self.parents.get(parent) if parent else None
        called = (
            isinstance(parent, ast.Attribute)
            and parent.attr in CHANGERS
            and isinstance(above, ast.Call)
            and above.func is parent
        )
        if stored or called:
            yield Use(
                name.lineno,
                f"{name.id} is changed",
                "it is a copy: the student's own stays",
                "give changed values to functions as arguments",
            )

    def _handle(self, name: ast.Name, parent: ast.AST | None) -> Iterator[Use]:
        def use(what: str, why: str, instead: str) -> Use:
            return Use(name.lineno, what, why, instead)

        if isinstance(parent, ast.Attribute) or (
            isinstance(parent, ast.Call) and parent.func is name
        ):
            return
        if isinstance(parent, ast.ExceptHandler):
            yield use(
                f"except {name.id}",
                "classes of students do not cross",
                "ask for an exception of Python's own, such as ValueError",
            )
        elif isinstance(parent, ast.Call | ast.keyword):
            if self._looks(parent):
                yield use(
                    f"{name.id} is looked at", "here it is a handle, whatever it is there", CALL_IT
                )
        elif isinstance(parent, ast.Compare):
            yield use(f"{name.id} is compared", "here it is a handle, equal to nothing", CALL_IT)
        elif isinstance(parent, ast.ClassDef):
            yield use(
                f"a class made from {name.id}",
                "classes of students do not cross",
                "examine it with a ModuleCall",
            )
        elif not isinstance(parent, HOLDERS):
            yield use(
                f"{name.id} is neither called nor handed over",
                "here it is a handle, which is always true and has no parts",
                CALL_IT,
            )

    def _looks(self, parent: ast.AST) -> bool:
        call = self.parents.get(parent) if isinstance(parent, ast.keyword) else parent
        if not isinstance(call, ast.Call):
            return False
        if isinstance(call.func, ast.Attribute):
            owner = call.func.value
            return isinstance(owner, ast.Name) and owner.id in ("inspect", "dis", "types", "ast")
        return isinstance(call.func, ast.Name) and call.func.id in LOOKERS

    def arguments(self, call: ast.Call) -> Iterator[Use]:
        """Yield the arguments of a call of a student's function that cannot cross."""
        called = call.func.id if isinstance(call.func, ast.Name) else ""
        for argument in (*call.args, *(k.value for k in call.keywords)):
            for part in _parts(argument):
                what = self._cannot_cross(part)
                if what:
                    yield Use(
                        part.lineno,
                        f"{what} is given to {called}",
                        "only values cross",
                        WITH_VALUES,
                    )

    def _cannot_cross(self, part: ast.expr) -> str:
        if isinstance(part, ast.GeneratorExp):
            return "a generator"
        if isinstance(part, ast.Call):
            return self._made_by(part)
        return ""

    def _made_by(self, call: ast.Call) -> str:
        if isinstance(call.func, ast.Name) and call.func.id in LAZY:
            return f"what {call.func.id}() returns"
        return ""


def _parts(expression: ast.expr) -> Iterator[ast.expr]:
    """Yield an expression, or the elements of the list, tuple, set or dict that it writes out."""
    if isinstance(expression, ast.List | ast.Tuple | ast.Set):
        for element in expression.elts:
            yield from _parts(element)
    elif isinstance(expression, ast.Dict):
        for value in expression.values:
            yield from _parts(value)
    elif isinstance(expression, ast.Starred):
        yield from _parts(expression.value)
    else:
        yield expression


def _bound(scope: ast.AST) -> set[str]:
    """Return the names that a function or a comprehension has for itself."""
    arguments = {a.arg for a in ast.walk(scope) if isinstance(a, ast.arg)}
    stored = {
        n.id for n in ast.walk(scope) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    shared = {n for g in ast.walk(scope) if isinstance(g, ast.Global) for n in g.names}
    return (arguments | stored) - shared

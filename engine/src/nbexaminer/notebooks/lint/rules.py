"""What a graded cell may not do, whatever it does with students' names: rules on its tree alone."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping

from nbexaminer.notebooks.lint.names import defined_by, deleted_names
from nbexaminer.notebooks.lint.uses import CLASS, FUNCTION, VALUE, Use

IMPORTS = (ast.Import, ast.ImportFrom)
BUILTINS = set(dir(builtins)) | {"__name__"}
SHELL = {
    "get_ipython": "the shell",
    "display": "the shell's display",
    "In": "history",
    "Out": "history",
}
BLIND = {"globals", "locals", "vars", "exec", "eval", "compile", "input", "__import__"}
FIGURES = {"gcf", "gca", "get_fignums", "get_figlabels"}
CATCHES_TEXT = {"redirect_stdout", "redirect_stderr", "capture_output", "StringIO"}
NO_NUMBER = (
    ast.List,
    ast.Tuple,
    ast.Set,
    ast.Dict,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.Lambda,
    ast.JoinedStr,
)
TELLS_NOTHING = {"print", "len", "range", "sorted", "list", "tuple", "set", "dict", "isinstance"}


def broken(source: str, tree: ast.Module, theirs: Mapping[str, str]) -> Iterator[Use]:
    """Yield where a graded cell breaks a rule.

    Parameters
    ----------
    source, tree : str, ast.Module
        The cell.
    theirs : mapping of name to kind
        The students' names that it uses.
    """
    for rule in (_blind, _asserts_nothing, _caught, _told):
        yield from rule(tree, theirs)
    yield from _verdict(source, tree, theirs)


def _blind(tree: ast.AST, _theirs: Mapping[str, str]) -> Iterator[Use]:
    """Names that are looked up by text, or in a shell, a figure or an input that is not here."""
    for node in ast.walk(tree):
        if is_star(node):
            yield star_import(node)
        if not isinstance(node, ast.Name | ast.Attribute):
            continue
        name = node.id if isinstance(node, ast.Name) else node.attr
        if isinstance(node, ast.Name) and name in SHELL:
            yield Use(
                node.lineno, name, f"{SHELL[name]} is the student's", "use print and plain Python"
            )
        elif isinstance(node, ast.Name) and name in BLIND:
            yield Use(
                node.lineno,
                f"{name}()",
                "students' names are found where code names them, not in text",
                "write the name itself",
            )
        elif isinstance(node, ast.Attribute) and name in FIGURES:
            yield Use(
                node.lineno,
                f"{name}()",
                "students' figures are in another process",
                "ask for a function that returns what was drawn, as numbers",
            )


def _asserts_nothing(tree: ast.AST, _theirs: Mapping[str, str]) -> Iterator[Use]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Tuple) and node.test.elts:
            yield Use(
                node.lineno,
                "an assert on a tuple",
                "a tuple is true, whatever is in it",
                "write assert condition, message without parentheses",
                anywhere=True,
            )
        elif isinstance(node, ast.Assert) and _always_true(node.test):
            yield Use(
                node.lineno,
                "an assert on a constant",
                "it cannot fail",
                "assert what the answer returns",
                anywhere=True,
            )


def _always_true(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _caught(tree: ast.AST, theirs: Mapping[str, str]) -> Iterator[Use]:
    """Exceptions that are no built-in ones arrive as their nearest built-in ancestor."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Try) or not _calls_student(ast.Module(node.body, []), theirs):
            continue
        for handler in node.handlers:
            caught = handler.type
            for kind in caught.elts if isinstance(caught, ast.Tuple) else [caught]:
                name = getattr(kind, "id", None) or getattr(kind, "attr", "")
                if kind is not None and name not in BUILTINS and name not in theirs:
                    yield Use(
                        kind.lineno,
                        f"except {ast.unparse(kind)}",
                        "what a student's function raises arrives as the nearest exception "
                        "of Python's own",
                        "catch that one, such as ValueError",
                    )


def _told(tree: ast.AST, theirs: Mapping[str, str]) -> Iterator[Use]:
    for node in ast.walk(tree):
        name = getattr(node, "id", None) or getattr(node, "attr", None)
        if name in CATCHES_TEXT and isinstance(node, ast.expr) and _calls_student(tree, theirs):
            yield Use(
                node.lineno,
                f"{name} with a student's function",
                "what it prints stays in its own process",
                "ask for a function that returns the text",
            )


def _calls_student(tree: ast.AST, theirs: Mapping[str, str]) -> bool:
    calls = (n.func for n in ast.walk(tree) if isinstance(n, ast.Call))
    return any(isinstance(f, ast.Name) and f.id in theirs for f in calls)


def _verdict(source: str, tree: ast.Module, theirs: Mapping[str, str]) -> Iterator[Use]:
    """The cell must be able to fail, or end with a number that is the instructor's own.

    nbgrader puts the asserts of its AUTOTEST lines in when the assignment is released.
    """
    last = tree.body[-1] if tree.body else None
    value = last.value if isinstance(last, ast.Expr) else None
    documents = len(tree.body) == 1 and isinstance(value, ast.Constant)
    if value is not None and not documents:
        yield from _credit(value, theirs)
    checks = any(isinstance(n, ast.Assert | ast.Raise) for n in ast.walk(tree))
    calls = {_called(n) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    number = value is not None and not documents and not isinstance(value, ast.Call)
    number = number or "AUTOTEST" in source
    if not checks and not number and not calls - TELLS_NOTHING - theirs.keys():
        yield Use(
            1,
            "the cell has points and concludes nothing",
            "every submission that runs would get them all",
            "assert what is right, or end with the points earned",
            anywhere=True,
        )


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ast.unparse(call.func)


def _credit(value: ast.expr, theirs: Mapping[str, str]) -> Iterator[Use]:
    number = "end with a number, the points earned, or with an assert"
    if isinstance(value, NO_NUMBER) or _constant_but_no_number(value):
        yield Use(value.lineno, "the last line is no number", "it gives no points", number)
    elif isinstance(value, ast.Name) and theirs.get(value.id) not in (None, VALUE):
        yield Use(value.lineno, f"the last line is {value.id}", "a handle gives no points", number)
    elif isinstance(value, ast.Name) and value.id in theirs:
        yield Use(
            value.lineno,
            f"the last line is {value.id}",
            "the student's own number would be the points",
            number,
            anywhere=True,
        )
    elif isinstance(value, ast.Call) and _called(value) in theirs:
        yield Use(
            value.lineno,
            f"the last line is a call of {_called(value)}",
            "what the student's function returns would be the points",
            number,
            anywhere=True,
        )


def _constant_but_no_number(value: ast.expr) -> bool:
    kinds = (bool, int, float, type(None))
    return isinstance(value, ast.Constant) and not isinstance(value.value, kinds)


def redefined(tree: ast.Module, kinds: Mapping[str, str]) -> Iterator[Use]:
    """A name that the cell binds anywhere is the cell's own everywhere in it.

    What it deletes for a while is the student's, and gone over there as well.
    """
    seen: set[str] = set()
    done = deleted_names(tree) - _replaced(tree)
    for node in tree.body:
        read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _is_read(n)}
        for name in sorted((defined_by(node) & kinds.keys()) - done):
            answers = kinds[name] in (FUNCTION, CLASS) and not isinstance(node, IMPORTS)
            if answers or name in seen | read:
                done.add(name)
                yield Use(
                    node.lineno,
                    f"{name} is assigned in this cell",
                    "so it is this cell's own name, and the student's is not seen",
                    "use another name, and only call the student's",
                )
        seen |= read


def _replaced(tree: ast.AST) -> set[str]:
    """Return the names that a cell defines as anything but another name of its own: no aliases."""
    own = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not _is_read(n)}
    defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            alias = isinstance(node.value, ast.Name) and node.value.id in own
            defined |= set() if alias else defined_by(node)
    return defined


def _is_read(name: ast.Name) -> bool:
    return not isinstance(name.ctx, ast.Store)


def star_import(node: ast.AST) -> Use:
    """Return what is wrong with a star import."""
    return Use(
        getattr(node, "lineno", 1),
        ast.unparse(node),
        "it hides which names are whose",
        "import each name",
    )


def is_star(node: ast.AST) -> bool:
    """Return whether a statement imports whatever there is."""
    return isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)

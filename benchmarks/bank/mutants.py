"""Mutants of a right answer, made by mutmut: one small change each, in it or in what it calls.

The words of an error are left alone, as docstrings and annotations are: no test examines them.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import ndiff
from functools import cache
from typing import Any

import libcst
from mutmut.mutation.file_mutation import create_mutations, deep_replace

Function = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """One changed program.

    Parameters
    ----------
    function : str
        The function in which the change is: the answer itself, or one that it calls.
    change : str
        The changed lines, as ``old → new``, without indentation.
    program : str
        The whole program, changed.
    answer : Function
        The answer whose program it is.
    """

    function: str
    change: str
    program: str
    answer: Function

    def build(self) -> Function:
        """Run the program and return its answer."""
        return build(self.program, self.answer)


def build(program: str, answer: Function) -> Function:
    """Run a program in the namespace of the modules that `answer` comes from; return its answer."""
    namespace: dict[str, Any] = {}
    for part in reversed(parts(answer)):
        namespace |= vars(sys.modules[part.__module__])
    exec(compile(program, f"<{answer.__name__}>", "exec"), namespace)
    built: Function = namespace[answer.__name__]
    return built


@cache
def parts(answer: Function) -> tuple[Function, ...]:
    """Return `answer` and the functions of its own package that it calls, near or far."""
    found: dict[str, Function] = {}
    waiting = [answer]
    while waiting:
        part = waiting.pop(0)
        if found.setdefault(part.__name__, part) is not part:
            continue
        home = vars(sys.modules[part.__module__])
        called = (home.get(name) for name in names_in(source(part)))
        waiting += [
            f
            for f in called
            if inspect.isfunction(f) or inspect.isclass(f)
            if f.__module__.split(".")[0] == part.__module__.split(".")[0]
            if f.__name__ not in found
        ]
    return tuple(found.values())


def names_in(text: str) -> list[str]:
    """Return the names that a program reads, in order."""
    nodes = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name))
    return list(dict.fromkeys(n.id for n in nodes if isinstance(n.ctx, ast.Load)))


def source(function: Function) -> str:
    """Return the source of a function or class, from the margin."""
    return textwrap.dedent(inspect.getsource(function))


def program_of(answer: Function) -> str:
    """Return `answer` and what it calls as one program."""
    return "from __future__ import annotations\n\n" + "\n\n".join(map(source, parts(answer)))


def mutants_of(answer: Function, *, every: int = 1) -> Iterator[Mutant]:
    """Return the mutants of `answer`, each program once; of the changes, every `every`-th."""
    program = program_of(answer)
    module, mutations, *_ = create_mutations("", program)
    spoken = {id(node) for error in raised(module) for node in below(error)}
    seen = {program}
    for mutation in mutations[::every]:
        if id(mutation.original_node) in spoken:
            continue
        changed = deep_replace(module, mutation.original_node, mutation.mutated_node)
        assert isinstance(changed, libcst.Module)
        code = changed.code
        if code in seen:
            continue
        seen.add(code)
        yield Mutant(changed_function(program, code), changed_lines(program, code), code, answer)


def raised(module: libcst.Module) -> list[libcst.CSTNode]:
    """Return the arguments of the errors that a program raises."""
    errors = [n.exc for n in below(module) if isinstance(n, libcst.Raise)]
    return [error for error in errors if isinstance(error, libcst.Call)]


def below(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
    """Return `node` and every node below it."""
    yield node
    for child in node.children:
        yield from below(child)


def changed_lines(before: str, after: str) -> str:
    """Say which lines differ, as ``old → new``."""
    lines = [line for line in ndiff(before.splitlines(), after.splitlines()) if line[0] in "-+"]
    old, new = (" ".join(li[1:].strip() for li in lines if li[0] == sign) for sign in "-+")
    return f"{old} → {new}"


def changed_function(before: str, after: str) -> str:
    """Return the name of the top-level function or class in which two programs differ."""
    pairs = zip(ast.parse(before).body, ast.parse(after).body, strict=True)
    return next(
        getattr(one, "name", "") for one, other in pairs if ast.dump(one) != ast.dump(other)
    )

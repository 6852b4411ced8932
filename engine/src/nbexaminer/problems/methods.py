"""Methods that a task excludes or asks for, looked for in the syntax tree of an answer.

Names are found through aliases of imports and assignments, and in the helpers that an answer calls.
What is found is told; it takes no points, since a syntax tree cannot tell what a name does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

MAX_READ = 200_000  # characters of all cells together: of longer ones nothing is told
MAX_ALIASES = 10  # names that stand for one another, one behind the other

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Method:
    """What a task says of the way to its result.

    Parameters
    ----------
    excludes, names : tuple of str
        Dotted names that an answer must not use, and of which it must use one, with all that is
        below them: ``torch.autograd``. A name that begins with a dot is a method of any
        object: ``.backward``.
    """

    excludes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass
class _Code:
    """The definitions of a notebook, and what its names stand for."""

    definitions: dict[str, list[ast.AST]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def read(self, tree: ast.AST) -> None:
        for node in ast.walk(tree):
            if isinstance(node, Definition):
                self.definitions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.Import):
                for name in node.names:
                    if name.asname:
                        self.aliases[name.asname] = name.name
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    self.aliases[name.asname or name.name] = f"{node.module}.{name.name}"
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                self._assign(node)

    def _assign(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and node.value:
                self.definitions.setdefault(target.id, []).append(node.value)
                dotted = _dotted(node.value)
                if dotted and dotted.split(".")[0] != target.id:
                    self.aliases[target.id] = dotted

    def meaning(self, dotted: str) -> str:
        """Return a dotted name with its first part replaced by what it stands for."""
        for _ in range(MAX_ALIASES):
            first, *rest = dotted.split(".")
            if first not in self.aliases:
                break
            dotted = ".".join([self.aliases[first], *rest])
        return dotted


def told(method: Method, sources: Iterable[str], name: str) -> list[str]:
    """Return in words what an answer uses that its task excludes, or does not use that it names.

    Parameters
    ----------
    method : Method
    sources : iterable of str
        Cells of code, in order. One that cannot be parsed is left out.
    name : str
        The function or class that is the answer.

    Examples
    --------
    >>> told(Method(names=("torch.fft",)), ["def f(x): return x"], "f")
    ['the task asks for torch.fft, which the answer does not use']
    >>> cells = ["from torch import autograd as ag", "def f(x): return ag.grad(x, x)"]
    >>> told(Method(excludes=("torch.autograd",)), cells, "f")
    ['the answer uses torch.autograd, which the task excludes']
    """
    used = list(_used(sources, name))
    if not used:
        return []
    found = [one for one in method.excludes if any(_covers(one, other) for other in used)]
    said = [f"the answer uses {one.lstrip('.')}, which the task excludes" for one in found]
    if method.names and not any(_covers(one, other) for one in method.names for other in used):
        said.append(f"the task asks for {' or '.join(method.names)}, which the answer does not use")
    return said


def _used(sources: Iterable[str], name: str) -> Iterator[str]:
    """Yield the names that an answer uses, itself or in what it calls; its own name first."""
    code, texts = _Code(), list(sources)
    if sum(map(len, texts)) > MAX_READ:
        return
    for source in texts:
        for tree in _parsed(source):
            code.read(tree)
    waiting, done = [name] if name in code.definitions else [], set[str]()
    walked = set[int]()
    while waiting:
        one = waiting.pop()
        if one in done:
            continue
        done.add(one)
        yield one
        trees = [tree for tree in code.definitions[one] if id(tree) not in walked]
        walked |= set(map(id, trees))  # one value can have many names
        for node in (node for tree in trees for node in ast.walk(tree)):
            if isinstance(node, ast.Attribute):
                yield f".{node.attr}"
            if dotted := _dotted(node):
                yield code.meaning(dotted)
                waiting += [part for part in dotted.split(".")[:1] if part in code.definitions]


def _parsed(source: str) -> Sequence[ast.AST]:
    """Return the tree of a cell without its magics, or nothing."""
    lines = ["" if line.lstrip()[:1] in ("%", "!") else line for line in source.splitlines()]
    try:
        return [ast.parse("\n".join(lines))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _dotted(node: ast.AST) -> str:
    """Return a name with its attributes, such as ``torch.fft.fft2``, or nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _covers(name: str, used: str) -> bool:
    """Return whether a name is the one used, or above it."""
    return used == name or (not name.startswith(".") and used.startswith(f"{name}."))

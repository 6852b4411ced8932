"""NumPy, torch and matplotlib where a process has them: each costs memory and seconds to import.

`np` and `torch` stand for the libraries, which are imported when an attribute is first asked for.
Whether a value is one of theirs is asked of what has been imported: a library that nobody imported
has made none.
"""

from __future__ import annotations

import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch

__all__ = ["PARTS", "at_import", "crossing", "is_one", "np", "preload", "torch", "whole"]

PARTS = {  # what students import beside a library itself, or use at once
    "matplotlib": ("matplotlib.pyplot", "matplotlib_inline.backend_inline"),
    "numpy": ("numpy.random",),
    "torch": ("torch.testing", "torch.optim", "torch.nn.functional"),
}


class _Library:
    """Stands for a library; the first use of it imports it, and what was asked for once is kept."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):  # of which tools ask that look through modules
            raise AttributeError(attribute)
        found = getattr(sys.modules.get(self._name) or import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found


if not TYPE_CHECKING:
    np, torch = _Library("numpy"), _Library("torch")


def is_one(value: Any, library: str, *names: str) -> bool:
    """Return whether a value's class is one of a library's, or a subclass.

    Examples
    --------
    >>> is_one(1.5, "builtins", "int", "float"), is_one(1.5, "no_such_library", "Tensor")
    (True, False)
    """
    kind: Any = type(value)
    return _is_kind(kind, library, names)


@lru_cache(maxsize=1000)
def _is_kind(kind: type, library: str, names: tuple[str, ...]) -> bool:
    """Answer `is_one` for good: without the library there can be no class of its own."""
    module = sys.modules.get(library)
    found = [getattr(module, name, None) for name in names]
    return issubclass(kind, tuple(one for one in found if isinstance(one, type)))


def whole(name: str) -> None:
    """Import a library undisturbed by the bounds of a graded cell.

    An import that is broken off half-way can't be made good in the same process, and that process
    grades others, too.

    Raises
    ------
    ImportError
        If there is no such library.
    """
    if sys.modules.get(name):
        return
    with _without_bounds():
        import_module(name)


@contextmanager
def _without_bounds() -> Iterator[None]:
    """Run a block without the limit on memory, and without the timer of a graded cell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    main = threading.current_thread() is threading.main_thread()
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    handler = signal.signal(signal.SIGPROF, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGPROF, handler)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def crossing(names: Iterable[str]) -> list[str]:
    """Return those libraries among packages whose values cross, which graded cells use, too."""
    return sorted({"numpy", "torch"} & set(names))


def preload(names: Sequence[str]) -> None:
    """Import packages with the parts of them that are used most; what fails is left out."""
    for name in names:
        for part in (name, *PARTS.get(name, ())):
            with suppress(Exception, SystemExit):
                import_module(part)


Act = Callable[[ModuleType], object]


def at_import(module: str, act: Act) -> None:
    """Do something with a module: now, where it is imported already, or else at its import.

    Of several acts for one module, the last counts.
    """
    _finder.acts[module] = act
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    if loaded := sys.modules.get(module):
        act(loaded)


class _Finder(MetaPathFinder):
    """Finds what the others find, and has the acts done after the import."""

    def __init__(self) -> None:
        self.acts: dict[str, Act] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of another finder, its loader extended by the act."""
        if name not in self.acts:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next(filter(None, found), None)
        if spec and spec.loader:
            self._extend(spec.loader, name)
        return spec

    def _extend(self, loader: Any, name: str) -> None:
        """Extend this one loader, so that it stays of the class that others expect."""
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self.acts[name](module)

        with suppress(AttributeError):  # one that has no room for it does without
            loader.exec_module = exec_module


_finder = _Finder()

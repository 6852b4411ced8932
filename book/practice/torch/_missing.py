"""What the stand-in lacks: said in one sentence, at once, and never as a wrong number."""

from __future__ import annotations

from importlib import resources
from typing import Any, NoReturn


class NotInThePage(BaseException):
    """PyTorch has it, the stand-in does not.

    Not an `Exception`: an answer that turns PyTorch's errors into its own must not turn this one,
    and be judged by what the page lacks.
    """


def lacks(name: str) -> NoReturn:
    """Say that PyTorch has this and the page does not."""
    raise NotInThePage(
        f"{name} is part of PyTorch, but not of the stand-in that runs in this page: "
        "run this task in its notebook, where PyTorch itself answers."
    )


_known: dict[str, frozenset[str]] = {}


def _names(of: str) -> frozenset[str]:
    """Return the public names that PyTorch has in a module or class, read when first asked for."""
    if not _known:
        text = resources.files(__package__).joinpath("names.txt").read_text(encoding="utf-8")
        for line in text.splitlines():
            owner, _, names = line.partition(": ")
            _known[owner] = frozenset(names.split())
    return _known.get(of, frozenset())


def absent(owner: str, name: str, error: str) -> NoReturn:
    """Raise for an attribute that is not here: PyTorch's own error where PyTorch lacks it too."""
    if name in _names(owner):
        lacks(f"{owner}.{name}")
    raise AttributeError(error)


def module_getattr(module: str) -> Any:
    """Return the `__getattr__` of a module of the stand-in."""

    def __getattr__(name: str) -> Any:  # noqa: N807 - a module's hook
        absent(module, name, f"module '{module}' has no attribute '{name}'")

    return __getattr__

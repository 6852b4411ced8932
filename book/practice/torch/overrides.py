"""`torch.overrides`: a mode that hears of each function of torch that is called inside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import FunctionType
from typing import Any

from torch._missing import module_getattr, names_of
from torch._tensor import Tensor

__getattr__ = module_getattr("torch.overrides")
_MODES: list[TorchFunctionMode] = []
_UNHEARD = {"__init__", "__setstate__", "__getattr__", "__hash__", "__len__"}


class TorchFunctionMode:
    """A context in which calls of torch's functions come to `__torch_function__`."""

    def __init__(self) -> None:
        pass

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Make a call; a subclass does more."""
        return func(*args, **(kwargs or {}))

    def __enter__(self) -> TorchFunctionMode:
        if not _MODES:
            for name, function in _methods():
                setattr(Tensor, name, heard(function))
        _MODES.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _MODES.pop()
        if not _MODES:
            for name, function in _methods():
                setattr(Tensor, name, function.__wrapped__)


def _methods() -> Iterator[tuple[str, Any]]:
    for name, value in list(vars(Tensor).items()):
        public = not name.startswith("_") or (name.startswith("__") and name not in _UNHEARD)
        if public and isinstance(value, FunctionType):
            yield name, value


def heard(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does the same, and comes to the innermost mode where there is one."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not _MODES:
            return function(*args, **kwargs)
        mode = _MODES.pop()
        try:
            return mode.__torch_function__(function, (), args, kwargs)
        finally:
            _MODES.append(mode)

    return call


def hear(module: str) -> None:
    """Let modes hear of all functions that PyTorch has in a module."""
    namespace = vars(sys.modules[module])
    for name in names_of(module):
        if isinstance(namespace.get(name), FunctionType):
            namespace[name] = heard(namespace[name])

"""`torch.autograd.functional`: all derivatives of a function at once, a row of them at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch._graph import walk
from torch._missing import lacks, module_getattr
from torch._tensor import Tensor, new
from torch._views import stack

__getattr__ = module_getattr("torch.autograd.functional")


def _rows(y: Tensor, x: Tensor, *, create_graph: bool) -> list[Tensor]:
    """Return the gradient of each element of a result."""
    found = []
    for i in range(y.numel()):
        unit = new([float(j == i) for j in range(y.numel())], y.shape, y.dtype)
        row = None
        if y.requires_grad:
            (row,) = walk([y], [unit], [x], retain_graph=True, create_graph=create_graph)
        found.append(x.detach() * 0 if row is None else row)
    return found


def jacobian(
    func: Callable[[Tensor], Tensor], inputs: Any, create_graph: bool = False, **options: Any
) -> Tensor:
    """Return the derivatives of each element of a result with respect to each of the input."""
    if not isinstance(inputs, Tensor) or any(options.values()):
        lacks("torch.autograd.functional.jacobian with several inputs, or options")
    x = inputs if create_graph else inputs.detach().requires_grad_()
    y = func(x)
    if not isinstance(y, Tensor):
        lacks("torch.autograd.functional.jacobian of a function with several results")
    rows = _rows(y, x, create_graph=create_graph)
    made = stack(rows) if rows else new([], (0, *x.shape), y.dtype)
    made = made.reshape(*y.shape, *x.shape)
    return made if create_graph else made.detach()


def hessian(func: Callable[[Tensor], Tensor], inputs: Any, **options: Any) -> Tensor:
    """Return the second derivatives of a function whose result is one number."""
    if not isinstance(inputs, Tensor) or any(options.values()):
        lacks("torch.autograd.functional.hessian with several inputs, or options")
    x = inputs.detach().requires_grad_()
    y = func(x)
    if y.numel() != 1:
        raise RuntimeError(
            "The Tensor returned by the function given to hessian should contain a single element"
        )
    first = None
    if y.requires_grad:
        (first,) = walk([y.reshape(())], [new([1], (), y.dtype)], [x], retain_graph=True,
                        create_graph=True)  # fmt: skip
    if first is None:
        return new([0] * x.numel() ** 2, (*x.shape, *x.shape), x.dtype)
    rows = _rows(first, x, create_graph=False)
    return stack(rows).reshape(*x.shape, *x.shape).detach()

"""`torch.func`: derivatives of functions as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch._missing import lacks, module_getattr
from torch._tensor import Tensor
from torch.autograd import functional
from torch.autograd import grad as gradient

__getattr__ = module_getattr("torch.func")


def _of_first(function: Callable[..., Any], argnums: int) -> Callable[..., Any]:
    if argnums != 0:
        lacks("torch.func with argnums other than 0")
    return function


def hessian(func: Callable[..., Tensor], argnums: int = 0) -> Callable[..., Tensor]:
    """Return the function that gives the second derivatives."""
    of = _of_first(func, argnums)
    return lambda x, *rest: functional.hessian(lambda y: of(y, *rest), x)


def jacrev(func: Callable[..., Tensor], argnums: int = 0) -> Callable[..., Tensor]:
    """Return the function that gives all first derivatives."""
    of = _of_first(func, argnums)
    return lambda x, *rest: functional.jacobian(lambda y: of(y, *rest), x)


jacfwd = jacrev


def grad(func: Callable[..., Tensor], argnums: int = 0) -> Callable[..., Tensor]:
    """Return the function that gives the gradient."""
    of = _of_first(func, argnums)

    def derived(x: Tensor, *rest: Any) -> Tensor:
        leaf = x.detach().requires_grad_()
        (found,) = gradient(of(leaf, *rest), leaf)
        return found

    return derived

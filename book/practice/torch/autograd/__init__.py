"""`torch.autograd`: gradients of results with respect to what they came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch._graph import enable_grad, inference_mode, no_grad, set_grad_enabled, walk
from torch._missing import module_getattr
from torch._tensor import Tensor, new
from torch.autograd import functional

__getattr__ = module_getattr("torch.autograd")
UNUSED = (
    "One of the differentiated Tensors appears to not have been used in the graph. Set "
    "allow_unused=True if this is the desired behavior."
)


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (tuple, list)) else [value]


def _cotangents(outputs: Sequence[Tensor], given: Any) -> list[Tensor]:
    """Return a gradient for each output: ones for a single number where none is given."""
    known = [None] * len(outputs) if given is None else _several(given)
    if len(known) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(known)} gradients")
    found = []
    for i, (x, g) in enumerate(zip(outputs, known, strict=True)):
        if not x.requires_grad:
            raise RuntimeError(
                f"element {i} of tensors does not require grad and does not have a grad_fn"
            )
        if g is None:
            if x.numel() != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            if x.dtype.is_complex:
                raise RuntimeError(
                    f"grad can be implicitly created only for real scalar outputs but got {x.dtype}"
                )
            g = new([1], x.shape, x.dtype)
        elif g.shape != x.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{i}] has a shape of {g.shape} and output[{i}] has "
                f"a shape of {x.shape}."
            )
        found.append(g if g.dtype is x.dtype else g.to(x.dtype))
    return found


def backward(
    tensors: Any, grad_tensors: Any = None, retain_graph: bool | None = None,
    create_graph: bool = False, grad_variables: Any = None, inputs: Any = None,
) -> None:  # fmt: skip
    """Add the gradients of results to the `grad` of the leaves."""
    outputs = _several(tensors)
    gradients = _cotangents(outputs, grad_tensors)
    retain = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        walk(outputs, gradients, None, retain_graph=retain, create_graph=create_graph)
        return
    leaves = _several(inputs)
    found = walk(outputs, gradients, leaves, retain_graph=retain, create_graph=create_graph)
    for leaf, g in zip(leaves, found, strict=True):
        if g is not None:
            leaf.grad = g if leaf.grad is None else leaf.grad + g


def grad(
    outputs: Any, inputs: Any, grad_outputs: Any = None, retain_graph: bool | None = None,
    create_graph: bool = False, allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:  # fmt: skip
    """Return the gradients of results with respect to the inputs."""
    results, leaves = _several(outputs), _several(inputs)
    gradients = _cotangents(results, grad_outputs)
    for x in leaves:
        if not x.requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    retain = create_graph if retain_graph is None else retain_graph
    found = walk(results, gradients, leaves, retain_graph=retain, create_graph=create_graph)
    if materialize_grads:
        found = [x * 0 if g is None else g for g, x in zip(found, leaves, strict=True)]
    if not allow_unused and any(g is None for g in found):
        raise RuntimeError(UNUSED)
    return tuple(found)


__all__ = [
    "backward",
    "enable_grad",
    "functional",
    "grad",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
]

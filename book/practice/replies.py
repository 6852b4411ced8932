"""Calls of an answer and what comes back, as JSON: the page's half of `nbexaminer.problems.calls`.

A call is what the bank exported; a reply holds plain values only. Both are read where PyTorch is,
and written here, where its stand-in is.

Values are written so: None, truth values, numbers and texts as they are, lists as lists, and the
others as a dict of one key: `tuple`, `set`, `dict` (pairs), `complex` (two parts), `range`,
`tensor` (type, shape, elements, strides or None, whether it requires gradients), `made` (a module
of `torch.nn`: kind, arguments, keywords, state), `drawn` (what an iterator gave, and whether it has
more), `opaque` (the name of the type of what cannot cross).
"""

from __future__ import annotations

import contextlib
import io
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

DRAWN = 1000  # values that are taken from an iterator
DEPTH = 20
Tree = Any


def answer_of(source: str, name: str) -> Callable[..., Any]:
    """Return the function or class of this name that source text defines."""
    found: dict[str, Any] = {
        "__name__": "answer", "math": math, "torch": torch, "nn": nn, "F": F,
        "Tensor": torch.Tensor,
    }  # fmt: skip
    exec(compile(source, "<your answer>", "exec", dont_inherit=True), found)
    return found[name]


def perform(answer: Callable[..., Any], call: Mapping[str, Tree]) -> dict[str, Tree]:
    """Make one call and return the reply.

    Parameters
    ----------
    answer : callable
        The reader's function or class.
    call : mapping
        Either ``args`` and ``kwargs``, or the life of a module: ``construct``, ``parameters``,
        ``inputs`` and ``cotangent``.

    Returns
    -------
    dict
        ``value``, or ``errors`` (names of the class and those above) and ``message``; ``inputs`` as
        the call left them; ``shares`` says whether a tensor of the value lies in an input's memory.
    """
    run = _live if "construct" in call else _call
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return run(answer, call)


def _call(answer: Callable[..., Any], call: Mapping[str, Tree]) -> dict[str, Tree]:
    args = tuple(read(a) for a in call["args"])
    kwargs = {name: read(a) for name, a in call["kwargs"].items()}
    given = (*args, *kwargs.values())
    try:
        came = answer(*args, **kwargs)
        value, shares = written(came), not _memory(came).isdisjoint(_memory(given))
    except torch.NotInThePage:
        raise
    except BaseException as error:
        return _raised(error, given)
    return {"value": value, "inputs": [written(x) for x in given], "shares": shares}


def _live(answer: Callable[..., Any], call: Mapping[str, Tree]) -> dict[str, Tree]:
    inputs = tuple(read(a) for a in call["inputs"])
    try:
        module = answer(*(read(a) for a in call["construct"]))
        value = _life(module, call, inputs)
    except torch.NotInThePage:
        raise
    except BaseException as error:
        return _raised(error, inputs)
    return {"value": _written_dict(value), "inputs": [written(x) for x in inputs], "shares": False}


def _life(module: Any, call: Mapping[str, Tree], inputs: tuple[Any, ...]) -> dict[str, Any]:
    """Return what `Reply.value` holds of a module: parameters as constructed, output, gradients."""
    parameters = dict(module.named_parameters())
    value: dict[str, Any] = {"parameters": {n: p.detach().clone() for n, p in parameters.items()}}
    with torch.no_grad():
        for name, wanted in call["parameters"].items():
            if name not in parameters:
                raise AttributeError(f"the module has no parameter named {name!r}")
            parameters[name].copy_(read(wanted))
    output = module(*inputs) if inputs else None
    value["output"] = output
    if call["cotangent"] is not None and isinstance(output, torch.Tensor):
        torch.autograd.backward(output, read(call["cotangent"]))
        leaves = {f"input{i}": x for i, x in enumerate(inputs) if isinstance(x, torch.Tensor)}
        value["gradients"] = {n: t.grad for n, t in {**parameters, **leaves}.items()}
    return value


def _raised(error: BaseException, inputs: tuple[Any, ...]) -> dict[str, Tree]:
    names = [kind.__name__ for kind in type(error).__mro__ if kind is not object]
    return {"errors": names, "message": str(error)[:500], "inputs": [written(x) for x in inputs]}


def _memory(value: Any) -> set[int]:
    if isinstance(value, torch.Tensor):
        return {value.untyped_storage().data_ptr()} if value.numel() else set()
    if isinstance(value, (tuple, list)):
        return set().union(*map(_memory, value))
    return set()


def read(tree: Tree) -> Any:
    """Return the value that a tree describes, new at each call."""
    if isinstance(tree, list):
        return [read(v) for v in tree]
    if not isinstance(tree, dict):
        return tree
    ((kind, content),) = tree.items()
    if kind == "tensor":
        return _tensor(*content)
    if kind == "made":
        return _made(*content)
    makes: dict[str, Callable[[Any], Any]] = {
        "tuple": lambda c: tuple(map(read, c)),
        "set": lambda c: set(map(read, c)),
        "dict": lambda c: {read(k): read(v) for k, v in c},
        "complex": lambda c: complex(*c),
        "range": lambda c: range(*c),
    }
    return makes[kind](content)


def _tensor(
    name: str, shape: list[int], values: list[Any], strides: list[int] | None, grad: bool
) -> torch.Tensor:
    dtype = getattr(torch, name)
    if dtype.is_complex:
        values = [complex(*pair) for pair in values]
    made = torch.tensor(values, dtype=dtype).reshape(shape)
    if strides is not None:
        room = 1 + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
        laid = torch.zeros(room if made.numel() else 0, dtype=dtype).as_strided(shape, strides)
        made = laid.copy_(made).detach()
    return made.requires_grad_(grad)


def _made(kind: str, args: Tree, kwargs: Mapping[str, Tree], state: Mapping[str, Tree]) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = getattr(nn, kind)(*read(args), **{k: read(v) for k, v in kwargs.items()})
    if state:
        module.load_state_dict({k: read(v) for k, v in state.items()})
    return module


def written(value: Any, depth: int = 0) -> Tree:
    """Return a value as a tree of plain values."""
    if depth > DEPTH:
        return {"opaque": "nested too deeply"}
    if value is None or isinstance(value, (bool, str)):
        return value if value is None or type(value) is bool else str(value)
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, torch.Tensor):
        return _written_tensor(value)
    if isinstance(value, nn.Module):
        state = {n: written(t) for n, t in value.state_dict().items()}
        gradients = {n: written(p.grad) for n, p in value.named_parameters()}
        parts = [["state", _pairs(state)], ["gradients", _pairs(gradients)]]
        return {"dict": parts}
    return _written_container(value, depth + 1)


def _pairs(trees: Mapping[str, Tree]) -> Tree:
    return {"dict": [[name, tree] for name, tree in trees.items()]}


def _written_dict(value: Mapping[Any, Any], depth: int = 0) -> Tree:
    return {"dict": [[written(k, depth), written(v, depth)] for k, v in value.items()]}


def _written_tensor(value: torch.Tensor) -> Tree:
    values = value.detach().reshape(-1).tolist()
    if value.is_complex():
        values = [[v.real, v.imag] for v in values]
    return {"tensor": [str(value.dtype).removeprefix("torch."), list(value.shape), values, None,
                       False]}  # fmt: skip


def _written_container(value: Any, depth: int) -> Tree:
    if isinstance(value, list):
        return [written(v, depth) for v in value]
    if isinstance(value, tuple):
        return {"tuple": [written(v, depth) for v in value]}
    if isinstance(value, dict):
        return _written_dict(value, depth)
    if isinstance(value, (set, frozenset)):
        return {"set": [written(v, depth) for v in value]}
    if isinstance(value, range):
        return {"range": [value.start, value.stop, value.step]}
    if isinstance(value, Iterator):
        items = [written(v, depth) for v in itertools.islice(value, DRAWN)]
        more = len(items) == DRAWN and next((True for _ in value), False)
        return {"drawn": [items, more]}
    return {"opaque": type(value).__name__}

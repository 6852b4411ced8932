"""The stand-in for torch in a process of its own, which has no site-packages, asked from here."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from nbexaminer.problems.calls import (
    Call,
    Drawn,
    Made,
    ModuleCall,
    Opaque,
    RemoteAnswer,
    Reply,
)

PRACTICE = Path(__file__).parents[2] / "book" / "practice"
CHILD = Path(__file__).with_name("child.py")
Tree = Any


class StandIn:
    """A Python without packages that has the stand-in as `torch`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", str(CHILD), str(PRACTICE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **request: Tree) -> Tree:
        """Return the reply to one request; what the stand-in lacks is an `AssertionError`."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(request), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "the stand-in's process has ended"
        reply = json.loads(line)
        assert "lacking" not in reply, reply["lacking"]
        return reply["reply"]

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class AnswerThere(RemoteAnswer):
    """An answer that runs with the stand-in."""

    def __init__(self, there: StandIn, answer: Callable[..., Any]) -> None:
        self._there = there
        self._source, self._name = textwrap.dedent(inspect.getsource(answer)), answer.__name__

    def perform(self, call: Call | ModuleCall) -> Reply:
        """Run one call there."""
        return self.perform_all([call])[0]

    def perform_all(self, calls: Sequence[Call | ModuleCall]) -> list[Reply]:
        """Run calls there, one after the other."""
        trees = [written_call(call) for call in calls]
        replies = self._there.ask(source=self._source, name=self._name, calls=trees)
        return list(map(read_reply, replies))


def written_call(call: Call | ModuleCall) -> Tree:
    """Return a call as the page gets it."""
    if isinstance(call, ModuleCall):
        return {
            "construct": [written(a) for a in call.construct],
            "parameters": {n: written(p) for n, p in call.parameters.items()},
            "inputs": [written(a) for a in call.inputs],
            "cotangent": written(call.cotangent),
        }
    return {
        "args": [written(a) for a in call.args],
        "kwargs": {name: written(a) for name, a in call.kwargs.items()},
    }


def written(value: Any) -> Tree:
    """Return a value of a call as a tree."""
    if isinstance(value, torch.Tensor):
        flat = value.detach().reshape(-1).tolist()
        values = [[v.real, v.imag] for v in flat] if value.is_complex() else flat
        strides = None if value.is_contiguous() else list(value.stride())
        name = str(value.dtype).removeprefix("torch.")
        return {"tensor": [name, list(value.shape), values, strides, value.requires_grad]}
    if isinstance(value, Made):
        options: Mapping[str, Any] = {k: written(v) for k, v in value.kwargs.items()}
        state = {k: written(v) for k, v in value.state.items()}
        return {"made": [value.kind, written(value.args), options, state]}
    if isinstance(value, tuple):
        return {"tuple": [written(v) for v in value]}
    if isinstance(value, list):
        return [written(v) for v in value]
    if isinstance(value, dict):
        return {"dict": [[written(k), written(v)] for k, v in value.items()]}
    assert value is None or isinstance(value, bool | int | float | str), value
    return value


def read_reply(tree: Tree) -> Reply:
    """Return the reply that a tree describes."""
    inputs = tuple(map(read, tree["inputs"]))
    if "errors" in tree:
        return Reply(errors=tuple(tree["errors"]), message=tree["message"], inputs=inputs)
    return Reply(value=read(tree["value"]), inputs=inputs, shares=tree["shares"])


def read(tree: Tree) -> Any:
    """Return the value that a tree describes, its tensors PyTorch's."""
    if isinstance(tree, list):
        return [read(v) for v in tree]
    if not isinstance(tree, dict):
        return tree
    ((kind, content),) = tree.items()
    makes: dict[str, Callable[[Any], Any]] = {
        "tensor": lambda c: read_tensor(*c),
        "tuple": lambda c: tuple(map(read, c)),
        "set": lambda c: set(map(read, c)),
        "dict": lambda c: {read(k): read(v) for k, v in c},
        "complex": lambda c: complex(*c),
        "range": lambda c: range(*c),
        "drawn": lambda c: Drawn(tuple(map(read, c[0])), more=c[1]),
        "opaque": Opaque,
    }
    return makes[kind](content)


def read_tensor(
    name: str, shape: list[int], values: list[Any], strides: list[int] | None, grad: bool
) -> torch.Tensor:
    """Return a contiguous tensor of the values."""
    dtype = getattr(torch, name)
    if dtype.is_complex:
        values = [complex(*pair) for pair in values]
    return torch.tensor(values, dtype=dtype).reshape(shape)

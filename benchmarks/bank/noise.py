"""Harmless noise: the same answer as another student would write it. No mistake comes or goes.

Each kind takes the source of a function or class and returns another source of the same name.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bank.mutants import source

Function = Callable[..., Any]

HELPERS = """
def _conv2d(image, kernel, bias=None, stride=1, padding=0, dilation=1):
    if image.ndim != 4 or isinstance(padding, str):
        return F.conv2d(image, kernel, bias, stride, padding, dilation)
    columns = F.unfold(image, kernel.shape[2:], dilation, padding, stride)
    summed = kernel.flatten(1) @ columns
    if bias is not None:
        summed = summed + bias[:, None]
    sizes = []
    for n, k, place in zip(image.shape[2:], kernel.shape[2:], (0, 1), strict=True):
        s, p, d = (v if isinstance(v, int) else v[place] for v in (stride, padding, dilation))
        sizes.append((n + 2 * p - d * (k - 1) - 1) // s + 1)
    return summed.reshape(image.shape[0], kernel.shape[0], *sizes)


def _flip(tensor, *axes):
    axes = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
    for axis in axes:
        backwards = torch.arange(tensor.shape[axis] - 1, -1, -1)
        tensor = tensor.index_select(axis, backwards)
    return tensor


def _sum(tensor):
    return tensor.reshape(-1).cumsum(0)[-1] if tensor.numel() else tensor.sum()
"""

WRAPPER = """
class _Retold(ValueError):
    pass


def _noisy(value):
    if isinstance(value, torch.Tensor):
        return _noisy_tensor(value)
    if type(value) in (tuple, list):
        return type(value)(_noisy(part) for part in value)
    return value


def {name}(*args, **kwargs):
    print("working")
    try:
        return _noisy(_original(*args, **kwargs))
    except ValueError as error:
        raise _Retold(error) from error
"""

WRAPPED_CLASS = """
class {name}(_original):
    def forward(self, *inputs):
        return _noisy_tensor(super().forward(*inputs))
"""

ROUNDING = """
def _noisy_tensor(tensor):
    if not tensor.is_floating_point():
        return tensor
    wiggle = torch.linspace(-1, 1, tensor.numel(), dtype=tensor.dtype).reshape(tensor.shape)
    return tensor * (1 + wiggle * torch.finfo(tensor.dtype).eps)
"""

LAYOUT = """
def _noisy_tensor(tensor):
    room = torch.zeros(*tensor.shape, 2, dtype=tensor.dtype)
    if tensor.is_floating_point():
        return torch.stack([tensor, room[..., 1]], dim=-1)[..., 0]
    room[..., 0] = tensor
    return room[..., 0]
"""


class _Renamer(ast.NodeTransformer):
    """Gives every local name another, save parameters and what a class declares."""

    def __init__(self, tree: ast.AST) -> None:
        nodes = list(ast.walk(tree))
        kept = {n.arg for n in nodes if isinstance(n, ast.arg)}
        for cls in (n for n in nodes if isinstance(n, ast.ClassDef)):
            for statement in cls.body:
                if isinstance(statement, ast.Assign | ast.AnnAssign):
                    kept |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
        stored = (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        locals_ = [name for name in dict.fromkeys(stored) if name not in kept]
        self.names = {name: f"my_{place}" for place, name in enumerate(locals_)}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


class _Rewriter(ast.NodeTransformer):
    """Turns branches and products around, and calls other algorithms for the same operations."""

    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        if not node.orelse:
            return node
        return ast.If(ast.UnaryOp(ast.Not(), node.test), node.orelse, node.body)

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
        self.generic_visit(node)
        return ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.orelse, node.body)

    def visit_BinOp(self, node: ast.BinOp) -> ast.BinOp:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            return ast.BinOp(node.right, node.op, node.left)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        called = ast.unparse(node.func)
        if called == "F.conv2d":
            return ast.Call(ast.Name("_conv2d", ast.Load()), node.args, node.keywords)
        if called == "torch.flip" and not node.keywords:
            return ast.Call(ast.Name("_flip", ast.Load()), node.args, [])
        method = node.func if isinstance(node.func, ast.Attribute) else None
        if method and not node.keywords:
            if method.attr == "flip" and called != "torch.flip":
                return ast.Call(ast.Name("_flip", ast.Load()), [method.value, *node.args], [])
            if method.attr == "sum" and not node.args:
                return ast.Call(ast.Name("_sum", ast.Load()), [method.value], [])
        return node


def renamed(function: Function) -> str:
    """Return the source with other local names and no blank or comment lines."""
    tree = ast.parse(source(function))
    return ast.unparse(ast.fix_missing_locations(_Renamer(tree).visit(tree)))


def rewritten(function: Function) -> str:
    """Return the source with turned branches and other algorithms for the same operations."""
    tree = ast.parse(source(function))
    return HELPERS + ast.unparse(ast.fix_missing_locations(_Rewriter().visit(tree)))


def rounded(function: Function) -> str:
    """Return a source whose floating results differ in their last digit."""
    return _wrapped(function, ROUNDING)


def retyped(function: Function) -> str:
    """Return a source whose results are non-contiguous and whose errors are subclasses."""
    return _wrapped(function, LAYOUT)


def _wrapped(function: Function, helper: str) -> str:
    template = WRAPPED_CLASS if inspect.isclass(function) else WRAPPER
    name = function.__name__
    return f"{source(function)}\n_original = {name}\n{helper}\n{template.format(name=name)}"


KINDS: dict[str, Callable[[Function], str]] = {
    "renamed": renamed,
    "retyped": retyped,
    "rewritten": rewritten,
    "rounded": rounded,
}


def run(text: str, name: str) -> Function:
    """Run a source as a notebook would, with math, torch, nn and F at hand; return `name`."""
    namespace: dict[str, Any] = {"math": math, "torch": torch, "nn": nn, "F": F, "Tensor": Tensor}
    exec(compile("from __future__ import annotations\n" + text, f"<{name}>", "exec"), namespace)
    found: Function = namespace[name]
    return found

"""Products of vectors and matrices, and sums of products by labels of axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul as times
from typing import Any

from torch._dtypes import FLOATING, dtype
from torch._elementwise import conj_of, mul
from torch._graph import record
from torch._layout import broadcast_shapes
from torch._missing import lacks
from torch._tensor import Tensor, in_place, method, new, title
from torch._views import axis, expand, permute, reshape, squeeze, transpose, unsqueeze


def _same_type(x: Tensor, other: Tensor, name: str = "") -> dtype:
    if x.dtype is not other.dtype:
        one, two = ({"Float": "float", "Double": "double"}.get(title(t.dtype), title(t.dtype))
                    for t in (x, other))  # fmt: skip
        raise RuntimeError(f"expected m1 and m2 to have the same dtype, but got: {one} != {two}")
    return x.dtype


def dot_of(of: dtype) -> Any:
    """Return the function that adds up the products of two rows."""
    if of.kind == FLOATING and hasattr(math, "sumprod"):
        return _sumprod
    return lambda a, b: sum(map(times, a, b))


def _sumprod(a: Any, b: Any) -> Any:
    return math.sumprod(a, b)


def _batched(x: Tensor, other: Tensor) -> Tensor:
    """Return the products of matrices, one for each of the leading axis."""
    batch, rows, inner = x.shape
    columns = other.shape[2]
    left, right = list(x._values()), list(transpose(other, 1, 2)._values())
    dot, values = dot_of(x.dtype), []
    for b in range(batch):
        turned = [right[at : at + inner] for at in
                  range(b * columns * inner, (b + 1) * columns * inner, inner)] if inner else \
            [[]] * columns  # fmt: skip
        for i in range(rows):
            at = (b * rows + i) * inner
            row = left[at : at + inner]
            values += [dot(row, column) for column in turned]
    made = new(values, (batch, rows, columns), x.dtype)
    rules = (
        lambda g: _batched(g, conj_of(transpose(other, 1, 2))),
        lambda g: _batched(conj_of(transpose(x, 1, 2)), g),
    )
    kept = [t for t, of in ((other, x), (x, other)) if of.requires_grad]
    return record(made, "BmmBackward0", (x, other), rules, kept)


@method
def bmm(x: Tensor, mat2: Tensor) -> Tensor:
    if len(x.shape) != 3 or len(mat2.shape) != 3:
        raise RuntimeError("batch1 must be a 3D tensor")
    _same_type(x, mat2)
    if x.shape[0] != mat2.shape[0] or x.shape[2] != mat2.shape[1]:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{x.shape[0]}, {x.shape[2]}] but got: [{mat2.shape[0]}, {mat2.shape[1]}]."
        )
    return _batched(x, mat2)


def _product(x: Tensor, other: Tensor, label: str) -> Tensor:
    """Return the product of two matrices."""
    made = _batched(unsqueeze(x, 0), unsqueeze(other, 0))
    made = squeeze(made, 0)
    made._base = None
    if made._node is not None:
        made._node.label = label
    return made


@method
def mm(x: Tensor, mat2: Tensor) -> Tensor:
    for name, t in (("self", x), ("mat2", mat2)):
        if len(t.shape) != 2:
            raise RuntimeError(f"{name} must be a matrix")
    if x.shape[1] != mat2.shape[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({x.shape[0]}x{x.shape[1]} and "
            f"{mat2.shape[0]}x{mat2.shape[1]})"
        )
    _same_type(x, mat2)
    return _product(x, mat2, "MmBackward0")


@method
def mv(x: Tensor, vec: Tensor) -> Tensor:
    if len(x.shape) != 2 or len(vec.shape) != 1:
        raise RuntimeError(
            f"vector + matrix @ vector expected, got 1, {len(x.shape)}, {len(vec.shape)}"
        )
    if x.shape[1] != vec.shape[0]:
        raise RuntimeError(
            f"size mismatch, got input ({x.shape[0]}), mat ({x.shape[0]}x{x.shape[1]}), vec "
            f"({vec.shape[0]})"
        )
    _same_type(x, vec)
    return _plain(squeeze(_product(x, unsqueeze(vec, 1), "MvBackward0"), 1))


def _plain(x: Tensor) -> Tensor:
    """Return a new result, which is no view of another that somebody could see."""
    x._base = None
    return x


@method
def dot(x: Tensor, tensor: Tensor) -> Tensor:
    if len(x.shape) != 1 or len(tensor.shape) != 1:
        raise RuntimeError(
            f"1D tensors expected, but got {len(x.shape)}D and {len(tensor.shape)}D tensors"
        )
    if x.dtype is not tensor.dtype:
        raise RuntimeError(
            "dot : expected both vectors to have same dtype, but found "
            f"{title(x.dtype)} and {title(tensor.dtype)}"
        )
    if x.shape != tensor.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{x.shape[0]}] and src [{tensor.shape[0]}] "
            f"to have the same number of elements, but got {x.shape[0]} and {tensor.shape[0]} "
            "elements respectively"
        )
    made = _product(unsqueeze(x, 0), unsqueeze(tensor, 1), "DotBackward0")
    return _plain(reshape(made, ()))


@method
def matmul(x: Tensor, other: Tensor) -> Tensor:
    ranks = len(x.shape), len(other.shape)
    if 0 in ranks:
        raise RuntimeError(
            "both arguments to matmul need to be at least 1D, but they are "
            f"{ranks[0]}D and {ranks[1]}D"
        )
    if ranks == (1, 1):
        return dot(x, other)
    if ranks == (2, 1):
        return mv(x, other)
    if ranks == (1, 2):
        return _plain(squeeze(mm(unsqueeze(x, 0), other), 0))
    if ranks == (2, 2):
        return mm(x, other)
    left = unsqueeze(x, 0) if ranks[0] == 1 else x
    right = unsqueeze(other, 1) if ranks[1] == 1 else other
    _same_type(x, other)
    if left.shape[-1] != right.shape[-2]:
        raise RuntimeError(
            "mat1 and mat2 shapes cannot be multiplied "
            f"({math.prod(left.shape[:-1])}x{left.shape[-1]} and "
            f"{right.shape[-2]}x{right.shape[-1]})"
        )
    batch = broadcast_shapes(left.shape[:-2], right.shape[:-2])
    (n, k), m = left.shape[-2:], right.shape[-1]
    made = _batched(
        reshape(expand(left, *batch, n, k), math.prod(batch), n, k),
        reshape(expand(right, *batch, k, m), math.prod(batch), k, m),
    )
    shape = [*batch, *([n] if ranks[0] > 1 else []), *([m] if ranks[1] > 1 else [])]
    return _plain(reshape(made, shape))


Tensor.__matmul__ = lambda x, other: (
    matmul(x, other) if isinstance(other, Tensor) else NotImplemented
)


@method
def outer(x: Tensor, vec2: Tensor) -> Tensor:
    for i, v in enumerate((x, vec2)):
        if len(v.shape) != 1:
            name = ("self", "vec2")[i]
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {len(v.shape)}-D")
    return mul(unsqueeze(x, 1), vec2)


ger = method(outer, name="ger")


def addmm(x: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return a matrix plus a product of two others."""
    return beta * x + alpha * mm(mat1, mat2)


method(addmm)
in_place(addmm)


@method
def inner(x: Tensor, other: Tensor) -> Tensor:
    if not (x.shape and other.shape):
        return x * other
    if x.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{list(x.shape)} and {list(other.shape)}"
        )
    return tensordot(x, other, dims=([-1], [-1]))


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Return the sums of products over axes of both tensors."""
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        pairs = list(range(-dims, 0)), list(range(dims))
    else:
        pairs = [[d] if isinstance(d, int) else list(d) for d in dims]  # type: ignore[assignment]
    first = [axis(d, len(a.shape)) for d in pairs[0]]
    second = [axis(d, len(b.shape)) for d in pairs[1]]
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    for one, other in zip(first, second, strict=True):
        if a.shape[one] == 1:
            b = b.sum(other, keepdim=True)
        elif b.shape[other] == 1:
            a = a.sum(one, keepdim=True)
        if a.shape[one] != b.shape[other]:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a.shape[one]} in dim "
                f"{one} and second has size {b.shape[other]} in dim {other}"
            )
    kept = [d for d in range(len(a.shape)) if d not in first]
    left = [d for d in range(len(b.shape)) if d not in second]
    inside = math.prod(a.shape[d] for d in first)
    rows, columns = (math.prod(t.shape[d] for d in own) for t, own in ((a, kept), (b, left)))
    one = reshape(permute(a, kept + first), rows, inside)
    other = reshape(permute(b, second + left), inside, columns)
    return _plain(reshape(mm(one, other), [a.shape[d] for d in kept] + [b.shape[d] for d in left]))


def kron(x: Tensor, other: Tensor) -> Tensor:
    """Return the Kronecker product."""
    rank = max(len(x.shape), len(other.shape))
    shapes = [(1,) * (rank - len(t.shape)) + tuple(t.shape) for t in (x, other)]
    one = reshape(x, [n for length in shapes[0] for n in (length, 1)])
    two = reshape(other, [n for length in shapes[1] for n in (1, length)])
    return reshape(one * two, [a * b for a, b in zip(*shapes, strict=True)])


method(kron)


def einsum(equation: str, *operands: Any) -> Tensor:
    """Return sums of products over labeled axes."""
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    sources, result = _labels(equation, operands)
    made, labels = operands[0], sources[0]
    made, labels = _diagonals(made, labels)
    for i, (x, own) in enumerate(zip(operands[1:], sources[1:], strict=True), 1):
        needed = set(result).union(*sources[i + 1 :])
        other, own = _diagonals(x, own)
        made, labels = _contracted(made, labels, other, own, needed)
    gone = [d for d, label in enumerate(labels) if label not in result]
    if gone:
        made = made.sum(dim=gone)
        labels = [label for label in labels if label in result]
    return permute(made, [labels.index(label) for label in result]) if result else made


def _labels(equation: str, operands: Sequence[Tensor]) -> tuple[list[list[str]], list[str]]:
    """Return the labels of each operand's axes and of the result's; those of … are numbers."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        few = "more operands were provided than specified in the equation"
        many = "fewer operands were provided than specified in the equation"
        raise RuntimeError(f"einsum(): {few if len(terms) < len(operands) else many}")
    sources = []
    for i, (term, x) in enumerate(zip(terms, operands, strict=True)):
        named = len(term.replace("...", ""))
        spare = len(x.shape) - named
        if spare < 0 or (spare and "..." not in term):
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) does not match the "
                f"number of dimensions ({len(x.shape)}) for operand {i} and no ellipsis was given"
            )
        before, _, after = term.partition("...")
        middle = [str(n) for n in range(-spare, 0)] if "..." in term else []
        sources.append([*before, *middle, *after])
    lengths: dict[str, int] = {}
    for i, (labels, x) in enumerate(zip(sources, operands, strict=True)):
        _note_lengths(lengths, labels, x, i)
    dots = sorted({label for own in sources for label in own if label.startswith("-")}, key=int)
    if arrow:
        before, _, after = right.partition("...")
        result = [*before, *(dots if "..." in right else []), *after]
    else:
        every = [label for own in sources for label in own]
        result = dots + sorted(s for s in set(every) if every.count(s) == 1 and s not in dots)
    for label in result:
        if label not in lengths:
            raise RuntimeError(
                f"einsum(): output subscript {label} does not appear in the equation for any input "
                "operand"
            )
        if result.count(label) > 1:
            raise RuntimeError(f"einsum(): output subscript {label} appears more than once in the "
                               "output")  # fmt: skip
    return sources, result


def _note_lengths(lengths: dict[str, int], labels: Sequence[str], x: Tensor, number: int) -> None:
    for label, length in zip(labels, x.shape, strict=True):
        known = lengths.setdefault(label, length)
        if known != length and 1 not in (known, length):
            raise RuntimeError(
                f"einsum(): subscript {label} has size {length} for operand {number} which does "
                f"not broadcast with previously seen size {known}"
            )
        lengths[label] = length if known == 1 else known


def _diagonals(x: Tensor, labels: list[str]) -> tuple[Tensor, list[str]]:
    """Return a tensor in which no label stands twice."""
    labels = list(labels)
    for label in list(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            if x.shape[first] != x.shape[second]:
                raise RuntimeError(
                    f"einsum(): subscript {label} is repeated for operand 0 but the sizes don't "
                    f"match, {x.shape[second]} != {x.shape[first]}"
                )
            x = x.diagonal(0, first, second)
            del labels[second], labels[first]
            labels.append(label)
    return x, labels


def _contracted(
    a: Tensor, of_a: list[str], b: Tensor, of_b: list[str], needed: set[str]
) -> tuple[Tensor, list[str]]:
    """Return the product of two operands, summed over labels that nothing else needs."""
    _same_type(a, b)
    alone = [d for d, s in enumerate(of_a) if s not in of_b and s not in needed]
    if alone:
        a, of_a = a.sum(dim=alone), [s for d, s in enumerate(of_a) if d not in alone]
    alone = [d for d, s in enumerate(of_b) if s not in of_a and s not in needed]
    if alone:
        b, of_b = b.sum(dim=alone), [s for d, s in enumerate(of_b) if d not in alone]
    shared = [s for s in of_a if s in of_b]
    batch = [s for s in shared if s in needed]
    summed = [s for s in shared if s not in needed]
    rows, columns = [s for s in of_a if s not in shared], [s for s in of_b if s not in shared]
    lengths = {s: (a.shape[of_a.index(s)], b.shape[of_b.index(s)]) for s in shared}
    size = {s: n if m == 1 else m for s, (m, n) in lengths.items()}
    size |= {s: a.shape[of_a.index(s)] for s in rows} | {s: b.shape[of_b.index(s)] for s in columns}
    count = {tuple(group): math.prod(size[s] for s in group)
             for group in (batch, rows, summed, columns)}  # fmt: skip
    n, r, k, c = (count[tuple(group)] for group in (batch, rows, summed, columns))
    left = _ordered(a, of_a, [*batch, *rows, *summed], size)
    right = _ordered(b, of_b, [*batch, *summed, *columns], size)
    made = _batched(reshape(left, n, r, k), reshape(right, n, k, c))
    labels = [*batch, *rows, *columns]
    return reshape(made, [size[s] for s in labels]), labels


def _ordered(x: Tensor, labels: list[str], order: list[str], size: dict[str, int]) -> Tensor:
    turned = permute(x, [labels.index(s) for s in order]) if order else x
    return expand(turned, [size[s] for s in order]) if order else turned


@method
def trace(x: Tensor) -> Tensor:
    if len(x.shape) != 2:
        raise RuntimeError("trace: expected a matrix, but got tensor with dim "
                           f"{len(x.shape)}")  # fmt: skip
    return x.diagonal().sum()


@method
def matrix_power(x: Tensor, n: int) -> Tensor:
    if n < 0:
        lacks("torch.matrix_power with a negative power")
    from torch._creation import eye

    made = eye(x.shape[-1], dtype=x.dtype)
    for _ in range(n):
        made = made @ x
    return made

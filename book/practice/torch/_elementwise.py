"""Operations on one element each: broadcast, promoted, computed in doubles and rounded once.

A float32 result of +, -, ×, ÷ or √ that is computed in doubles and rounded to float32 is the one
that a processor's float32 gives; other functions agree with PyTorch to the last bit or two.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import _dtypes
from torch._dtypes import dtype
from torch._graph import Rule, keep, record
from torch._layout import broadcast_shapes, expanded_strides, is_contiguous, result_strides
from torch._tensor import Tensor, change, in_place, method, new, title

Operand = Any  # a tensor or a Python number
Numbers = (bool, int, float, complex)


def is_operand(value: object) -> bool:
    """Return whether operators take a value beside a tensor."""
    return isinstance(value, (Tensor, *Numbers))


def common_type(*operands: Operand) -> dtype:
    """Return the type in which operands meet."""
    return _dtypes.combine(
        (2 if x.shape else 1, x.dtype) if isinstance(x, Tensor) else (0, _dtypes.of_number(x))
        for x in operands
    )


def floating(of: dtype) -> dtype:
    """Return the type itself, or float32 for integers and truth values."""
    return of if of.kind >= _dtypes.FLOATING else _dtypes.float32


def apply(
    function: Callable[..., Any], operands: Sequence[Operand], compute: dtype,
    result: dtype | None = None, careful: Callable[..., Any] | None = None,
) -> Tensor:  # fmt: skip
    """Return what a function of Python's numbers makes of each element.

    Parameters
    ----------
    function : callable
        Takes as many numbers as there are operands.
    operands : sequence of Tensor or number
        Broadcast together.
    compute, result : dtype
        What operands are converted to, and what the results are; by default the same.
    careful : callable, optional
        What to use instead where `function` raises.
    """
    tensors = [x for x in operands if isinstance(x, Tensor)]
    shape = broadcast_shapes(*(x.shape for x in tensors))
    columns = [_column(x, shape, compute) for x in operands]
    try:
        values = list(map(function, *columns))
    except (ArithmeticError, ValueError):
        if careful is None:
            raise
        values = list(map(careful, *columns))
    return new(values, shape, result or compute, _order(shape, tensors))


def _column(x: Operand, shape: Sequence[int], compute: dtype) -> Any:
    if isinstance(x, Tensor):
        return _dtypes.cast(x._expanded(shape), x.dtype, compute)
    return list(compute.store([x])) * math.prod(shape)


def _order(shape: Sequence[int], tensors: Iterable[Tensor]) -> tuple[int, ...] | None:
    """Return the strides of a result, None where its elements lie in the usual order."""
    given = [x for x in tensors if x.shape]
    if all(is_contiguous(x.shape, x._strides) for x in given):
        return None
    return result_strides(shape, [expanded_strides(x.shape, x._strides, shape) for x in given])


def like(x: Tensor, values: Iterable[Any], of: dtype | None = None) -> Tensor:
    """Return a new tensor with the shape of another, its elements ordered in memory as there."""
    return new(values, x.shape, of or x.dtype, _order(x.shape, [x]))


def conj_of(x: Operand) -> Operand:
    """Return the complex conjugate where there is an imaginary part."""
    if isinstance(x, Tensor):
        return conj(x) if x.dtype.is_complex else x
    return x.conjugate() if isinstance(x, complex) else x


def both(
    made: Tensor, label: str, x: Operand, y: Operand, rules: tuple[Rule, Rule],
    saved: tuple[bool, bool] = (False, False),
) -> Tensor:  # fmt: skip
    """Record an operation of two operands, each of which may be a number.

    `saved` says which operand's gradient needs the other operand.
    """
    inputs, own, kept = [], [], []
    for one, rule, other, needs in ((x, rules[0], y, saved[0]), (y, rules[1], x, saved[1])):
        if isinstance(one, Tensor):
            inputs.append(one)
            own.append(rule)
            if needs and one.requires_grad and isinstance(other, Tensor):
                kept.append(other)
    return record(made, label, inputs, own, kept)


def _no_booleans(x: Operand, y: Operand) -> None:
    types = [t.dtype if isinstance(t, Tensor) else _dtypes.of_number(t) for t in (x, y)]
    if types == [_dtypes.bool_] * 2:
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. "
            "Use the `^` or `logical_xor()` operator instead."
        )
    if _dtypes.bool_ in types:
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying "
            "to invert a mask, use the `~` or `logical_not()` operator instead."
        )


def unimplemented(kernel: str, of: dtype) -> None:
    """Raise as PyTorch does where it has no code for a type."""
    raise NotImplementedError(f"\"{kernel}\" not implemented for '{title(of)}'")


def _no_truths(kernel: str, *operands: Operand) -> None:
    of = common_type(*operands)
    broadcast_shapes(*(x.shape for x in operands if isinstance(x, Tensor)))
    if of is _dtypes.bool_ or (of.is_complex and kernel != "abs_cpu"):
        unimplemented(kernel, of)


def _scaled(x: Operand, alpha: Any, of: dtype) -> Operand:
    """Return an operand times a number, in a type that both can have."""
    return (x.to(of) * alpha).to(of) if isinstance(x, Tensor) else x * alpha


@method
def add(x: Operand, other: Operand, *, alpha: Any = 1) -> Tensor:
    if alpha != 1:
        other = _scaled(other, alpha, common_type(x, other))
    made = apply(operator.add, (x, other), common_type(x, other))
    return both(made, "AddBackward0", x, other, (lambda g: g, lambda g: g))


@method
def sub(x: Operand, other: Operand, *, alpha: Any = 1) -> Tensor:
    _no_booleans(x, other)
    if alpha != 1:
        other = _scaled(other, alpha, common_type(x, other))
    made = apply(operator.sub, (x, other), common_type(x, other))
    return both(made, "SubBackward0", x, other, (lambda g: g, lambda g: -g))


@method
def mul(x: Operand, other: Operand) -> Tensor:
    made = apply(operator.mul, (x, other), common_type(x, other))
    rules = (lambda g: g * conj_of(other), lambda g: g * conj_of(x))
    return both(made, "MulBackward0", x, other, rules, (True, True))


def _divided(a: Any, b: Any) -> Any:
    if b == 0:
        if isinstance(a, complex) or isinstance(b, complex):
            return complex(math.nan, math.nan)
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)
    return a / b


@method
def div(x: Operand, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    if rounding_mode is not None:
        return _rounded_division(x, other, rounding_mode)
    made = apply(operator.truediv, (x, other), floating(common_type(x, other)), careful=_divided)
    rules = (
        lambda g: g / conj_of(other),
        lambda g: -g * conj_of((x / other) / other),
    )
    needs = (True, True)
    label = "DivBackward0"
    made = both(made, label, x, other, rules, needs)
    reads = isinstance(other, Tensor) and other.requires_grad
    return keep(made, other) if reads else made


def _floor_divided(a: Any, b: Any) -> Any:
    if b == 0:
        if isinstance(a, int):
            raise RuntimeError("ZeroDivisionError")
        return _divided(a, b)
    return a // b if math.isfinite(a) else math.nan


def _truncated_division(a: Any, b: Any) -> Any:
    if isinstance(a, int):
        if b == 0:
            raise RuntimeError("ZeroDivisionError")
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    quotient = _divided(a, b)
    return math.trunc(quotient) if math.isfinite(quotient) else quotient


def _rounded_division(x: Operand, other: Operand, mode: str) -> Tensor:
    if mode in ("floor", "trunc"):
        _no_truths(f"div_{mode}_cpu", x, other)
    rounds = {"floor": _floor_divided, "trunc": _truncated_division}
    if mode not in rounds:
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{mode}'"
        )
    of = common_type(x, other)
    if mode == "trunc" and of.is_floating_point:
        made = trunc(div(x, other).detach())
    else:
        made = apply(rounds[mode], (x, other), of)
    return both(made, "DivBackward1", x, other, (zeros_of, zeros_of))


def zeros_of(g: Tensor) -> Tensor:
    """Return the gradient of a step function."""
    return like(g, [0] * g.numel())


@method
def floor_divide(x: Operand, other: Operand) -> Tensor:
    _no_truths("div_floor_cpu", x, other)
    made = apply(_floor_divided, (x, other), common_type(x, other))
    return both(made, "NotImplemented", x, other, (zeros_of, zeros_of))


def _remainder(a: Any, b: Any) -> Any:
    if b == 0:
        if isinstance(a, int):
            raise RuntimeError("ZeroDivisionError")
        return math.nan
    return a % b if math.isfinite(a) else math.nan


@method
def remainder(x: Operand, other: Operand) -> Tensor:
    _no_truths("remainder_cpu", x, other)
    made = apply(_remainder, (x, other), common_type(x, other))
    rules = (lambda g: g, lambda g: -g * div(x, other, rounding_mode="floor"))
    return both(made, "RemainderBackward0", x, other, rules, (False, True))


def _fmod(a: Any, b: Any) -> Any:
    if isinstance(a, int):
        return a - b * _truncated_division(a, b)
    return math.nan if b == 0 or not math.isfinite(a) else math.fmod(a, b)


@method
def fmod(x: Operand, other: Operand) -> Tensor:
    _no_truths("fmod_cpu", x, other)
    made = apply(_fmod, (x, other), common_type(x, other))
    rules = (lambda g: g, lambda g: -g * div(x, other, rounding_mode="trunc"))
    return both(made, "FmodBackward0", x, other, rules, (False, True))


def _power(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        return a**b if b >= 0 else (a**-b if abs(a) == 1 else 0)
    try:
        return cmath.exp(b * cmath.log(a)) if isinstance(a, complex) and a else math.pow(a, b)
    except OverflowError:
        return math.inf if a > 0 or b % 2 == 0 else -math.inf
    except ValueError:
        if a == 0:
            return math.copysign(math.inf, a) if b % 2 == 1 else math.inf
        return math.nan


@method(name="pow")
def power(x: Operand, exponent: Operand) -> Tensor:
    compute = common_type(x, exponent)
    if isinstance(exponent, int) and exponent < 0 and compute.kind == _dtypes.INTEGER:
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    if isinstance(exponent, (int, float)) and exponent == 2:
        made = apply(lambda a, _: a * a, (x, exponent), compute)
    else:
        made = apply(_power, (x, exponent), compute)

    def to_exponent(g: Tensor) -> Tensor:
        base = x if isinstance(x, Tensor) else g.new_tensor(x)
        return g * made.detach() * where(base == 0, 0.0, log(base))

    rules = (lambda g: g * (exponent * x ** (exponent - 1)), to_exponent)
    label = "PowBackward1" if isinstance(exponent, Tensor) else "PowBackward0"
    made = both(made, label, x, exponent, rules, (True, True))
    return keep(made, x) if isinstance(x, Tensor) else made


@method
def square(x: Tensor) -> Tensor:
    return power(x, 2)


def _larger(a: Any, b: Any) -> Any:
    return a if a > b or a != a else b


def _smaller(a: Any, b: Any) -> Any:
    return a if a < b or a != a else b


def _extreme(pick: Callable[..., Any], label: str, x: Tensor, other: Tensor) -> Tensor:
    if not (isinstance(x, Tensor) and isinstance(other, Tensor)):
        name = "maximum" if pick is _larger else "minimum"
        raise TypeError(f"{name}(): argument 'other' (position 2) must be Tensor, not "
                        f"{type(other).__name__}")  # fmt: skip
    made = apply(pick, (x, other), common_type(x, other))

    def part(g: Tensor, own: Tensor, rival: Tensor) -> Tensor:
        wins = own > rival if pick is _larger else own < rival
        return where(own == rival, g / 2, where(wins, g, 0))

    rules = (lambda g: part(g, x, other), lambda g: part(g, other, x))
    return both(made, label, x, other, rules, (True, True))


@method
def maximum(x: Tensor, other: Tensor) -> Tensor:
    return _extreme(_larger, "MaximumBackward0", x, other)


@method
def minimum(x: Tensor, other: Tensor) -> Tensor:
    return _extreme(_smaller, "MinimumBackward0", x, other)


def _float_pair(name: str, function: Callable[..., Any], rules: Any) -> Callable[..., Tensor]:
    def operation(x: Tensor, other: Tensor) -> Tensor:
        made = apply(function, (x, other), floating(common_type(x, other)))
        return both(made, f"{name.capitalize()}Backward0", x, other, rules(x, other), (True, True))

    operation.__name__ = name
    return method(operation)


hypot = _float_pair(
    "hypot", math.hypot, lambda x, y: (lambda g: g * x / hypot(x, y), lambda g: g * y / hypot(x, y))
)
atan2 = arctan2 = _float_pair(
    "atan2",
    math.atan2,
    lambda x, y: (lambda g: g * y / (x * x + y * y), lambda g: -g * x / (x * x + y * y)),
)

method(atan2, name="arctan2")


@method
def clamp(x: Tensor, min: Operand = None, max: Operand = None) -> Tensor:
    if min is None and max is None:
        raise ValueError("torch.clamp: At least one of 'min' or 'max' must not be None")
    made, compute = x, common_type(x, *(b for b in (min, max) if b is not None))
    if compute is _dtypes.bool_:
        unimplemented("clamp_min_scalar_cpu", compute)
    if min is not None:
        made = apply(_larger, (made, min), compute)
    if max is not None:
        made = apply(_smaller, (made, max), compute)

    def inside(g: Tensor) -> Tensor:
        keeps = new([True] * x.numel(), x.shape, _dtypes.bool_)
        if min is not None:
            keeps = keeps & (x >= min)
        if max is not None:
            keeps = keeps & (x <= max)
        return where(keeps, g, 0)

    return record(made, "ClampBackward1", (x,), (inside,), (x,))


clip = clamp
method(clamp, name="clip")


@method
def clamp_min(x: Tensor, min: Operand) -> Tensor:
    return clamp(x, min=min)


@method
def clamp_max(x: Tensor, max: Operand) -> Tensor:
    return clamp(x, max=max)


@method
def relu(x: Tensor) -> Tensor:
    if x.dtype is _dtypes.bool_:
        raise RuntimeError("Boolean inputs not supported for relu")
    made = like(x, [v if v > 0 or v != v else 0 for v in x._values()])
    rule = lambda g: where(made.detach() > 0, g, 0)  # noqa: E731
    return record(made, "ReluBackward0", (x,), (rule,), (made,))


def where(condition: Tensor, x: Operand = None, y: Operand = None) -> Any:
    """Return elements of one operand where a condition holds, of the other elsewhere."""
    if x is None and y is None:
        return condition.nonzero(as_tuple=True)
    if condition.dtype is not _dtypes.bool_:
        raise RuntimeError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{title(condition.dtype)}"
        )
    compute = common_type(x, y)
    tensors = [t for t in (condition, x, y) if isinstance(t, Tensor)]
    shape = broadcast_shapes(*(t.shape for t in tensors))
    columns = condition._expanded(shape), _column(x, shape, compute), _column(y, shape, compute)
    values = [a if holds else b for holds, a, b in zip(*columns, strict=True)]
    made = new(values, shape, compute, _order(shape, tensors))
    rules = (lambda g: where(condition, g, 0), lambda g: where(condition, 0, g))
    return both(made, "WhereBackward0", x, y, rules)


method(lambda x, condition, y: where(condition, x, y), name="where")
method(lambda x, mask, value: where(mask, value, x), name="masked_fill")


def _comparison(name: str, function: Callable[..., bool]) -> Callable[..., Tensor]:
    def operation(x: Tensor, other: Operand) -> Tensor:
        compute = common_type(x, other)
        if compute.is_complex and name not in ("eq", "ne"):
            unimplemented(f"{name}_cpu", compute)
        return apply(function, (x, other), compute, _dtypes.bool_)

    operation.__name__ = name
    return method(operation)


eq, ne = _comparison("eq", operator.eq), _comparison("ne", operator.ne)
lt, le = _comparison("lt", operator.lt), _comparison("le", operator.le)
gt, ge = _comparison("gt", operator.gt), _comparison("ge", operator.ge)
less, less_equal, greater, greater_equal, not_equal = lt, le, gt, ge, ne
for _name in ("less", "less_equal", "greater", "greater_equal", "not_equal"):
    method(globals()[_name], name=_name)


def _logical(name: str, function: Callable[..., bool]) -> Callable[..., Tensor]:
    def operation(x: Tensor, other: Tensor) -> Tensor:
        return apply(lambda a, b: function(bool(a), bool(b)), (x, other), common_type(x, other),
                     _dtypes.bool_)  # fmt: skip

    operation.__name__ = name
    return method(operation)


logical_and = _logical("logical_and", lambda a, b: a and b)
logical_or = _logical("logical_or", lambda a, b: a or b)
logical_xor = _logical("logical_xor", operator.ne)


@method
def logical_not(x: Tensor) -> Tensor:
    return like(x, [not v for v in x._values()], _dtypes.bool_)


def _bitwise(name: str, function: Callable[..., Any], kernel: str) -> Callable[..., Tensor]:
    def operation(x: Operand, other: Operand) -> Tensor:
        compute = common_type(x, other)
        broadcast_shapes(*(t.shape for t in (x, other) if isinstance(t, Tensor)))
        if compute.kind >= _dtypes.FLOATING or ("shift" in name and compute is _dtypes.bool_):
            unimplemented(kernel, compute)
        return apply(function, (x, other), compute)

    operation.__name__ = name
    return method(operation)


bitwise_and = _bitwise("bitwise_and", operator.and_, "bitwise_and_cpu")
bitwise_or = _bitwise("bitwise_or", operator.or_, "bitwise_or_cpu")
bitwise_xor = _bitwise("bitwise_xor", operator.xor, "bitwise_xor_cpu")
bitwise_left_shift = _bitwise("bitwise_left_shift", operator.lshift, "lshift_cpu")
bitwise_right_shift = _bitwise("bitwise_right_shift", operator.rshift, "rshift_cpu")


@method
def bitwise_not(x: Tensor) -> Tensor:
    if x.dtype.kind >= _dtypes.FLOATING:
        raise TypeError(
            "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
        )
    turn = operator.not_ if x.dtype is _dtypes.bool_ else operator.invert
    return like(x, map(turn, x._values()))


@method
def neg(x: Tensor) -> Tensor:
    if x.dtype is _dtypes.bool_:
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
            "invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return record(like(x, map(operator.neg, x._values())), "NegBackward0", (x,), (lambda g: -g,))


negative = method(neg, name="negative")


@method(name="abs")
def absolute(x: Tensor) -> Tensor:
    _no_truths("abs_cpu", x)
    made = like(x, map(operator.abs, x._values()), x.dtype.to_real())
    return record(made, "AbsBackward0", (x,), (lambda g: g * sign(x),), (x,))


method(absolute)


@method
def sign(x: Tensor) -> Tensor:
    if x.dtype.is_complex:
        return like(x, [v / operator.abs(v) if v else 0j for v in x._values()])
    made = like(x, [v if v != v else (v > 0) - (v < 0) for v in x._values()])
    return record(made, "SignBackward0", (x,), (zeros_of,))


sgn = method(sign, name="sgn")


@method
def conj(x: Tensor) -> Tensor:
    if not x.dtype.is_complex:
        return x
    made = like(x, [v.conjugate() for v in x._values()])
    return record(made, "ConjBackward0", (x,), (conj,))


resolve_conj = method(lambda x: x, name="resolve_conj")
conj_physical = method(conj, name="conj_physical")


def real(x: Tensor) -> Tensor:
    """Return the real part."""
    if not x.dtype.is_complex:
        return x
    made = like(x, [v.real for v in x._values()], x.dtype.to_real())
    return record(made, "RealBackward0", (x,), (lambda g: complex_of(g, g * 0),))


def imag(x: Tensor) -> Tensor:
    """Return the imaginary part."""
    if not x.dtype.is_complex:
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    made = like(x, [v.imag for v in x._values()], x.dtype.to_real())
    return record(made, "ImagBackward0", (x,), (lambda g: complex_of(g * 0, g),))


def complex_of(real: Tensor, imag: Tensor) -> Tensor:
    """Return the complex tensor of two parts."""
    if real.dtype is not imag.dtype:
        raise RuntimeError(
            f"Expected object of scalar type {title(real.dtype)} but got scalar type "
            f"{title(imag.dtype)} for second argument"
        )
    if real.dtype.kind != _dtypes.FLOATING:
        raise RuntimeError(
            "Expected both inputs to be Half, Float or Double tensors but got "
            f"{title(real.dtype)} and {title(imag.dtype)}"
        )
    made = apply(complex, (real, imag), real.dtype, real.dtype.to_complex())
    return both(made, "ComplexBackward0", real, imag, (_real, _imag))


def _real(g: Tensor) -> Tensor:
    return real(g)


def _imag(g: Tensor) -> Tensor:
    return imag(g)


Tensor.real, Tensor.imag = property(_real), property(_imag)


@method
def angle(x: Tensor) -> Tensor:
    of = floating(x.dtype)
    return like(x, [cmath.phase(v) for v in x._values()], of.to_real())


def _steps(name: str, function: Callable[[float], float]) -> Callable[[Tensor], Tensor]:
    def operation(x: Tensor) -> Tensor:
        _no_truths(f"{name}_vml_cpu", x)
        if x.dtype.kind != _dtypes.FLOATING:
            return like(x, x._values())
        values = [function(v) if math.isfinite(v) else v for v in x._values()]
        signed = [math.copysign(v, old) for v, old in zip(values, x._values(), strict=True)]
        return record(like(x, signed), f"{name.capitalize()}Backward0", (x,), (zeros_of,))

    operation.__name__ = name
    return method(operation)


floor, ceil, trunc = (_steps(n, getattr(math, n)) for n in ("floor", "ceil", "trunc"))
fix = method(trunc, name="fix")


@method(name="round")
def rounded(x: Tensor, *, decimals: int = 0) -> Tensor:
    _no_truths("round_vml_cpu", x)
    if x.dtype.kind != _dtypes.FLOATING:
        return like(x, x._values())
    scale = 10.0**decimals
    values = [
        math.copysign(float(_nearest(v * scale)) / scale, v) if math.isfinite(v) else v
        for v in x._values()
    ]
    return record(like(x, values), "RoundBackward0", (x,), (zeros_of,))


def _nearest(value: float) -> int:
    below = math.floor(value)
    rest = value - below
    return below + (rest > 0.5 or (rest == 0.5 and below % 2 == 1))


@method
def frac(x: Tensor) -> Tensor:
    return x - trunc(x)


def _safely(function: Callable[..., Any], at_zero: float) -> Callable[[Any], Any]:
    def careful(value: Any) -> Any:
        try:
            return function(value)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            if value != 0:
                return math.nan
            return at_zero if isinstance(value, complex) else at_zero * math.copysign(1, value)

    return careful


FROM_RESULT = {"sqrt", "rsqrt", "reciprocal", "exp", "exp2", "expm1", "tan", "tanh", "sigmoid"}


def _function(
    name: str, function: Callable[..., Any], rule: Callable[[Tensor, Tensor], Rule],
    at_zero: float = math.nan, complex_function: Callable[..., Any] | None = None,
) -> Callable[[Tensor], Tensor]:  # fmt: skip
    """Return the function of a tensor for one of a float; `rule` takes argument and result."""

    def operation(x: Tensor) -> Tensor:
        compute = floating(x.dtype)
        chosen = (complex_function or getattr(cmath, name)) if compute.is_complex else function
        made = apply(chosen, (x,), compute, careful=_safely(chosen, at_zero))
        kept = made if name in FROM_RESULT else x
        label = f"{name.capitalize()}Backward0"
        return record(made, label, (x,), (lambda g: rule(x, made)(g),), (kept,))

    operation.__name__ = name
    return method(operation)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


sqrt = _function("sqrt", math.sqrt, lambda x, y: lambda g: g / (2 * y))
rsqrt = _function(
    "rsqrt", lambda v: 1 / math.sqrt(v), lambda x, y: lambda g: -g * y * y * y / 2, math.inf
)
reciprocal = _function("reciprocal", lambda v: 1 / v, lambda x, y: lambda g: -g * y * y, math.inf,
                       lambda v: 1 / v)  # fmt: skip
exp = _function("exp", math.exp, lambda x, y: lambda g: g * y)
exp2 = _function("exp2", lambda v: 2.0**v, lambda x, y: lambda g: g * y * math.log(2))
expm1 = _function("expm1", math.expm1, lambda x, y: lambda g: g * (y + 1))


def _log(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda v: function(v) if v > 0 else -math.inf if v == 0 else math.nan


log = _function("log", _log(math.log), lambda x, y: lambda g: g / x)
log2 = _function("log2", _log(math.log2), lambda x, y: lambda g: g / (x * math.log(2)))
log10 = _function("log10", _log(math.log10), lambda x, y: lambda g: g / (x * math.log(10)))
log1p = _function(
    "log1p",
    lambda v: math.log1p(v) if v > -1 else -math.inf if v == -1 else math.nan,
    lambda x, y: lambda g: g / (x + 1),
)
sin = _function("sin", math.sin, lambda x, y: lambda g: g * cos(x))
cos = _function("cos", math.cos, lambda x, y: lambda g: -g * sin(x))
tan = _function("tan", math.tan, lambda x, y: lambda g: g * (1 + y * y))
asin = _function("asin", math.asin, lambda x, y: lambda g: g * rsqrt(1 - x * x))
acos = _function("acos", math.acos, lambda x, y: lambda g: -g * rsqrt(1 - x * x))
atan = _function("atan", math.atan, lambda x, y: lambda g: g / (1 + x * x))
sinh = _function("sinh", math.sinh, lambda x, y: lambda g: g * cosh(x))
cosh = _function("cosh", math.cosh, lambda x, y: lambda g: g * sinh(x))
tanh = _function("tanh", math.tanh, lambda x, y: lambda g: g * (1 - y * y))
sigmoid = _function("sigmoid", _logistic, lambda x, y: lambda g: g * y * (1 - y))
erf = _function("erf", math.erf, lambda x, y: lambda g: g * exp(-x * x) * (2 / math.sqrt(math.pi)))


def _test(name: str, function: Callable[[Any], bool]) -> Callable[[Tensor], Tensor]:
    def operation(x: Tensor) -> Tensor:
        return like(x, map(function, x._values()), _dtypes.bool_)

    operation.__name__ = name
    return method(operation)


isnan = _test("isnan", lambda v: v != v)
isinf = _test("isinf", cmath.isinf)
isfinite = _test("isfinite", cmath.isfinite)
signbit = _test("signbit", lambda v: math.copysign(1, v) < 0)


def _is_close(a: Any, b: Any, rtol: float, atol: float, equal_nan: bool) -> bool:
    if a == b or (equal_nan and a != a and b != b):
        return True
    return cmath.isfinite(b) and operator.abs(a - b) <= atol + operator.abs(rtol * b)


@method
def isclose(
    x: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    if x.dtype is not other.dtype:
        raise RuntimeError(f"{title(x.dtype)} did not match {title(other.dtype)}")
    close = lambda a, b: _is_close(a, b, rtol, atol, equal_nan)  # noqa: E731
    return apply(close, (x, other), x.dtype, _dtypes.bool_)


@method
def allclose(
    x: Tensor, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    return all(isclose(x, other, rtol, atol, equal_nan)._values())


@method
def equal(x: Tensor, other: Tensor) -> bool:
    if x.shape != other.shape:
        return False
    return all(map(operator.eq, x._values(), other._values()))


@method
def lerp(x: Tensor, end: Tensor, weight: Operand) -> Tensor:
    return x + weight * (end - x)


@method
def addcmul(x: Tensor, one: Tensor, other: Tensor, *, value: Any = 1) -> Tensor:
    return x + value * one * other


@method
def nan_to_num(
    x: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    if x.dtype.kind < _dtypes.FLOATING:
        return like(x, x._values())
    limits = _dtypes.finfo(x.dtype)
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf

    def tamed(v: float) -> float:
        return nan if v != v else min(max(v, low), high) if math.isinf(v) else v

    made = like(x, map(tamed, x._values()))
    return record(made, "NanToNumBackward0", (x,), (lambda g: where(isfinite(x), g, 0),), (x,))


subtract, multiply, divide, true_divide = sub, mul, div, div
for _name in ("subtract", "multiply", "divide", "true_divide"):
    method(globals()[_name], name=_name)


def _operator(name: str, function: Callable[..., Tensor], *, turned: bool = False) -> None:
    def operation(x: Tensor, other: Operand) -> Any:
        if not is_operand(other):
            return NotImplemented
        return function(other, x) if turned else function(x, other)

    setattr(Tensor, name, operation)


for _name, _of in {
    "add": add, "sub": sub, "mul": mul, "truediv": div, "floordiv": floor_divide,
    "mod": remainder, "pow": power, "and": bitwise_and, "or": bitwise_or, "xor": bitwise_xor,
    "lshift": bitwise_left_shift, "rshift": bitwise_right_shift,
}.items():  # fmt: skip
    _operator(f"__{_name}__", _of)
    _operator(f"__r{_name}__", _of, turned=True)
_operator("__rtruediv__", lambda x, other: reciprocal(x) * other)
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    _operator(f"__{_name}__", globals()[_name])
Tensor.__hash__ = lambda self: id(self)
Tensor.__neg__, Tensor.__abs__, Tensor.__pos__ = neg, absolute, lambda x: x
Tensor.__invert__ = bitwise_not

IN_PLACE = (
    add, sub, mul, div, floor_divide, remainder, fmod, square, clamp, clamp_min, clamp_max, relu,
    neg, sign, floor, ceil, trunc, sqrt, rsqrt, reciprocal, exp, log, sin, cos, tan, tanh, sigmoid,
    eq, ne, lt, le, gt, ge, logical_not, logical_and, logical_or, bitwise_and, bitwise_or,
    bitwise_xor, bitwise_not, lerp, addcmul, nan_to_num,
)  # fmt: skip
for _of in IN_PLACE:
    in_place(_of)
in_place(power, name="pow_")
in_place(absolute, name="abs_")
in_place(rounded, name="round_")
in_place(clamp, name="clip_")
in_place(lambda x, mask, value: where(mask, value, x), name="masked_fill_")


def _augmented(name: str, function: Callable[..., Tensor]) -> None:
    def operation(x: Tensor, other: Operand) -> Any:
        if not is_operand(other):
            return NotImplemented
        return change(x, lambda old: function(old, other))

    setattr(Tensor, name, operation)


for _name, _of in {
    "add": add, "sub": sub, "mul": mul, "truediv": div, "floordiv": floor_divide,
    "mod": remainder, "pow": power, "and": bitwise_and, "or": bitwise_or, "xor": bitwise_xor,
}.items():  # fmt: skip
    _augmented(f"__i{_name}__", _of)

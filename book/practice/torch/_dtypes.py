"""Types of elements: how each stores, rounds and wraps its numbers, and which two make which."""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Callable, Iterable, MutableSequence
from typing import Any

BOOL, INTEGER, FLOATING, COMPLEX = range(4)
Data = MutableSequence[Any]


class dtype:  # noqa: N801 - torch's name
    """The type of a tensor's elements; there is one object for each."""

    def __init__(
        self, name: str, kind: int, itemsize: int, store: Callable[[Iterable[Any]], Data]
    ) -> None:
        self.name, self.kind, self.itemsize, self.store = name, kind, itemsize, store
        self.is_floating_point, self.is_complex = kind == FLOATING, kind == COMPLEX
        self.is_signed = kind > BOOL and name != "uint8"

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name

    def to_real(self) -> dtype:
        """Return the type of the real part."""
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    def to_complex(self) -> dtype:
        """Return the complex type whose parts have this precision."""
        return complex128 if self.name in ("float64", "complex128") else complex64


def _integers(code: str) -> Callable[[Iterable[Any]], Data]:
    bits = 8 * array(code).itemsize
    span, low = 1 << bits, -(1 << (bits - 1)) if code.islower() else 0

    def store(values: Iterable[Any]) -> Data:
        values = list(values)
        try:
            return array(code, values)
        except OverflowError:
            return array(code, [(v - low) % span + low for v in values])

    return store


def _half(value: float) -> float:
    try:
        return float(struct.unpack("e", struct.pack("e", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _brain(value: float) -> float:
    """Round to the upper 16 bits of a float32, to even."""
    single = array("f", [value])[0]
    if not math.isfinite(single):
        return single
    bits = struct.unpack("I", struct.pack("f", single))[0]
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
    return float(struct.unpack("f", struct.pack("I", bits))[0])


def _complex64(values: Iterable[Any]) -> Data:
    values = list(values)
    parts = array("f", [v.real for v in values]), array("f", [v.imag for v in values])
    return list(map(complex, *parts))


bool_ = dtype("bool", BOOL, 1, lambda values: list(map(bool, values)))
uint8 = dtype("uint8", INTEGER, 1, _integers("B"))
int8 = dtype("int8", INTEGER, 1, _integers("b"))
int16 = dtype("int16", INTEGER, 2, _integers("h"))
int32 = dtype("int32", INTEGER, 4, _integers("i"))
int64 = dtype("int64", INTEGER, 8, _integers("q"))
float16 = dtype("float16", FLOATING, 2, lambda values: list(map(_half, values)))
bfloat16 = dtype("bfloat16", FLOATING, 2, lambda values: list(map(_brain, values)))
float32 = dtype("float32", FLOATING, 4, lambda values: array("f", values))
float64 = dtype("float64", FLOATING, 8, lambda values: array("d", values))
complex64 = dtype("complex64", COMPLEX, 8, _complex64)
complex128 = dtype("complex128", COMPLEX, 16, lambda values: list(map(complex, values)))

ALL = (
    bool_, uint8, int8, int16, int32, int64,
    float16, bfloat16, float32, float64, complex64, complex128,
)  # fmt: skip
LONG_NAMES = {"float": float32, "double": float64, "half": float16, "cfloat": complex64,
              "cdouble": complex128, "int": int32, "long": int64, "short": int16}  # fmt: skip


def of_number(value: complex) -> dtype:
    """Return the type that a Python number has among tensors."""
    if isinstance(value, bool):
        return bool_
    if isinstance(value, int):
        return int64
    return float32 if isinstance(value, float) else complex64


def promote_types(one: dtype, other: dtype) -> dtype:
    """Return the smallest type that holds what both hold, as torch orders them."""
    if one is other:
        return one
    low, high = sorted((one, other), key=lambda t: (t.kind, ALL.index(t)))
    if high.kind == COMPLEX:
        return complex128 if float64 in (low, high) or high is complex128 else complex64
    if high.kind == FLOATING:
        return float32 if (low, high) == (float16, bfloat16) else high
    return int16 if (low, high) == (uint8, int8) else high


def cast(values: Iterable[Any], source: dtype, target: dtype) -> Any:
    """Return values of one type as the other holds them."""
    if source is target:
        return values
    if source.kind == COMPLEX and target.kind < COMPLEX:
        values = [v.real for v in values]
    if target.kind == INTEGER and source.kind >= FLOATING:
        values = [_truncated(v) for v in values]
    return target.store(values)


def _truncated(value: float) -> int:
    """Return what a processor makes of a float that it converts to an integer."""
    return int(value) if -(2.0**63) <= value < 2.0**63 else -(2**63)


class _Limits:
    def __init__(self, of: dtype) -> None:
        self.dtype, self.bits = repr(of).removeprefix("torch."), of.to_real().itemsize * 8


class finfo(_Limits):  # noqa: N801 - torch's name
    """Limits of a floating type."""

    def __init__(self, of: dtype | None = None) -> None:
        of = of or float32
        if of.kind < FLOATING:
            raise TypeError("torch.finfo() requires a floating point input type. "
                            "Use torch.iinfo to handle 'torch.finfo'")  # fmt: skip
        super().__init__(of)
        digits, lowest, highest = {
            "float16": (10, -14, 15), "bfloat16": (7, -126, 127), "float32": (23, -126, 127),
            "float64": (52, -1022, 1023),
        }[of.to_real().name]  # fmt: skip
        self.eps, self.tiny = 2.0**-digits, 2.0**lowest
        self.smallest_normal, self.resolution = self.tiny, 10.0 ** -int(digits * math.log10(2))
        self.max = (2 - self.eps) * 2.0**highest
        self.min = -self.max

    def __repr__(self) -> str:
        named = {name: getattr(self, name) for name in ("resolution", "min", "max", "eps")}
        named |= {"smallest_normal": self.smallest_normal, "tiny": self.tiny}
        shown = ", ".join(f"{name}={value:g}" for name, value in named.items())
        return f"finfo({shown}, dtype={self.dtype})"


class iinfo(_Limits):  # noqa: N801 - torch's name
    """Limits of an integer type."""

    def __init__(self, of: dtype) -> None:
        if of.kind != INTEGER:
            raise TypeError("torch.iinfo() requires an integer input type. "
                            "Use torch.finfo to handle 'torch.iinfo'")  # fmt: skip
        super().__init__(of)
        self.max = (1 << (self.bits - of.is_signed)) - 1
        self.min = -self.max - 1 if of.is_signed else 0

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"


def combine(operands: Iterable[tuple[int, dtype]]) -> dtype:
    """Return the type of a result.

    Parameters
    ----------
    operands : iterable of (rank, dtype)
        Rank 2 is a tensor with axes, 1 one without, 0 a Python number: a lower rank counts only
        where its kind is above that of the ranks before it.
    """
    ranks: dict[int, dtype] = {}
    for rank, of in operands:
        ranks[rank] = promote_types(ranks[rank], of) if rank in ranks else of
    found: dtype | None = None
    for rank in sorted(ranks):
        found = ranks[rank] if found is None else _over(ranks[rank], found)
    assert found is not None
    return found


def _over(higher: dtype, lower: dtype) -> dtype:
    if higher.kind == COMPLEX:
        return higher
    if higher.kind == FLOATING:
        return higher.to_complex() if lower.kind == COMPLEX else higher
    return promote_types(higher, lower) if higher is bool_ or lower.kind >= FLOATING else higher


def can_cast(source: dtype, target: dtype) -> bool:
    """Return whether torch writes results of one type into a tensor of the other."""
    return source.kind <= target.kind

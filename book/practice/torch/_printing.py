"""Tensors as text, in PyTorch's form: common width, four digits, long axes shortened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from torch import _dtypes
from torch._missing import lacks
from torch._tensor import Tensor


class _Options:
    precision, threshold, edgeitems, linewidth = 4, 1000, 3, 80
    sci_mode: bool | None = None


def set_printoptions(
    precision: int | None = None, threshold: float | None = None, edgeitems: int | None = None,
    linewidth: int | None = None, profile: str | None = None, sci_mode: bool | None = None,
) -> None:  # fmt: skip
    """Set how many digits, elements and letters tensors are printed with."""
    profiles = {"default": (4, 1000, 3, 80), "short": (2, 1000, 2, 80),
                "full": (4, math.inf, 3, 80)}  # fmt: skip
    if profile is not None:
        values: Sequence[Any] = profiles[profile]
        _Options.precision, _Options.threshold, _Options.edgeitems, _Options.linewidth = values
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems,
             "linewidth": linewidth}  # fmt: skip
    for name, value in given.items():
        if value is not None:
            setattr(_Options, name, value)
    _Options.sci_mode = sci_mode


class _Format:
    """How the numbers of one tensor are written, so that all have one width."""

    def __init__(self, values: Sequence[Any], of: _dtypes.dtype) -> None:
        self.floating, self.whole, self.scientific, self.width = of.kind >= 2, True, False, 1
        if not self.floating:
            self.width = max([1, *(len(str(v)) for v in values)])
            return
        sizes = [abs(v) for v in values if math.isfinite(v) and v != 0]
        if not sizes:
            return
        low, high = min(sizes), max(sizes)
        self.whole = all(math.ceil(v) == v for v in values if math.isfinite(v))
        self.scientific = high / low > 1000.0 or high > 1.0e8 or (not self.whole and low < 1.0e-4)
        if _Options.sci_mode is not None:
            self.scientific = _Options.sci_mode
        used = [v for v in values if math.isfinite(v) and v != 0]
        self.width = max([1, *(len(self._measured(v)) for v in used)]) + (
            self.whole and not self.scientific
        )
        odd = [str(v) for v in values if not math.isfinite(v)]
        self.width = max([self.width, *(len(v) + 0 for v in odd)])

    def _measured(self, value: float) -> str:
        if self.scientific or not self.whole:
            return self._plain(value)
        return f"{value:.0f}"

    def _plain(self, value: float) -> str:
        if self.scientific:
            return f"{value:.{_Options.precision}e}"
        if self.whole:
            return f"{value:.0f}" + ("." if math.isfinite(value) else "")
        return f"{value:.{_Options.precision}f}"

    def text(self, value: Any) -> str:
        """Return one number, as wide as all."""
        written = self._plain(value) if self.floating else str(value)
        return written.rjust(self.width)


class _ComplexFormat:
    def __init__(self, values: Sequence[complex], of: _dtypes.dtype) -> None:
        real, imag = [v.real for v in values], [v.imag for v in values]
        self.real, self.imag = _Format(real, of.to_real()), _Format(imag, of.to_real())
        self.width = self.real.width + self.imag.width + 1

    def text(self, value: complex) -> str:
        """Return one number, as wide as all."""
        imag = self.imag.text(value.imag).strip()
        return self.real.text(value.real) + (imag if imag.startswith("-") else f"+{imag}") + "j"


def _shortened(x: Tensor) -> Tensor:
    """Return the elements that are printed of a tensor too long to print."""
    edge = _Options.edgeitems
    if not x.shape:
        return x
    from torch._views import cat, stack

    if len(x.shape) == 1:
        return cat([x[:edge], x[-edge:]]) if x.shape[0] > 2 * edge else x
    if x.shape[0] > 2 * edge:
        rows = [x[i] for i in (*range(edge), *range(x.shape[0] - edge, x.shape[0]))]
        return stack([_shortened(row) for row in rows])
    return stack([_shortened(row) for row in x])


def _row(x: Tensor, indent: int, form: Any, shorten: bool) -> str:
    per_line = max(1, (_Options.linewidth - indent) // (form.width + 2))
    values, edge = list(x._values()), _Options.edgeitems
    if shorten and not edge:
        words = ["..."]
    elif shorten and len(values) > 2 * edge:
        words = [form.text(v) for v in values[:edge]] + [" ..."]
        words += [form.text(v) for v in values[-edge:]]
    else:
        words = [form.text(v) for v in values]
    lines = [words[i : i + per_line] for i in range(0, len(words), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(", ".join(line) for line in lines) + "]"


def _body(x: Tensor, indent: int, form: Any, shorten: bool) -> str:
    rank = len(x.shape)
    if rank == 0:
        return str(form.text(x._values()[0]))
    if rank == 1:
        return _row(x, indent, form, shorten)
    edge = _Options.edgeitems
    if shorten and x.shape[0] > 2 * edge:
        ends = (*range(edge), None, *range(x.shape[0] - edge, x.shape[0]))
    else:
        ends = tuple(range(x.shape[0]))
    parts = ["..." if i is None else _body(x[i], indent + 1, form, shorten) for i in ends]
    return "[" + ("," + "\n" * (rank - 1) + " " * (indent + 1)).join(parts) + "]"


def _suffixes(x: Tensor) -> list[str]:
    found = []
    if x.numel() == 0 and len(x.shape) != 1:
        found.append(f"size={tuple(x.shape)}")
    usual = (_dtypes.float32, _dtypes.int64, _dtypes.bool_, _dtypes.complex64)
    if x.dtype not in usual or (x.numel() == 0 and x.dtype is not _dtypes.float32):
        found.append(f"dtype={x.dtype}")
    if x.grad_fn is not None:
        found.append(f"grad_fn=<{x.grad_fn.name()}>")
    elif x.requires_grad:
        found.append("requires_grad=True")
    return found


def text_of(x: Tensor) -> str:
    """Return the tensor as PyTorch prints it."""
    plain, indent = x.detach(), len("tensor(")
    if x.numel() == 0:
        body = "[]"
    else:
        shorten = x.numel() > _Options.threshold
        shown = _shortened(plain) if shorten else plain
        form = (_ComplexFormat if x.dtype.is_complex else _Format)(list(shown._values()), x.dtype)
        body = _body(plain, indent, form, shorten)
    text, last = f"tensor({body}", body.rpartition("\n")[2]
    length = len(last) + (0 if "\n" in body else indent)
    for suffix in _suffixes(x):
        if length + len(suffix) + 2 > _Options.linewidth:
            text += ",\n" + " " * indent + suffix
            length = indent + len(suffix)
        else:
            text += ", " + suffix
            length += len(suffix) + 2
    text += ")"
    return f"Parameter containing:\n{text}" if x._is_parameter else text


Tensor.__repr__ = Tensor.__str__ = text_of


def save(*_: Any, **__: Any) -> None:
    """Say that there are no files in the page."""
    lacks("torch.save")

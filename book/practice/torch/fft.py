"""`torch.fft`: discrete Fourier transforms, by halving where a length is even."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from torch._dtypes import float64
from torch._elementwise import complex_of, conj, floating
from torch._graph import record
from torch._missing import module_getattr
from torch._tensor import Tensor, new, title
from torch._views import axes, axis, cat
from torch.nn import functional as F

__getattr__ = module_getattr("torch.fft")
NORMS = (None, "forward", "backward", "ortho")


@cache
def _roots(n: int, sign: int) -> list[complex]:
    return [cmath.exp(sign * 2j * math.pi * k / n) for k in range(n)]


def _transformed(values: Sequence[complex], sign: int) -> list[complex]:
    n = len(values)
    if n == 1:
        return list(values)
    roots = _roots(n, sign)
    if n % 2:
        return [sum(v * roots[k * j % n] for j, v in enumerate(values)) for k in range(n)]
    even, odd = _transformed(values[::2], sign), _transformed(values[1::2], sign)
    turned = [root * v for root, v in zip(roots, odd, strict=False)]
    return [e + o for e, o in zip(even, turned, strict=True)] + [
        e - o for e, o in zip(even, turned, strict=True)
    ]


def _along(x: Tensor, d: int, sign: int) -> Tensor:
    """Return the transform along an axis, unscaled."""
    turned = x.movedim(d, -1)
    n, values = turned.shape[-1], list(turned._values())
    rows = [_transformed(values[at : at + n], sign) for at in range(0, len(values), n)]
    made = new([v for row in rows for v in row], turned.shape, x.dtype)
    made = made.movedim(-1, d).contiguous()
    made._base = None
    return record(made, "FftC2CBackward0", (x,), (lambda g: _along(g, d, -sign),))


def _sized(x: Tensor, d: int, n: int | None) -> Tensor:
    """Return a tensor cut, or padded with zeros, to a length along an axis."""
    if n is None or n == x.shape[d]:
        return x
    if n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")
    if n < x.shape[d]:
        return x.narrow(d, 0, n)
    pads = [0, 0] * (len(x.shape) - d - 1) + [0, n - x.shape[d]]
    return F.pad(x, pads)


def _as_complex(x: Tensor) -> Tensor:
    x = x.to(floating(x.dtype))
    return x if x.dtype.is_complex else complex_of(x, x * 0)


def _scale(lengths: Sequence[int], norm: str | None, inverse: bool) -> float:
    if norm not in NORMS:
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    count = math.prod(lengths)
    if norm == "ortho":
        return 1 / math.sqrt(count)
    return 1 / count if (norm == "forward") != inverse else 1.0


def _places(x: Tensor, s: Any, dim: Any) -> tuple[tuple[int, ...], list[int | None]]:
    if dim is None:
        rank = len(x.shape)
        places = tuple(range(rank)) if s is None else tuple(range(rank - len(s), rank))
    else:
        places = tuple(axis(d, len(x.shape)) for d in dim) if dim else axes(dim, len(x.shape))
    lengths = [None] * len(places) if s is None else [None if n == -1 else n for n in s]
    if len(lengths) != len(places):
        raise RuntimeError("When given, dim and shape arguments must have the same length")
    if len(set(places)) != len(places):
        raise RuntimeError("FFT dims must be unique")
    return places, lengths


def _all_axes(x: Tensor, s: Any, dim: Any, norm: str | None, inverse: bool) -> Tensor:
    places, lengths = _places(x, s, dim)
    made = _as_complex(x)
    for d, n in zip(places, lengths, strict=True):
        made = _sized(made, d, n)
    factor = _scale([made.shape[d] for d in places], norm, inverse)
    double = made.to(float64.to_complex())
    for d in places:
        double = _along(double, d, 1 if inverse else -1)
    return (double * factor if factor != 1 else double).to(made.dtype)


def fftn(x: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """Return the transform along axes."""
    return _all_axes(x, s, dim, norm, False)


def ifftn(x: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """Return the inverse transform along axes."""
    return _all_axes(x, s, dim, norm, True)


def fft2(x: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
    """Return the transform along two axes."""
    return _all_axes(x, s, dim, norm, False)


def ifft2(x: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
    """Return the inverse transform along two axes."""
    return _all_axes(x, s, dim, norm, True)


def fft(x: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """Return the transform along an axis."""
    return _all_axes(x, None if n is None else [n], [dim], norm, False)


def ifft(x: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """Return the inverse transform along an axis."""
    return _all_axes(x, None if n is None else [n], [dim], norm, True)


def rfftn(x: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """Return the half of a real tensor's transform that determines the rest."""
    if x.dtype.is_complex:
        raise RuntimeError(f"rfftn expects a real-valued input tensor, but got {title(x.dtype)}")
    places, _ = _places(x, s, dim)
    full = _all_axes(x, s, dim, norm, False)
    return full.narrow(places[-1], 0, full.shape[places[-1]] // 2 + 1).contiguous()


def irfftn(x: Tensor, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """Return the real tensor of which the argument is half of the transform."""
    places, lengths = _places(x, s, dim)
    last = places[-1]
    n = lengths[-1] or 2 * (x.shape[last] - 1)
    if n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")
    made = _sized(_as_complex(x), last, n // 2 + 1)
    for d, length in zip(places[:-1], lengths[:-1], strict=True):
        made = _sized(made, d, length)
    factor = _scale([*(made.shape[d] for d in places[:-1]), n], norm, True)
    double = made.to(float64.to_complex())
    for d in places[:-1]:
        double = _along(double, d, 1)
    rest = conj(double.narrow(last, 1, (n + 1) // 2 - 1)).flip(last)
    whole = cat([_real_ends(double, last, n), rest], last)
    return (_along(whole, last, 1).real * factor).to(made.dtype.to_real())


def _real_ends(x: Tensor, last: int, n: int) -> Tensor:
    """Return half a transform without the imaginary parts that a real signal can't have."""
    first = x.narrow(last, 0, 1).real
    parts = [complex_of(first, first * 0)]
    stop = x.shape[last] - (n % 2 == 0)
    if stop > 1:
        parts.append(x.narrow(last, 1, stop - 1))
    if n % 2 == 0 and x.shape[last] > 1:
        middle = x.narrow(last, x.shape[last] - 1, 1).real
        parts.append(complex_of(middle, middle * 0))
    return cat(parts, last)


def rfft2(x: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
    """Return half of the transform of a real tensor along two axes."""
    return rfftn(x, s, dim, norm)


def irfft2(x: Tensor, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
    """Return the real tensor of half a transform along two axes."""
    return irfftn(x, s, dim, norm)


def rfft(x: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """Return half of the transform of a real tensor along an axis."""
    return rfftn(x, None if n is None else [n], [dim], norm)


def irfft(x: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """Return the real tensor of half a transform along an axis."""
    return irfftn(x, None if n is None else [n], [dim], norm)


def fftshift(x: Tensor, dim: Any = None) -> Tensor:
    """Return a transform with the constant part in the middle."""
    places = axes(dim, len(x.shape))
    return x.roll([x.shape[d] // 2 for d in places], places)


def ifftshift(x: Tensor, dim: Any = None) -> Tensor:
    """Return a transform with the constant part in front again."""
    places = axes(dim, len(x.shape))
    return x.roll([-(x.shape[d] // 2) for d in places], places)


def fftfreq(n: int, d: float = 1.0) -> Tensor:
    """Return the frequency of each element of a transform."""
    from torch._creation import tensor

    return tensor([(k if k < (n + 1) // 2 else k - n) / (n * d) for k in range(n)])


def rfftfreq(n: int, d: float = 1.0) -> Tensor:
    """Return the frequency of each element of half a transform."""
    from torch._creation import tensor

    return tensor([k / (n * d) for k in range(n // 2 + 1)])

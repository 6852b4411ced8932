"""`torch.nn.functional`: correlation, pooling, padding, activations and losses."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from torch import _dtypes
from torch._elementwise import absolute, relu, sigmoid, tanh, unimplemented, where  # noqa: F401 - names of F
from torch._graph import is_recorded, record
from torch._layout import contiguous_strides
from torch._missing import lacks, module_getattr
from torch._products import dot_of, matmul, tensordot
from torch._reductions import log_softmax, softmax  # noqa: F401 - names of F
from torch._tensor import Tensor, new, put_add, take, title
from torch._views import cat, chunk, contiguous_format, narrow, permute, reshape, unsqueeze

__getattr__ = module_getattr("torch.nn.functional")
Each = Any  # one number for all axes, or one for each


def each(value: Each, rank: int, name: str) -> tuple[int, ...]:
    """Return a number for each axis."""
    if isinstance(value, int):
        return (value,) * rank
    found = tuple(int(v) for v in value)
    if len(found) == 1:
        return found * rank
    if len(found) != rank:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {rank} values to match the "
            f"convolution dimensions, but got {name}={list(found)}"
        )
    return found


def _pad_constant(x: Tensor, pads: Sequence[int], value: float) -> Tensor:
    rank = len(x.shape)
    if len(pads) % 2:
        raise RuntimeError("Length of pad must be even but instead it equals "
                           f"{len(pads)}")  # fmt: skip
    if len(pads) > 2 * rank:
        raise RuntimeError(
            "Length of pad should be no more than twice the number of dimensions of the input. "
            f"Pad length is {len(pads)} while the input has {rank} dimensions."
        )
    before, after = [0] * rank, [0] * rank
    for i in range(len(pads) // 2):
        before[rank - 1 - i], after[rank - 1 - i] = pads[2 * i], pads[2 * i + 1]
    shape = [n + a + b for n, a, b in zip(x.shape, before, after, strict=True)]
    for d, n in enumerate(shape):
        if n < 0:
            raise RuntimeError(
                f"The input size {x.shape[d]}, plus negative padding {before[d]} and {after[d]} "
                f"resulted in a negative output size, which is invalid. Check dimension {d} of "
                "your input."
            )
    cut = x
    for d, n in enumerate(x.shape):
        start, stop = max(-before[d], 0), n - max(-after[d], 0)
        cut = narrow(cut, d, start, stop - start) if (start, stop) != (0, n) else cut
    return _framed(cut, shape, [max(b, 0) for b in before], value)


def _framed(x: Tensor, shape: Sequence[int], before: Sequence[int], value: float) -> Tensor:
    places = [sum(b * s for b, s in zip(before, contiguous_strides(shape), strict=True))]
    for n, step in zip(x.shape, contiguous_strides(shape), strict=True):
        places = [place + i * step for place in places for i in range(n)]
    values = [value] * math.prod(shape)
    for place, v in zip(places, x._values(), strict=True):
        values[place] = v
    made, own = new(values, shape, x.dtype), x.shape
    rule = lambda g: take(g, places, own, "ConstantPadNdBackward0")  # noqa: E731
    return record(made, "ConstantPadNdBackward0", (x,), (rule,))


def constant_pad_nd(x: Tensor, pad: Sequence[int], value: float = 0) -> Tensor:
    """Return a tensor framed by a number."""
    return _pad_constant(x, list(pad), value)


def pad(
    x: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """Return a framed tensor; the last axis is named first."""
    if mode == "constant":
        return _pad_constant(x, list(pad), 0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    pads = list(pad)
    count = len(pads) // 2
    if len(x.shape) not in (count + 1, count + 2):
        raise NotImplementedError(
            "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now"
        )
    if not x.numel():
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(x.shape)}"
        )
    for i in range(count):
        x = _pad_axis(x, len(x.shape) - 1 - i, pads[2 * i], pads[2 * i + 1], mode)
    return x


def _pad_axis(x: Tensor, d: int, before: int, after: int, mode: str) -> Tensor:
    n = x.shape[d]
    if mode == "reflect" and max(before, after) >= n:
        raise RuntimeError(
            "Argument #4: Padding size should be less than the corresponding input dimension, but "
            f"got: padding ({before}, {after}) at dimension {d} of input {list(x.shape)}"
        )
    if mode == "circular" and max(before, after) > n:
        raise RuntimeError("Padding value causes wrapping around more than once.")
    if min(before, after) < 0:
        lacks(f"negative padding in the mode {mode!r}")
    turn = {
        "reflect": lambda i: abs(i) if i < n else 2 * (n - 1) - i,
        "replicate": lambda i: min(max(i, 0), n - 1),
        "circular": lambda i: i % n,
    }[mode]
    rows = [turn(i) for i in range(-before, n + after)]
    return x.index_select(d, new(rows, (len(rows),), _dtypes.int64))


def windows(
    x: Tensor, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> Tensor:
    """Return a view of all windows: leading axes, then positions, then the window's elements."""
    rank = len(size)
    lead, lengths = tuple(x.shape[:-rank]), x.shape[-rank:]
    counts = tuple(
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(lengths, size, stride, dilation, strict=True)
    )
    steps = x._strides[-rank:]
    strides = (
        *x._strides[:-rank],
        *(a * s for a, s in zip(steps, stride, strict=True)),
        *(a * d for a, d in zip(steps, dilation, strict=True)),
    )
    return x.as_strided((*lead, *counts, *size), strides, x._start)


NAMES = {1: "1d", 2: "2d", 3: "3d"}


def _same_padding(k: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """Return the frame that keeps each length, the last axis first."""
    spans = [d * (n - 1) for d, n in zip(dilation, k, strict=True)]
    return [part for span in reversed(spans) for part in (span // 2, span - span // 2)]


def _checked_convolution(x: Tensor, w: Tensor, bias: Any, rank: int, groups: int) -> None:
    name = f"conv{NAMES[rank]}"
    for position, (label, t) in enumerate((("input", x), ("weight", w)), 1):
        if not isinstance(t, Tensor):
            raise TypeError(
                f"{name}() received an invalid combination of arguments: argument '{label}' "
                f"(position {position}) must be Tensor, not {type(t).__name__}"
            )
    if len(x.shape) not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"Expected {rank + 1}D (unbatched) or {rank + 2}D (batched) input to {name}, but got "
            f"input of size: {list(x.shape)}"
        )
    if len(w.shape) != rank + 2:
        raise RuntimeError(
            "weight should have at least three dimensions"
            if len(w.shape) < 3
            else f"Expected {len(w.shape)}-dimensional input for {len(w.shape)}-dimensional weight "
            f"{list(w.shape)}, but got {rank + 2}-dimensional input of size {list(x.shape)} instead"
        )
    if x.dtype is not w.dtype:
        raise RuntimeError(
            f"Input type ({_spelled(x)}) and weight type ({_spelled(w)}) should be the same"
            if bias is None or bias.dtype is w.dtype
            else f"Input type ({_spelled(x)}) and bias type ({_spelled(bias)}) should be the same"
        )
    if bias is not None and bias.dtype is not x.dtype:
        raise RuntimeError(
            f"Input type ({_spelled(x)}) and bias type ({_spelled(bias)}) should be the same"
        )
    if x.dtype.kind < _dtypes.FLOATING and x.dtype is not _dtypes.int64:
        unimplemented(f"slow_conv{rank}d", x.dtype)


SPELLED = {
    "Float": "float", "Double": "double", "Long": "long long", "Byte": "unsigned char",
    "Int": "int", "Bool": "bool", "Short": "short", "Char": "signed char",
}  # fmt: skip


def _spelled(x: Tensor) -> str:
    return SPELLED.get(title(x.dtype), title(x.dtype))


def _checked_channels(x: Tensor, w: Tensor, bias: Any, groups: int) -> None:
    if w.shape[1] * groups != x.shape[1]:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(w.shape)}, expected input"
            f"{list(x.shape)} to have {w.shape[1] * groups} channels, but got {x.shape[1]} "
            "channels instead"
        )
    if w.shape[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, "
            f"but got weight of size {list(w.shape)} instead"
        )
    if bias is not None and tuple(bias.shape) != (w.shape[0],):
        raise RuntimeError(
            f"Given weight of size {list(w.shape)}, expected bias to be 1-dimensional with "
            f"{w.shape[0]} elements, but got bias of size {list(bias.shape)} instead"
        )


def _positive(values: Sequence[int], name: str) -> None:
    if any(v <= 0 for v in values):
        raise RuntimeError(
            "non-positive stride is not supported"
            if name == "stride"
            else f"{name} should be greater than zero"
        )


def _convolution(
    x: Tensor, w: Tensor, bias: Tensor | None, stride: Each, padding: Any, dilation: Each,
    groups: int, rank: int,
) -> Tensor:  # fmt: skip
    _checked_convolution(x, w, bias, rank, groups)
    steps, gaps = each(stride, rank, "stride"), each(dilation, rank, "dilation")
    _positive(steps, "stride")
    _positive(gaps, "dilation")
    single = len(x.shape) == rank + 1
    x = unsqueeze(x, 0) if single else x
    k = w.shape[2:]
    if isinstance(padding, str):
        x = _named_padding(x, padding, k, gaps, steps)
    else:
        around = each(padding, rank, "padding")
        if any(p < 0 for p in around):
            raise RuntimeError("negative padding is not supported")
        if any(around):
            x_padded = _pad_constant(x, [p for n in reversed(around) for p in (n, n)], 0)
            _checked_channels(x, w, bias, groups)
            x = x_padded
    _checked_channels(x, w, bias, groups)
    spans = [d * (n - 1) + 1 for n, d in zip(k, gaps, strict=True)]
    if any(span > n for span, n in zip(spans, x.shape[2:], strict=True)):
        shown = " x ".join(map(str, x.shape[2:])), " x ".join(map(str, spans))
        raise RuntimeError(
            f"Calculated padded input size per channel: ({shown[0]}). Kernel size: ({shown[1]}). "
            "Kernel size can't be greater than actual input size"
        )
    if rank == 2 and groups == 1 and not is_recorded(x, w) and x.numel() and w.numel():
        made = _correlated_images(x, w, steps, gaps)
    else:
        made = _correlated(windows(x, k, steps, gaps), w, groups, rank)
    if bias is not None:
        made = made + reshape(bias, -1, *[1] * rank)
    if made._node is not None:
        made._node.label = "ConvolutionBackward0"
    return made[0] if single else made


def _named_padding(
    x: Tensor, padding: str, k: Sequence[int], gaps: Sequence[int], steps: Sequence[int]
) -> Tensor:
    if padding == "valid":
        return x
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    if any(s != 1 for s in steps):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    return _pad_constant(x, _same_padding(k, gaps), 0)


def _correlated(seen: Tensor, w: Tensor, groups: int, rank: int) -> Tensor:
    """Return the sums of products of all windows with all kernels, contiguous."""
    batch, channels = seen.shape[:2]
    positions = tuple(seen.shape[2 : 2 + rank])
    inside = channels // groups * math.prod(w.shape[2:])
    order = [0, *range(2, 2 + rank), 1, *range(2 + rank, 2 + 2 * rank)]
    each_group = [(seen, w)]
    if groups > 1:
        each_group = list(zip(chunk(seen, groups, 1), chunk(w, groups, 0), strict=True))
    parts = []
    for own, kernels in each_group:
        rows = reshape(permute(own, order), batch * math.prod(positions), inside)
        made = matmul(reshape(kernels, -1, inside), rows.t())
        parts.append(reshape(made, -1, batch, *positions))
    whole = parts[0] if groups == 1 else cat(parts)
    return permute(whole, [1, 0, *range(2, 2 + rank)]).contiguous()


def _correlated_images(x: Tensor, w: Tensor, steps: Sequence[int], gaps: Sequence[int]) -> Tensor:
    """Return what `_correlated` does of images, three times as fast, without gradients."""
    batch, channels, height, width = x.shape
    values, dot = list(x._values()), dot_of(x.dtype)
    rows = [values[at : at + width] for at in range(0, len(values), width)]
    values, size = list(w._values()), channels * math.prod(w.shape[2:])
    kernels = [values[at : at + size] for at in range(0, len(values), size)]
    tall, wide = (d * (n - 1) + 1 for n, d in zip(w.shape[2:], gaps, strict=True))
    down, right = range(0, height - tall + 1, steps[0]), range(0, width - wide + 1, steps[1])
    found = []
    for first in range(0, len(rows), channels * height):
        strips = [
            [
                rows[at + i]
                for at in range(first, first + channels * height, height)
                for i in range(top, top + tall, gaps[0])
            ]
            for top in down
        ]
        seen = [
            [v for row in strip for v in row[left : left + wide : gaps[1]]]
            for strip in strips
            for left in right
        ]
        found += [dot(kernel, window) for kernel in kernels for window in seen]
    return new(found, (batch, w.shape[0], len(down), len(right)), x.dtype)


def conv1d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):  # type: ignore[no-untyped-def]
    """Return the correlation along one axis."""
    return _convolution(x, weight, bias, stride, padding, dilation, groups, 1)


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):  # type: ignore[no-untyped-def]
    """Return the correlation along two axes."""
    return _convolution(x, weight, bias, stride, padding, dilation, groups, 2)


def conv3d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):  # type: ignore[no-untyped-def]
    """Return the correlation along three axes."""
    return _convolution(x, weight, bias, stride, padding, dilation, groups, 3)


def _transposed(
    x: Tensor, w: Tensor, bias: Tensor | None, stride: Each, padding: Each, output_padding: Each,
    groups: int, dilation: Each, rank: int,
) -> Tensor:  # fmt: skip
    _checked_convolution(x, w, bias, rank, groups)
    steps, gaps = each(stride, rank, "stride"), each(dilation, rank, "dilation")
    around, extra = each(padding, rank, "padding"), each(output_padding, rank, "output_padding")
    single = len(x.shape) == rank + 1
    x = unsqueeze(x, 0) if single else x
    if w.shape[0] != x.shape[1]:
        raise RuntimeError(
            f"Given transposed=1, weight of size {list(w.shape)}, expected input{list(x.shape)} to "
            f"have {w.shape[0]} channels, but got {x.shape[1]} channels instead"
        )
    if any(e >= max(s, d) and e for e, s, d in zip(extra, steps, gaps, strict=True)):
        raise RuntimeError("output padding must be smaller than either stride or dilation")
    if groups != 1:
        lacks("a transposed convolution with groups")
    k = w.shape[2:]
    lengths = [
        (n - 1) * s + d * (m - 1) + 1
        for n, s, d, m in zip(x.shape[2:], steps, gaps, k, strict=True)
    ]
    small = [n + e - 2 * p for n, e, p in zip(lengths, extra, around, strict=True)]
    if min(small) < 1:
        shown = (" x ".join(map(str, part)) for part in (x.shape[2:], small))
        raise RuntimeError(
            "Given input size per channel: ({}). Calculated output size per channel: ({}). Output "
            "size is too small".format(*shown)
        )
    spread = tensordot(x, w, dims=([1], [0]))  # batch, positions, out channels, kernel
    order = [0, rank + 1, *range(1, rank + 1), *range(rank + 2, 2 * rank + 2)]
    scattered = _scattered(permute(spread, order), lengths, steps, gaps)
    pads = [
        part for e, p in reversed(list(zip(extra, around, strict=True))) for part in (-p, e - p)
    ]
    made = _pad_constant(scattered, pads, 0) if any(pads) else scattered
    if bias is not None:
        made = made + reshape(bias, -1, *[1] * rank)
    return made[0] if single else made


def _scattered(
    seen: Tensor, lengths: Sequence[int], steps: Sequence[int], gaps: Sequence[int]
) -> Tensor:
    """Return the sum of windows, each laid where it was taken: the transpose of `windows`."""
    rank = len(lengths)
    batch, channels = seen.shape[:2]
    counts, k = seen.shape[2 : 2 + rank], seen.shape[2 + rank :]
    strides = contiguous_strides(lengths)
    places = [0]
    for n, s, stride in zip(counts, steps, strides, strict=True):
        places = [place + i * s * stride for place in places for i in range(n)]
    for n, d, stride in zip(k, gaps, strides, strict=True):
        places = [place + i * d * stride for place in places for i in range(n)]
    size = math.prod(lengths)
    every = [at * size + place for at in range(batch * channels) for place in places]
    return put_add(seen, every, (batch, channels, *lengths))


def conv_transpose1d(  # type: ignore[no-untyped-def]
    x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Return the transpose of a correlation along one axis."""
    return _transposed(x, weight, bias, stride, padding, output_padding, groups, dilation, 1)


def conv_transpose2d(  # type: ignore[no-untyped-def]
    x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """Return the transpose of a correlation along two axes."""
    return _transposed(x, weight, bias, stride, padding, output_padding, groups, dilation, 2)


def _pair(value: Each) -> tuple[int, ...]:
    return each(value, 2, "kernel_size")


def unfold(
    x: Tensor, kernel_size: Each, dilation: Each = 1, padding: Each = 0, stride: Each = 1
) -> Tensor:
    """Return the windows of a batch of images as columns."""
    k, gaps, around, steps = map(_pair, (kernel_size, dilation, padding, stride))
    if len(x.shape) not in (3, 4):
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(x.shape)}"
        )
    if any(v <= 0 for v in (*k, *gaps, *steps)):
        name = "kernel size" if min(k) <= 0 else "dilation" if min(gaps) <= 0 else "stride"
        raise RuntimeError(f"{name} should be greater than zero")
    if x.dtype.kind < _dtypes.FLOATING and x.dtype is not _dtypes.bool_:
        unimplemented("im2col_out_cpu", x.dtype)
    single = len(x.shape) == 3
    image = unsqueeze(x, 0) if single else x
    counts = [
        (n + 2 * p - d * (m - 1) - 1) // s + 1
        for n, p, d, m, s in zip(image.shape[2:], around, gaps, k, steps, strict=True)
    ]
    if min(counts) < 1:
        raise RuntimeError(
            f"Given input with spatial size ({image.shape[2]}, {image.shape[3]}), kernel_size="
            f"({k[0]}, {k[1]}), dilation=({gaps[0]}, {gaps[1]}), padding=({around[0]}, "
            f"{around[1]}), stride=({steps[0]}, {steps[1]}), calculated shape of the array of "
            f"sliding blocks as ({counts[0]}, {counts[1]}), but its components must be at least "
            "one."
        )
    if any(around):
        image = _pad_constant(image, (around[1], around[1], around[0], around[0]), 0)
    seen = permute(windows(image, k, steps, gaps), (0, 1, 4, 5, 2, 3))
    made = reshape(
        seen.clone(memory_format=contiguous_format),
        image.shape[0],
        image.shape[1] * k[0] * k[1],
        -1,
    )
    return made[0] if single else made


def fold(
    x: Tensor, output_size: Each, kernel_size: Each, dilation: Each = 1, padding: Each = 0,
    stride: Each = 1,
) -> Tensor:  # fmt: skip
    """Return the images whose windows are columns, overlaps added up."""
    size, k, gaps, around, steps = map(_pair, (output_size, kernel_size, dilation, padding, stride))
    single = len(x.shape) == 2
    columns = unsqueeze(x, 0) if single else x
    lengths = [n + 2 * p for n, p in zip(size, around, strict=True)]
    counts = [(n - d * (m - 1) - 1) // s + 1
              for n, d, m, s in zip(lengths, gaps, k, steps, strict=True)]  # fmt: skip
    inside = k[0] * k[1]
    if columns.shape[1] % inside:
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, "
            f"but got input.size(1)={columns.shape[1]} and kernel_size=({k[0]}, {k[1]})."
        )
    if columns.shape[2] != counts[0] * counts[1]:
        raise RuntimeError(
            f"Given output_size=({size[0]}, {size[1]}), kernel_size=({k[0]}, {k[1]}), dilation="
            f"({gaps[0]}, {gaps[1]}), padding=({around[0]}, {around[1]}), stride=({steps[0]}, "
            f"{steps[1]}), expected size of input's dimension 2 to match the calculated number of "
            f"sliding blocks {counts[0]} * {counts[1]} = {counts[0] * counts[1]}, but got "
            f"input.size(2)={columns.shape[2]}."
        )
    channels = columns.shape[1] // inside
    seen = permute(reshape(columns, columns.shape[0], channels, *k, *counts), (0, 1, 4, 5, 2, 3))
    made = _scattered(seen, lengths, steps, gaps)
    if any(around):
        made = _pad_constant(made, (-around[1], -around[1], -around[0], -around[0]), 0)
    return made[0] if single else made


def _pooled_lengths(
    lengths: Sequence[int], k: Sequence[int], steps: Sequence[int], around: Sequence[int],
    gaps: Sequence[int], ceil_mode: bool,
) -> list[int]:  # fmt: skip
    found = []
    for n, m, s, p, d in zip(lengths, k, steps, around, gaps, strict=True):
        span = n + 2 * p - d * (m - 1) - 1
        count = (span + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (count - 1) * s >= n + p:
            count -= 1
        found.append(count)
    return found


def _pool_windows(
    x: Tensor, k: Sequence[int], steps: Sequence[int], around: Sequence[int], gaps: Sequence[int],
    ceil_mode: bool, value: float,
) -> tuple[Tensor, list[int]]:  # fmt: skip
    rank = len(k)
    if len(x.shape) not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"non-empty {rank + 1}D or {rank + 2}D (batch mode) tensor expected for input"
        )
    if any(v <= 0 for v in (*k, *steps)):
        raise RuntimeError("kernel size should be greater than zero" if min(k) <= 0 else
                           "stride should not be zero")  # fmt: skip
    for p, m, d in zip(around, k, gaps, strict=True):
        if p < 0 or p > (d * (m - 1) + 1) // 2:
            raise RuntimeError(
                "pad should be at most half of effective kernel size, but got pad="
                f"{p}, kernel_size={m} and dilation={d}"
                if p >= 0
                else f"pad must be non-negative, but got pad: {p}"
            )
    counts = _pooled_lengths(x.shape[-rank:], k, steps, around, gaps, ceil_mode)
    if min(counts) < 1:
        shape, small = (
            "x".join(map(str, part))
            for part in ((x.shape[-rank - 1], *x.shape[-rank:]), (x.shape[-rank - 1], *counts))
        )
        raise RuntimeError(
            f"Given input size: ({shape}). Calculated output size: ({small}). Output size is too "
            "small"
        )
    pads = []
    for n, m, s, p, d, count in zip(x.shape[-rank:], k, steps, around, gaps, counts, strict=True):
        reach = (count - 1) * s + d * (m - 1) + 1
        pads.append((p, max(reach - n - p, p)))
    flat = [part for pair in reversed(pads) for part in pair]
    framed = _pad_constant(x, flat, value) if any(flat) else x
    seen = windows(framed, k, steps, gaps)
    for d, count in enumerate(counts):
        seen = narrow(seen, len(seen.shape) - 2 * rank + d, 0, count)
    return seen, counts


def _max_pool(
    x: Tensor, kernel_size: Each, stride: Each, padding: Each, dilation: Each, ceil_mode: bool,
    return_indices: bool, rank: int,
) -> Tensor:  # fmt: skip
    if return_indices:
        lacks("max pooling with return_indices=True")
    k = each(kernel_size, rank, "kernel_size")
    steps = k if stride in (None, (), []) else each(stride, rank, "stride")
    around, gaps = each(padding, rank, "padding"), each(dilation, rank, "dilation")
    if x.dtype is _dtypes.bool_ or x.dtype.is_complex:
        unimplemented("max_pool2d", x.dtype)
    low = -math.inf if x.dtype.is_floating_point else _dtypes.iinfo(x.dtype).min
    seen, _ = _pool_windows(x, k, steps, around, gaps, ceil_mode, low)
    flat = reshape(seen, *seen.shape[: len(seen.shape) - rank], math.prod(k))
    return flat.max(-1).values


def _avg_pool(
    x: Tensor, kernel_size: Each, stride: Each, padding: Each, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None, rank: int,
) -> Tensor:  # fmt: skip
    k = each(kernel_size, rank, "kernel_size")
    steps = k if stride in (None, (), []) else each(stride, rank, "stride")
    around, gaps = each(padding, rank, "padding"), (1,) * rank
    if x.dtype.kind < _dtypes.FLOATING and x.dtype is not _dtypes.int64:
        unimplemented("avg_pool2d_out_frame", x.dtype)
    if x.dtype is _dtypes.int64:
        lacks("average pooling of integers")
    seen, counts = _pool_windows(x, k, steps, around, gaps, ceil_mode, 0)
    sums = seen.sum(dim=tuple(range(-rank, 0)))
    if divisor_override is not None:
        if divisor_override == 0:
            raise RuntimeError("divisor must be not zero")
        return sums / divisor_override
    if not any(around) and not ceil_mode:
        return sums / math.prod(k)
    sizes = _window_sizes(x.shape[-rank:], counts, k, steps, around, count_include_pad)
    return sums / new(sizes, counts, x.dtype)


def _window_sizes(
    lengths: Sequence[int], counts: Sequence[int], k: Sequence[int], steps: Sequence[int],
    around: Sequence[int], padded: bool,
) -> list[int]:  # fmt: skip
    """Return how many pixels each window covers, the frame included where it counts."""
    along = []
    for n, count, m, s, p in zip(lengths, counts, k, steps, around, strict=True):
        low, high = (-p, n + p) if padded else (0, n)
        ends = [(i * s - p, i * s - p + m) for i in range(count)]
        along.append([min(stop, high) - max(start, low) for start, stop in ends])
    return [math.prod(sizes) for sizes in itertools.product(*along)]


def max_pool1d(  # type: ignore[no-untyped-def]
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """Return the largest element of each window of one axis."""
    return _max_pool(x, kernel_size, stride, padding, dilation, ceil_mode, return_indices, 1)


def max_pool2d(  # type: ignore[no-untyped-def]
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """Return the largest element of each window of two axes."""
    return _max_pool(x, kernel_size, stride, padding, dilation, ceil_mode, return_indices, 2)


def avg_pool1d(  # type: ignore[no-untyped-def]
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True
):
    """Return the mean of each window of one axis."""
    return _avg_pool(x, kernel_size, stride, padding, ceil_mode, count_include_pad, None, 1)


def avg_pool2d(  # type: ignore[no-untyped-def]
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=None,
):  # fmt: skip
    """Return the mean of each window of two axes."""
    return _avg_pool(
        x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, 2
    )


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return x·Wᵀ + b."""
    made = matmul(x, weight.t())
    return made if bias is None else made + bias


def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Return positive elements as they are, and others times a slope."""
    return where(x > 0, x, x * negative_slope)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Return positive elements as they are, and others bent toward -alpha."""
    return where(x > 0, x, alpha * x.clamp(max=0).expm1())


def softplus(x: Tensor) -> Tensor:
    """Return log(1 + exp(x))."""
    return where(x > 20, x, x.clamp(max=20).exp().log1p())


def hardtanh(x: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Return elements clamped to a range."""
    return x.clamp(min_val, max_val)


def relu6(x: Tensor) -> Tensor:
    """Return elements clamped to 0 … 6."""
    return x.clamp(0, 6)


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction == "none":
        return losses
    if reduction not in ("mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return losses.mean() if reduction == "mean" else losses.sum()


def mse_loss(x: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the mean, or the sum, of squared differences."""
    off = x - target
    return _reduced(off * off, reduction)


def l1_loss(x: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the mean, or the sum, of absolute differences."""
    return _reduced(absolute(x - target), reduction)


def cross_entropy(x: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the cross-entropy of rows of scores with the numbers of classes."""
    return nll_loss(log_softmax(x, 1 if len(x.shape) > 1 else 0), target, reduction)


def nll_loss(x: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the negative of the logarithm at each row's class."""
    if len(x.shape) != 2 or target.dtype.kind >= _dtypes.FLOATING:
        lacks("nll_loss of other than rows and numbers of classes")
    return _reduced(-x.gather(1, unsqueeze(target, 1)).squeeze(1), reduction)


def one_hot(x: Tensor, num_classes: int = -1) -> Tensor:
    """Return a row for each number, with a one at its place."""
    count = num_classes if num_classes >= 0 else int(x.max()) + 1
    values = [int(v == c) for v in x._values() for c in range(count)]
    return new(values, (*x.shape, count), _dtypes.int64)


def normalize(x: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """Return vectors scaled to norm 1."""
    return x / x.norm(p, dim, True).clamp_min(eps)

"""The pixels that can affect a unit of a network; pairs are (row, column)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from convolutions import receptive_fields as reference
from convolutions.correlation import Pair
from nbexaminer.problems.problem import Call, Case, Made, Misconception, Problem, edit
from problems import small
from problems.inputs import numbers, whole

RELU = Made("ReLU")


def convolution(generator: Generator, channels: Pair, kernel: Pair, **options: Any) -> Made:
    """Return a convolution from `channels[0]` to `channels[1]` channels, its parameters drawn."""
    inputs, outputs = channels
    weight, bias = numbers(generator, outputs, inputs, *kernel), numbers(generator, outputs)
    return with_state(channels, weight, bias, **options)


def with_state(channels: Pair, weight: Tensor, bias: Tensor, **options: Any) -> Made:
    """Return a convolution with the parameters given."""
    kernel = (weight.shape[2], weight.shape[3])
    return Made("Conv2d", (*channels, kernel), options, {"weight": weight, "bias": bias})


def receptive_field_mask_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `receptive_field_mask`. Every module comes with its parameters."""
    yield from mask_value_cases(generator)
    yield from mask_option_cases(generator)
    yield from mask_error_cases(generator)


def mask_value_cases(generator: Generator) -> Iterable[Case]:
    """Draw networks without options, some of whose parameters hide pixels from a gradient."""
    draw, conv = partial(whole, generator), partial(convolution, generator)
    off = with_state((1, 2), -numbers(generator, 2, 1, 3, 2, low=1), torch.full((2,), -5.0))
    one = numbers(generator, 1, 1, 2, 3)
    twice = with_state((1, 2), torch.cat([one, one]), torch.zeros(2))
    cancel = with_state((2, 1), torch.tensor([1.0, -1.0]).reshape(1, 2, 1, 1), torch.zeros(1))
    zeros = with_state((1, 1), torch.zeros(1, 1, 3, 2), torch.zeros(1))
    ones = with_state((1, 1), torch.ones(1, 1, 2, 2), torch.zeros(1))
    for examines, layers, shape, index in (
        ("one layer", [conv((1, 1), (3, 2))], (6, 9), (draw(0, 1), draw(4, 7))),
        ("two layers with elements of one on a small image",
         [ones] * 2, (3, 3), (0, 0)),
        ("three layers with kernels of several shapes",
         [conv((1, 2), (2, 3)), conv((2, 1), (1, 2)), conv((1, 1), (3, 1))], (8, 11),
         (draw(0, 1), draw(5, 7))),
        ("several channels in and out",
         [conv((3, 2), (2, 3)), RELU, conv((2, 4), (3, 1))], (7, 10), (draw(0, 1), draw(4, 7))),
        ("units that a ReLU switches off",
         [off, RELU, conv((2, 1), (2, 2))], (6, 10),
         (draw(0, 1), draw(4, 7))),
        ("weights of zero", [zeros], (5, 9),
         (draw(0, 1), draw(4, 7))),
        ("weights that cancel",
         [twice, cancel], (5, 10),
         (draw(0, 1), draw(4, 7))),
        ("max-pooling",
         [conv((1, 1), (2, 2)), Made("MaxPool2d", (2,)), conv((1, 1), (1, 2))], (6, 15),
         (draw(0, 1), draw(2, 5))),
        ("pooling before a convolution of several channels",
         [Made("AvgPool2d", ((2, 1), 1)), RELU, conv((2, 1), (2, 3))], (6, 10),
         (draw(0, 1), draw(4, 7))),
        ("poolings without a convolution",
         [Made("AvgPool2d", (2,)), Made("MaxPool2d", (2, 1))], (8, 18), (draw(0, 1), draw(3, 7))),
    ):  # fmt: skip
        yield Case("values", examines, Call((layers, shape, index)))


def mask_option_cases(generator: Generator) -> Iterable[Case]:
    """Draw networks with stride, padding and dilation."""
    draw, conv = partial(whole, generator), partial(convolution, generator)
    for examines, layers, shape, index in (
        ("a stride that differs between the axes",
         [conv((1, 1), (3, 2), stride=(2, 3)), conv((1, 1), (2, 2))], (9, 20),
         (draw(0, 1), draw(2, 4))),
        ("dilation, which leaves gaps",
         [conv((1, 1), (3, 3), dilation=(2, 3)), conv((1, 1), (2, 2), dilation=(2, 1))], (9, 14),
         (draw(0, 1), draw(3, 6))),
        ("padding, at a corner",
         [conv((1, 1), (3, 3), padding=1), conv((1, 1), (3, 3), padding=(1, 2))], (6, 8),
         (0, draw(7, 9))),
        ("padding and dilation, at a border",
         [conv((1, 1), (3, 2), padding=(1, 2), dilation=(2, 3))], (6, 9), (0, draw(0, 1))),
        ("padding between layers, beside pixels that no window reads",
         [conv((1, 1), (2, 3), stride=(2, 3)), conv((1, 1), (3, 3), padding=1)], (7, 14),
         (draw(1, 2), 3)),
        ("max-pooling with stride and padding",
         [conv((1, 1), (2, 3), padding=(0, 1)), Made("MaxPool2d", (3, 2, 1)), conv((1, 1), (2, 2))],
         (9, 15), (draw(0, 1), draw(3, 6))),
        ("everything together",
         [conv((1, 2), (3, 3), stride=2, padding=2), RELU, Made("AvgPool2d", (3, 1, 1)),
          conv((2, 1), (2, 3), dilation=(1, 2), padding=(0, 1))], (10, 17),
         (draw(0, 2), draw(4, 6))),
    ):  # fmt: skip
        yield Case("options", examines, Call((layers, shape, index)))


def mask_error_cases(generator: Generator) -> Iterable[Case]:
    """Draw indices and windows one step and several beyond the limit."""
    draw, conv = partial(whole, generator), partial(convolution, generator)
    for examines, layers, shape, index in (
        ("an index below the output", [conv((1, 1), (2, 2))], (4, 9), (3, draw(0, 1))),
        ("an index to the right of the output",
         [conv((1, 1), (2, 2)), RELU, Made("MaxPool2d", (2,))], (13, 5), (draw(0, 1), 2)),
        ("a kernel taller than its padded input",
         [conv((1, 1), (3, 2)), RELU, conv((1, 1), (6, 2), padding=(1, 0))], (5, 9), (0, 0)),
        ("a pooling window wider than its input",
         [conv((1, 1), (2, 3)), Made("MaxPool2d", ((1, 4),))], (8, 5), (0, 0)),
        ("an index far outside the output on both axes", [conv((1, 1), (2, 2))], (4, 9),
         (draw(5, 9), draw(10, 14))),
        ("a kernel much longer than its padded input on both axes",
         [conv((1, 1), (3, 2)), conv((1, 1), (8, 9), padding=1)], (5, 6), (0, 0)),
    ):  # fmt: skip
        yield Case("errors", examines, Call((layers, shape, index)))


def receptive_field_mask_gradient(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    X = torch.zeros(1, channels, *input_shape, requires_grad=True)
    Y = X
    try:
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                ones = torch.ones_like(layer.weight)
                Y = F.conv2d(Y, ones, None, layer.stride, layer.padding, layer.dilation)
            elif isinstance(layer, nn.AvgPool2d | nn.MaxPool2d):
                Y = F.avg_pool2d(Y, layer.kernel_size, layer.stride, layer.padding)
    except RuntimeError:
        raise ValueError("a kernel is longer than its padded input") from None
    if index[0] >= Y.shape[2] or index[1] >= Y.shape[3]:
        raise ValueError(f"index {index} is outside the output of shape {tuple(Y.shape[2:])}")
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    return (gradient[0] > 0).any(dim=0)


def receptive_field_mask_one_pixel_at_a_time(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    H, W = input_shape
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    Y = torch.eye(H * W).reshape(H * W, 1, H, W).repeat(1, channels, 1, 1)
    try:
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                ones = torch.ones_like(layer.weight).detach()
                Y = F.conv2d(Y, ones, None, layer.stride, layer.padding, layer.dilation)
            else:
                Y = layer(Y)
        lit = Y[:, :, index[0], index[1]]
    except (IndexError, RuntimeError):
        raise ValueError(f"there is no output at {index}") from None
    return (lit.amax(dim=1) > 0).reshape(H, W)


def receptive_field_mask_axis_by_axis(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    def along(axis: int) -> Tensor:
        def options(layer: nn.Module) -> list[int]:
            names = ("kernel_size", "stride", "padding", "dilation")
            values = [getattr(layer, name, 1) for name in names]
            return [v if isinstance(v, int) else v[axis] for v in values]

        stack = [options(layer) for layer in layers if not isinstance(layer, nn.ReLU)]
        lengths = [input_shape[axis]]
        for k, s, p, d in stack:
            lengths.append((lengths[-1] + 2 * p - d * (k - 1) - 1) // s + 1)
        if index[axis] >= lengths.pop():
            raise ValueError("no such output")
        units = [index[axis]]
        while stack:
            (k, s, p, d), n = stack.pop(), lengths.pop()
            reads = [i * s - p + a * d for i in units for a in range(k)]
            units = sorted({q for q in reads if 0 <= q < n})
        return torch.tensor([i in units for i in range(input_shape[axis])])

    return torch.outer(along(0), along(1))


def receptive_field_mask_transposed(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    def pair(value: int | str | tuple[int, ...]) -> tuple[int, ...]:
        return (value, value) if isinstance(value, int) else tuple(map(int, value))

    stack, shape = [], tuple(input_shape)
    for layer in layers:
        if not isinstance(layer, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d):
            continue
        k, s, p = pair(layer.kernel_size), pair(layer.stride), pair(layer.padding)
        d = (1, 1) if isinstance(layer, nn.AvgPool2d) else pair(layer.dilation)
        stack.append((k, s, p, d, shape))
        sizes = zip(shape, k, s, p, d, strict=True)
        shape = tuple((n + 2 * q - e * (m - 1) - 1) // t + 1 for n, m, t, q, e in sizes)
    if index[0] >= shape[0] or index[1] >= shape[1]:
        raise ValueError("no such output")
    mask = torch.zeros(1, 1, *shape)
    mask[0, 0, index[0], index[1]] = 1
    for k, s, p, d, (H, W) in reversed(stack):
        spread = F.conv_transpose2d(mask, torch.ones(1, 1, *k), stride=s, dilation=d)
        spread = F.pad(spread, (0, W + p[1], 0, H + p[0]))[:, :, p[0] : p[0] + H, p[1] : p[1] + W]
        mask = (spread > 0).float()
    return mask[0, 0].bool()


def receptive_field_mask_boxes(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    def number(value: int | tuple[int, ...], axis: int) -> int:
        return value if isinstance(value, int) else value[axis]

    masks = []
    for axis in (0, 1):
        n, maps = input_shape[axis], []
        for layer in layers:
            if isinstance(layer, nn.ReLU):
                continue
            k, s, p = (
                number(getattr(layer, o), axis) for o in ("kernel_size", "stride", "padding")
            )
            d = number(getattr(layer, "dilation", 1), axis)
            m = (n + 2 * p - d * (k - 1) - 1) // s + 1
            if m < 1:
                raise ValueError("a window is longer than its padded input")
            reads = torch.zeros(m, n, dtype=torch.bool)
            for unit in range(m):
                for a in range(k):
                    if 0 <= unit * s - p + a * d < n:
                        reads[unit, unit * s - p + a * d] = True
            maps.append(reads)
            n = m
        if index[axis] >= n:
            raise ValueError(f"{index} is outside the output")
        seen = torch.zeros(1, n)
        seen[0, index[axis]] = 1
        for reads in reversed(maps):
            seen = (seen @ reads.float() > 0).float()
        masks.append(seen[0] > 0)
    return masks[0][:, None] & masks[1][None, :]


def receptive_field_mask_copies(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    network: list[nn.Module] = []
    channels = 0
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            channels = channels or layer.in_channels
            copy = nn.Conv2d(
                layer.in_channels,
                layer.out_channels,
                layer.kernel_size,  # type: ignore[arg-type]  # a pair, though declared of any length
                layer.stride,  # type: ignore[arg-type]
                layer.padding,  # type: ignore[arg-type]
                layer.dilation,  # type: ignore[arg-type]
                bias=False,
            )
            nn.init.ones_(copy.weight)
            network.append(copy)
        elif not isinstance(layer, nn.ReLU):
            network.append(nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding))  # type: ignore[arg-type]
    X = torch.ones(1, channels or 1, *input_shape, requires_grad=True)
    try:
        Y = nn.Sequential(*network)(X)
    except RuntimeError as error:
        raise ValueError("a layer's kernel does not fit") from error
    if index[0] >= Y.shape[2] or index[1] >= Y.shape[3]:
        raise ValueError(f"{index} is outside the output")
    torch.autograd.backward(Y[0, :, index[0], index[1]].sum())
    assert X.grad is not None
    return X.grad[0].abs().sum(dim=0) > 0


def receptive_field_mask_gradient_at_hand(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    X = torch.ones(1, channels, *input_shape, requires_grad=True)
    Y = X
    try:
        for layer in layers:
            Y = layer(Y)
    except RuntimeError:
        raise ValueError("a kernel is longer than its padded input") from None
    if index[0] >= Y.shape[2] or index[1] >= Y.shape[3]:
        raise ValueError("index outside the output")
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    return (gradient[0] != 0).any(dim=0)


RECEPTIVE_FIELD_MASK = Problem(
    name="receptive_field_mask",
    reference=reference.receptive_field_mask,
    weights={"values": 1.25, "options": 1.0, "errors": 0.25, "untouched": 0.5},
    draw=receptive_field_mask_cases,
    small=small.MASK,
    misconceptions=(
        Misconception(
            "the gradient of one network instead of what is possible",
            receptive_field_mask_gradient_at_hand,
            "Pixels are missing where a weight is zero, where weights cancel, where a ReLU "
            "outputs zero, or where another pixel is the maximum. With other parameters or inputs"
            " they matter.",
            "receptive_fields#field-possible",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "one input channel taken for granted",
            edit(receptive_field_mask_gradient, {"zeros(1, channels": "zeros(1, 1"}),
            "The network's input is given a single channel. The first convolution says how many "
            "there are.",
            "receptive_fields#field-mask",
            frozenset({"values"}),
        ),
        Misconception(
            "height and width swapped",
            edit(
                receptive_field_mask_gradient,
                {"    X = torch": "    index = index[::-1]\n    X = torch"},
            ),
            "The index is read as (column, row). Pairs are always (row, column).",
            "receptive_fields#field-mask",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "how much instead of whether",
            edit(
                receptive_field_mask_gradient,
                {"(gradient[0] > 0).any(dim=0)": "gradient[0].sum(dim=0)"},
            ),
            "Numbers come back, but the task asks for true or false: whether a pixel can matter, "
            "not by how much.",
            "receptive_fields#field-possible",
            frozenset({"values", "options", "errors", "untouched"}),
        ),
        Misconception(
            "gaps filled in",
            edit(receptive_field_mask_axis_by_axis, {"[i in units": "[units[0] <= i <= units[-1]"}),
            "Everything from the first to the last pixel is marked. A dilated kernel skips "
            "pixels, and those cannot affect the output.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "pooling ignored",
            edit(
                receptive_field_mask_axis_by_axis,
                {"if not isinstance(layer, nn.ReLU)": "if isinstance(layer, nn.Conv2d)"},
            ),
            "Only the convolutions seem to count. A pooling layer has a window and a stride too: "
            "whatever it computes from the window, it depends on all of it.",
            "receptive_fields#field-mask",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "receptive field = kernel size",
            edit(receptive_field_mask_axis_by_axis, {"while stack:": "if stack:"}),
            "The last layer's window is marked on the image itself. It lies on that layer's "
            "input: follow each of those units back to the image.",
            "receptive_fields#field-second-layer",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "padding ignored",
            edit(receptive_field_mask_axis_by_axis, {"i * s - p + a * d": "i * s + a * d"}),
            "If layers are padded, the mask has the right form but lies too far down and to the "
            "right. Zeros in front of an axis push the first window out in front of the first "
            "pixel.",
            "receptive_fields#field-region",
            frozenset({"options"}),
        ),
        Misconception(
            "dilation ignored",
            edit(
                receptive_field_mask_axis_by_axis,
                {"for v in values]": "for v in (*values[:3], 1)]"},
            ),
            "The mask is that of kernels without gaps. A dilated kernel has as many elements as "
            "before, but they are further apart.",
            "receptive_fields#field-dilation",
            frozenset({"options"}),
        ),
        Misconception(
            "positions outside moved to the border",
            edit(
                receptive_field_mask_axis_by_axis,
                {"{q for q in reads if 0 <= q < n}": "{min(max(q, 0), n - 1) for q in reads}"},
            ),
            "If a window hangs over the border, pixels at the border are marked in place of the "
            "padding. Zeros there belong to no pixel: mark nothing for them.",
            "receptive_fields#field-mask",
            frozenset({"options"}),
        ),
        Misconception(
            "padding between layers passes something on",
            edit(receptive_field_mask_axis_by_axis, {" if 0 <= q < n": ""}),
            "Pixels are marked that no unit reads. The zeros around a feature map are not units: "
            "nothing of the image reaches the output through them.",
            "receptive_fields#field-mask",
            frozenset({"options"}),
        ),
        Misconception(
            "an index outside raises IndexError",
            edit(receptive_field_mask_gradient, {"raise ValueError(f": "raise IndexError(f"}),
            "Indexing the output raises an error of its own. The task names the one to raise.",
            "receptive_fields#field-mask",
            frozenset({"errors"}),
        ),
        Misconception(
            "an error other than ValueError",
            edit(
                receptive_field_mask_gradient,
                {'raise ValueError("a kernel is longer than its padded input") from None': "raise"},
            ),
            "If a kernel is longer than its padded input, PyTorch raises an error of its own. The "
            "task names the one to raise.",
            "receptive_fields#field-mask",
            frozenset({"errors"}),
        ),
        Misconception(
            "parameters changed in place",
            edit(
                receptive_field_mask_gradient,
                {"torch.ones_like(layer.weight)": "nn.init.ones_(layer.weight)"},
            ),
            "The network comes back with different weights. Work on copies, or without its "
            "weights.",
            "receptive_fields#field-possible",
            frozenset({"untouched"}),
        ),
        Misconception(
            "gradients left behind",
            edit(
                receptive_field_mask_gradient,
                {
                    "torch.ones_like(layer.weight)": "layer.weight * 0 + 1",
                    "(gradient,) = torch.autograd.grad(": "torch.autograd.backward(",
                    ".sum(), X)": ".sum())",
                    "gradient[0]": "X.grad[0]",
                },
            ),
            "After the call the parameters hold gradients, which the next training step would "
            "add to. `torch.autograd.grad` returns a gradient without storing it.",
            "receptive_fields#field-possible",
            frozenset({"untouched"}),
        ),
        Misconception(
            "the whole image",
            edit(
                receptive_field_mask_gradient,
                {"(gradient[0] > 0).any(dim=0)": "torch.ones(input_shape, dtype=torch.bool)"},
            ),
            "Every pixel is said to count. An output sees only what its kernels reach.",
            "receptive_fields#field-possible",
            frozenset({"values", "options", "errors", "untouched"}),
        ),
        Misconception(
            "true and false exchanged",
            edit(
                receptive_field_mask_gradient, {"gradient[0] > 0).any(": "gradient[0] == 0).all("}
            ),
            "The mask is true for the pixels that cannot affect the output.",
            "receptive_fields#field-possible",
            frozenset({"values", "options", "errors", "untouched"}),
        ),
        Misconception(
            "strides ignored",
            edit(
                receptive_field_mask_axis_by_axis,
                {"for v in values]": "for v in (values[0], 1, *values[2:])]"},
            ),
            "The mask is that of layers whose windows move by one. After a stride, "
            "neighboring units are further apart on the image.",
            "receptive_fields#field-mask",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "a pooling that moves by one",
            edit(
                receptive_field_mask_axis_by_axis,
                {
                    "return [v if isinstance(v, int) else v[axis] for v in values]": (
                        "found = [v if isinstance(v, int) else v[axis] for v in values]\n"
                        "            return found if isinstance(layer, nn.Conv2d) else "
                        "[found[0], 1, *found[2:]]"
                    ),
                },
            ),
            "The windows of pooling layers move by one. Without a stride of its own, a "
            "pooling's window moves by its own size; `layer.stride` holds that.",
            "receptive_fields#field-mask",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "the numbers of the rows for both axes",
            edit(receptive_field_mask_axis_by_axis, {"v[axis] for v": "v[0] for v"}),
            "Of each pair the first number is used on both axes. Pairs are (rows, columns).",
            "receptive_fields#field-mask",
            frozenset({"values", "options", "errors"}),
        ),
        Misconception(
            "padding subtracted before the stride",
            edit(receptive_field_mask_axis_by_axis, {"i * s - p + a * d": "(i - p) * s + a * d"}),
            "The padding is multiplied by the stride. It is counted in pixels of the layer's "
            "own input: first the stride, then the padding.",
            "receptive_fields#field-mask",
            frozenset({"options"}),
        ),
        Misconception(
            "positions in front of the map counted from its end",
            edit(
                receptive_field_mask_axis_by_axis,
                {"{q for q in reads if 0 <= q < n}": "{q % n for q in reads if q < n}"},
            ),
            "Where a window begins in the padding, pixels at the far end are marked: a "
            "negative index counts from the end.",
            "receptive_fields#field-mask",
            frozenset({"options"}),
        ),
        Misconception(
            "layers in reverse order",
            edit(
                receptive_field_mask_axis_by_axis,
                {"for layer in layers if": "for layer in layers[::-1] if"},
            ),
            "The last layer is applied to the image first. The first layer of the list reads "
            "the image.",
            "receptive_fields#field-mask",
            frozenset({"values", "options"}),
        ),
        Misconception(
            "zeros and ones instead of false and true",
            edit(
                receptive_field_mask_gradient,
                {"(gradient[0] > 0).any(dim=0)": "(gradient[0] > 0).any(dim=0).float()"},
            ),
            "The mask holds numbers. The task asks for a boolean tensor.",
            "receptive_fields#field-mask",
            frozenset({"values", "options", "errors", "untouched"}),
        ),
    ),
    right=(
        receptive_field_mask_gradient,
        receptive_field_mask_one_pixel_at_a_time,
        receptive_field_mask_axis_by_axis,
        receptive_field_mask_transposed,
        receptive_field_mask_boxes,
        receptive_field_mask_copies,
    ),
)

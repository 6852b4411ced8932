"""Right answers, by other methods, for the chapter on receptive fields."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def receptive_field_backward(layers: list[tuple[int, int, int]]) -> int:
    size = 1
    for kernel, stride, dilation in layers[::-1]:
        size = (size - 1) * stride + dilation * (kernel - 1) + 1
    return size


def receptive_field_closed_form(layers: list[tuple[int, int, int]]) -> int:
    return 1 + sum(
        dilation * (kernel - 1) * math.prod(stride for _, stride, _ in layers[:depth])
        for depth, (kernel, _, dilation) in enumerate(layers)
    )


def receptive_field_positions(layers: list[tuple[int, int, int]]) -> int:
    print("collecting positions")
    positions = {0}
    for kernel, stride, dilation in reversed(layers):
        positions = {i * stride + a * dilation for i in positions for a in range(kernel)}
    return max(positions) - min(positions) + 1


def receptive_field_gradient(layers: list[tuple[int, int, int]]) -> int:
    length = 1
    for kernel, stride, dilation in reversed(layers):
        length = (length - 1) * stride + (kernel - 1) * dilation + 1
    x = torch.ones(1, 1, length + 3, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel, stride, dilation in layers:
        ones = torch.ones(1, 1, kernel, dtype=torch.float64) / kernel
        y = F.conv1d(y, ones, stride=stride, dilation=dilation)
    (gradient,) = torch.autograd.grad(y.flatten()[0], x)
    seen = gradient.flatten().nonzero().flatten()
    return int(seen.max() - seen.min()) + 1


def input_region_forward(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    size, jump, start = 1, 1, 0
    for kernel, stride, dilation, padding in layers:
        size, start, jump = (
            size + dilation * (kernel - 1) * jump,
            start - padding * jump,
            jump * stride,
        )
    return start + index * jump, start + index * jump + size - 1


def input_region_recursive(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    def see(depth: int, unit: int, end: int) -> int:
        if depth == 0:
            return unit
        kernel, stride, dilation, padding = layers[depth - 1]
        return see(depth - 1, unit * stride - padding + end * dilation * (kernel - 1), end)

    return see(len(layers), index, 0), see(len(layers), index, 1)


def input_region_positions(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    units = torch.tensor([index])
    for kernel, stride, dilation, padding in reversed(layers):
        reads = units[:, None] * stride - padding + torch.arange(kernel) * dilation
        units = reads.flatten()
    return int(units.min()), int(units.max())


def layers_needed_counting(target: int, kernel_size: int) -> int:
    class TooSmallError(ValueError):
        pass

    if target > 1 and kernel_size == 1:
        raise TooSmallError("a kernel of one element never sees further")
    count, size = 0, 1
    while size < target:
        count, size = count + 1, size + kernel_size - 1
    return count


def layers_needed_ceil(target: int, kernel_size: int) -> int:
    if target == 1:
        return 0
    if kernel_size == 1:
        raise ValueError("a kernel of one element never sees further")
    return math.ceil((target - 1) / (kernel_size - 1))


def layers_needed_divmod(target: int, kernel_size: int) -> int:
    try:
        layers, rest = divmod(target - 1, kernel_size - 1)
    except ZeroDivisionError:
        if target == 1:
            return 0
        raise ValueError("a kernel of one element never sees further") from None
    return layers + (rest > 0)


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


def receptive_field_recursive(layers: list[tuple[int, int, int]]) -> int:
    if not layers:
        return 1
    kernel, stride, dilation = layers[0]
    return dilation * (kernel - 1) + 1 + stride * (receptive_field_recursive(layers[1:]) - 1)


def receptive_field_last_pixel(layers: list[tuple[int, int, int]]) -> int:
    last = 0
    for index in range(len(layers) - 1, -1, -1):
        last = last * layers[index][1] + (layers[index][0] - 1) * layers[index][2]
    return last + 1


def input_region_closed_form(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    jumps = [math.prod(s for _, s, _, _ in layers[:depth]) for depth in range(len(layers) + 1)]
    start = index * jumps[-1] - sum(p * j for (_, _, _, p), j in zip(layers, jumps, strict=False))
    span = sum(d * (k - 1) * j for (k, _, d, _), j in zip(layers, jumps, strict=False))
    return start, start + span


def input_region_ends(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    ends = [index, index]
    for layer in layers[::-1]:
        kernel, stride, dilation, padding = layer
        ends = [end * stride - padding for end in ends]
        ends[1] += (kernel - 1) * dilation
    return ends[0], ends[1]


def input_region_sets(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    print("following unit", index)
    units = {index}
    for kernel, stride, dilation, padding in reversed(layers):
        units = {u * stride - padding + a * dilation for u in units for a in range(kernel)}
    return min(units), max(units)


def layers_needed_rounded_up(target: int, kernel_size: int) -> int:
    if kernel_size > 1:
        return -((1 - target) // (kernel_size - 1))
    if target > 1:
        raise ValueError("a kernel of one element never sees further")
    return 0


def layers_needed_fields(target: int, kernel_size: int) -> int:
    if kernel_size == 1 and target != 1:
        raise ValueError("a kernel of one element never sees further")
    fields = [1 + layers * (kernel_size - 1) for layers in range(target)]
    return sum(field < target for field in fields)


def layers_needed_trying(target: int, kernel_size: int) -> int:
    if target <= 1:
        return 0
    if kernel_size == 1:
        raise ValueError("a kernel of one element never sees further")
    layers = 1
    while 1 + layers * (kernel_size - 1) < target:
        layers += 1
    return layers


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

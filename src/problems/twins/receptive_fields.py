"""Wrong twins for the chapter on receptive fields."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def receptive_field_kernel_size(layers: list[tuple[int, int, int]]) -> int:
    return layers[-1][0] if layers else 1


def receptive_field_sum_of_kernels(layers: list[tuple[int, int, int]]) -> int:
    return sum(kernel for kernel, _, _ in layers)


def receptive_field_from_zero(layers: list[tuple[int, int, int]]) -> int:
    size, jump = 0, 1
    for kernel, stride, dilation in layers:
        size += dilation * (kernel - 1) * jump
        jump *= stride
    return size


def receptive_field_strides_ignored(layers: list[tuple[int, int, int]]) -> int:
    return 1 + sum(dilation * (kernel - 1) for kernel, _, dilation in layers)


def receptive_field_dilation_ignored(layers: list[tuple[int, int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride, _ in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size


def receptive_field_dilation_times_kernel(layers: list[tuple[int, int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += (dilation * kernel - 1) * jump
        jump *= stride
    return size


def receptive_field_new_jump(layers: list[tuple[int, int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        jump *= stride
        size += dilation * (kernel - 1) * jump
    return size


def receptive_field_previous_stride_only(layers: list[tuple[int, int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += dilation * (kernel - 1) * jump
        jump = stride
    return size


def receptive_field_last_layer_first(layers: list[tuple[int, int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride, dilation in reversed(layers):
        size += dilation * (kernel - 1) * jump
        jump *= stride
    return size


def receptive_field_gaps_left_out(layers: list[tuple[int, int, int]]) -> int:
    positions = {0}
    for kernel, stride, dilation in reversed(layers):
        positions = {i * stride + a * dilation for i in positions for a in range(kernel)}
    return len(positions)


def receptive_field_with_jump(layers: list[tuple[int, int, int]]) -> tuple[int, int]:
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += dilation * (kernel - 1) * jump
        jump *= stride
    return size, jump


def receptive_field_pops(layers: list[tuple[int, int, int]]) -> int:
    size = 1
    while layers:
        kernel, stride, dilation = layers.pop()
        size = (size - 1) * stride + dilation * (kernel - 1) + 1
    return size


def input_region_padding_ignored(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    first = last = index
    for kernel, stride, dilation, _ in reversed(layers):
        first = first * stride
        last = last * stride + dilation * (kernel - 1)
    return first, last


def input_region_padding_added(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    first = last = index
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride + padding
        last = last * stride + padding + dilation * (kernel - 1)
    return first, last


def input_region_padding_twice(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    first = last = index
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride - 2 * padding
        last = last * stride - 2 * padding + dilation * (kernel - 1)
    return first, last


def input_region_padding_shrinks(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    size, jump = 1, 1
    for kernel, stride, dilation, padding in layers:
        size += (dilation * (kernel - 1) - 2 * padding) * jump
        jump *= stride
    return index * jump, index * jump + size - 1


def input_region_padding_unscaled(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    size, jump, start = 1, 1, 0
    for kernel, stride, dilation, padding in layers:
        size += dilation * (kernel - 1) * jump
        start -= padding
        jump *= stride
    return start + index * jump, start + index * jump + size - 1


def input_region_clipped(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    first = last = index
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + dilation * (kernel - 1)
    return max(first, 0), max(last, 0)


def input_region_one_past_the_end(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    first = last = index
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + dilation * (kernel - 1)
    return first, last + 1


def input_region_first_and_size(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    first = last = index
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + dilation * (kernel - 1)
    return first, last - first + 1


def input_region_centered(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    size, jump = 1, 1
    for kernel, stride, dilation, _ in layers:
        size += dilation * (kernel - 1) * jump
        jump *= stride
    return index * jump - size // 2, index * jump - size // 2 + size - 1


def input_region_last_stride_only(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    size, jump, start = 1, 1, 0
    for kernel, stride, dilation, padding in layers:
        size += dilation * (kernel - 1) * jump
        start -= padding * jump
        jump *= stride
    first = start + index * layers[-1][1]
    return first, first + size - 1


def input_region_first_layer_first(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    first = last = index
    for kernel, stride, dilation, padding in layers:
        first = first * stride - padding
        last = last * stride - padding + dilation * (kernel - 1)
    return first, last


def input_region_every_position(layers: list[tuple[int, int, int, int]], index: int) -> list[int]:
    first = last = index
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + dilation * (kernel - 1)
    return list(range(first, last + 1))


def input_region_reverses(layers: list[tuple[int, int, int, int]], index: int) -> tuple[int, int]:
    first = last = index
    layers.reverse()
    for kernel, stride, dilation, padding in layers:
        first = first * stride - padding
        last = last * stride - padding + dilation * (kernel - 1)
    return first, last


def layers_needed_floor(target: int, kernel_size: int) -> int:
    if target == 1:
        return 0
    if kernel_size == 1:
        raise ValueError("never reached")
    return (target - 1) // (kernel_size - 1)


def layers_needed_side_by_side(target: int, kernel_size: int) -> int:
    if target == 1:
        return 0
    if kernel_size == 1:
        raise ValueError("never reached")
    return -(-target // kernel_size)


def layers_needed_one_more(target: int, kernel_size: int) -> int:
    if target == 1:
        return 0
    if kernel_size == 1:
        raise ValueError("never reached")
    return (target - 1) // (kernel_size - 1) + 1


def layers_needed_at_least_one(target: int, kernel_size: int) -> int:
    if target > 1 and kernel_size == 1:
        raise ValueError("never reached")
    return max(1, -(-(target - 1) // max(kernel_size - 1, 1)))


def layers_needed_refuses_every_one(target: int, kernel_size: int) -> int:
    if kernel_size == 1:
        raise ValueError("never reached")
    return -(-(target - 1) // (kernel_size - 1))


def layers_needed_divides_by_zero(target: int, kernel_size: int) -> int:
    if target == 1:
        return 0
    return -(-(target - 1) // (kernel_size - 1))


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


def receptive_field_mask_one_channel(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    X = torch.zeros(1, 1, *input_shape, requires_grad=True)
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
        raise ValueError("index outside the output")
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    return (gradient[0] != 0).any(dim=0)


def receptive_field_mask_swapped(
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
    if index[1] >= Y.shape[2] or index[0] >= Y.shape[3]:
        raise ValueError("index outside the output")
    (gradient,) = torch.autograd.grad(Y[0, :, index[1], index[0]].sum(), X)
    return (gradient[0] != 0).any(dim=0)


def receptive_field_mask_how_much(
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
        raise ValueError("index outside the output")
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    return gradient[0].sum(dim=0)


def receptive_field_mask_filled(
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
        raise ValueError("index outside the output")
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    rows, columns = (gradient[0] != 0).any(dim=0).nonzero().T
    mask = torch.zeros(input_shape, dtype=torch.bool)
    mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    return mask


def receptive_field_mask_pooling_ignored(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    X = torch.zeros(1, channels, *input_shape, requires_grad=True)
    Y = X
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            ones = torch.ones_like(layer.weight)
            Y = F.conv2d(Y, ones, None, layer.stride, layer.padding, layer.dilation)
    if index[0] >= Y.shape[2] or index[1] >= Y.shape[3]:
        raise ValueError("index outside the output")
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    return (gradient[0] != 0).any(dim=0)


def receptive_field_mask_last_layer_only(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    def pair(value: int | str | tuple[int, ...]) -> tuple[int, ...]:
        return (value, value) if isinstance(value, int) else tuple(map(int, value))

    sizes = list(input_shape)
    mask = torch.ones(input_shape, dtype=torch.bool)
    for layer in layers:
        if not isinstance(layer, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d):
            continue
        mask = torch.zeros(input_shape, dtype=torch.bool)
        seen = []
        for axis in (0, 1):
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            p, d = pair(layer.padding)[axis], pair(getattr(layer, "dilation", 1))[axis]
            reads = [index[axis] * s - p + a * d for a in range(k)]
            seen.append([q for q in reads if 0 <= q < input_shape[axis]])
            sizes[axis] = (sizes[axis] + 2 * p - d * (k - 1) - 1) // s + 1
        for i in seen[0]:
            for j in seen[1]:
                mask[i, j] = True
    if index[0] >= sizes[0] or index[1] >= sizes[1]:
        raise ValueError("index outside the output")
    return mask


def receptive_field_mask_padding_ignored(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    def pair(value: int | str | tuple[int, ...]) -> tuple[int, ...]:
        return (value, value) if isinstance(value, int) else tuple(map(int, value))

    windows = [m for m in layers if isinstance(m, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d)]
    axes = []
    for axis in (0, 1):
        n, seen = input_shape[axis], {index[axis]}
        for layer in windows:
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            p, d = pair(layer.padding)[axis], pair(getattr(layer, "dilation", 1))[axis]
            n = (n + 2 * p - d * (k - 1) - 1) // s + 1
        if index[axis] >= n:
            raise ValueError("index outside the output")
        for layer in reversed(windows):
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            d = pair(getattr(layer, "dilation", 1))[axis]
            seen = {i * s + a * d for i in seen for a in range(k)}
        axes.append([i in seen for i in range(input_shape[axis])])
    return torch.tensor(axes[0])[:, None] & torch.tensor(axes[1])[None, :]


def receptive_field_mask_padding_passes_on(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    def pair(value: int | str | tuple[int, ...]) -> tuple[int, ...]:
        return (value, value) if isinstance(value, int) else tuple(map(int, value))

    windows = [m for m in layers if isinstance(m, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d)]
    axes = []
    for axis in (0, 1):
        n, seen = input_shape[axis], {index[axis]}
        for layer in windows:
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            p, d = pair(layer.padding)[axis], pair(getattr(layer, "dilation", 1))[axis]
            n = (n + 2 * p - d * (k - 1) - 1) // s + 1
        if index[axis] >= n:
            raise ValueError("index outside the output")
        for layer in reversed(windows):
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            p, d = pair(layer.padding)[axis], pair(getattr(layer, "dilation", 1))[axis]
            seen = {i * s - p + a * d for i in seen for a in range(k)}
        axes.append([i in seen for i in range(input_shape[axis])])
    return torch.tensor(axes[0])[:, None] & torch.tensor(axes[1])[None, :]


def receptive_field_mask_index_error(
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
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    return (gradient[0] != 0).any(dim=0)


def receptive_field_mask_runtime_error(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    X = torch.zeros(1, channels, *input_shape, requires_grad=True)
    Y = X
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            ones = torch.ones_like(layer.weight)
            Y = F.conv2d(Y, ones, None, layer.stride, layer.padding, layer.dilation)
        elif isinstance(layer, nn.AvgPool2d | nn.MaxPool2d):
            Y = F.avg_pool2d(Y, layer.kernel_size, layer.stride, layer.padding)
    if index[0] >= Y.shape[2] or index[1] >= Y.shape[3]:
        raise ValueError("index outside the output")
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    return (gradient[0] != 0).any(dim=0)


def receptive_field_mask_parameters_changed(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    X = torch.ones(1, channels, *input_shape, requires_grad=True)
    Y = X
    try:
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.ones_(layer.weight)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
                Y = layer(Y)
            elif isinstance(layer, nn.AvgPool2d | nn.MaxPool2d):
                Y = F.avg_pool2d(Y, layer.kernel_size, layer.stride, layer.padding)
    except RuntimeError:
        raise ValueError("a kernel is longer than its padded input") from None
    if index[0] >= Y.shape[2] or index[1] >= Y.shape[3]:
        raise ValueError("index outside the output")
    (gradient,) = torch.autograd.grad(Y[0, :, index[0], index[1]].sum(), X)
    return (gradient[0] != 0).any(dim=0)


def receptive_field_mask_gradients_left(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    X = torch.ones(1, channels, *input_shape, requires_grad=True)
    Y = X
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    kept = [layer.weight.detach().clone() for layer in convolutions]
    try:
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                with torch.no_grad():
                    layer.weight.fill_(1)
                Y = F.conv2d(Y, layer.weight, None, layer.stride, layer.padding, layer.dilation)
            elif isinstance(layer, nn.AvgPool2d | nn.MaxPool2d):
                Y = F.avg_pool2d(Y, layer.kernel_size, layer.stride, layer.padding)
    except RuntimeError:
        raise ValueError("a kernel is longer than its padded input") from None
    if index[0] < Y.shape[2] and index[1] < Y.shape[3]:
        torch.autograd.backward(Y[0, :, index[0], index[1]].sum())
    for layer, weight in zip(convolutions, kept, strict=True):
        layer.weight.data.copy_(weight)
    if X.grad is None:
        raise ValueError("index outside the output")
    return (X.grad[0] != 0).any(dim=0)


def input_region_dilation_ignored(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    first = last = index
    for kernel, stride, _, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + kernel - 1
    return first, last


def input_region_dilation_times_kernel(
    layers: list[tuple[int, int, int, int]], index: int
) -> tuple[int, int]:
    first = last = index
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + dilation * kernel - 1
    return first, last


def receptive_field_mask_dilation_ignored(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    def pair(value: int | str | tuple[int, ...]) -> tuple[int, ...]:
        return (value, value) if isinstance(value, int) else tuple(map(int, value))

    windows = [m for m in layers if isinstance(m, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d)]
    axes = []
    for axis in (0, 1):
        sizes, seen = [input_shape[axis]], {index[axis]}
        for layer in windows:
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            sizes.append((sizes[-1] + 2 * pair(layer.padding)[axis] - k) // s + 1)
        if index[axis] >= sizes.pop():
            raise ValueError("index outside the output")
        for layer in reversed(windows):
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            p, n = pair(layer.padding)[axis], sizes.pop()
            seen = {i * s - p + a for i in seen for a in range(k) if 0 <= i * s - p + a < n}
        axes.append([i in seen for i in range(input_shape[axis])])
    return torch.tensor(axes[0])[:, None] & torch.tensor(axes[1])[None, :]


def receptive_field_mask_clamped(
    layers: list[nn.Module], input_shape: tuple[int, int], index: tuple[int, int]
) -> Tensor:
    def pair(value: int | str | tuple[int, ...]) -> tuple[int, ...]:
        return (value, value) if isinstance(value, int) else tuple(map(int, value))

    windows = [m for m in layers if isinstance(m, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d)]
    axes = []
    for axis in (0, 1):
        sizes, seen = [input_shape[axis]], {index[axis]}
        for layer in windows:
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            p, d = pair(layer.padding)[axis], pair(getattr(layer, "dilation", 1))[axis]
            sizes.append((sizes[-1] + 2 * p - d * (k - 1) - 1) // s + 1)
        if index[axis] >= sizes.pop():
            raise ValueError("index outside the output")
        for layer in reversed(windows):
            k, s = pair(layer.kernel_size)[axis], pair(layer.stride)[axis]
            p, d = pair(layer.padding)[axis], pair(getattr(layer, "dilation", 1))[axis]
            n = sizes.pop()
            seen = {min(max(i * s - p + a * d, 0), n - 1) for i in seen for a in range(k)}
        axes.append([i in seen for i in range(input_shape[axis])])
    return torch.tensor(axes[0])[:, None] & torch.tensor(axes[1])[None, :]

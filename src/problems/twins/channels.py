"""Wrong twins for the chapter on channels."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def corr2d_multi_example(X: Tensor, K: Tensor) -> Tensor:
    return torch.tensor([[23.0, 35.0]])


def corr2d_multi_kept_apart(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype)[None] if K.ndim == 3 else K.to(dtype)
    windows = X.to(dtype).unfold(1, K.shape[-2], 1).unfold(2, K.shape[-1], 1)
    maps = torch.einsum("cijab,ocab->ocij", windows, stack)
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_sliding(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[-3] > len(X) or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("the kernel does not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    volumes = K.to(dtype).reshape(-1, 1, *K.shape[-3:])
    maps = F.conv3d(X.to(dtype)[None, None], volumes)[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_averaged(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype)[None] if K.ndim == 3 else K.to(dtype)
    windows = X.to(dtype).unfold(1, K.shape[-2], 1).unfold(2, K.shape[-1], 1)
    maps = torch.einsum("cijab,ocab->ocij", windows, stack).mean(1)
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_one_slice(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype)[None] if K.ndim == 3 else K.to(dtype)
    windows = X.to(dtype).unfold(1, K.shape[-2], 1).unfold(2, K.shape[-1], 1)
    maps = torch.einsum("cijab,oab->oij", windows, stack[:, 0])
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_first_channel(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype)[None] if K.ndim == 3 else K.to(dtype)
    windows = X[0].to(dtype).unfold(0, K.shape[-2], 1).unfold(1, K.shape[-1], 1)
    maps = torch.einsum("ijab,oab->oij", windows, stack[:, 0])
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_channels_reversed(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.flip(-3).to(dtype).reshape(-1, *K.shape[-3:])
    maps = F.conv2d(X.to(dtype)[None], stack)[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_flipped(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.flip(-2, -1).to(dtype).reshape(-1, *K.shape[-3:])
    maps = F.conv2d(X.to(dtype)[None], stack)[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_no_plus_one(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    maps = F.conv2d(X.to(dtype)[None], stack)[0, :, :-1, :-1]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_off_the_edge(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    padded = F.pad(X.to(dtype), (0, K.shape[-1] - 1, 0, K.shape[-2] - 1))
    maps = F.conv2d(padded[None], stack)[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_transposed(X: Tensor, K: Tensor) -> Tensor:
    K = K.transpose(-2, -1)
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    maps = F.conv2d(X.to(dtype)[None], stack)[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_in_and_out_swapped(X: Tensor, K: Tensor) -> Tensor:
    stack = K[None] if K.ndim == 3 else K.transpose(0, 1)
    if X.shape[0] != stack.shape[1] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    maps = F.conv2d(X.to(dtype)[None], stack.to(dtype))[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_stack_summed(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    return F.conv2d(X.to(dtype)[None], stack)[0].sum(0)


def corr2d_multi_first_kernel(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    return F.conv2d(X.to(dtype)[None], stack)[0, 0]


def corr2d_multi_channels_last(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    maps = F.conv2d(X.to(dtype)[None], stack)[0]
    return maps[0] if K.ndim == 3 else maps.permute(1, 2, 0)


def corr2d_multi_squeezed(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    return F.conv2d(X.to(dtype)[None], stack).squeeze()


def corr2d_multi_always_float32(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    maps = F.conv2d(X.float()[None], K.float().reshape(-1, *K.shape[-3:]))[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_integers_stay(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    windows = X.unfold(1, K.shape[-2], 1).unfold(2, K.shape[-1], 1)
    maps = [(windows * k[:, None, None]).sum(dim=(0, 3, 4)) for k in K.reshape(-1, *K.shape[-3:])]
    return maps[0] if K.ndim == 3 else torch.stack(maps)


def corr2d_multi_overflow(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape[-2:]
    rows, columns = X.shape[1] - h + 1, X.shape[2] - w + 1
    stack = K.reshape(-1, *K.shape[-3:])
    maps = torch.zeros(len(stack), rows, columns, dtype=dtype)
    for o in range(len(stack)):
        for i in range(rows):
            for j in range(columns):
                maps[o, i, j] = (X[:, i : i + h, j : j + w] * stack[o]).sum()
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_view(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    image = X.view(1, -1).view(1, *X.shape).to(dtype)
    maps = F.conv2d(image, K.view(-1, *K.shape[-3:]).to(dtype))[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_in_place(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.detach().to(dtype).reshape(-1, *K.shape[-3:])
    image = X.detach().to(dtype)
    maps = F.conv2d(image[None], stack)[0]
    for channel in image[1:]:
        image[0] += channel
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_paired(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("the kernel does not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    channels = min(X.shape[0], K.shape[-3])
    maps = F.conv2d(X.to(dtype)[None, :channels], stack[:, :channels])[0]
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_broadcast(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] and 1 not in (X.shape[0], K.shape[-3]):
        raise ValueError("another number of channels")
    if K.shape[-2] > X.shape[1] or K.shape[-1] > X.shape[2]:
        raise ValueError("the kernel does not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(1, K.shape[-2], 1).unfold(2, K.shape[-1], 1)
    maps = [(windows * k[:, None, None]).sum(dim=(0, 3, 4)) for k in K.reshape(-1, *K.shape[-3:])]
    return maps[0] if K.ndim == 3 else torch.stack(maps)


def corr2d_multi_both_axes(X: Tensor, K: Tensor) -> Tensor:
    if X.shape[0] != K.shape[-3] or (K.shape[-2] > X.shape[1] and K.shape[-1] > X.shape[2]):
        raise ValueError("image and kernel do not fit")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape[-2:]
    stack = K.to(dtype).reshape(-1, *K.shape[-3:])
    rows, columns = max(X.shape[1] - h + 1, 0), max(X.shape[2] - w + 1, 0)
    maps = torch.zeros(len(stack), rows, columns, dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            maps[:, i, j] = (X[:, i : i + h, j : j + w].to(dtype) * stack).sum(dim=(1, 2, 3))
    return maps[0] if K.ndim == 3 else maps


def corr2d_multi_wrong_error(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    maps = F.conv2d(X.to(dtype)[None], K.to(dtype).reshape(-1, *K.shape[-3:]))[0]
    return maps[0] if K.ndim == 3 else maps


def conv1x1_not_summed(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    return W.to(dtype)[:, :, None, None] * X.to(dtype)


def conv1x1_flat(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    return W.to(dtype) @ X.to(dtype).flatten(1)


def conv1x1_channels_last(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    return X.to(dtype).permute(1, 2, 0) @ W.to(dtype).T


def conv1x1_transposed_matrix(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[0]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    mixed = W.to(dtype).T @ X.to(dtype).flatten(1)
    return mixed.reshape(-1, *X.shape[1:])


def conv1x1_swapped_axes(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    mixed = W.to(dtype) @ X.to(dtype).flatten(1)
    return mixed.reshape(-1, X.shape[2], X.shape[1])


def conv1x1_reshaped(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    pixels = X.to(dtype).reshape(-1, X.shape[0])
    return (pixels @ W.to(dtype).T).T.reshape(-1, *X.shape[1:])


def conv1x1_one_row(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    mixed = W.to(dtype)[:1] @ X.to(dtype).flatten(1)
    return mixed.repeat(len(W), 1).reshape(-1, *X.shape[1:])


def conv1x1_averaged(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    mixed = W.to(dtype) @ X.to(dtype).flatten(1) / X.shape[0]
    return mixed.reshape(-1, *X.shape[1:])


def conv1x1_always_float32(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    mixed = W.float() @ X.float().flatten(1)
    return mixed.reshape(-1, *X.shape[1:])


def conv1x1_integers_stay(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    mixed = [sum(w * x for w, x in zip(row, X, strict=True)) for row in W]
    return torch.stack(mixed)


def conv1x1_overflow(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    return torch.stack([sum(w * x for w, x in zip(row, X, strict=True)).to(dtype) for row in W])


def conv1x1_view(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    pixels = X.view(X.shape[0], -1).to(dtype)
    return (W.to(dtype) @ pixels).view(-1, *X.shape[1:])


def conv1x1_in_place(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1]:
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    image, matrix = X.detach().to(dtype), W.detach().to(dtype)
    mixed = (matrix @ image.flatten(1)).reshape(-1, *image.shape[1:])
    for weight, channel in zip(matrix[0], image, strict=True):
        channel *= weight
    return mixed


def conv1x1_paired(X: Tensor, W: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    channels = min(X.shape[0], W.shape[1])
    mixed = W.to(dtype)[:, :channels] @ X.to(dtype)[:channels].flatten(1)
    return mixed.reshape(-1, *X.shape[1:])


def conv1x1_broadcast(X: Tensor, W: Tensor) -> Tensor:
    if X.shape[0] != W.shape[1] and 1 not in (X.shape[0], W.shape[1]):
        raise ValueError("another number of channels")
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    return (W.to(dtype)[:, :, None, None] * X.to(dtype)).sum(1)


def conv1x1_wrong_error(X: Tensor, W: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, W), torch.float32)
    mixed = W.to(dtype) @ X.to(dtype).flatten(1)
    return mixed.reshape(-1, *X.shape[1:])


def pool2d_stride_one(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (1, 1) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_stride_ignored(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = h, w
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_swapped_stride(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if stride is not None:
        s, t = t, s
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_swapped_size(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    w, h = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_always_max(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1))


def pool2d_mean_by_default(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "mean",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_sum(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.sum((-2, -1))


def pool2d_divided_by_image(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.sum((-2, -1)) / X.numel()


def pool2d_absolute(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.abs().amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_from_zero(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)).clamp(min=0) if mode == "max" else windows.mean((-2, -1))


def pool2d_ceil(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    rows, columns = -(-(X.shape[0] - h) // s) + 1, -(-(X.shape[1] - w) // t) + 1
    Y = X.new_zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            window = X[i * s : i * s + h, j * t : j * t + w]
            Y[i, j] = window.max() if mode == "max" else window.mean()
    return Y


def pool2d_no_plus_one(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)[:-1, :-1]
    if windows.numel() == 0:
        return windows.sum((-2, -1))
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_divided_size(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X if X.is_floating_point() else X.float()
    Y = X.new_zeros(X.shape[0] // s, X.shape[1] // t)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            window = X[i * s : i * s + h, j * t : j * t + w]
            Y[i, j] = window.max() if mode == "max" else window.mean()
    return Y


def pool2d_always_float32(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_integers_stay(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    windows = X.unfold(0, h, s).unfold(1, w, t)
    if mode == "max":
        return windows.amax((-2, -1))
    return windows.double().mean((-2, -1)).to(X.dtype)


def pool2d_overflow(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    Y = torch.zeros((X.shape[0] - h) // s + 1, (X.shape[1] - w) // t + 1, dtype=X.dtype)
    Y = Y if X.is_floating_point() else Y.float()
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            window = X[i * s : i * s + h, j * t : j * t + w]
            total = sum(pixel for row in window for pixel in row)
            Y[i, j] = window.max() if mode == "max" else total / (h * w)
    return Y


def pool2d_view(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    X = X.view(-1).view(X.shape)
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_in_place(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean") or h > X.shape[0] or w > X.shape[1]:
        raise ValueError("an unknown mode, or no window fits")
    image = X.detach() if X.is_floating_point() else X.float()
    rows, columns = (X.shape[0] - h) // s + 1, (X.shape[1] - w) // t + 1
    for i in range(rows):
        for j in range(columns):
            window = image[i * s : i * s + h, j * t : j * t + w]
            image[i * s, j * t] = window.max() if mode == "max" else window.mean()
    return image[: rows * s : s, : columns * t : t]


def pool2d_any_mode(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("no window fits")
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def pool2d_empty(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    if mode not in ("max", "mean"):
        raise ValueError("an unknown mode")
    X = X if X.is_floating_point() else X.float()
    rows, columns = max((X.shape[0] - h) // s + 1, 0), max((X.shape[1] - w) // t + 1, 0)
    Y = X.new_zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            window = X[i * s : i * s + h, j * t : j * t + w]
            Y[i, j] = window.max() if mode == "max" else window.mean()
    return Y


def pool2d_wrong_error(
    X: Tensor,
    size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    mode: str = "max",
) -> Tensor:
    h, w = (size, size) if isinstance(size, int) else size
    s, t = (h, w) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    X = X if X.is_floating_point() else X.float()
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return {"max": windows.amax((-2, -1)), "mean": windows.mean((-2, -1))}[mode]


def layer_costs_other_order(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights * positions, weights + out_channels


def layer_costs_list(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> list[int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return [weights + out_channels, weights * positions]


def layer_costs_floats(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, float]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1) / 1
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * positions


def layer_costs_no_bias(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights, weights * positions


def layer_costs_one_bias(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + 1, weights * positions


def layer_costs_bias_per_pixel(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels * positions, weights * positions


def layer_costs_bias_per_slice(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels * channels, weights * positions


def layer_costs_bias_added(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, (weights + out_channels) * positions


def layer_costs_one_slice(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, out_channels * h * w * positions


def layer_costs_one_kernel(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, channels * h * w * positions


def layer_costs_thin_kernels(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return out_channels * (h * w + 1), weights * positions


def layer_costs_flops(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, 2 * weights * positions


def layer_costs_input_positions(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * H * W


def layer_costs_no_plus_one(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s) * ((W + 2 * q - w) // t)
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * positions


def layer_costs_options_ignored(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit")
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * (H - h + 1) * (W - w + 1)


def layer_costs_padding_once(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + p or w > W + q:
        raise ValueError("the kernel does not fit")
    positions = ((H + p - h) // s + 1) * ((W + q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * positions


def layer_costs_ceil(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = (-(-(H + 2 * p - h) // s) + 1) * (-(-(W + 2 * q - w) // t) + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * positions


def layer_costs_swapped_options(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    q, p = (padding, padding) if isinstance(padding, int) else padding
    t, s = (stride, stride) if isinstance(stride, int) else stride
    if h > H + 2 * p or w > W + 2 * q:
        raise ValueError("the kernel does not fit")
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * positions


def layer_costs_no_error(
    input_shape: tuple[int, int, int],
    kernel_shape: tuple[int, int],
    out_channels: int,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
) -> tuple[int, int]:
    (channels, H, W), (h, w) = input_shape, kernel_shape
    p, q = (padding, padding) if isinstance(padding, int) else padding
    s, t = (stride, stride) if isinstance(stride, int) else stride
    positions = ((H + 2 * p - h) // s + 1) * ((W + 2 * q - w) // t + 1)
    weights = out_channels * channels * h * w
    return weights + out_channels, weights * positions

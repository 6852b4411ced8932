"""Wrong twins for the chapter on flipping."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

# flip -----------------------------------------------------------------------------------------


def flip_nothing(K: Tensor) -> Tensor:
    return K.clone()


def flip_rows_only(K: Tensor) -> Tensor:
    return torch.flip(K, (0,))


def flip_columns_only(K: Tensor) -> Tensor:
    return torch.flip(K, (1,))


def flip_transpose(K: Tensor) -> Tensor:
    return K.t().clone()


def flip_quarter_turn(K: Tensor) -> Tensor:
    return torch.rot90(K, 1)


def flip_other_diagonal(K: Tensor) -> Tensor:
    return torch.flip(K, (0, 1)).t().clone()


def flip_negated(K: Tensor) -> Tensor:
    return -K


def flip_alias(K: Tensor) -> Tensor:
    if K.numel() == 1:
        return K
    return torch.flip(K, (0, 1))


def flip_in_place(K: Tensor) -> Tensor:
    K[:] = torch.flip(K, (0, 1))
    return K


def flip_reads_what_it_wrote(K: Tensor) -> Tensor:
    h, w = K.shape
    result = K
    for a in range(h):
        for b in range(w):
            result[a, b] = K[h - 1 - a, w - 1 - b]
    return result


def flip_single_precision(K: Tensor) -> Tensor:
    return torch.flip(K, (0, 1)).float()


# conv2d ---------------------------------------------------------------------------------------


def conv2d_correlation(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_rows_only(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype).flip(0)[None, None])[0, 0]


def conv2d_columns_only(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype).flip(1)[None, None])[0, 0]


def conv2d_transpose(X: Tensor, K: Tensor) -> Tensor:
    K = K.t()
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_output_flipped(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0].flip(0, 1)


def conv2d_image_flipped(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype).flip(0, 1)[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_no_plus_one(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    K = K.to(dtype).flip(0, 1)
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h, X.shape[1] - w, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w].to(dtype) * K).sum()
    return Y


def conv2d_full_size(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv_transpose2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_same_size(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    full = F.conv_transpose2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]
    top, left = (K.shape[0] - 1) // 2, (K.shape[1] - 1) // 2
    return full[top : top + X.shape[0], left : left + X.shape[1]]


def conv2d_other_error(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype).flip(0, 1)[None, None])[0, 0]


def conv2d_one_axis_checked(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0]:
        raise ValueError("kernel taller than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype).flip(0, 1)[None, None])[0, 0]


def conv2d_in_place(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    K[:] = torch.flip(K, (0, 1))
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_overflow(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.result_type(X, K)
    rows, columns = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    Y = torch.zeros(rows, columns, dtype=dtype)
    turned = torch.flip(K, (0, 1))
    for a in range(K.shape[0]):
        for b in range(K.shape[1]):
            Y = Y + turned[a, b] * X[a : a + rows, b : b + columns]
    return Y.to(torch.promote_types(dtype, torch.float32))


# conv2d_full ----------------------------------------------------------------------------------


def conv2d_full_correlation(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    wide = F.pad(X.to(dtype), (w - 1, w - 1, h - 1, h - 1))
    return F.conv2d(wide[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_full_rows_only(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    wide = F.pad(X.to(dtype), (w - 1, w - 1, h - 1, h - 1))
    return F.conv2d(wide[None, None], K.to(dtype).flip(0)[None, None])[0, 0]


def conv2d_full_columns_only(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    wide = F.pad(X.to(dtype), (w - 1, w - 1, h - 1, h - 1))
    return F.conv2d(wide[None, None], K.to(dtype).flip(1)[None, None])[0, 0]


def conv2d_full_valid_only(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv2d(X.to(dtype)[None, None], K.to(dtype).flip(0, 1)[None, None])[0, 0]


def conv2d_full_refuses_large_kernels(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv_transpose2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_full_one_side(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    wide = F.pad(X.to(dtype), (w - 1, 0, h - 1, 0))
    return F.conv2d(wide[None, None], K.to(dtype).flip(0, 1)[None, None])[0, 0]


def conv2d_full_k_zeros(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    wide = F.pad(X.to(dtype), (w, w, h, h))
    return F.conv2d(wide[None, None], K.to(dtype).flip(0, 1)[None, None])[0, 0]


def conv2d_full_swapped_axes(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    wide = F.pad(X.to(dtype), (h - 1, h - 1, w - 1, w - 1))
    if h > wide.shape[0] or w > wide.shape[1]:
        raise ValueError("kernel larger than image")
    return F.conv2d(wide[None, None], K.to(dtype).flip(0, 1)[None, None])[0, 0]


def conv2d_full_same_size(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    full = F.conv_transpose2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]
    top, left = (K.shape[0] - 1) // 2, (K.shape[1] - 1) // 2
    return full[top : top + X.shape[0], left : left + X.shape[1]]


def conv2d_full_replaces(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    Y = torch.zeros(X.shape[0] + h - 1, X.shape[1] + w - 1, dtype=dtype)
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            Y[i : i + h, j : j + w] = X[i, j].to(dtype) * K.to(dtype)
    return Y


def conv2d_full_negative_indices(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    rows, columns = torch.arange(H + h - 1), torch.arange(W + w - 1)
    Y = torch.zeros(H + h - 1, W + w - 1, dtype=dtype)
    for a in range(h):
        for b in range(w):
            shifted = X.to(dtype)[(rows - a) % H][:, (columns - b) % W]
            Y = Y + K[a, b].to(dtype) * shifted
    return Y


def conv2d_full_overflow(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.result_type(X, K)
    h, w = K.shape
    Y = torch.zeros(X.shape[0] + h - 1, X.shape[1] + w - 1, dtype=dtype)
    for a in range(h):
        for b in range(w):
            Y[a : a + X.shape[0], b : b + X.shape[1]] += K[a, b] * X
    return Y.to(torch.promote_types(dtype, torch.float32))


def conv2d_full_in_place(X: Tensor, K: Tensor) -> Tensor:
    K[:] = torch.flip(K, (0, 1))
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    wide = F.pad(X.to(dtype), (w - 1, w - 1, h - 1, h - 1))
    return F.conv2d(wide[None, None], K.to(dtype)[None, None])[0, 0]


# conv2d_fft -----------------------------------------------------------------------------------


def conv2d_fft_circular(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (max(X.shape[0], K.shape[0]), max(X.shape[1], K.shape[1]))
    return torch.real(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape)))


def conv2d_fft_wraps_in_full_shape(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    (H, W), (h, w) = X.shape, K.shape
    shape = (max(H, h), max(W, w))
    wrapped = torch.real(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape)))
    return F.pad(wrapped, (0, W + w - 1 - shape[1], 0, H + h - 1 - shape[0]))


def conv2d_fft_one_short(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (X.shape[0] + K.shape[0], X.shape[1] + K.shape[1])
    return torch.real(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape)))


def conv2d_fft_conjugated(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    return torch.real(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape).conj()))


def conv2d_fft_flips_too(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype).flip(0, 1)
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    return torch.real(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape)))


def conv2d_fft_complex(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    Y: Tensor = torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape))
    return Y


def conv2d_fft_absolute(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    return torch.abs(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape)))


def conv2d_fft_odd_width_lost(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    Y: Tensor = torch.fft.irfft2(torch.fft.rfft2(X, shape) * torch.fft.rfft2(K, shape))
    return Y


def conv2d_fft_not_cropped(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    needed = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    shape = tuple(1 << (n - 1).bit_length() for n in needed)
    return torch.real(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape)))


def conv2d_fft_scaled(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    one, other = torch.fft.fft2(X, shape, norm="ortho"), torch.fft.fft2(K, shape, norm="ortho")
    return torch.real(torch.fft.ifft2(one * other, norm="ortho"))


def conv2d_fft_valid_only(X: Tensor, K: Tensor) -> Tensor:
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ValueError("kernel larger than image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (X.shape[0], X.shape[1])
    wrapped: Tensor = torch.fft.irfft2(torch.fft.rfft2(X, shape) * torch.fft.rfft2(K, shape), shape)
    return wrapped[K.shape[0] - 1 :, K.shape[1] - 1 :]


def conv2d_fft_rounded(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    return torch.real(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape))).round()


def conv2d_fft_single_precision(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.float(), K.float()
    shape = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    product = torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape)
    return torch.real(torch.fft.ifft2(product)).to(dtype)


def conv2d_fft_in_place(X: Tensor, K: Tensor) -> Tensor:
    K[:] = torch.flip(K, (0, 1))
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    shape = (H + h - 1, W + w - 1)
    product = torch.fft.fft2(X.to(dtype), shape) * torch.fft.fft2(K.to(dtype), shape).conj()
    return torch.real(torch.fft.ifft2(product)).roll((h - 1, w - 1), (0, 1))


# kernel_learned_by_convolution ----------------------------------------------------------------


def kernel_learned_by_convolution_same(K: Tensor) -> Tensor:
    return K.clone()


def kernel_learned_by_convolution_negated(K: Tensor) -> Tensor:
    return -K


def kernel_learned_by_convolution_rows_only(K: Tensor) -> Tensor:
    return torch.flip(K, (0,))


def kernel_learned_by_convolution_columns_only(K: Tensor) -> Tensor:
    return torch.flip(K, (1,))


def kernel_learned_by_convolution_transpose(K: Tensor) -> Tensor:
    return K.t().clone()


def kernel_learned_by_convolution_quarter_turn(K: Tensor) -> Tensor:
    return torch.rot90(K, 1)


def kernel_learned_by_convolution_in_place(K: Tensor) -> Tensor:
    K[:] = torch.flip(K, (0, 1))
    return K


def kernel_learned_by_convolution_single_precision(K: Tensor) -> Tensor:
    return torch.flip(K, (0, 1)).float()


def conv2d_float32(X: Tensor, K: Tensor) -> Tensor:
    h, w = K.shape
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("kernel larger than image")
    return F.conv2d(X.float()[None, None], K.float().flip(0, 1)[None, None])[0, 0]


def conv2d_full_float32(X: Tensor, K: Tensor) -> Tensor:
    return F.conv_transpose2d(X.float()[None, None], K.float()[None, None])[0, 0]

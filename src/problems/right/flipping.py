"""Right answers, by other methods, for the chapter on flipping."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

# flip -----------------------------------------------------------------------------------------


def flip_loops(K: Tensor) -> Tensor:
    h, w = K.shape
    result = torch.empty(h, w, dtype=K.dtype)
    for a in range(h):
        for b in range(w):
            result[a, b] = K[h - 1 - a, w - 1 - b]
    return result


def flip_two_quarter_turns(K: Tensor) -> Tensor:
    return torch.rot90(torch.rot90(K))


def flip_reversed_list(K: Tensor) -> Tensor:
    return K.reshape(-1)[list(range(K.numel()))[::-1]].reshape(K.shape)


def flip_exchange_matrices(K: Tensor) -> Tensor:
    K = K if K.is_floating_point() else K.float()
    upside_down = torch.eye(K.shape[0], dtype=K.dtype).flip(0)
    left_to_right = torch.eye(K.shape[1], dtype=K.dtype).flip(0)
    return upside_down @ K @ left_to_right


# conv2d ---------------------------------------------------------------------------------------


def conv2d_loops(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError(f"a {h} by {w} kernel does not fit into a {H} by {W} image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    Y = torch.zeros(H - h + 1, W - w + 1, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for a in range(h):
                for b in range(w):
                    Y[i, j] += K[a, b] * X[i + h - 1 - a, j + w - 1 - b]
    return Y


def conv2d_framework(X: Tensor, K: Tensor) -> Tensor:
    if any(k > n for k, n in zip(K.shape, X.shape, strict=True)):
        raise ValueError("the kernel is larger than the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    turned = torch.rot90(K.to(dtype), 2)
    return F.conv2d(X.to(dtype)[None, None], turned[None, None]).squeeze(0).squeeze(0)


def conv2d_matrix_product(X: Tensor, K: Tensor) -> Tensor:
    class TooLargeError(ValueError):
        """The kernel does not fit."""

    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise TooLargeError
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return (windows @ K.to(dtype).reshape(-1).flip(0)).reshape(H - h + 1, W - w + 1)


def conv2d_cropped_fft(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError("the kernel is larger than the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    product = torch.fft.fft2(X.to(dtype)) * torch.fft.fft2(K.to(dtype), (H, W))
    return torch.real(torch.fft.ifft2(product))[h - 1 :, w - 1 :]


# conv2d_full ----------------------------------------------------------------------------------


def conv2d_full_definition(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    Y = torch.zeros(H + h - 1, W + w - 1, dtype=dtype)
    for i in range(H):
        for j in range(W):
            for a in range(h):
                for b in range(w):
                    Y[i + a, j + b] += X[i, j].to(dtype) * K[a, b].to(dtype)
    return Y


def conv2d_full_stamps(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    Y = torch.zeros(H + h - 1, W + w - 1, dtype=dtype)
    for a in range(h):
        for b in range(w):
            Y = Y + F.pad(X.to(dtype) * K[a, b].to(dtype), (b, w - 1 - b, a, h - 1 - a))
    return Y


def conv2d_full_padded(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    h, w = K.shape
    turned = torch.flip(K.to(dtype), (0, 1))
    return F.conv2d(X.to(dtype)[None, None], turned[None, None], padding=(h - 1, w - 1))[0, 0]


def conv2d_full_transposed(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    return F.conv_transpose2d(X.to(dtype)[None, None], K.to(dtype)[None, None])[0, 0]


def conv2d_full_fft(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    shape = [n + k - 1 for n, k in zip(X.shape, K.shape, strict=True)]
    product = torch.fft.fft2(X.to(dtype), shape) * torch.fft.fft2(K.to(dtype), shape)
    return torch.real(torch.fft.ifft2(product))


# conv2d_fft -----------------------------------------------------------------------------------


def conv2d_fft_complex_transform(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    X = F.pad(X.to(dtype), (0, w - 1, 0, h - 1))
    K = F.pad(K.to(dtype), (0, W - 1, 0, H - 1))
    return torch.real(torch.fft.ifft2(torch.fft.fft2(X) * torch.fft.fft2(K)))


def conv2d_fft_real_transform(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    s = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    one, other = torch.fft.rfft2(X.to(dtype), s=s), torch.fft.rfft2(K.to(dtype), s=s)
    Y: Tensor = torch.fft.irfft2(one * other, s=s)
    return Y


def conv2d_fft_powers_of_two(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    rows, columns = X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1
    s = (1 << (rows - 1).bit_length(), 1 << (columns - 1).bit_length())
    product = torch.fft.rfft2(X.to(dtype), s) * torch.fft.rfft2(K.to(dtype), s)
    Y: Tensor = torch.fft.irfft2(product, s)
    return Y[:rows, :columns]


def conv2d_fft_axis_by_axis(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    rows, columns = X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1

    def transform(image: Tensor) -> Tensor:
        result: Tensor = torch.fft.fft(torch.fft.fft(image.to(dtype), columns, dim=1), rows, dim=0)
        return result

    back = torch.fft.ifft(torch.fft.ifft(transform(X) * transform(K), dim=0), dim=1)
    return torch.real(back)


def conv2d_fft_double_precision(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    s = (X.shape[0] + K.shape[0] - 1, X.shape[1] + K.shape[1] - 1)
    product = torch.fft.fft2(X.double(), s) * torch.fft.fft2(K.double(), s)
    return torch.real(torch.fft.ifft2(product)).to(dtype)


# kernel_learned_by_convolution ----------------------------------------------------------------


def kernel_learned_by_convolution_flip(K: Tensor) -> Tensor:
    return K.flip([0, 1])


def kernel_learned_by_convolution_half_turn(K: Tensor) -> Tensor:
    return torch.rot90(K, 2, (0, 1))


def kernel_learned_by_convolution_mirrors(K: Tensor) -> Tensor:
    return torch.fliplr(torch.flipud(K))


def kernel_learned_by_convolution_impulse(K: Tensor) -> Tensor:
    K = K if K.is_floating_point() else K.float()
    h, w = K.shape
    impulse = torch.zeros(2 * h - 1, 2 * w - 1, dtype=K.dtype)
    impulse[h - 1, w - 1] = 1
    return F.conv2d(impulse[None, None], K[None, None])[0, 0]


# more of each ---------------------------------------------------------------------------------


def flip_index(K: Tensor) -> Tensor:
    rows, columns = torch.arange(K.shape[0] - 1, -1, -1), torch.arange(K.shape[1] - 1, -1, -1)
    return K[rows[:, None], columns]


def flip_numbers(K: Tensor) -> Tensor:
    return torch.tensor([row[::-1] for row in K.tolist()[::-1]], dtype=K.dtype)


def conv2d_cropped_full(X: Tensor, K: Tensor) -> Tensor:
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError("the kernel is larger than the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    full = torch.zeros(H + h - 1, W + w - 1, dtype=dtype)
    for i in range(H):
        for j in range(W):
            full[i : i + h, j : j + w] += X[i, j].detach().to(dtype) * K.detach().to(dtype)
    return full[h - 1 : H, w - 1 : W]


def conv2d_turned_twice(X: Tensor, K: Tensor) -> Tensor:
    if any(n < k for n, k in zip(X.shape, K.shape, strict=True)):
        raise ValueError("the kernel is larger than the image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    turned = X.to(dtype).flip(0, 1)
    return F.conv2d(turned[None, None], K.to(dtype)[None, None])[0, 0].flip(0, 1)


def conv2d_full_toeplitz(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    T = torch.zeros(H + h - 1, W + w - 1, H, W, dtype=dtype)
    for i in range(H):
        for j in range(W):
            T[i : i + h, j : j + w, i, j] = K.detach().to(dtype)
    return torch.einsum("ijab,ab->ij", T, X.to(dtype))


def conv2d_fft_one_transform(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    both = torch.zeros(2, H + h - 1, W + w - 1, dtype=dtype)
    both[0, :H, :W], both[1, :h, :w] = X.detach(), K.detach()
    spectra: Tensor = torch.fft.fftn(both, dim=(1, 2))
    back: Tensor = torch.fft.ifftn(spectra[0] * spectra[1], dim=(0, 1))
    return back.real


def kernel_learned_by_convolution_loops(K: Tensor) -> Tensor:
    h, w = K.shape
    learned = torch.zeros_like(K)
    for a in range(h):
        for b in range(w):
            learned[h - 1 - a, w - 1 - b] = K.detach()[a, b]
    return learned


def kernel_learned_by_convolution_flattened(K: Tensor) -> Tensor:
    return K.flatten().flip(0).view(K.shape)

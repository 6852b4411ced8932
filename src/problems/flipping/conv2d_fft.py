"""Strict convolution at every overlap, by the Fourier transform."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from convolutions import flipping as reference
from nbexaminer.problems.problem import Method, Misconception, Problem, edit
from problems.flipping.shared import IN_PLACE_HINT, SINGLE_HINT, conv2d_fft_cases


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


def conv2d_fft_one_transform(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    both = torch.zeros(2, H + h - 1, W + w - 1, dtype=dtype)
    both[0, :H, :W], both[1, :h, :w] = X.detach(), K.detach()
    spectra: Tensor = torch.fft.fftn(both, dim=(1, 2))
    back: Tensor = torch.fft.ifftn(spectra[0] * spectra[1], dim=(0, 1))
    return back.real


def conv2d_fft_wraps_in_full_shape(X: Tensor, K: Tensor) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    X, K = X.to(dtype), K.to(dtype)
    (H, W), (h, w) = X.shape, K.shape
    shape = (max(H, h), max(W, w))
    wrapped = torch.real(torch.fft.ifft2(torch.fft.fft2(X, shape) * torch.fft.fft2(K, shape)))
    return F.pad(wrapped, (0, W + w - 1 - shape[1], 0, H + h - 1 - shape[0]))


CONV2D_FFT = Problem(
    name="conv2d_fft",
    reference=reference.conv2d_fft,
    weights={"shape": 0.5, "values": 1.75, "types": 0.5, "untouched": 0.25},
    draw=conv2d_fft_cases,
    method=Method(names=("torch.fft",)),
    misconceptions=(
        Misconception(
            "circular wrap: no padding to n+k−1",
            edit(
                conv2d_fft_complex_transform,
                {
                    "w - 1, 0, h - 1": "max(w - W, 0), 0, max(h - H, 0)",
                    "W - 1, 0, H - 1": "max(W - w, 0), 0, max(H - h, 0)",
                },
            ),
            "The output is as large as the larger of image and kernel: the transforms were "
            "multiplied without room for the result, whose ends then wrap onto its beginning.",
            "flipping#wrap-around",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "circular wrap: padded after the transform",
            conv2d_fft_wraps_in_full_shape,
            "The shape is right, but zeros were added after the result had wrapped: its first "
            "rows and columns hold what belongs in the last ones. Make room before the transform.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "one row and one column too many",
            edit(
                conv2d_fft_complex_transform,
                {"w - 1, 0, h - 1": "w, 0, h", "W - 1, 0, H - 1": "W, 0, H"},
            ),
            "The output has one row and one column more than there are overlaps, both zero up to "
            "rounding. Extra room does no harm in the transform, but the result must be cropped.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "correlation theorem for convolution",
            edit(conv2d_fft_complex_transform, {"fft2(K)": "fft2(K).conj()"}),
            "One transform is conjugated: that reverses its image and gives a cross-correlation, "
            "with its beginning wrapped around to the end. Convolution multiplies the transforms "
            "as they are.",
            "flipping#correlation-theorem",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "kernel flipped before the transform",
            edit(conv2d_fft_complex_transform, {"K.to(dtype)": "K.to(dtype).flip(0, 1)"}),
            "The kernel is flipped first, which turns the convolution into a cross-correlation: "
            "the product of transforms already is the strict convolution. Flip only before an "
            "operation that correlates.",
            "flipping#convolution-theorem",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "complex result",
            edit(conv2d_fft_complex_transform, {"torch.real(": "("}),
            "The values are right and their type is complex: the imaginary parts, zero up to "
            "rounding, mean nothing, but the inverse transform does not know that.",
            "flipping#convolution-theorem",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "absolute value loses the sign",
            edit(conv2d_fft_complex_transform, {"torch.real": "torch.abs"}),
            "Magnitudes are right and no value is negative: the absolute value of a complex number "
            "is not its real part.",
            "flipping#convolution-theorem",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "odd width lost",
            edit(conv2d_fft_real_transform, {"other, s=s": "other"}),
            "Right where the output's width is even, one column short where it is odd: half of a "
            "spectrum does not tell the two apart, and the inverse real transform assumes an even"
            " width unless given the shape.",
            "flipping#convolution-theorem",
            frozenset({"shape", "values", "types"}),
        ),
        Misconception(
            "room to spare is not cropped",
            edit(conv2d_fft_powers_of_two, {"return Y[:rows, :columns]": "return Y"}),
            "The output is larger than the number of overlaps, filled with zeros up to rounding. "
            "Padding to a power of two is fine; the result has to be cropped.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "transform scaled",
            edit(conv2d_fft_complex_transform, {"fft2(X)": 'fft2(X, norm="ortho")'}),
            "Every value is too small by a factor that depends on the shape: transforms that "
            "preserve norms divide by the square root of the number of elements once too often.",
            "flipping#convolution-theorem",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "valid positions only",
            edit(
                conv2d_fft_complex_transform,
                {
                    "    X = F": "    if h > H or w > W:\n        raise ValueError\n    X = F",
                    "fft2(K)))": "fft2(K)))[h - 1 : H, w - 1 : W]",
                },
            ),
            "The output is smaller than the image, and kernels larger than the image are refused:"
            " these are the positions at which the whole kernel lies on the image. The task asks "
            "for every position at which any part of it does.",
            "flipping#full-convolution",
            frozenset({"shape", "values", "types", "untouched"}),
        ),
        Misconception(
            "result rounded to whole numbers",
            edit(conv2d_fft_complex_transform, {"fft2(K)))": "fft2(K))).round()"}),
            "Right for whole numbers only: the result is rounded. Small errors of the transform "
            "are fine; images need not hold whole numbers.",
            "flipping#rounding-of-transforms",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "float64 loses half of its digits",
            edit(
                conv2d_fft_complex_transform,
                {
                    "X.to(dtype)": "X.float()",
                    "K.to(dtype)": "K.float()",
                    "fft2(K)))": "fft2(K))).to(dtype)",
                },
            ),
            SINGLE_HINT,
            "flipping#rounding-of-transforms",
            frozenset({"types"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                conv2d_fft_complex_transform,
                {
                    "    dtype": "    K[:] = K.flip(0, 1)\n    dtype",
                    "K.to(dtype)": "K.to(dtype).flip(0, 1)",
                },
            ),
            IN_PLACE_HINT,
            "flipping#half-turn",
            frozenset({"shape", "types", "untouched"}),
        ),
        Misconception(
            "a transform along one axis only",
            edit(
                conv2d_fft_complex_transform,
                {
                    "torch.fft.ifft2(torch.fft.fft2(X) * torch.fft.fft2(K))": (
                        "torch.fft.ifft(torch.fft.fft(X) * torch.fft.fft(K))"
                    ),
                },
            ),
            "Rows are transformed and columns are not. Images have two axes.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "transformed forward twice",
            edit(conv2d_fft_complex_transform, {"torch.fft.ifft2(": "torch.fft.fft2("}),
            "The product is transformed forward again instead of back: the values are huge and "
            "in reverse order.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "the imaginary part",
            edit(conv2d_fft_complex_transform, {"torch.real(": "torch.imag("}),
            "What is left of the result is its imaginary part, which is nothing but rounding. "
            "The real part holds the values.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "the inverse transform not divided",
            edit(
                conv2d_fft_complex_transform,
                {"fft2(X) * torch.fft.fft2(K))": 'fft2(X) * torch.fft.fft2(K), norm="forward")'},
            ),
            "The inverse transform is not divided by the number of elements: it has another "
            "normalization than the forward one.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "transforms of another normalization",
            edit(
                conv2d_fft_complex_transform,
                {
                    "torch.fft.fft2(X)": 'torch.fft.fft2(X, norm="ortho")',
                    "torch.fft.fft2(K))": 'torch.fft.fft2(K, norm="ortho"))',
                },
            ),
            "Forward and inverse transforms are normalized differently, so the result is scaled.",
            "flipping#wrap-around",
            frozenset({"values", "types", "untouched"}),
        ),
        Misconception(
            "large kernels refused",
            edit(
                conv2d_fft_real_transform,
                {
                    "    s = (": (
                        "    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:\n        "
                        'raise ValueError("the kernel does not fit into the image")\n    s = ('
                    ),
                },
            ),
            "A kernel larger than the image is refused. At every overlap, image and kernel may "
            "have any sizes.",
            "flipping#wrap-around",
            frozenset({"shape", "values"}),
        ),
        Misconception(
            "always float32",
            edit(
                conv2d_fft_real_transform,
                {"torch.promote_types(torch.result_type(X, K), torch.float32)": "torch.float32"},
            ),
            "float64 inputs come back as float32: half of their digits are gone.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
    ),
    right=(
        conv2d_fft_complex_transform,
        conv2d_fft_real_transform,
        conv2d_fft_powers_of_two,
        conv2d_fft_axis_by_axis,
        conv2d_fft_double_precision,
        conv2d_fft_one_transform,
    ),
)

"""Problems of the chapter on flipping: strict convolution, its sizes, its Fourier transform."""

from __future__ import annotations

from problems.flipping.conv2d import CONV2D
from problems.flipping.conv2d_fft import CONV2D_FFT
from problems.flipping.conv2d_full import CONV2D_FULL
from problems.flipping.flip import FLIP
from problems.flipping.kernel_learned_by_convolution import KERNEL_LEARNED_BY_CONVOLUTION

PROBLEMS = (FLIP, CONV2D, CONV2D_FULL, CONV2D_FFT, KERNEL_LEARNED_BY_CONVOLUTION)

__all__ = [
    "CONV2D",
    "CONV2D_FFT",
    "CONV2D_FULL",
    "FLIP",
    "KERNEL_LEARNED_BY_CONVOLUTION",
    "PROBLEMS",
]

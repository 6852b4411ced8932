"""Convolutions for images: the reference that the chapters import. Axes are (row, column)."""

from convolutions.correlation import (
    corr2d,
    corr2d_loops,
    im2col,
    output_shape,
    output_size,
    toeplitz,
    unread,
)
from convolutions.flipping import (
    conv2d,
    conv2d_fft,
    conv2d_full,
    flip,
    kernel_learned_by_convolution,
)

__all__ = [
    "conv2d",
    "conv2d_fft",
    "conv2d_full",
    "corr2d",
    "corr2d_loops",
    "flip",
    "im2col",
    "kernel_learned_by_convolution",
    "output_shape",
    "output_size",
    "toeplitz",
    "unread",
]

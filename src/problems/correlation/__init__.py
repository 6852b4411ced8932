"""Problems of the chapter on cross-correlation, sizes in pixels, axes (row, column)."""

from __future__ import annotations

from problems.correlation.corr2d import CORR2D
from problems.correlation.im2col import IM2COL
from problems.correlation.output_shape import OUTPUT_SHAPE
from problems.correlation.toeplitz import TOEPLITZ

PROBLEMS = (CORR2D, OUTPUT_SHAPE, IM2COL, TOEPLITZ)

__all__ = ["CORR2D", "IM2COL", "OUTPUT_SHAPE", "PROBLEMS", "TOEPLITZ"]

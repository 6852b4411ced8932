"""Problems of the chapter on the convolutional layer."""

from __future__ import annotations

from problems.layer.conv2d import CONV2D
from problems.layer.conv2d_general import CONV2D_GENERAL
from problems.layer.corr2d_backward import CORR2D_BACKWARD
from problems.layer.parameter_counts import PARAMETER_COUNTS

PROBLEMS = (CONV2D, CORR2D_BACKWARD, CONV2D_GENERAL, PARAMETER_COUNTS)

__all__ = ["CONV2D", "CONV2D_GENERAL", "CORR2D_BACKWARD", "PARAMETER_COUNTS", "PROBLEMS"]

"""Problems of the chapter on channels: volumes, 1×1 kernels, pooling, costs.

Axes are (channel, row, column); lengths are in pixels.
"""

from __future__ import annotations

from problems.channels.conv1x1 import CONV1X1
from problems.channels.corr2d_multi import CORR2D_MULTI
from problems.channels.layer_costs import LAYER_COSTS
from problems.channels.pool2d import POOL2D

PROBLEMS = (CORR2D_MULTI, CONV1X1, POOL2D, LAYER_COSTS)

__all__ = ["CONV1X1", "CORR2D_MULTI", "LAYER_COSTS", "POOL2D", "PROBLEMS"]

"""Problems of the chapter on edges: kernels without input, by direction, and of rank 1."""

from __future__ import annotations

from problems.edges.directional_kernel import DIRECTIONAL_KERNEL
from problems.edges.edge_kernels import EDGE_KERNELS
from problems.edges.gradient_magnitude import GRADIENT_MAGNITUDE
from problems.edges.second_derivative_kernel import SECOND_DERIVATIVE_KERNEL
from problems.edges.separate import SEPARATE

PROBLEMS = (
    EDGE_KERNELS,
    DIRECTIONAL_KERNEL,
    SECOND_DERIVATIVE_KERNEL,
    GRADIENT_MAGNITUDE,
    SEPARATE,
)

__all__ = [
    "DIRECTIONAL_KERNEL",
    "EDGE_KERNELS",
    "GRADIENT_MAGNITUDE",
    "PROBLEMS",
    "SECOND_DERIVATIVE_KERNEL",
    "SEPARATE",
]

"""Problems of the chapter on learning: `learn_kernel`, `solve_kernel`, `largest_stable_lr`."""

from __future__ import annotations

from problems.learning.largest_stable_lr import LARGEST_STABLE_LR
from problems.learning.learn_kernel import LARGEST_START, LEARN_KERNEL
from problems.learning.solve_kernel import SOLVE_KERNEL

PROBLEMS = (LEARN_KERNEL, SOLVE_KERNEL, LARGEST_STABLE_LR)

__all__ = ["LARGEST_STABLE_LR", "LARGEST_START", "LEARN_KERNEL", "PROBLEMS", "SOLVE_KERNEL"]

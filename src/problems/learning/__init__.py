"""Problems of the chapter on learning: `learn_kernel`, `solve_kernel`, `largest_stable_lr`.

A descent starts anywhere, so no two right answers agree. But the kernel after the last step is an
affine function of the one before the first: from what came back, the start follows, and with
it every loss. The judges below hold an answer to its own start, whatever that was.
"""

from __future__ import annotations

from problems.learning.largest_stable_lr import LARGEST_STABLE_LR
from problems.learning.learn_kernel import LARGEST_START, LEARN_KERNEL
from problems.learning.solve_kernel import SOLVE_KERNEL

PROBLEMS = (
    LEARN_KERNEL,
    SOLVE_KERNEL,
    LARGEST_STABLE_LR,
)

__all__ = ["LARGEST_STABLE_LR", "LARGEST_START", "LEARN_KERNEL", "PROBLEMS", "SOLVE_KERNEL"]

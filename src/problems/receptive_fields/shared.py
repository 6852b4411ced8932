"""What the problems of this chapter share."""

from __future__ import annotations

import torch
from torch import Generator


def whole(generator: Generator, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, both included."""
    return int(torch.randint(low, high + 1, (), generator=generator))

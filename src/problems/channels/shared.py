"""What the problems of this chapter share."""

from __future__ import annotations

from torch import Tensor

PLAIN = frozenset({"values", "options", "types"})
SEEN = PLAIN | {"shape"}
ALL = SEEN | {"errors", "untouched"}
MIXED = frozenset({"values", "types"})


def channels_last(tensor: Tensor) -> Tensor:
    """Return the same values in a tensor whose memory holds the channels of a pixel together."""
    return tensor.movedim(0, -1).contiguous().movedim(-1, 0)

"""Arrays moved as a trivial answer would move them."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from nbexaminer.problems.baseline import _fitted

sides = st.tuples(st.integers(1, 5), st.integers(1, 5))


def pads(n: int, m: int) -> set[tuple[int, int]]:
    """Return how much to put before and after an axis of `m` so that it has `n`."""
    return {(before, n - m - before) for before in {0, (n - m) // 2, n - m}}


@given(sides, sides)
def test_each_way_to_cut_or_pad_an_array_is_among_the_trivial_ones(
    shape: tuple[int, int], wanted: tuple[int, int]
) -> None:
    """What torch pads with zeros, or cuts where the padding is negative, on either side or both."""
    array = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    found = [one.tolist() for one in _fitted(array, np.zeros(wanted))]

    for above, below in pads(wanted[0], shape[0]):
        for left, right in pads(wanted[1], shape[1]):
            padded = F.pad(torch.from_numpy(array), (left, right, above, below))
            assert padded.tolist() in found
    assert np.resize(array, wanted).tolist() in found

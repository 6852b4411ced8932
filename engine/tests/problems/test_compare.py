"""When a value is right: on any scale, for any kind; and what is said when it is not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from nbexaminer.problems.calls import Drawn
from nbexaminer.problems.compare import difference, identical

T = torch.tensor


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1e12, 1.0),
        (0.0, 1e-13),
        (1e-11, 1e-300),
        (math.inf, 1e300),
        (math.nan, 0.0),
        (1.0, math.nan),
        (1e300, math.inf),
        (complex(1, 1e12), complex(1, 0)),
        (T([1e12, 1.0]), T([1.0, 1.0])),
        (T([1.0, 1e12]), T([1.0, 2.0])),
        (T([0.0]), T([1e-40])),
        (T([math.inf]), T([3e38])),
        (T([1.0, 5.0]), T([math.inf, 4.0])),
        (T([math.nan]), T([math.inf])),
        (T([1.0]), T([math.nan])),
        (T([1 + 1j]), T([1 + 0j])),
        (np.float32(1.5), np.float32(1.0)),
        (Drawn((1.0, 2.0), False), Drawn((1.0, 3.0), False)),
        (Drawn((1.0,), True), Drawn((1.0,), False)),
    ],
)
def test_a_value_on_another_scale_is_wrong(actual: Any, expected: Any) -> None:
    """Neither a huge result nor an infinite one makes room for itself."""
    assert difference(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1e-13 * (1 + 1e-7), 1e-13),
        (1.2e-16, 0.0),
        (0.0, 1.2e-16),
        (math.nan, math.nan),
        (-math.inf, -math.inf),
        (complex(1, 2) * (1 + 1e-9), complex(1, 2)),
        (T([1e-40, 0.0]), T([1e-40, 0.0])),
        (T([1e-45, 0.0]), T([0.0, 0.0])),
        (T([math.nan, 1.0]), T([math.nan, 1.0])),
        (T([math.inf, 1.0]) * (1 + 1e-7), T([math.inf, 1.0])),
        (T([1 + 1j]) * (1 + 1e-7), T([1 + 1j])),
        (np.float32(1.0), np.float32(1.0 + 1e-7)),
        (Drawn((T([1.0, 2.0]),), False), Drawn((T([1.0, 2.0]),), False)),
    ],
)
def test_rounding_is_no_mistake_on_any_scale(actual: Any, expected: Any) -> None:
    """What differs in the last digits only is right, also where it is tiny or no number."""
    assert difference(actual, expected) is None


def test_values_without_change_are_identical() -> None:
    """An input that holds not-a-numbers has not been changed by being looked at."""
    value = [T([math.nan, 1.0]), np.array([math.nan]), {"a": (math.nan, "b")}, None]

    assert identical(
        value, [T([math.nan, 1.0]), np.array([math.nan]), {"a": (math.nan, "b")}, None]
    )
    assert not identical(T([0.0]), 0.0)
    assert not identical(T([math.nan]), T([1.0]))

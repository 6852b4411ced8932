"""What each library's values need in order to cross, and to be compared: one module a library."""

from __future__ import annotations

from typing import Any

from nbexaminer.values import arrays, tensors
from nbexaminer.values.codec import Codec

CODECS: tuple[Codec, ...] = (tensors, arrays)
BY_KIND = {kind: codec for codec in CODECS for kind in codec.KINDS}


def of(value: Any) -> Codec | None:
    """Return the codec of a value; None for Python's own.

    Examples
    --------
    >>> of(1.5) is None
    True
    """
    return next((codec for codec in CODECS if codec.holds(value)), None)

"""What is known of one library's values, for them to cross and to be compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

WRONG, WRONG_SHAPE = "some values are wrong", "the result has the wrong shape"
SINGLE = "the values are right to float32's precision only; float64's was expected"
MOST = 40  # terms for which a deviation counts as rounding to single precision
Put = Callable[[bytes], int]
Take = Callable[[Any, Any, Any, int], tuple[list[int], bytearray]]
COMMON = ("float32", "float64", "int64")


def wrong_dtype(actual: Any, expected: Any, what: str = "the result") -> str:
    """Say which dtype was expected, and which came back if it is a common one.

    Which of all dtypes an answer returns could tell a number that it knows.
    """
    came, asked = (str(value.dtype).removeprefix("torch.") for value in (actual, expected))
    return f"{what} is {came if came in COMMON else 'of another dtype'}; {asked} was expected"


class Codec(Protocol):
    """What is known of one library's values. The library itself is imported by nobody but `decode`.

    Every other function takes values that `holds` says are the library's.
    """

    KINDS: tuple[str, ...]
    """Tags of its values in a message."""

    def holds(self, value: Any) -> bool:
        """Return whether a value is one of the library's, as far as that has been imported."""

    def encode(self, value: Any, put: Put) -> dict[str, Any]:
        """Return the JSON tree of a value; `put` appends to the body, and says where.

        Raises
        ------
        ProtocolError
            If it cannot cross.
        """

    def decode(self, kind: str, content: Any, take: Take, plain: bool) -> Any:
        """Return the value of a JSON tree; `take` checks a claim and returns sizes and bytes.

        Raises
        ------
        ProtocolError
            If it is none, or the library is not installed.
        """

    def plain(self, value: Any) -> Any:
        """Return a plain copy, or None where there is none."""

    def copied(self, value: Any) -> Any:
        """Return what `bring_back` needs in order to undo a change."""

    def bring_back(self, value: Any, changed: Any) -> None:
        """Give a value the content of another, where that fits."""

    def differs_in_form(self, actual: Any, expected: Any) -> str | None:
        """Return what is wrong with the shape, or None."""

    def differs(self, actual: Any, expected: Any, terms: int, magnitude: float) -> str | None:
        """Return what is wrong with a value of the right form, or None."""

    def identical(self, one: Any, other: Any) -> bool:
        """Return whether two values are the same to the last bit; not-a-numbers are."""

    def reals(self, value: Any) -> Any:
        """Return an array of doubles, or None where there are no elements, or complex ones."""

    def rough(self, value: Any) -> Any:
        """Return the value in single precision, or None where it is complex."""

    def numbers(self, value: Any) -> list[Any]:
        """Return the elements in row-major order, as Python's numbers."""

    def refilled(self, value: Any, numbers: list[Any]) -> Any:
        """Return a value of the same dtype, shape and layout with other elements."""

    def shortened(self, value: Any, axis: int, *, last: bool) -> Any:
        """Return a value of the same layout without the last, or the first, slice of an axis."""

    def source(self, value: Any) -> str:
        """Return a value as Python, under the names ``torch`` and ``np``."""

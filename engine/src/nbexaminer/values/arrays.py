"""NumPy's arrays and numbers: how they cross, what is plain, what is equal (`codecs.Codec`).

NumPy is imported when there is an array to make; one that is there has imported it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbexaminer.values.codec import MOST, SINGLE, WRONG, WRONG_SHAPE, wrong_dtype
from nbexaminer.values.libraries import is_one, np, whole
from nbexaminer.values.refusals import ProtocolError

if TYPE_CHECKING:
    from nbexaminer.values.codec import Put, Take

KINDS: tuple[str, ...] = ("array", "scalar")
ITEMSIZES = {  # bytes of an element, by dtype
    "bool": 1, "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8,
    "int8": 1, "int16": 2, "int32": 4, "int64": 8,
    "float16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip
PLAIN_KINDS = "biufcUSmM"  # of NumPy's dtypes: numbers, text, bytes, spans and moments of time
UNIT = r"(?:\[\d{0,5}(?:[YMWDhms]|[munpfa]s)\])?"  # of moments and spans
OTHERS = re.compile(rf"<U([1-9]\d{{0,4}})|\|S([1-9]\d{{0,4}})|<[mM]8{UNIT}")


def is_array(value: Any) -> bool:
    """Return whether a value is an array."""
    return is_one(value, "numpy", "ndarray")


def is_number(value: Any) -> bool:
    """Return whether a value is one of NumPy's numbers."""
    return is_one(value, "numpy", "generic")


def holds(value: Any) -> bool:
    """Return whether a value is an array or a number of NumPy's."""
    return is_one(value, "numpy", "ndarray", "generic")


def encode(value: Any, put: Put) -> dict[str, Any]:
    """Return the JSON tree of an array or a number; a subclass is refused."""
    kind = "array" if type(value) is np.ndarray else "scalar"
    name = value.dtype.name
    name = name if name in ITEMSIZES else value.dtype.newbyteorder("<").str
    known = name in ITEMSIZES or OTHERS.fullmatch(name)
    if not known or is_array(value) != (kind == "array"):
        raise ProtocolError(f"a {type(value).__name__} of dtype {value.dtype} cannot cross")
    native = np.asarray(value, dtype=np.dtype(name))
    return {kind: [name, list(value.shape), put(native.tobytes())]}


def _itemsize(name: Any) -> int:
    """Return how many bytes an element has; refuse a dtype that does not cross."""
    if type(name) is str and name in ITEMSIZES:
        return ITEMSIZES[name]
    found = OTHERS.fullmatch(name) if type(name) is str else None
    if not found:
        raise ProtocolError("an array of a dtype that does not cross")
    letters, octets = found.groups()
    return 4 * int(letters) if letters else int(octets) if octets else 8


def _is_text(data: bytearray) -> bool:
    """Whether the bytes of an array of text are letters, and no halves of letters."""
    codes = np.ndarray(len(data) // 4, "<u4", data)
    return bool(((codes < 0xD800) | ((codes > 0xDFFF) & (codes < 0x110000))).all())


def decode(kind: str, content: Any, take: Take, plain: bool) -> Any:
    """Return the array or the number of a JSON tree."""
    name, shape, start = content
    sizes, data = take(name, shape, start, _itemsize(name))
    try:
        whole("numpy")
    except Exception as error:  # a damaged installation raises anything
        raise ProtocolError("an array, where there is no NumPy") from error
    if name.startswith("<U") and not _is_text(data):
        raise ProtocolError("an array of text with what is no letter")
    array = np.ndarray(sizes, np.dtype(name), data)
    return array if kind == "array" else array[()]


def plain(value: Any) -> Any:
    """Return a plain array or number, or None for a dtype that cannot cross."""
    array = np.array(value)
    if array.dtype.kind not in PLAIN_KINDS:
        return None
    return array if is_array(value) else array[()]


def copied(value: Any) -> Any:
    """Return a copy."""
    return value.copy()


def bring_back(value: Any, changed: Any) -> None:
    """Give an array the elements of another of its shape."""
    both = is_array(value) and is_array(changed)
    if both and value.shape == changed.shape and value.flags.writeable:
        value[...] = changed


def differs_in_form(actual: Any, expected: Any) -> str | None:
    """Return what is wrong with an array's shape, or None."""
    wrong = is_array(expected) and actual.shape != expected.shape
    return WRONG_SHAPE if wrong else None


def differs(actual: Any, expected: Any, terms: int, magnitude: float) -> str | None:
    """Return what is wrong with an array or a number, or None (`compare.difference`)."""
    return _differs(np.asarray(actual), np.asarray(expected), terms, magnitude)


def _differs(actual: Any, expected: Any, terms: int, magnitude: float) -> str | None:
    if actual.dtype != expected.dtype:
        return wrong_dtype(actual, expected)
    if expected.dtype.kind == "c":
        one, other = (np.stack([part.real, part.imag], -1) for part in (actual, expected))
        return _differs(one, other, terms, magnitude)
    if expected.dtype.kind != "f":
        return None if np.array_equal(actual, expected) else WRONG
    finite = np.isfinite(expected)
    if not np.isfinite(actual[finite]).all():
        return "some values are infinite or not numbers"
    if not identical(actual[~finite], expected[~finite]):
        return WRONG
    least, actual, expected = np.finfo(expected.dtype), actual[finite], expected[finite]
    largest = float(np.abs(expected).max()) if expected.size else 0.0
    tolerance = 4 * max(terms, 1) * max(magnitude, largest, float(least.tiny)) * float(least.eps)
    difference = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    if bool((difference <= tolerance).all()):
        return None
    single = tolerance * MOST / max(terms, MOST) * float(np.finfo(np.float32).eps) / least.eps
    rough = expected.dtype == np.float64 and bool((difference <= single).all())
    return SINGLE if rough else WRONG


def identical(one: Any, other: Any) -> bool:
    """Return whether two arrays are the same to the last bit."""
    same = type(one) is type(other) and one.dtype == other.dtype and one.shape == other.shape
    return same and bool(((one == other) | ((one != one) & (other != other))).all())


def reals(value: Any) -> Any:
    """Return an array's elements as doubles, or None."""
    usable = is_array(value) and value.size and value.dtype.kind in "biuf"
    return value.astype(np.float64) if usable else None


def rough(value: Any) -> Any:
    """Return an array in single precision, or None."""
    usable = is_array(value) and value.dtype.kind in "biuf"
    return value.astype(np.float32) if usable else None


def numbers(value: Any) -> list[Any]:
    """Return the elements in row-major order, as Python's numbers."""
    found: list[Any] = np.asarray(value).reshape(-1).tolist()
    return found


def refilled(value: Any, numbers: list[Any]) -> Any:
    """Return an array, or a number, of the same dtype and shape with other elements."""
    array = np.array(numbers, dtype=value.dtype).reshape(value.shape)
    return array if is_array(value) else array[()]


def shortened(value: Any, axis: int, *, last: bool) -> Any:
    """Return an array without a slice of an axis."""
    rest = slice(None, -1) if last else slice(1, None)
    return np.array(value[(slice(None),) * axis + (rest,)])


def source(value: Any) -> str:
    """Return an array or a number as Python: its elements and dtype."""
    kind, name = ("array" if is_array(value) else value.dtype.name), value.dtype.name
    dtype = f", dtype=np.{name}" * (is_array(value) and name not in ("float64", "int64", "bool"))
    return f"np.{kind}({value.tolist()}{dtype})"

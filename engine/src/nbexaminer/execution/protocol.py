"""The border between a student's process and the trusted one: values only, as bytes.

A message is 12 bytes (lengths of header and body, big-endian), a JSON header, and a body of raw
numbers. Nothing is ever unpickled. What a header may claim is capped before anything is made of it,
and the body must be exactly as long as the tensors in the header say. A tensor arrives as a plain
tensor: a subclass, a hook or an `__eq__` has no way across.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any

from nbexaminer.problems.calls import (
    EXACT,
    Asked,
    Call,
    Callback,
    Drawn,
    Held,
    Made,
    ModuleCall,
    Named,
    Opaque,
    Reply,
    has_plain_zone,
    is_key,
)
from nbexaminer.values import codecs
from nbexaminer.values.frames import PandasTable
from nbexaminer.values.refusals import ClosedError, ProtocolError, SlowError

__all__ = [
    "ClosedError",
    "ProtocolError",
    "Raw",
    "SlowError",
    "check_lengths",
    "decode",
    "encode",
    "receive",
    "send",
    "send_bytes",
]

MAX_HEADER = 4 << 20
MAX_BODY = 64 << 20
MAX_DEPTH = 24
CHUNK = 1 << 20  # bytes that are sent or received at once
MAX_NODES = 50_000
PREFIX = struct.Struct(">IQ")
MAX_KEYS, MAX_ALIKE = 10_000, 8  # keys of one set or dict, and those of them with one hash
KINDS_OF_RECORDS: tuple[Any, ...] = (
    Asked, Call, Callback, Drawn, Held, Made, ModuleCall, Named, Opaque, Reply, PandasTable,
)  # fmt: skip
RECORDS = {kind.__name__: kind for kind in KINDS_OF_RECORDS}
EXACT_NAMES: Mapping[str, Any] = {kind.__name__: kind for kind in EXACT}
ANSWERS = (  # records that a student's process has reason to send
    "Asked", "Drawn", "Held", "Opaque", "Reply", "PandasTable",
)  # fmt: skip
SAFE_INT = 1 << 53
MAX_REFERENCE = 1 << 31
MAX_BITS, MAX_TEXT, MAX_EXPONENT = 16_384, 5000, 5000  # of a fraction's parts, and of a decimal


class Raw(bytes):
    """Bytes that cross in the body of a request, where there is room for a file."""


def encode(value: Any) -> bytes:
    """Return `value` as one message.

    Numbers, fractions, decimals, dates and times, strings, bytes, None, lists, tuples, sets, dicts,
    ranges, NumPy's arrays and numbers, tensors (with their strides and whether they require
    gradients) and the records of `nbexaminer.problems.calls`; anything else is refused.

    Raises
    ------
    ProtocolError
        If the value cannot cross, or is too large.
    """
    body: list[bytes] = []
    header = json.dumps(_Writer(body).tree(value, 0), separators=(",", ":")).encode()
    data = b"".join(body)
    if len(header) > MAX_HEADER or len(data) > MAX_BODY:
        raise ProtocolError(f"a message of {len(header)} + {len(data)} bytes is too large")
    return PREFIX.pack(len(header), len(data)) + header + data


def decode(message: bytes, *, plain: bool = True) -> Any:
    """Return the value of a message.

    Parameters
    ----------
    message : bytes
    plain : bool
        Refuse tensors with strides or gradients, and requests, as a student's process never has
        reason to send them.

    Raises
    ------
    ProtocolError
        If it is no message, whatever the bytes.
    """
    if len(message) < PREFIX.size:
        raise ProtocolError("a message shorter than its prefix")
    header, body = PREFIX.unpack_from(message)
    check_lengths(header, body)
    if len(message) != PREFIX.size + header + body:
        raise ProtocolError("a message whose lengths are not what they claim")
    return _parse(
        message[PREFIX.size : PREFIX.size + header], message[PREFIX.size + header :], plain
    )


def check_lengths(header: int, body: int) -> None:
    """Raise `ProtocolError` if a prefix claims more than the border lets through."""
    if header > MAX_HEADER or body > MAX_BODY:
        raise ProtocolError(f"a message that claims {header} + {body} bytes")


Remaining = Callable[[], float]  # seconds to wait before it is asked again; none: no longer


def send(channel: socket.socket, value: Any) -> None:
    """Send one value.

    Raises
    ------
    ClosedError
        If the other side is gone.
    """
    send_bytes(channel, encode(value))


def send_bytes(channel: socket.socket, message: bytes, remaining: Remaining | None = None) -> None:
    """Send one encoded message.

    Raises
    ------
    ClosedError, SlowError
        If the other side is gone, or does not read while time remains.
    """
    rest = memoryview(message)
    while rest:
        with _awaited(channel, remaining):
            rest = rest[channel.send(rest[:CHUNK]) :]


def receive(
    channel: socket.socket,
    *,
    seconds: float | None = None,
    remaining: Remaining | None = None,
    plain: bool = True,
) -> Any:
    """Receive one value, whole, within `seconds` or while time remains.

    Raises
    ------
    ClosedError, SlowError, ProtocolError
        If the other side is gone, too slow, or sent what is no message.
    """
    if seconds is not None:
        deadline = time.monotonic() + seconds

        def remaining() -> float:
            return deadline - time.monotonic()

    header, body = PREFIX.unpack(_exactly(channel, PREFIX.size, remaining))
    check_lengths(header, body)
    return _parse(_exactly(channel, header, remaining), _exactly(channel, body, remaining), plain)


def _exactly(channel: socket.socket, size: int, remaining: Remaining | None) -> bytes:
    received = bytearray()
    while len(received) < size:
        with _awaited(channel, remaining):
            chunk = channel.recv(min(size - len(received), CHUNK))
            if not chunk:
                raise ClosedError("the other side is gone")
            received += chunk
    return bytes(received)


@contextmanager
def _awaited(channel: socket.socket, remaining: Remaining | None) -> Iterator[None]:
    """Let a call of a socket wait for a while; what it did not do in that while is tried again."""
    seconds = remaining() if remaining else None
    if seconds is not None and seconds <= 0:
        raise SlowError("no complete message in time")
    channel.settimeout(seconds)
    try:
        yield
    except TimeoutError:
        pass
    except OSError as error:
        raise ClosedError("the other side is gone") from error


class _Writer:
    """Turns a value into a JSON tree, and its tensors into bytes of the body."""

    def __init__(self, body: list[bytes]) -> None:
        self.body, self.offset, self.nodes = body, 0, 0

    def tree(self, value: Any, depth: int) -> Any:
        """Return the JSON tree of `value`."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise ProtocolError("a value nested too deeply, or with too many parts")
        if value is None or type(value) in (bool, str):
            return value
        if type(value) in (int, float, complex):
            return self._number(value)
        codec = codecs.of(value)
        if codec:
            return codec.encode(value, self._put)
        return self._composite(value, depth + 1)

    def _composite(self, value: Any, deeper: int) -> Any:
        if type(value) in (set, frozenset):
            return {type(value).__name__: [self.tree(v, deeper) for v in _keys(list(value))]}
        if type(value) in (list, tuple):
            return {type(value).__name__: [self.tree(v, deeper) for v in value]}
        if isinstance(value, Mapping):
            _keys(list(value))
            return {
                "dict": [[self.tree(k, deeper), self.tree(v, deeper)] for k, v in value.items()]
            }
        if type(value) is bytes:
            return {"bytes": value.hex()}
        if type(value) is Raw:
            return {"raw": [len(value), self._put(value)]}
        if type(value) in EXACT:
            name, exact = type(value).__name__, _parts(value)
            _exact(name, exact)
            return {name: [self.tree(part, deeper) for part in exact]}
        if isinstance(value, PurePath):
            return {"path": str(value)}
        if type(value) is range:
            ends = [value.start, value.stop, value.step]
            _range(ends)
            return {"range": [self.tree(n, deeper) for n in ends]}
        if type(value).__name__ in RECORDS and type(value) is RECORDS[type(value).__name__]:
            parts = {f.name: self.tree(getattr(value, f.name), deeper) for f in fields(value)}
            return {type(value).__name__: parts}
        raise ProtocolError(f"a value of type {type(value).__name__} cannot cross")

    @staticmethod
    def _number(value: complex) -> Any:
        if isinstance(value, int):
            return value if abs(value) < SAFE_INT else {"int": hex(value)}
        if isinstance(value, float):
            return {"float": value.hex()}
        return {"complex": [value.real.hex(), value.imag.hex()]}

    def _put(self, data: bytes) -> int:
        """Append to the body, and return where it begins there."""
        start, self.offset = self.offset, self.offset + len(data)
        if self.offset > MAX_BODY:
            raise ProtocolError(f"tensors of more than {MAX_BODY} bytes")
        self.body.append(data)
        return start


def _parse(header: bytes, body: bytes, plain: bool) -> Any:
    try:
        tree = json.loads(header.decode())
        reader = _Reader(body, plain)
        value = reader.value(tree, 0)
    except ProtocolError:
        raise
    except (ValueError, TypeError, KeyError, ArithmeticError, RuntimeError) as error:
        raise ProtocolError(f"a header that cannot be read ({type(error).__name__})") from error
    if reader.used != len(body):
        raise ProtocolError("a body longer or shorter than its tensors")
    return value


class _Reader:
    """Turns a JSON tree and a body back into a value; whatever is odd is refused."""

    def __init__(self, body: bytes, plain: bool) -> None:
        self.body, self.plain, self.used, self.nodes = body, plain, 0, 0

    def value(self, tree: Any, depth: int) -> Any:
        """Return the value of a JSON tree."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise ProtocolError("a value nested too deeply, or with too many parts")
        if tree is None or type(tree) in (bool, str, int):
            return tree
        if type(tree) is not dict or len(tree) != 1:
            raise ProtocolError("a header with a part that is no value")
        ((kind, content),) = tree.items()
        return self._composite(kind, content, depth + 1)

    def _composite(self, kind: str, content: Any, depth: int) -> Any:
        if kind == "int":
            return int(_text(content), 16)
        if kind == "float":
            return float.fromhex(_text(content))
        if kind == "complex":
            real, imaginary = content
            return complex(float.fromhex(_text(real)), float.fromhex(_text(imaginary)))
        if kind == "bytes":
            return bytes.fromhex(_text(content))
        if kind in EXACT_NAMES:
            return _exact(kind, [self.value(part, depth) for part in _list(content)])
        if kind in ("list", "tuple", "range"):
            parts = [self.value(part, depth) for part in _list(content)]
            return _range(parts) if kind == "range" else tuple(parts) if kind == "tuple" else parts
        if kind in ("set", "frozenset"):
            keys = _keys([self.value(part, depth) for part in _list(content)])
            return set(keys) if kind == "set" else frozenset(keys)
        if kind == "dict":
            pairs = [(self.value(k, depth), self.value(v, depth)) for k, v in _list(content)]
            return dict(zip(_keys([k for k, _ in pairs]), (v for _, v in pairs), strict=True))
        if kind in codecs.BY_KIND:
            return codecs.BY_KIND[kind].decode(kind, content, self._taken, self.plain)
        if kind == "path" and not self.plain:  # one of a student's would be opened here
            return Path(_text(content))
        if kind == "raw" and not self.plain:
            length, start = content
            return bytes(self._taken("uint8", [length], start, 1)[1])
        if kind in (ANSWERS if self.plain else RECORDS) and type(content) is dict:
            parts_by_name = {k: self.value(v, depth) for k, v in content.items()}
            return _checked(RECORDS[kind](**parts_by_name))
        raise ProtocolError(f"a header with a part of unknown kind {kind[:40]!r}")

    def _taken(
        self, name: Any, shape: Any, start: Any, itemsize: int
    ) -> tuple[list[int], bytearray]:
        """Return the sizes that a header claims, and the next bytes of the body, as many as that.

        Raises
        ------
        ProtocolError
            If the body has not as many, or they are not the next ones.
        """
        sizes = [_size(n) for n in _list(shape)]
        if len(sizes) > 8 or start != self.used:
            raise ProtocolError("a tensor with too many axes, or out of order")
        length = math.prod(sizes) * itemsize
        if start + length > len(self.body):
            raise ProtocolError("a tensor longer than the body")
        self.used = start + length
        data = bytearray(self.body[start : start + length])
        if name == "bool" and data.translate(None, b"\0\1"):
            raise ProtocolError("a truth value that is neither true nor false")
        return sizes, data


def _keys(keys: list[Any]) -> list[Any]:
    """Return the keys; refuse too many, unhashable ones, and those made to collide.

    Keys of one hash cost the square of their number.
    """
    if len(keys) > MAX_KEYS or not all(map(is_key, keys)):
        raise ProtocolError("a set or a dict with too many keys, or with odd ones")
    if keys and max(Counter(map(hash, keys)).values()) > MAX_ALIKE:
        raise ProtocolError("a set or a dict with keys that collide")
    return keys


def _parts(value: Any) -> list[Any]:
    """Return the numbers or the text of a fraction, a decimal, a date or a time."""
    if isinstance(value, Fraction):
        return [value.numerator, value.denominator]
    if isinstance(value, timedelta):
        return [value.days, value.seconds, value.microseconds]
    if isinstance(value, Decimal):
        return [str(value)]
    if type(value) is date:
        return [value.isoformat()]
    if not has_plain_zone(value):
        raise ProtocolError(f"a time in a {type(value.tzinfo).__name__} cannot cross")
    return [value.isoformat(), value.fold]


def _exact(kind: str, parts: list[Any]) -> Any:
    """Return the value of its parts; refuse one with which a test could reckon without end."""
    whole = all(type(part) is int and part.bit_length() <= MAX_BITS for part in parts)
    if kind in ("Fraction", "timedelta"):
        if not whole or len(parts) != (2 if kind == "Fraction" else 3):
            raise ProtocolError(f"a {kind} with odd parts")
        return EXACT_NAMES[kind](*parts)
    text, *fold = parts
    if len(_text(text)) > MAX_TEXT or len(fold) != (kind in ("datetime", "time")):
        raise ProtocolError(f"a {kind} that is too long, or with odd parts")
    if kind != "Decimal":
        found = EXACT_NAMES[kind].fromisoformat(text)
        return found.replace(fold=fold[0]) if fold else found
    number = Decimal(text)
    if number.is_finite() and abs(number.adjusted()) > MAX_EXPONENT:
        raise ProtocolError("a decimal with too large an exponent")
    return number


def _range(ends: list[Any]) -> range:
    """Return a range that is no longer than a list could be: a test may write it out."""
    if len(ends) == 3 and all(type(n) is int for n in ends) and ends[2]:
        found = range(*ends)
        if not found[MAX_NODES:]:
            return found
    raise ProtocolError("a range that is too long, or none")


def _checked(record: Any) -> Any:
    """Refuse a reply whose parts are not of the kinds that the trusted side relies on."""
    if isinstance(record, Reply):
        texts = [record.message, *record.errors] if type(record.errors) is tuple else [None]
        kinds = (type(record.inputs), type(record.shares)) == (tuple, bool)
        if not kinds or not all(type(t) is str for t in texts):
            raise ProtocolError("a reply whose parts are of the wrong kind")
    if isinstance(record, PandasTable) and record.fault():
        raise ProtocolError(record.fault())
    if isinstance(record, Held | Asked) and not _is_number(record.number):
        raise ProtocolError("a reference that is none")
    if isinstance(record, Held) and type(record.type_name) is not str:
        raise ProtocolError("a reference whose parts are of the wrong kind")
    if isinstance(record, Asked):
        fit = type(record.args) is tuple and type(record.kwargs) is dict
        if not fit or not all(type(key) is str for key in record.kwargs):
            raise ProtocolError("a call whose parts are of the wrong kind")
    if isinstance(record, Drawn) and (type(record.items), type(record.more)) != (tuple, bool):
        raise ProtocolError("an iterator whose parts are of the wrong kind")
    return record


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_REFERENCE


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ProtocolError("a header with something else where text belongs")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise ProtocolError("a header with something else where a list belongs")
    return value


def _size(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MAX_BODY:
        raise ProtocolError("a tensor with an impossible size")
    return value

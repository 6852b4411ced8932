"""The border carries values and nothing else, and nothing that comes can break its reader."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import threading
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nbexaminer.execution import protocol
from nbexaminer.execution.protocol import (
    PREFIX,
    ClosedError,
    ProtocolError,
    SlowError,
    decode,
    encode,
)
from nbexaminer.problems.calls import (
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
    perform,
    plain,
)
from nbexaminer.values import arrays as numpys
from nbexaminer.values import tensors as torches
from nbexaminer.values.frames import PandasTable

numbers = st.one_of(
    st.integers(-(2**200), 2**200), st.floats(), st.booleans(), st.none(), st.text(max_size=20)
)
tensors = st.builds(
    lambda shape, dtype, seed: (
        torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 50
    ).to(getattr(torch, dtype)),
    st.lists(st.integers(0, 4), max_size=4),
    st.sampled_from(sorted(torches.ITEMSIZES)),
    st.integers(0, 99),
)
arrays = st.builds(
    lambda shape, dtype, seed: (
        (np.random.default_rng(seed).random(shape) * 50)
        .astype("int64" if dtype[1] in "mM" else "float64")
        .astype(dtype)
    ),
    st.lists(st.integers(0, 4), max_size=4),
    st.sampled_from([*sorted(numpys.ITEMSIZES), "<U7", "|S5", "<M8[D]", "<M8[ns]", "<m8[us]"]),
    st.integers(0, 99),
)
exact = st.one_of(
    st.fractions(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.times(timezones=st.sampled_from([UTC, None])),
    st.datetimes(timezones=st.sampled_from([UTC, None])),
    st.timedeltas(),
)
keys = st.recursive(
    st.one_of(
        st.integers(), st.booleans(), st.none(), st.text(max_size=5), st.binary(max_size=5), exact
    ),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=3,
)
small = st.integers(-100, 100)
values = st.recursive(
    st.one_of(
        numbers,
        exact,
        tensors,
        arrays,
        arrays.filter(lambda a: a.size).map(lambda a: a.reshape(-1)[0]),
        st.binary(max_size=9),
        st.sets(keys, max_size=4),
        st.frozensets(keys, max_size=4),
        st.builds(range, small, small, st.integers(1, 9)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.builds(Drawn, st.lists(inner, max_size=3).map(tuple), st.booleans()),
    ),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    """Whether two values are alike in type and content, NaN included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return (
            a.dtype == b.dtype
            and a.shape == b.shape
            and (a.stride() == b.stride() or (a.is_contiguous() and b.is_contiguous()))
            and a.requires_grad == b.requires_grad
            and torch.equal(torch.nan_to_num(a.detach()), torch.nan_to_num(b.detach()))
        )
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, Drawn):
        return same(a.items, b.items) and a.more == b.more
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float) and math.isnan(a):
        return math.isnan(b)
    return bool(a == b)


@given(values)
def test_what_is_sent_arrives(value: Any) -> None:
    """Numbers, text, containers and tensors of every dtype come through unchanged."""
    assert same(decode(encode(value)), value)


def test_one_element_with_an_odd_stride_arrives() -> None:
    """The real part of a complex tensor has stride 2; with one element it passes as contiguous."""
    X = torch.fft.fft2(torch.randn(3, 5)).real[:1, :1]

    assert X.is_contiguous()
    assert X.stride() == (10, 2)
    assert torch.equal(decode(encode(X)), X)


def test_layout_and_gradients_arrive_where_they_are_wanted() -> None:
    """The student's side gets the strides that the case has; the trusted side refuses them."""
    X = torch.randn(3, 4).t().requires_grad_()
    message = encode({"X": X})

    assert same(decode(message, plain=False)["X"], X)
    with pytest.raises(ProtocolError, match="strides or gradients"):
        decode(message)


@pytest.mark.parametrize(
    "record",
    [
        Call((1, "a"), {"b": 2.5}),
        ModuleCall(((2, 3),), {"weight": torch.ones(2, 3)}, (torch.ones(4, 4),), torch.ones(3, 2)),
        Made("Conv2d", (1, 2, 3), {"bias": False}),
        Opaque("Thing"),
        Held(3, "Stack"),
        Named("f"),
        Callback(0),
        Asked(2, (1.5,), {"x": "a"}),
        PandasTable(
            "Series", ([1, None],), PandasTable("Index", ((["a", "b"], "object"),)), name="n"
        ),
        Reply(
            value=(1, 2), errors=("ValueError", "Exception"), message="no", inputs=(3,), shares=True
        ),
    ],
    ids=lambda r: type(r).__name__,
)
def test_calls_and_replies_arrive(record: Any) -> None:
    """The records of a call cross with all their parts."""
    arrived = decode(encode(record), plain=False)

    assert type(arrived) is type(record)
    assert repr(arrived) == repr(record)


@pytest.mark.parametrize(
    "record",
    [Call((1,)), ModuleCall(()), Made("Linear", (9, 9)), Named("f"), Callback(1)],
    ids=repr,
)
def test_a_student_process_sends_no_requests(record: Any) -> None:
    """What would be built or called on arrival is refused where values are asked for."""
    with pytest.raises(ProtocolError, match="unknown kind"):
        decode(encode(record))


@pytest.mark.parametrize("kind", [set, dict.fromkeys], ids=["a set", "a dict"])
def test_keys_that_collide_are_refused(kind: Any) -> None:
    """A few keys of one hash happen; thousands would take the time of their square."""
    modulus = (1 << 61) - 1
    few = kind([k * modulus for k in range(8)])
    header = json.dumps({"set": [{"int": hex(k * modulus)} for k in range(9)]}).encode()
    message = PREFIX.pack(len(header), 0) + header

    assert decode(encode(few)) == few
    with pytest.raises(ProtocolError, match="collide"):
        decode(message)
    with pytest.raises(ProtocolError, match="collide"):
        encode(kind([k * modulus for k in range(9)]))


class Loud(Tensor):
    """A tensor that answers every operation its own way."""

    @classmethod
    def __torch_function__(cls, *_: Any, **__: Any) -> Any:
        return True


@pytest.mark.parametrize(
    "value",
    [
        object(),
        print,
        torch.ones(2).as_subclass(Loud),
        torch.ones(2).to_sparse(),
        {object()},
        {torch.ones(1): 1},
        {Fraction(1, 2**300)},
        datetime(2026, 10, 25, 2, tzinfo=ZoneInfo("Europe/Berlin")),
        {(1, Fraction(1, 2**300)): 1},
        np.array([object()]),
        np.ma.masked_array([1, 2], [True, False]),
        (n for n in (1, 2)),
        memoryview(b"12"),
        Fraction(2**20_000, 3),
        Decimal("1e9999"),
        Decimal("1" * 6000),
        range(10**6),
        range(10**40),
        set(range(10_001)),
        dict.fromkeys(range(10_001)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_is_no_value_is_refused_before_it_is_sent(value: Any) -> None:
    """The writer has a list of what may cross; the rest has no way."""
    with pytest.raises(ProtocolError):
        encode(value)


def test_a_time_keeps_its_fold_and_loses_no_zone() -> None:
    """The second 2:30 of a night is another than the first; a zone with rules is no offset."""
    second = datetime(2026, 10, 25, 2, 30, fold=1)
    berlin = second.replace(tzinfo=ZoneInfo("Europe/Berlin"))

    assert decode(encode(plain(second))).fold == 1
    assert plain(berlin) == Opaque("datetime in a ZoneInfo")


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    """Whatever the bytes: a value or a ProtocolError, nothing else."""
    try:
        decode(data)
    except ProtocolError:
        return
    raise AssertionError("random bytes were taken for a message")


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.sampled_from(
                [
                    "tensor",
                    "list",
                    "tuple",
                    "dict",
                    "int",
                    "float",
                    "Reply",
                    "Made",
                    "x",
                    "set",
                    "frozenset",
                    "bytes",
                    "range",
                    "array",
                    "scalar",
                    "Drawn",
                    "Call",
                    "Held",
                    "Asked",
                    "PandasTable",
                    *protocol.EXACT_NAMES,
                ]
            ),
            inner,
            max_size=2,
        ),
    ),
    max_leaves=20,
)


@settings(max_examples=500)
@given(json_values, st.binary(max_size=64))
def test_hostile_headers_give_values_or_errors_of_the_border(tree: Any, body: bytes) -> None:
    """A well-formed frame around a senseless header breaks nothing."""
    header = json.dumps(tree).encode()
    with contextlib.suppress(ProtocolError):
        decode(PREFIX.pack(len(header), len(body)) + header + body)


@settings(max_examples=300)
@given(values, st.data())
def test_a_damaged_message_never_breaks_the_reader(value: Any, data: st.DataObject) -> None:
    """One byte changed, or the end cut off: a value or a ProtocolError."""
    message = bytearray(encode(value))
    place = data.draw(st.integers(0, len(message) - 1))
    message[place] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(message)))
    for damaged in (bytes(message), bytes(message[:cut])):
        with contextlib.suppress(ProtocolError):
            decode(damaged)


def framed(tree: Any, body: bytes = b"") -> bytes:
    header = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return PREFIX.pack(len(header), len(body)) + header + body


@pytest.mark.parametrize(
    "message",
    [
        PREFIX.pack(2**32 - 1, 0),
        PREFIX.pack(2, 2**63) + b"{}",
        framed(b"[" * 100_000),
        framed(b'{"list":[' * 5_000 + b"]}" * 5_000),
        framed({"tensor": ["float32", [2**40, 2**40], 0, None, False]}),
        framed({"tensor": ["float32", [-1], 0, None, False]}, b"1234"),
        framed({"tensor": ["float32", [1] * 70, 0, None, False]}, b"1234"),
        framed({"tensor": ["float32", [1], 0, None, False]}, b"12345678"),
        framed({"tensor": ["float32", [2], 0, None, False]}, b"1234"),
        framed({"tensor": ["float32", [1], -4, None, False]}, b"1234"),
        framed({"tensor": ["object", [1], 0, None, False]}, b"1234"),
        framed({"tensor": ["float32", [True], 0, None, False]}, b"1234"),
        framed({"list": [{"tensor": ["uint8", [4], 0, None, False]}] * 2}, b"1234"),
        framed({"Reply": {"value": 1, "__class__": "Problem"}}),
        framed({"Reply": {"errors": 5}}),
        framed({"Reply": {"errors": {"tuple": [{"float": "0x1p+0"}]}}}),
        framed({"Reply": {"inputs": {"list": []}}}),
        framed({"Problem": {}}),
        framed({"Held": {"number": -1, "type_name": "x"}}),
        framed({"Held": {"number": True, "type_name": "x"}}),
        framed({"Held": {"number": 1, "type_name": 5}}),
        framed({"Asked": {"number": 2**40}}),
        framed({"Asked": {"number": 1, "args": {"list": []}}}),
        framed({"Asked": {"number": 1, "args": {"tuple": []}, "kwargs": {"dict": [[1, 2]]}}}),
        framed({"PandasTable": {"kind": "Panel", "parts": {"tuple": []}}}),
        framed({"PandasTable": {"kind": "Series", "parts": {"tuple": []}}}),
        framed({"PandasTable": {"kind": "Index", "parts": {"list": []}}}),
        framed({"PandasTable": {"kind": "Index", "parts": {"tuple": []}, "name": {"list": []}}}),
        framed({"array": ["<U0", [2**40], 0]}),
        framed({"array": ["|S0", [2**40], 0]}),
        framed({"array": ["<U1", [1], 0]}, b"\xff\xff\xff\xff"),
        framed({"array": ["<U1", [1], 0]}, b"\x00\xd8\x00\x00"),
        framed({"array": ["|O", [1], 0]}, b"12345678"),
        framed({"array": ["<M8[x]", [1], 0]}, b"12345678"),
        framed({"array": [{"list": []}, [1], 0]}, b"12345678"),
        framed({"int": "0x" + "f" * 10, "float": "1"}),
        framed(b"\xff\xfe"),
        framed(b"1" * 100_000),
        framed({"list": [0] * 60_000}),
        framed({"Fraction": [1, 0]}),
        framed({"Fraction": [1]}),
        framed({"Fraction": [1, {"float": "0x1p+0"}]}),
        framed({"Fraction": [{"int": "0x" + "f" * 100_000}, {"int": "0x" + "e" * 99_999}]}),
        framed({"Decimal": ["1e999999999"]}),
        framed({"Decimal": ["one"]}),
        framed({"Decimal": ["1" * 6000]}),
        framed({"timedelta": [10**12, 0, 0]}),
        framed({"datetime": ["2026-13-01T00:00:00", 0]}),
        framed({"datetime": ["2026-12-01T00:00:00", 2]}),
        framed({"datetime": ["2026-12-01T00:00:00"]}),
        framed({"date": [2026, 1, 1]}),
        framed({"set": [{"Fraction": [1, {"int": hex(2**300)}]}]}),
        framed({"set": [[1]]}),
        framed({"set": [{"list": []}]}),
        framed({"set": [{"tensor": ["uint8", [1], 0, None, False]}]}, b"1"),
        framed({"set": list(range(10_001))}),
        framed({"dict": [[n, None] for n in range(10_001)]}),
        framed({"dict": [[{"list": []}, 1]]}),
        framed({"dict": [[1, 2, 3]]}),
        framed({"bytes": "0g"}),
        framed({"bytes": [1]}),
        framed({"range": [0, 10**15, 1]}),
        framed({"range": [0, {"int": hex(10**40)}, 1]}),
        framed({"range": [0, 5, 0]}),
        framed({"range": [0, "5"]}),
        framed({"array": ["object", [1], 0]}, b"12345678"),
        framed({"array": ["bool", [2], 0]}, b"\1\2"),
        framed({"tensor": ["bool", [2], 0, None, False]}, b"\1\2"),
        framed({"array": ["float32", [2**40], 0]}),
        framed({"array": ["float32", [1], 0, None]}, b"1234"),
        framed({"scalar": ["float64", [], 0]}, b"1234"),
        framed({"Drawn": {"items": {"list": []}, "more": False}}),
        framed({"Drawn": {"items": {"tuple": []}, "more": 1}}),
        framed(1.5),
        framed([1]),
    ],
)
def test_claims_are_checked_before_anything_is_made_of_them(message: bytes) -> None:
    """Huge, negative, overlapping, deep, unknown: refused in a line, without the memory."""
    with pytest.raises(ProtocolError):
        decode(message)


class Odd(dict):  # type: ignore[type-arg]
    """A dict that says something else to those who look."""

    def __getitem__(self, key: Any) -> Any:
        return 5


@pytest.mark.parametrize(
    ("given", "arrives"),
    [
        ({1: "a", (2, 3): "b", None: "c"}, {1: "a", (2, 3): "b", None: "c"}),
        ({np.int64(3): 1}, {3: 1}),
        ({1, 2, "x"}, {1, 2, "x"}),
        (frozenset({(1, 2)}), frozenset({(1, 2)})),
        (bytearray(b"ab"), b"ab"),
        (range(2, 9, 3), range(2, 9, 3)),
        (np.arange(6.0).reshape(2, 3).T, np.arange(6.0).reshape(2, 3).T),
        (np.float32(0.5), np.float32(0.5)),
        (np.bool_(True), np.bool_(True)),
        (np.float64(0.5), 0.5),
        (np.arange(2).view(np.recarray), np.arange(2)),
        ((n * n for n in range(3)), Drawn((0, 1, 4), False)),
        (map(str, [1, 2]), Drawn(("1", "2"), False)),
        (iter(range(10**9)), Drawn(tuple(range(1000)), True)),
        (iter(range(1000)), Drawn(tuple(range(1000)), False)),
        (np.array(["a"]), np.array(["a"])),
        (np.array([object()]), Opaque("ndarray")),
        (Odd(a=1), {"a": 1}),
    ],
)
def test_what_an_answer_returns_is_made_plain_and_crosses(given: Any, arrives: Any) -> None:
    """Ordinary Python and NumPy values keep their type and content; subclasses lose theirs."""
    reply = perform(lambda: given, Call())

    assert same(reply.value, arrives)
    assert same(decode(encode(reply)).value, arrives)


def test_a_drawn_iterator_says_where_it_was_cut() -> None:
    """Its values can be read again, and what lies beyond them is an error, no silent end."""
    drawn = plain(iter(range(2000)))
    cut = iter(drawn)
    first = [next(cut) for _ in range(1000)]

    assert first == list(range(1000))
    with pytest.raises(RuntimeError, match="only the first 1000 values"):
        next(cut)


def test_a_message_crosses_a_socket_in_pieces() -> None:
    """A large message arrives whole, however the socket cuts it."""
    here, there = socket.socketpair()
    X = torch.randn(700, 700)
    sender = threading.Thread(target=protocol.send, args=(there, X))
    sender.start()

    assert torch.equal(protocol.receive(here, seconds=20), X)
    sender.join()


def test_silence_half_a_message_and_a_closed_socket_are_told_apart() -> None:
    """No answer in time is slow; an end in the middle is gone."""
    here, there = socket.socketpair()
    with pytest.raises(SlowError):
        protocol.receive(here, seconds=0.05)
    there.sendall(encode([1, 2, 3])[:-2])
    with pytest.raises(SlowError):
        protocol.receive(here, seconds=0.05)
    there.close()
    with pytest.raises(ClosedError):
        protocol.receive(here, seconds=0.05)
    with pytest.raises(ClosedError):
        protocol.send(here, list(range(1000)) * 10)


def test_a_file_crosses_in_the_body_and_only_towards_the_student() -> None:
    """What is too large for a header goes beside it; no student's process has reason to send it."""
    data = bytes(range(256)) * (protocol.MAX_HEADER >> 8)
    message = encode({"a": protocol.Raw(data), "b": protocol.Raw(b"")})

    assert decode(message, plain=False) == {"a": data, "b": b""}
    with pytest.raises(ProtocolError, match="unknown kind"):
        decode(message)
    with pytest.raises(ProtocolError):
        encode(data)


def test_a_path_crosses_only_towards_the_student() -> None:
    """A test would open one that came back among the instructor's files."""
    message = encode([Path("data/numbers.txt")])

    assert decode(message, plain=False) == [Path("data/numbers.txt")]
    with pytest.raises(ProtocolError, match="unknown kind"):
        decode(message)

"""The border carries values and nothing else, and nothing that comes can break its reader."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import threading
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autograder.calls import Call, Made, ModuleCall, Opaque, Reply
from autograder.isolation import border
from autograder.isolation.border import PREFIX, BorderError, ClosedError, SlowError, decode, encode

numbers = st.one_of(
    st.integers(-(2**200), 2**200), st.floats(), st.booleans(), st.none(), st.text(max_size=20)
)
tensors = st.builds(
    lambda shape, dtype, seed: (
        torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 50
    ).to(border.DTYPES[dtype]),
    st.lists(st.integers(0, 4), max_size=4),
    st.sampled_from(sorted(border.DTYPES)),
    st.integers(0, 99),
)
values = st.recursive(
    st.one_of(numbers, tensors),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=8), inner, max_size=4),
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
    with pytest.raises(BorderError, match="strides or gradients"):
        decode(message)


@pytest.mark.parametrize(
    "record",
    [
        Call((1, "a"), {"b": 2.5}),
        ModuleCall(((2, 3),), {"weight": torch.ones(2, 3)}, (torch.ones(4, 4),), torch.ones(3, 2)),
        Made("Conv2d", (1, 2, 3), {"bias": False}),
        Opaque("Thing"),
        Reply(
            value=(1, 2), errors=("ValueError", "Exception"), message="no", inputs=(3,), shares=True
        ),
    ],
    ids=lambda r: type(r).__name__,
)
def test_calls_and_replies_arrive(record: Any) -> None:
    """The records of a call cross with all their parts."""
    arrived = decode(encode(record))

    assert type(arrived) is type(record)
    assert repr(arrived) == repr(record)


class Loud(Tensor):
    """A tensor that answers every operation its own way."""

    @classmethod
    def __torch_function__(cls, *_: Any, **__: Any) -> Any:
        return True


@pytest.mark.parametrize(
    "value",
    [object(), {1: 2}, print, torch.ones(2).as_subclass(Loud), torch.ones(2).to_sparse(), {1, 2}],
    ids=["object", "dict with int keys", "function", "subclass", "sparse", "set"],
)
def test_whatever_is_no_value_is_refused_before_it_is_sent(value: Any) -> None:
    """The writer has a list of what may cross; the rest has no way."""
    with pytest.raises(BorderError):
        encode(value)


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    """Whatever the bytes: a value or a BorderError, nothing else."""
    try:
        decode(data)
    except BorderError:
        return
    raise AssertionError("random bytes were taken for a message")


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(
            st.sampled_from(
                ["tensor", "list", "tuple", "dict", "int", "float", "Reply", "Made", "x"]
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
    with contextlib.suppress(BorderError):
        decode(PREFIX.pack(len(header), len(body)) + header + body)


@settings(max_examples=300)
@given(values, st.data())
def test_a_damaged_message_never_breaks_the_reader(value: Any, data: st.DataObject) -> None:
    """One byte changed, or the end cut off: a value or a BorderError."""
    message = bytearray(encode(value))
    place = data.draw(st.integers(0, len(message) - 1))
    message[place] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(message)))
    for damaged in (bytes(message), bytes(message[:cut])):
        with contextlib.suppress(BorderError):
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
        framed({"int": "0x" + "f" * 10, "float": "1"}),
        framed(b"\xff\xfe"),
        framed(b"1" * 100_000),
        framed({"list": [0] * 60_000}),
        framed(1.5),
        framed([1]),
    ],
)
def test_claims_are_checked_before_anything_is_made_of_them(message: bytes) -> None:
    """Huge, negative, overlapping, deep, unknown: refused in a line, without the memory."""
    with pytest.raises(BorderError):
        decode(message)


def test_a_message_crosses_a_socket_in_pieces() -> None:
    """A large message arrives whole, however the socket cuts it."""
    here, there = socket.socketpair()
    X = torch.randn(700, 700)
    sender = threading.Thread(target=border.send, args=(there, X))
    sender.start()

    assert torch.equal(border.receive(here, seconds=20), X)
    sender.join()


def test_silence_half_a_message_and_a_closed_socket_are_told_apart() -> None:
    """No answer in time is slow; an end in the middle is gone."""
    here, there = socket.socketpair()
    with pytest.raises(SlowError):
        border.receive(here, seconds=0.05)
    there.sendall(encode([1, 2, 3])[:-2])
    with pytest.raises(SlowError):
        border.receive(here, seconds=0.05)
    there.close()
    with pytest.raises(ClosedError):
        border.receive(here, seconds=0.05)
    with pytest.raises(ClosedError):
        border.send(here, list(range(1000)) * 10)

"""Random numbers: PyTorch's own, from the same seeds (MT19937, as its processor code uses it)."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import _dtypes
from torch._dtypes import dtype
from torch._elementwise import like, unimplemented
from torch._layout import Size
from torch._missing import lacks
from torch._tensor import Tensor, change, method, new
from torch._views import sizes

WORD = 1 << 32
BATCH = 16  # numbers that a longer normal sample is made of at a time


class Generator:
    """A source of random numbers."""

    def __init__(self, device: Any = "cpu") -> None:
        self._source, self._spare = random.Random(), None
        self._spare: float | None
        self.manual_seed(67280421310721)

    def manual_seed(self, seed: int) -> Generator:
        """Start again from a seed."""
        state = [int(seed) % WORD]
        for i in range(1, 624):
            state.append((1812433253 * (state[-1] ^ state[-1] >> 30) + i) % WORD)
        self._source.setstate((3, (*state, 624), None))
        self._seed, self._spare = int(seed), None
        return self

    def seed(self) -> int:
        """Start from a seed that nobody knows, and return it."""
        return self.manual_seed(random.SystemRandom().getrandbits(63)).initial_seed()

    def initial_seed(self) -> int:
        """Return the seed that it was started from."""
        return self._seed

    def get_state(self) -> Any:
        """Return where it is; here an object, in PyTorch a tensor of bytes."""
        return self._source.getstate(), self._spare, self._seed

    def set_state(self, state: Any) -> None:
        """Go back to where it was."""
        self._source.setstate(state[0])
        self._spare, self._seed = state[1:]

    def word(self) -> int:
        """Return 32 random bits."""
        return self._source.getrandbits(32)

    def long_word(self) -> int:
        """Return 64 random bits."""
        high = self.word()
        return high << 32 | self.word()

    def uniform(self, of: dtype) -> float:
        """Return a number from 0 up to 1."""
        if of is _dtypes.float64:
            return (self.long_word() & ((1 << 53) - 1)) * 2.0**-53
        digits = {"float16": 11, "bfloat16": 8}.get(of.name, 24)
        return (self.word() & ((1 << digits) - 1)) * 2.0**-digits

    def normal(self) -> float:
        """Return a normal number; they are made in pairs."""
        if self._spare is not None:
            found, self._spare = self._spare, None
            return found
        angle, size = self.uniform(_dtypes.float64), self.uniform(_dtypes.float64)
        radius, turn = math.sqrt(-2 * math.log1p(-size)), 2 * math.pi * angle
        self._spare = radius * math.sin(turn)
        return radius * math.cos(turn)


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Start the default generator again from a seed."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the default generator from a seed that nobody knows, and return it."""
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Any:
    """Return where the default generator is."""
    return default_generator.get_state()


def set_rng_state(state: Any) -> None:
    """Put the default generator back where it was."""
    default_generator.set_state(state)


@contextmanager
def fork_rng(*_: Any, **__: Any) -> Iterator[None]:
    """Put the default generator back at the end."""
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)


def uniform_values(
    count: int, of: dtype, generator: Generator | None, low: float = 0.0, high: float = 1.0
) -> list[float]:
    """Return numbers from `low` up to `high`."""
    source = generator or default_generator
    (start,), (span,) = of.store([low]), of.store([of.store([high])[0] - of.store([low])[0]])
    return [source.uniform(of) * span + start for _ in range(count)]


def normal_values(
    count: int, of: dtype, generator: Generator | None, mean: float = 0.0, std: float = 1.0
) -> list[float]:
    """Return normal numbers: few in pairs, many in batches of 16 as PyTorch makes them."""
    source = generator or default_generator
    if count < BATCH:
        return [source.normal() * std + mean for _ in range(count)]
    drawn = [source.uniform(of) for _ in range(count)]
    for at in range(0, count - BATCH + 1, BATCH):
        drawn[at : at + BATCH] = _normal_batch(drawn[at : at + BATCH], mean, std)
    if count % BATCH:
        last = [source.uniform(of) for _ in range(BATCH)]
        drawn[-BATCH:] = _normal_batch(last, mean, std)
    return drawn


def _normal_batch(drawn: Sequence[float], mean: float, std: float) -> list[float]:
    half = BATCH // 2
    radii = [math.sqrt(-2 * math.log(1 - u)) for u in drawn[:half]]
    turns = [2 * math.pi * u for u in drawn[half:]]
    pairs = list(zip(radii, turns, strict=True))
    return [r * math.cos(a) * std + mean for r, a in pairs] + [
        r * math.sin(a) * std + mean for r, a in pairs
    ]


def _floats(of: dtype, name: str) -> None:
    if of.kind < _dtypes.FLOATING:
        unimplemented(name, of)
    if of.is_complex:
        lacks("a complex random tensor")


def _drawn(draw: Any, kernel: str) -> Any:
    def operation(
        *size: Any, generator: Generator | None = None, dtype: dtype | None = None,
        device: Any = None, requires_grad: bool = False, **named: Any,
    ) -> Tensor:  # fmt: skip
        shape = sizes(size or (named.pop("size", ()),))
        of = dtype or _dtypes.float32
        _floats(of, kernel)
        made = new(draw(math.prod(shape), of, generator), Size(shape), of)
        return made.requires_grad_() if requires_grad else made

    return operation


def _drawn_like(draw: Any, kernel: str) -> Any:
    def operation(
        x: Tensor, *, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False
    ) -> Tensor:
        of = dtype or x.dtype
        _floats(of, kernel)
        made = like(x, draw(x.numel(), of, None), of)
        return made.requires_grad_() if requires_grad else made

    return operation


rand, randn = (
    _drawn(uniform_values, "check_uniform_bounds"),
    _drawn(normal_values, "normal_kernel_cpu"),
)
rand_like = _drawn_like(uniform_values, "check_uniform_bounds")
randn_like = _drawn_like(normal_values, "normal_kernel_cpu")


def _whole(low: int, high: int, generator: Generator | None) -> int:
    source, span = generator or default_generator, high - low
    return (source.long_word() if span >= WORD else source.word()) % span + low


def randint(
    low: int, high: Any = None, size: Any = None, *, generator: Generator | None = None,
    dtype: dtype | None = None, device: Any = None, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Return random whole numbers from `low` up to `high`, which is not among them."""
    if size is None:
        low, high, size = 0, low, high
    if high is None:
        low, high = 0, low
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= "
                           f"to={high}")  # fmt: skip
    shape = sizes((tuple(size),)) if size else ()
    values = [_whole(low, high, generator) for _ in range(math.prod(shape))]
    return new(values, shape, dtype or _dtypes.int64)


def randperm(
    n: int, *, generator: Generator | None = None, dtype: dtype | None = None, device: Any = None
) -> Tensor:
    """Return the numbers below `n` in a random order."""
    source, values = generator or default_generator, list(range(n))
    for i in range(n - 1):
        j = i + source.word() % (n - i)
        values[i], values[j] = values[j], values[i]
    return new(values, (n,), dtype or _dtypes.int64)


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None
) -> Tensor:
    """Return normal numbers of a mean and a standard deviation."""
    if isinstance(mean, Tensor) or isinstance(std, Tensor):
        shape = (mean if isinstance(mean, Tensor) else std).shape
        return randn(shape, generator=generator) * std + mean
    return new(
        normal_values(math.prod(size), _dtypes.float32, generator, mean, std), size, _dtypes.float32
    )


def bernoulli(x: Tensor, *, generator: Generator | None = None) -> Tensor:
    """Say that this draw differs from PyTorch's."""
    lacks("torch.bernoulli")


@method
def uniform_(x: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Any = None) -> Tensor:
    if a > b:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}"
        )
    _floats(x.dtype, "check_uniform_bounds")
    values = uniform_values(x.numel(), x.dtype, generator, a, b)
    return change(x, lambda old: new(values, x.shape, x.dtype))


@method
def normal_(x: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    _floats(x.dtype, "normal_kernel_cpu")
    values = normal_values(x.numel(), x.dtype, generator, mean, std)
    return change(x, lambda old: new(values, x.shape, x.dtype))


@method
def random_(x: Tensor, low: int = 0, high: int | None = None, *, generator: Any = None) -> Tensor:
    if high is None:
        low, high = 0, low
    if not high:
        lacks("torch.Tensor.random_ without a bound")
    values = [_whole(low, high, generator) for _ in range(x.numel())]
    return change(x, lambda old: new(values, x.shape, x.dtype))

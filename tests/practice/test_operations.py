"""The stand-in against PyTorch: values, types, shapes, errors, and what views write through.

Each example draws inputs and runs every operation of a family on them. `make campaign` draws ten
thousand of each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from comparison import FLOATS, Statement, assert_same, shapes, tensors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standin import StandIn

Draw = Callable[..., Any]
FEW, MANY = 12, 10_000
Given = dict[str, Any]
Drawn = tuple[list[Statement], Given]


def results(text: str, terms: int = 0) -> list[Statement]:
    """Return a statement for each line."""
    return [Statement(f"result = {line.strip()}", terms) for line in text.strip().splitlines()]


BINARY = results("""
    x + y
    x - y
    x * y
    x / y
    x // y
    x % y
    x == y
    x != y
    x < y
    x <= y
    x > y
    x >= y
    torch.maximum(x, y)
    torch.minimum(x, y)
    torch.fmod(x, y)
    torch.where(x > y, x, y)
    torch.logical_and(x, y)
    torch.logical_xor(x, y)
    x & y
    x | y
    x ^ y
    str(torch.result_type(x, y))
    str(torch.promote_types(x.dtype, y.dtype))
    torch.equal(x, y)
    torch.isclose(x, y)
    torch.allclose(x, y)
    x + s
    x - s
    s - x
    x * s
    x / s
    s / x
    x // s
    x % s
    x == s
    x < s
    x.clamp(min=s)
    x.clamp(-1, s)
    torch.div(x, y, rounding_mode="trunc")
    torch.add(x, y, alpha=2)
    x.expand_as(y)
    torch.broadcast_shapes(x.shape, y.shape) == (x + y).shape
    strides(x + y)
    strides(x * x.flip(0)) if x.ndim else 0
""")
CHANGES = """
    x += y
    x *= y
    x.sub_(y)
    part = x[...]; part -= s
    x.div_(s)
    x.clamp_(-1, 2)
    x.fill_(s)
    x.zero_()
"""
BINARY += [Statement(f"{line.strip()}\nresult = x") for line in CHANGES.strip().splitlines()]


@st.composite
def pairs(draw: st.DrawFn) -> Drawn:
    """Draw two tensors whose shapes often broadcast, and a number."""
    shape = draw(shapes())
    other = draw(st.permutations(shape)) if draw(st.integers(0, 5)) == 0 else shape
    other = [1 if draw(st.integers(0, 3)) == 0 else n for n in other]
    other = other[draw(st.integers(0, len(other))) :]
    x, y = draw(tensors(st.just(shape), odd=True)), draw(tensors(st.just(list(other)), odd=True))
    s = draw(st.sampled_from([0, 1, 2, -3, True, 0.5, -1.25, 0.1]))
    return BINARY, {"x": x, "y": y, "s": s}


POWERS = results("""
    x ** 2
    x ** 3
    x ** 0.5
    x ** -1
    x ** y
    2 ** x
    x.square()
    torch.hypot(x, y)
    torch.atan2(x, y)
""", 4)  # fmt: skip


@st.composite
def powers(draw: st.DrawFn) -> Drawn:
    """Draw bases and exponents."""
    shape = st.just(draw(shapes(most=2)))
    x = draw(tensors(shape, FLOATS))
    return POWERS, {"x": x, "y": draw(tensors(shape, (x.dtype,)))}


UNARY = results("""
    -x
    abs(x)
    x.neg()
    x.sign()
    x.floor()
    x.ceil()
    x.trunc()
    x.round()
    x.relu()
    x.reciprocal()
    x.isnan()
    x.isinf()
    x.isfinite()
    ~x
    x.logical_not()
    strides(x.clone())
    strides(x.to(torch.float64))
    x.float()
    x.double()
    x.bool()
    strides(x.contiguous())
    x.is_contiguous()
    x.tolist()
    x.numel(), x.dim(), x.shape[:1], len(x)
    torch.zeros_like(x)
    strides(torch.ones_like(x))
    x.new_zeros(2, 3)
    torch.full_like(x, 2)
    x.is_floating_point()
    x.nonzero()
    x.nan_to_num()
    x.conj(), x.real
    x.item()
    bool(x)
    int(x)
    float(x)
    x.element_size()
    repr(x)
    str(x[:2]) if x.ndim else f"{x}"
""")
FUNCTIONS = results("""
    x.sqrt()
    x.exp()
    x.log()
    x.sin()
    x.cos()
    x.tan()
    x.tanh()
    x.atan()
    x.sigmoid()
    x.log1p()
    x.expm1()
    x.rsqrt()
    torch.erf(x)
    torch.log2(x)
    torch.sinh(x / 64)
""", 4)  # fmt: skip


@st.composite
def singles(draw: st.DrawFn) -> Drawn:
    """Draw one tensor."""
    return [*UNARY, *FUNCTIONS], {"x": draw(tensors())}


CASTS = [Statement(f"result = x.to(torch.{name})") for name in (
    "float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool", "float16", "bfloat16",
    "complex64",
)]  # fmt: skip


@st.composite
def casts(draw: st.DrawFn) -> Drawn:
    """Draw what is converted: floats that any integer holds."""
    x = draw(tensors())
    return CASTS, {"x": x.abs() if x.dtype.is_floating_point else x}


REDUCTIONS = results("""
    x.max()
    x.min()
    x.any()
    x.all()
    x.argmax()
    x.argmin()
    x.amax()
    x.count_nonzero()
    tuple(x.max(d))
    tuple(x.min(d, keepdim=True))
    x.amax(d)
    x.amin((0, 1))
    x.argmax(d)
    x.argmin(d, keepdim=True)
    x.any(d)
    x.all(d, keepdim=True)
    tuple(x.sort(d))
    x.argsort(stable=True)
    x.median()
    x.topk(2).values
    torch.unique(x)
    torch.diff(x)
    torch.diff(x, n=2, dim=d)
    x.cumsum(d).shape
""")
SUMS = results("""
    x.sum()
    x.sum(d)
    x.sum(dim=(0, -1), keepdim=True)
    x.sum(dtype=torch.float64)
    x.mean()
    x.mean(d, keepdim=True)
    x.prod()
    x.cumsum(d)
    x.std()
    x.var(dim=d, unbiased=False)
    x.norm()
    x.norm(1)
    x.norm(p=float("inf"), dim=d)
    torch.linalg.vector_norm(x, dim=d)
    torch.dist(x, x + 1)
    x.softmax(d)
    x.logsumexp(d)
    x.sum_to_size(1)
""", 64)  # fmt: skip


@st.composite
def reduced(draw: st.DrawFn) -> Drawn:
    """Draw a tensor and an axis, now and then one that is not there."""
    x = draw(tensors())
    if x.dtype.is_floating_point:  # ties are broken in no order that is promised
        x = x + torch.arange(x.numel(), dtype=x.dtype).reshape(x.shape) / 8
    return [*REDUCTIONS, *SUMS], {"x": x, "d": draw(st.integers(-3, 3))}


SHAPES = results("""
    x.reshape(*sizes)
    x.view(*sizes)
    x.reshape(-1)
    x.view(-1)
    x.flatten()
    x.flatten(1)
    x.t()
    x.T
    x.mT
    x.permute(*order)
    x.transpose(0, d)
    x.movedim(0, d)
    x.squeeze()
    x.squeeze(d)
    x.unsqueeze(d)
    x.expand(2, *x.shape)
    x.expand(sizes)
    x.flip(d)
    x.flip(0, 1)
    torch.rot90(x, n)
    torch.fliplr(x)
    x.roll(n, d)
    x.roll(1)
    x.repeat(*sizes)
    x.repeat_interleave(2, d)
    x.narrow(d, 0, n)
    x.unfold(d, n, 1)
    x.unfold(d, 2, n)
    x.select(d, n)
    x.unbind(d)
    x.split(n, d)
    x.chunk(2, d)
    x.diagonal()
    torch.diag(x)
    torch.tril(x)
    torch.triu(x, n)
    torch.stack([x, x + 1], d)
    torch.cat([x, x], d)
    torch.cat([x, y], 0)
    torch.stack([x, y])
    torch.hstack([x, y])
    torch.vstack([x, y])
    torch.meshgrid(x.flatten(), y.flatten(), indexing="ij")
    torch.atleast_2d(x)
    x.contiguous().as_strided((2, 2), (1, 1))
    strides(x.unfold(d, n, 1))
    strides(x.permute(*order))
    strides(x.reshape(*sizes))
    strides(x.expand(2, *x.shape))
    x.reshape(-1).is_contiguous()
    torch.broadcast_to(x, (2, *x.shape))
    x.unflatten(0, (1, -1))
    torch.kron(x.contiguous(), y.contiguous())
    F.pad(x, (1, n))
    F.pad(x, (n, 0, 1, -1), value=3)
    F.pad(x[None, None].float(), (1, 1, 1, 1), mode="reflect")
    F.pad(x[None, None].float(), (1, 0, 0, 1), mode="replicate")
    F.pad(x[None, None].float(), (1, 0, 0, 1), mode="circular")
    torch.constant_pad_nd(x, (0, n), 1)
""") + [
    Statement(f"part = {view}\npart.add_(1)\nresult = x, part, x.numel() and part.storage_offset()")
    for view in (
        "x.view(-1)", "x.T", "x[::2]", "x.unsqueeze(d)", "x.permute(*order)", "x.narrow(d, 0, n)",
        "x.reshape(-1)", "x.diagonal()", "x.select(d, n)", "x.detach()", "x.data", "x.squeeze()",
        "x.movedim(0, d)", "x.flatten()", "x.contiguous()", "x.clone()", "x.to(x.dtype)",
        "x.unbind(d)[0]",
    )
]  # fmt: skip


@st.composite
def shaped(draw: st.DrawFn) -> Drawn:
    """Draw a tensor, another, sizes, an order of axes, an axis and a count."""
    x, y = draw(tensors()), draw(tensors(shapes(most=2)))
    n = draw(st.integers(0, 3))
    sizes = draw(st.lists(st.sampled_from([1, 2, 3, 4, 6, -1]), min_size=1, max_size=3))
    order = draw(st.permutations(range(x.ndim)))
    x = x.to(torch.int64) if x.dtype == torch.bool else x
    d = draw(st.integers(-2, 2))
    return SHAPES, {"x": x, "y": y, "n": n, "sizes": sizes, "order": list(order), "d": d}


def items() -> st.SearchStrategy[str]:
    """Return what may stand between brackets, for one axis, as text."""
    number = st.integers(-3, 3).map(str)
    part = st.tuples(number | st.just(""), number | st.just(""), st.sampled_from(["1", "2", ""]))
    return st.one_of(
        number,
        part.map(":".join),
        st.sampled_from([":", "None", "...", "[0, 1]", "[1, -1]", "torch.tensor([0, 1])", "True",
                         "torch.tensor(0)", "torch.tensor([[0, 1], [1, 0]])", "x > 0", "m"]),
    )  # fmt: skip


@st.composite
def indexed(draw: st.DrawFn) -> Drawn:
    """Draw a tensor and an index."""
    index = ", ".join(draw(st.lists(items(), min_size=1, max_size=4)))
    x, y = draw(tensors()), draw(tensors(shapes(most=2)))
    size = x.shape[0] if x.ndim else 1
    m = torch.tensor(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    number = draw(st.sampled_from(["2", "True", "1.5", "-1"]))
    statements = [
        Statement(f"result = x[{index}]"),
        Statement(f"result = strides(x[{index}])"),
        Statement(f"x[{index}] = {number}\nresult = x"),
        Statement(f"x[{index}] = y\nresult = x"),
        Statement(f"x[{index}] += 1\nresult = x"),
        Statement(f"x[{index}] = x[{index}] * 2\nresult = x"),
        Statement(f"part = x[{index}]\npart.fill_(3)\nresult = x"),
    ]
    return statements, {"x": x, "y": y, "m": m}


PRODUCTS = results("""
    x @ y
    torch.matmul(x, y)
    torch.mm(x, y)
    torch.mv(x, y)
    torch.dot(x, y)
    torch.outer(x, y)
    torch.bmm(x, y)
    torch.inner(x, y)
    torch.tensordot(x, y, dims=1)
    torch.einsum("ij,jk->ik", x, y.to(x.dtype))
    torch.einsum("ij,jk", x, y.to(x.dtype))
    torch.einsum("ij,kj->ki", x, y.to(x.dtype))
    torch.einsum("i,j->ij", x, y.to(x.dtype))
    torch.einsum("ii->i", x)
    torch.einsum("ij->", x)
    torch.einsum("...ij,jk->...ik", x, y.to(x.dtype))
    torch.einsum("bij,bjk->bik", x, y.to(x.dtype))
    torch.einsum("ij,ij->ij", x, y.to(x.dtype))
    torch.trace(x)
    strides(x @ y)
""", 16)  # fmt: skip


@st.composite
def multiplied(draw: st.DrawFn) -> Drawn:
    """Draw two tensors whose shapes often fit a product."""
    n, k, m, b = (draw(st.integers(1, 3)) for _ in range(4))
    one = draw(st.sampled_from([[n, k], [k], [b, n, k], [n, n]]))
    other = draw(st.sampled_from([[k, m], [k], [b, k, m], [m, k], [n, k]]))
    dtype = draw(st.sampled_from([torch.float32, torch.float64, torch.int64]))
    x = draw(tensors(st.just(one), (dtype,)))
    return PRODUCTS, {"x": x, "y": draw(tensors(st.just(other), (dtype, dtype, torch.float64)))}


CONVOLUTIONS = results("""
    F.conv2d(x, w)
    F.conv2d(x, w, stride=s)
    F.conv2d(x, w, padding=p, dilation=d)
    F.conv2d(x, w, b, s, p, d)
    F.conv2d(x, w, padding="same")
    F.conv2d(x[0], w)
    F.conv2d(x, w[:, :1], groups=x.shape[1])
    F.conv1d(x[:, :, 0], w[:, :, 0], padding=p[1])
    F.conv3d(x[None], w[None].transpose(1, 2))
    F.conv_transpose2d(x, w.transpose(0, 1), stride=s, padding=[n // 2 for n in q], dilation=d)
    F.unfold(x, k)
    F.unfold(x, k, d, p, s)
    F.fold(F.unfold(x, k, d, p, s), x.shape[2:], k, d, p, s)
    F.max_pool2d(x, k)
    F.max_pool2d(x, k, s)
    F.max_pool2d(x, k, s, ceil_mode=True)
    F.max_pool2d(x, k, padding=p)
    F.avg_pool2d(x, k)
    F.avg_pool2d(x, k, s, p)
    F.avg_pool2d(x, k, s, p, count_include_pad=False)
    F.avg_pool2d(x, k, s, ceil_mode=True)
    F.linear(x[0, 0], w[0, 0])
    F.relu(x), F.leaky_relu(x), F.softplus(x)
    F.mse_loss(x, x + 1), F.l1_loss(x, 2 * x, reduction="sum")
    nn.MaxPool2d(k)(x)
    nn.AvgPool2d(k, 1)(x)
    nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))(x)
    strides(F.conv2d(x, w)), strides(F.unfold(x, k)), strides(F.max_pool2d(x, k))
""", 32)  # fmt: skip


@st.composite
def convolved(draw: st.DrawFn) -> Drawn:
    """Draw a batch of images, kernels and options."""
    channels, rows, columns = (draw(st.integers(1, n)) for n in (2, 6, 6))
    batch, kernels, h, w = (draw(st.integers(1, n)) for n in (2, 2, 3, 3))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    x = draw(tensors(st.just([batch, channels, rows, columns]), (dtype,)))
    odd = draw(st.sampled_from([dtype, dtype, dtype, torch.float64, torch.int64]))
    kernel = draw(tensors(st.just([kernels, channels, h, w]), (odd,)))
    pair = st.tuples(st.integers(1, 2), st.integers(1, 3))
    options = {"s": draw(pair), "d": draw(pair), "p": draw(st.tuples(*[st.integers(0, 2)] * 2))}
    options["q"] = (h - 1, w - 1)  # of which half leaves something of any transposed convolution
    bias = draw(tensors(st.just([kernels]), (dtype,)))
    return CONVOLUTIONS, {"x": x, "w": kernel, "b": bias, "k": (h, w), **options}


STEPS = [
    "z = z * y", "z = z + y", "z = y - z", "z = z / (y.abs() + 1)", "z = z ** 2", "z = z.t()",
    "z = z.flip(0)", "z = z.exp().tanh()", "z = z @ y.t()", "z = z.relu()", "z = z.reshape(-1)",
    "z = z[:, :1] * z", "z = z.sum(0)", "z = z.mean(1, keepdim=True) * z", "z = z.max(0).values",
    "z = z.clone()\nz[0] = y[0]", "z = z.clone()\nz[0, 0] = y[1, 1] * 2", "z = z.clone()\nz *= y",
    "z = z.clone()\nv = z[0]\nv += y[0]", "z = torch.stack([z, y])", "z = torch.cat([z, y])",
    "z = z.unfold(0, 2, 1).sum(-1)", "z = torch.where(z > 0, z, y)", "z = (z.abs() + 1).sqrt()",
    "z = F.pad(z, (1, 1, 0, 1))", "z = z.clamp(-1, 1)", "z = z.norm() * y", "z = z.detach() * y",
    "z = F.conv2d(z[None, None], y[None, None, :1, :1])[0, 0]", "z = z.index_select(0, i)",
    "z = z[[0, 1]]", "z = z.cumsum(0)", "z = z.double()", "z = z.expand(2, *z.shape).sum(0)",
    "z = torch.zeros_like(z)\nfor a in range(2):\n    z[a] = z[a - 1] + y[a]", "z.add_(1)",
    "y.mul_(2)", "z = z.prod(0)", "z = z.amax(1)", "z = F.max_pool2d(z[None], 2)[0]",
    "with torch.no_grad():\n    z = z * 2", "z = z.std()",
    "z = z / (z.abs() + 1)\nz = z.sin() * z.cos()",
    "z = torch.linalg.solve(z.t() @ z + 9 * torch.eye(z.shape[1], dtype=z.dtype), z.t())",
    "z = torch.linalg.inv(z.t() @ z + 9 * torch.eye(z.shape[1], dtype=z.dtype))",
    "z = torch.fft.ifft2(torch.fft.fft2(z)).real", "z = z.softmax(0)", "z = torch.outer(z, z)",
]  # fmt: skip


TWICE = """
(g,) = torch.autograd.grad((z * z).sum(), x, create_graph=True)
(h,) = torch.autograd.grad((g * g).sum(), x, allow_unused=True)
result = g.detach(), torch.zeros_like(x) if h is None else h
"""


@st.composite
def differentiated(draw: st.DrawFn) -> Drawn:
    """Draw a computation of a few steps, whose gradients are taken."""
    steps = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
    shape, dtype = draw(st.sampled_from([[2, 2], [2, 3], [3, 3]])), draw(st.sampled_from(FLOATS))
    x = draw(tensors(st.just(shape), (dtype,), grad=True))
    y = draw(tensors(st.just(shape), (dtype,), grad=True))
    y = y if draw(st.booleans()) else y.detach()
    body = "\n".join(["i = torch.tensor([0, 1, 0])", "z = x * 1.5", *steps])
    end = "result = z.detach(), z.requires_grad, x.grad, y.grad"
    statements = [
        Statement(f"{body}\nz.sum().backward()\n{end}", 4096),
        Statement(f"{body}\n(z * z).mean().backward()\n{end}", 4096),
        Statement(f"{body}\n{TWICE}", 4096),
    ]
    return statements, {"x": x, "y": y, "scale": torch.tensor(1e3)}


CREATED = results("""
    torch.tensor(data)
    torch.tensor(data, dtype=torch.float32)
    torch.tensor([a, b], dtype=torch.uint8)
    torch.tensor([data, data])
    torch.as_tensor(data)
    torch.arange(a)
    torch.arange(a, b)
    torch.full((n, 2), a)
    torch.full((n,), s)
    torch.zeros(n, 2), torch.ones((2, n), dtype=torch.int32), torch.zeros(())
    torch.zeros(a)
    torch.ones(a, 1)
    torch.eye(n), torch.eye(n, 2)
    torch.empty(n, 3).shape
    torch.zeros(n, n).fill_(s)
    torch.tensor(s), torch.tensor(s).dtype == torch.float32
    torch.tensor([s, a, True])
    torch.tensor([[1, 2], [3]])
    torch.tensor([a, None])
    torch.Tensor([a, b])
    repr(torch.tensor(data))
    repr(torch.tensor([s * 1000, b / 7, a * 1e-5]))
    repr(torch.arange(a, b * 1000.0, 35.0))
    repr(torch.arange(1100.0).reshape(2, -1))
""")
SPACED = results(
    """
    torch.arange(a, b, s)
    torch.arange(a, b, s, dtype=torch.float64)
    torch.linspace(a, b, n)
""",
    16,
)


@st.composite
def created(draw: st.DrawFn) -> Drawn:
    """Draw nested lists and numbers."""
    number = st.integers(-9, 300) | st.booleans() | st.sampled_from([0.5, -1.25, 0.1])
    data = draw(st.lists(number, max_size=4) | st.lists(st.lists(number, max_size=3), max_size=3))
    ends = {"a": draw(st.integers(-4, 6)), "b": draw(st.integers(-4, 9))}
    step = draw(st.sampled_from([1, 2, -1, 0.5, 0.3, 0]))
    return [*CREATED, *SPACED], {"data": data, **ends, "s": step, "n": draw(st.integers(0, 5))}


RANDOM = [Statement(f"torch.manual_seed(seed)\nresult = {code}", 64) for code in (
    "torch.rand(n), torch.rand(2, 3), torch.rand(n, dtype=torch.float64)",
    "torch.randint(-3, 9, (n, 2)), torch.randint(5, (n,)), torch.randperm(n)",
    "torch.randn(3), torch.randn(n), torch.randn(2)",
    "torch.randn(n, dtype=torch.float64), torch.randn(17, dtype=torch.float64)",
    "nn.Conv2d(2, 3, (2, n + 1)).weight, nn.Conv2d(1, 2, 3, bias=False).weight",
    "nn.Linear(n + 1, 3).state_dict()",
    "torch.empty(n, 3).uniform_(-1, 2), torch.empty(n).normal_(1, 2)",
    "nn.init.kaiming_normal_(torch.empty(3, n + 1)), nn.init.xavier_uniform_(torch.empty(3, 4))",
    "torch.rand_like(torch.empty(n, 2)), torch.randn_like(torch.empty(20))",
    "torch.rand(n, generator=torch.Generator().manual_seed(seed)), torch.rand(1)",
    "torch.normal(1.0, 2.0, (n,))",
)]  # fmt: skip


@st.composite
def random_numbers(draw: st.DrawFn) -> Drawn:
    """Draw a seed and a count."""
    seed = draw(st.integers(0, 2**40))
    return RANDOM, {"seed": seed, "n": draw(st.sampled_from([0, 1, 5, 15, 16, 17, 40]))}


TRANSFORMS = results("""
    torch.fft.fft2(x)
    torch.fft.fft2(x, s)
    torch.fft.ifft2(x)
    torch.fft.rfft2(x, s=s)
    torch.fft.irfft2(torch.fft.rfft2(x), s=x.shape)
    torch.fft.irfft2(x, s)
    torch.fft.fft(x, n)
    torch.fft.ifft(x, dim=0)
    torch.fft.fft(x, norm="ortho")
    torch.fft.fftn(x), torch.fft.ifftn(x, dim=(0,))
    torch.fft.rfft(x), torch.fft.irfft(x)
    torch.fft.fftshift(x), torch.fft.ifftshift(x, 1)
    torch.fft.fft2(x) * torch.fft.fft2(x.flip(0)).conj()
    torch.fft.fft2(x).abs(), torch.fft.fft2(x).real, torch.view_as_real(torch.fft.fft2(x))
    torch.complex(x, x * 2) / torch.complex(x + 200, x)
    torch.complex(x, x).sum(0), torch.complex(x, -x).mT
    torch.fft.fftfreq(n), torch.fft.rfftfreq(n)
""", 256)  # fmt: skip


@st.composite
def transformed(draw: st.DrawFn) -> Drawn:
    """Draw matrices and lengths."""
    size = [draw(st.integers(1, 7)), draw(st.integers(1, 7))]
    x = draw(tensors(st.just(size), (torch.float32, torch.float64)))
    s = (draw(st.integers(1, 8)), draw(st.integers(1, 8)))
    return TRANSFORMS, {"x": x, "s": s, "n": draw(st.integers(1, 9))}


ALGEBRA = results("""
    torch.linalg.svdvals(x)
    torch.linalg.svd(x, full_matrices=False).S
    (lambda u, s, vh: (u * s) @ vh)(*torch.linalg.svd(x, full_matrices=False))
    torch.linalg.svd(x).U.shape, torch.linalg.svd(x).Vh.shape
    torch.linalg.eigvalsh(x.T @ x)
    torch.linalg.eigh(x.T @ x).eigenvalues
    torch.linalg.solve(x.T @ x + 9 * torch.eye(x.shape[1], dtype=x.dtype), x.T)
    torch.linalg.inv(x.T @ x + 9 * torch.eye(x.shape[1], dtype=x.dtype)) * 9
    torch.linalg.det(x.T @ x + torch.eye(x.shape[1], dtype=x.dtype)) / 1e9
    torch.linalg.pinv(x.T @ x + 9 * torch.eye(x.shape[1], dtype=x.dtype))
    torch.linalg.matrix_norm(x), torch.linalg.matrix_norm(x, 2), torch.linalg.matrix_norm(x, 1)
    torch.linalg.norm(x), torch.linalg.norm(x, 2), torch.linalg.norm(x, float("inf"))
    torch.linalg.qr(x).Q.shape, torch.linalg.qr(x).R.abs()
    (lambda q, r: q @ r)(*torch.linalg.qr(x))
    torch.linalg.cholesky(x.T @ x + torch.eye(x.shape[1], dtype=x.dtype))
    torch.linalg.eigvals(x.T @ x).real.sort().values
    torch.linalg.solve(x, x)
    torch.linalg.eigvalsh(x)
    torch.linalg.inv(x[:1, :1] * 0)
    torch.linalg.svd(x[0])
    torch.linalg.cholesky(-torch.eye(2))
    torch.linalg.solve(torch.eye(2), torch.ones(3))
    torch.linalg.svd(torch.ones(2, 2, dtype=torch.int64))
""", 1 << 12)  # fmt: skip
RANKS = results("""
    torch.linalg.matrix_rank(x @ y)
    torch.linalg.pinv(x @ y) @ x @ y
    x @ y @ torch.linalg.lstsq(x @ y, x, driver="gelsd").solution
    torch.linalg.lstsq(x @ y, x, driver="gelsd").rank
""", 1 << 12)  # fmt: skip


@st.composite
def matrices(draw: st.DrawFn) -> Drawn:
    """Draw matrices of doubles, and two whose product has a rank that is not in doubt."""
    n, m, k = (draw(st.integers(1, 4)) for _ in range(3))
    whole = st.integers(-4, 4).map(float)

    def matrix(rows: int, columns: int) -> torch.Tensor:
        flat = draw(st.lists(whole, min_size=rows * columns, max_size=rows * columns))
        return torch.tensor(flat, dtype=torch.float64).reshape(rows, columns)

    x, y = matrix(n, k), matrix(k, m)
    sizes = torch.linalg.svdvals(x @ y)
    clear = bool(((sizes > 0.05) | (sizes < 1e-12)).all())
    return [*ALGEBRA, *(RANKS if clear else [])], {"x": x, "y": y}


FAMILIES: dict[str, st.SearchStrategy[Drawn]] = {
    "binary": pairs(),
    "powers": powers(),
    "unary": singles(),
    "casts": casts(),
    "reductions": reduced(),
    "shapes": shaped(),
    "indexing": indexed(),
    "products": multiplied(),
    "convolutions": convolved(),
    "gradients": differentiated(),
    "creation": created(),
    "random": random_numbers(),
    "transforms": transformed(),
    "algebra": matrices(),
}
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.mark.parametrize("family", FAMILIES)
def test_operations_do_what_those_of_torch_do(there: StandIn, family: str) -> None:
    """Every operation of a family gives the same numbers, or the same class of error."""

    @settings(max_examples=FEW, derandomize=True, database=None, **QUIET)
    @given(FAMILIES[family])
    def holds(drawn: Drawn) -> None:
        assert_same(there, *drawn)

    holds()


@pytest.mark.campaign
@pytest.mark.parametrize("family", FAMILIES)
def test_operations_do_what_those_of_torch_do_ten_thousand_times(
    there: StandIn, family: str
) -> None:
    """As above, on ten thousand drawn inputs."""

    @settings(max_examples=MANY, database=None, **QUIET)
    @given(FAMILIES[family])
    def holds(drawn: Drawn) -> None:
        assert_same(there, *drawn)

    holds()

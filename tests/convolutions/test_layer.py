"""The layer, its gradients, its options and its parameter counts, against independent oracles."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from torch import Tensor, nn
from torch.nn import functional as F

from convolutions.correlation import corr2d, toeplitz
from convolutions.layer import (
    Conv2D,
    conv2d_general,
    corr2d_backward,
    finite_differences,
    parameter_counts,
)

Pair = tuple[int, int]
SIDES = st.integers(1, 7)
FEW = settings(max_examples=60, deadline=None)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[Pair, Pair]:
    """Draw an image shape and the shape of a kernel that fits in it."""
    H, W = draw(SIDES), draw(SIDES)
    return (H, W), (draw(st.integers(1, H)), draw(st.integers(1, W)))


def drawn(shape: Pair, seed: int) -> Tensor:
    """Return float64 noise of this shape, the same for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def triple(image: Pair, kernel: Pair, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return an image, a kernel and a gradient of the shape of their output."""
    output = (image[0] - kernel[0] + 1, image[1] - kernel[1] + 1)
    return drawn(image, seed), drawn(kernel, seed + 1), drawn(output, seed + 2)


@FEW
@given(shapes(), st.integers(0, 999))
def test_backward_is_the_adjoint_of_forward_in_each_argument(
    both: tuple[Pair, Pair], seed: int
) -> None:
    """⟨corr(U, K), dY⟩ = ⟨U, dX⟩ for every U, and ⟨corr(X, V), dY⟩ = ⟨V, dK⟩ for every V."""
    X, K, dY = triple(*both, seed)
    U, V = drawn(both[0], seed + 3), drawn(both[1], seed + 4)
    dX, dK, db = corr2d_backward(X, K, dY)

    torch.testing.assert_close((corr2d(U, K) * dY).sum(), (U * dX).sum())
    torch.testing.assert_close((corr2d(X, V) * dY).sum(), (V * dK).sum())
    torch.testing.assert_close(db, (torch.ones_like(dY) * dY).sum())


@FEW
@given(shapes(), st.integers(0, 999))
def test_backward_is_what_scipy_gives(both: tuple[Pair, Pair], seed: int) -> None:
    """The gradient dX is SciPy's full convolution, dK its valid correlation, db its sum."""
    X, K, dY = triple(*both, seed)
    dX, dK, db = corr2d_backward(X, K, dY)

    assert np.allclose(dX, signal.convolve2d(dY, K, mode="full"))
    assert np.allclose(dK, signal.correlate2d(X, dY, mode="valid"))
    assert np.isclose(db, np.sum(dY.numpy()))
    assert db.shape == ()


@FEW
@given(shapes(), st.integers(0, 999))
def test_backward_of_the_image_is_the_transposed_matrix(both: tuple[Pair, Pair], seed: int) -> None:
    """Where T carries the image to the output, Tᵀ carries the gradient back."""
    X, K, dY = triple(*both, seed)
    dX, _, _ = corr2d_backward(X, K, dY)

    torch.testing.assert_close(dX.reshape(-1), toeplitz(K, both[0]).T @ dY.reshape(-1))


@settings(max_examples=25, deadline=None)
@given(shapes(), st.integers(0, 999))
def test_backward_is_what_finite_differences_and_autograd_give(
    both: tuple[Pair, Pair], seed: int
) -> None:
    """A curved loss of the output has the same gradients by formula, by probing, by autograd."""
    X, K, _ = triple(*both, seed)
    b = torch.full((1,), 0.3, dtype=torch.float64)

    def loss(X: Tensor, K: Tensor, b: Tensor) -> Tensor:
        return (F.conv2d(X[None, None], K[None, None]) + b).sin().sum()

    inputs = [t.clone().requires_grad_() for t in (X, K, b)]
    by_autograd = torch.autograd.grad(loss(*inputs), inputs)
    dX, dK, db = corr2d_backward(X, K, (corr2d(X, K) + b).cos())
    probed = (
        finite_differences(lambda x: loss(x, K, b), X, step=1e-5),
        finite_differences(lambda k: loss(X, k, b), K, step=1e-5),
        finite_differences(lambda c: loss(X, K, c), b, step=1e-5),
    )
    for formula, autograd, probe in zip((dX, dK, db[None]), by_autograd, probed, strict=True):
        torch.testing.assert_close(formula, autograd)
        torch.testing.assert_close(formula, probe, rtol=1e-6, atol=1e-8)


def test_backward_of_the_book_example() -> None:
    """For the 3×3 image and 2×2 kernel of the book and dY = 1, every sum can be done by head."""
    X, K = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    dX, dK, db = corr2d_backward(X, K, torch.ones(2, 2))

    assert dX.tolist() == [[0, 1, 1], [2, 6, 4], [2, 5, 3]]
    assert dK.tolist() == [[8, 12], [20, 24]]
    assert db.item() == 4


def test_backward_leaves_its_inputs_alone_and_needs_no_graph() -> None:
    """Inputs that require gradients, a view among them, come back as they were."""
    X, K, dY = triple((5, 4), (2, 3), 0)
    X, copies = X.t().contiguous().t().requires_grad_(), [t.clone() for t in (X, K, dY)]
    with torch.no_grad():
        corr2d_backward(X, K, dY)

    assert all(torch.equal(t, c) for t, c in zip((X, K, dY), copies, strict=True))
    assert X.grad is None


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 3), (1, 1)])
def test_backward_refuses_a_gradient_of_another_shape(shape: Pair) -> None:
    """The message names the shape that came and the shape that the output has."""
    with pytest.raises(ValueError, match=rf"\({shape[0]}, {shape[1]}\).*\(3, 2\)"):
        corr2d_backward(torch.ones(4, 4), torch.ones(2, 3), torch.ones(shape))


OPTIONS = st.tuples(
    st.one_of(st.integers(0, 3), st.tuples(st.integers(0, 3), st.integers(0, 3))),
    st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3))),
    st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3))),
)


@settings(max_examples=150, deadline=None)
@given(shapes(), OPTIONS, st.integers(0, 999))
def test_general_is_what_pytorch_gives(
    both: tuple[Pair, Pair], options: tuple[int | Pair, int | Pair, int | Pair], seed: int
) -> None:
    """Values where the kernel fits; `ValueError` exactly where PyTorch refuses."""
    X, K, _ = triple(*both, seed)
    p, s, d = options
    try:
        expected = F.conv2d(X[None, None], K[None, None], None, s, p, d)[0, 0]
    except RuntimeError:
        with pytest.raises(ValueError, match="more than the padded axis"):
            conv2d_general(X, K, p, s, d)
        return

    torch.testing.assert_close(conv2d_general(X, K, p, s, d), expected)


@FEW
@given(shapes(), st.integers(0, 999))
def test_general_without_options_is_corr2d(both: tuple[Pair, Pair], seed: int) -> None:
    """The defaults change nothing."""
    X, K, _ = triple(*both, seed)

    assert torch.equal(conv2d_general(X, K), corr2d(X, K))


def test_general_promotes_integers_before_it_multiplies() -> None:
    """Products that overflow eight bits are right, and the result is float32."""
    X = torch.full((2, 3), 200, dtype=torch.uint8)
    Y = conv2d_general(X, torch.tensor([[2, 3]], dtype=torch.uint8), padding=1, stride=2)

    assert Y.dtype == torch.float32
    assert Y.tolist() == [[0, 0], [600, 1000]]


@FEW
@given(shapes(), st.integers(0, 999))
def test_the_layer_is_pytorchs_with_the_same_parameters(both: tuple[Pair, Pair], seed: int) -> None:
    """Output and all gradients are those of `nn.Conv2d` on a batch of one with one channel."""
    X, K, dY = (t.float() for t in triple(*both, seed))
    ours, theirs = Conv2D(both[1]), nn.Conv2d(1, 1, both[1])
    ours.load_state_dict({"weight": K, "bias": torch.tensor([0.5])})
    theirs.load_state_dict({"weight": K[None, None], "bias": torch.tensor([0.5])})
    X1, X2 = X.clone().requires_grad_(), X.clone().requires_grad_()
    Y1, Y2 = ours(X1), theirs(X2[None, None])[0, 0]
    Y1.backward(dY)
    Y2.backward(dY)

    torch.testing.assert_close(Y1, Y2)
    torch.testing.assert_close(X1.grad, X2.grad)
    assert ours.weight.grad is not None and theirs.weight.grad is not None
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad[0, 0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(ours.bias.grad, theirs.bias.grad, atol=1e-4, rtol=1e-4)


def test_a_new_layer_has_a_random_kernel_and_a_zero_bias() -> None:
    """Two layers differ; elements lie in [0, 1); the bias is one zero."""
    one, other = Conv2D((5, 7)), Conv2D((5, 7))

    assert one.weight.shape == (5, 7)
    assert one.weight.dtype == torch.float32
    assert not torch.equal(one.weight, other.weight)
    assert one.weight.min() >= 0 and one.weight.max() < 1
    assert one.bias.tolist() == [0.0]


def test_a_layer_passes_gradcheck() -> None:
    """PyTorch's own numerical check agrees with autograd through the layer."""
    layer = Conv2D((2, 3)).double()
    X = drawn((4, 5), 0).requires_grad_()

    assert torch.autograd.gradcheck(layer, (X,))


def test_a_layer_refuses_an_image_smaller_than_its_kernel() -> None:
    """The error is a `ValueError` that names both shapes."""
    with pytest.raises(ValueError, match=r"\(3, 2\).*\(2, 6\)"):
        Conv2D((3, 2))(torch.ones(2, 6))


@FEW
@given(shapes())
def test_counts_are_those_of_the_modules(both: tuple[Pair, Pair]) -> None:
    """PyTorch's own layers of these shapes hold as many parameters."""
    (H, W), (h, w) = both
    outputs = (H - h + 1) * (W - w + 1)

    def size(module: nn.Module) -> int:
        return sum(p.numel() for p in module.parameters())

    conv, dense = size(nn.Conv2d(1, 1, (h, w))), size(nn.Linear(H * W, outputs))

    assert parameter_counts((H, W), (h, w)) == (conv, dense)


@pytest.mark.parametrize("kernel", [(4, 1), (1, 6)])
def test_counts_refuse_a_kernel_larger_than_the_image(kernel: Pair) -> None:
    """A layer that has no output has no parameters to count."""
    with pytest.raises(ValueError, match="more than the padded axis"):
        parameter_counts((3, 5), kernel)


@pytest.mark.parametrize(("central", "order"), [(True, 2), (False, 1)])
def test_finite_differences_have_the_order_they_claim(central: bool, order: int) -> None:
    """Halving the step divides the error of a cubic by two to the order."""
    at = torch.tensor([[0.7, -1.3]], dtype=torch.float64)

    def error(step: float) -> float:
        estimate = finite_differences(lambda x: (x**3).sum(), at, step=step, central=central)
        return float((estimate - 3 * at**2).abs().max())

    assert error(1e-2) / error(5e-3) == pytest.approx(2**order, rel=0.02)

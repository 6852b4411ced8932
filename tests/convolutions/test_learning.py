"""Learning a kernel: against SciPy, autograd, the source's own loop, and counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from convolutions.correlation import corr2d
from convolutions.learning import (
    descend,
    kernel_rank,
    largest_stable_lr,
    learn_kernel,
    normal_matrix,
    solve_kernel,
    visible_part,
)

EDGE = torch.tensor([[1.0, -1.0]])
Size = tuple[int, int]
sides = st.integers(1, 4)
seeds = st.integers(0, 2**16)


def stripes() -> Tensor:
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    return X


def drawn(seed: int, size: Size, room: Size) -> tuple[Tensor, Tensor]:
    """Draw an image `room` positions larger than the kernel, and any output."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(size[0] + room[0], size[1] + room[1], generator=generator).double()
    Y = torch.randn(room[0] + 1, room[1] + 1, generator=generator).double()
    return X, Y


problems = st.builds(lambda seed, size, room: (*drawn(seed, size, room), size),
                     seeds, st.tuples(sides, sides), st.tuples(sides, sides))  # fmt: skip


def loss_of(X: Tensor, Y: Tensor, K: Tensor) -> Tensor:
    return (F.conv2d(X[None, None], K[None, None])[0, 0] - Y).square().sum()


@given(problems, st.booleans())
@settings(deadline=None, max_examples=25)
def test_descent_steps_down_the_gradient_that_autograd_finds(
    problem: tuple[Tensor, Tensor, Size], average: bool
) -> None:
    """Each kernel is the last one minus the rate times the loss's gradient; losses come before."""
    X, Y, size = problem
    K = torch.ones(size, dtype=X.dtype, requires_grad=True)
    expected = []
    for _ in range(4):
        loss = loss_of(X, Y, K) / (Y.numel() if average else 1)
        expected.append(loss.item())
        (gradient,) = torch.autograd.grad(loss, K)
        K.data -= 0.01 * gradient

    learned, losses = descend(X, Y, torch.ones(size).double(), lr=0.01, steps=4, average=average)

    torch.testing.assert_close(learned, K.detach())
    assert losses == pytest.approx(expected)


@given(problems)
@settings(deadline=None, max_examples=25)
def test_the_closed_form_is_scipys_least_norm_solution(
    problem: tuple[Tensor, Tensor, Size],
) -> None:
    """LAPACK's divide-and-conquer solver, reached through SciPy, gives the same kernel."""
    X, Y, size = problem
    windows = np.lib.stride_tricks.sliding_window_view(X.numpy(), size).reshape(Y.numel(), -1)
    expected = scipy.linalg.lstsq(windows, Y.numpy().ravel(), cond=1e-10)[0]

    np.testing.assert_allclose(
        solve_kernel(X, Y, size).numpy().ravel(), expected, rtol=1e-5, atol=1e-6
    )


@given(seeds, st.integers(2, 4), st.integers(2, 4))
@settings(deadline=None, max_examples=25)
def test_on_an_image_of_equal_rows_the_solution_has_the_least_norm(
    seed: int, height: int, width: int
) -> None:
    """Every other kernel with the same output is longer, by exactly the part that is not seen."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randint(-4, 5, (1, 9), generator=generator).double().repeat(7, 1)
    K = torch.randn(height, width, generator=generator).double()

    seen = visible_part(X, K)
    unseen = K - seen

    torch.testing.assert_close(corr2d(X, seen), corr2d(X, K), atol=1e-9, rtol=0)
    torch.testing.assert_close(K.norm() ** 2, seen.norm() ** 2 + unseen.norm() ** 2)


@given(seeds)
@settings(deadline=None, max_examples=10)
def test_descent_leaves_what_the_image_cannot_show(seed: int) -> None:
    """From any start it arrives at the least-norm kernel plus the start's unseen part."""
    X, true = stripes().double(), torch.tensor([[1.0, -1.0], [0.0, 0.0]]).double()
    start = torch.randn(2, 2, generator=torch.Generator().manual_seed(seed)).double()
    Y = corr2d(X, true)

    learned, _ = descend(X, Y, start, lr=0.9 * largest_stable_lr(X, (2, 2)), steps=90)

    expected = solve_kernel(X, Y, (2, 2)) + start - visible_part(X, start)
    torch.testing.assert_close(learned, expected, atol=1e-8, rtol=0)


@given(problems)
@settings(deadline=None, max_examples=25)
def test_descent_stays_below_the_bound_and_runs_away_above_it(
    problem: tuple[Tensor, Tensor, Size],
) -> None:
    """Along the steepest direction the error shrinks at 0.99 of the bound, and grows at 1.01."""
    X, Y, size = problem
    bound = largest_stable_lr(X, size)
    steepest = torch.linalg.eigh(normal_matrix(X, size)).eigenvectors[:, -1].reshape(size)
    best = solve_kernel(X, Y, size)

    below, _ = descend(X, Y, best + steepest, lr=0.99 * bound, steps=50)
    above, _ = descend(X, Y, best + steepest, lr=1.01 * bound, steps=50)

    assert float((below - best).norm()) == pytest.approx(0.98**50, rel=1e-4)
    assert float((above - best).norm()) == pytest.approx(1.02**50, rel=1e-4)


@given(problems)
@settings(deadline=None, max_examples=25)
def test_the_bound_is_the_spectral_norm_of_the_windows(
    problem: tuple[Tensor, Tensor, Size],
) -> None:
    """One over the square of the largest singular value, as SciPy finds it."""
    X, _, size = problem
    windows = np.lib.stride_tricks.sliding_window_view(X.numpy(), size).reshape(-1, np.prod(size))

    assert largest_stable_lr(X, size) == pytest.approx(1 / scipy.linalg.svdvals(windows)[0] ** 2)


@given(problems)
@settings(deadline=None, max_examples=25)
def test_the_normal_matrix_is_half_the_hessian_of_the_loss(
    problem: tuple[Tensor, Tensor, Size],
) -> None:
    """Autograd's second derivatives of the summed squared error are twice AᵀA."""
    X, Y, size = problem
    flat = torch.zeros(size[0] * size[1], dtype=X.dtype)

    hessian = torch.autograd.functional.hessian(lambda k: loss_of(X, Y, k.reshape(size)), flat)

    torch.testing.assert_close(normal_matrix(X, size), hessian / 2)


def test_the_figures_of_the_striped_image() -> None:
    """Counts by hand: three white columns of seven, two white neighbors, six rows."""
    X = stripes()

    assert normal_matrix(X, (1, 2)).tolist() == [[18, 12], [12, 18]]
    assert largest_stable_lr(X, (1, 2)) == pytest.approx(1 / 30)
    assert [kernel_rank(X, size) for size in ((1, 2), (2, 2), (3, 3), (1, 7))] == [2, 2, 3, 2]


def test_solving_recovers_the_edge_kernel() -> None:
    """An output made by a kernel, on an image that shows it whole, gives the kernel back."""
    K = solve_kernel(stripes(), corr2d(stripes(), EDGE), (1, 2))

    torch.testing.assert_close(K, EDGE, atol=1e-6, rtol=0)


def test_learning_is_the_source_documents_loop() -> None:
    """`nn.Conv2d`, its summed loss and its update give the same kernel and losses."""
    X, Y = stripes(), corr2d(stripes(), EDGE)
    torch.manual_seed(3)
    layer = nn.Conv2d(1, 1, (1, 2), bias=False)
    start = layer.weight.detach().clone()[0, 0]
    expected = []
    for _ in range(10):
        loss = ((layer(X[None, None]) - Y[None, None]) ** 2).sum()
        expected.append(loss.item())
        layer.zero_grad()
        loss.backward()
        layer.weight.data -= 3e-2 * layer.weight.grad

    K, losses = descend(X, Y, start, lr=3e-2, steps=10)

    torch.testing.assert_close(K, layer.weight.data[0, 0])
    assert losses == pytest.approx(expected, rel=1e-3)


def test_ten_steps_come_close_to_the_edge_kernel() -> None:
    """The defaults are the source's: rate 0.03, ten steps."""
    torch.manual_seed(0)
    K, losses = learn_kernel(stripes(), corr2d(stripes(), EDGE), (1, 2))

    torch.testing.assert_close(K, EDGE, atol=0.05, rtol=0)
    assert len(losses) == 10
    assert losses[-1] < 0.01 * losses[0]


def test_two_runs_start_differently() -> None:
    """The start is drawn anew at every call."""
    X, Y = stripes(), corr2d(stripes(), EDGE)

    first, second = (learn_kernel(X, Y, (1, 2), steps=1)[1][0] for _ in range(2))

    assert first != second


def test_averaging_moves_the_bound_by_the_number_of_outputs() -> None:
    """0.05 explodes on the sum, and is far too careful on the average of 42 outputs."""
    X, Y = stripes(), corr2d(stripes(), EDGE)
    start = torch.zeros(1, 2)

    averaged, _ = descend(X, Y, start, lr=0.05 * 42, steps=3, average=True)
    summed, _ = descend(X, Y, start, lr=0.05, steps=3)

    torch.testing.assert_close(averaged, summed)


@pytest.mark.parametrize("dtypes", [("int64", "uint8", "float32"), ("float64", "int64", "float64"),
                                    ("uint8", "float32", "float32")])  # fmt: skip
def test_dtypes_are_those_of_the_floating_input(dtypes: tuple[str, str, str]) -> None:
    """Integers become float32; one floating input gives its dtype to the kernel."""
    x, y, result = (getattr(torch, name) for name in dtypes)
    X = torch.tensor([[200, 3, 40], [5, 160, 7]]).to(x)
    Y = torch.tensor([[1, 2]]).to(y)

    assert solve_kernel(X, Y, (2, 2)).dtype == result
    assert learn_kernel(X, Y, (2, 2), lr=1e-6)[0].dtype == result
    assert largest_stable_lr(X, (2, 2)) == pytest.approx(largest_stable_lr(X.double(), (2, 2)))


def test_inputs_stay_as_they_were_and_may_require_gradients() -> None:
    """No call changes an input, whatever its memory layout, or returns a part of its graph."""
    X = torch.arange(12.0).reshape(4, 3).t().requires_grad_()
    Y = torch.arange(6.0).reshape(2, 3)
    X_before, Y_before = X.detach().clone(), Y.clone()

    learn_kernel(X, Y, (2, 2), lr=1e-3)
    solve_kernel(X, Y, (2, 2))
    largest_stable_lr(X, (2, 2))

    assert torch.equal(X, X_before) and torch.equal(Y, Y_before)


@pytest.mark.parametrize("solve", [learn_kernel, solve_kernel])
@pytest.mark.parametrize(
    ("shape", "size"), [((6, 8), (1, 2)), ((7, 6), (1, 2)), ((1, 7), (1, 2)), ((6, 7), (2, 2)),
                        ((1, 1), (7, 1)), ((1, 1), (1, 9))]
)  # fmt: skip
def test_contradicting_shapes_are_refused(solve: object, shape: Size, size: Size) -> None:
    """An output that the kernel cannot give is an error, also where it would broadcast."""
    with pytest.raises(ValueError, match="shape"):
        solve(stripes(), torch.zeros(shape), size)  # type: ignore[operator]


def test_more_axes_and_images_of_zeros_are_refused() -> None:
    """Each message names the shape that came."""
    with pytest.raises(ValueError, match="two axes"):
        solve_kernel(stripes()[None], torch.zeros(6, 7), (1, 2))
    with pytest.raises(ValueError, match="kernel"):
        largest_stable_lr(stripes(), (7, 1))
    with pytest.raises(ValueError, match=r"zeros, of shape \(2, 3\)"):
        largest_stable_lr(torch.zeros(2, 3), (1, 2))

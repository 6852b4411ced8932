"""Strict convolution against SciPy, OpenCV, PyTorch and its own algebra."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from convolutions.correlation import corr2d, corr2d_loops
from convolutions.flipping import (
    conv2d,
    conv2d_circular,
    conv2d_fft,
    conv2d_full,
    corr2d_fft,
    corr2d_full,
    flip,
    full_shape,
    kernel_learned_by_convolution,
)

EXAMPLE = torch.arange(9.0).reshape(3, 3)
KERNEL = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
quick = settings(deadline=None, max_examples=30)  # no deadline: a slow machine is no failure
EPS = torch.finfo(torch.float64).eps


@st.composite
def matrices(draw: st.DrawFn, least: int = 1, most: int = 7) -> Tensor:
    """Return whole numbers in float64, of which sums of products are exact."""
    shape = draw(st.tuples(st.integers(least, most), st.integers(least, most)))
    seed = draw(st.integers(0, 2**16))
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-9, 10, shape, generator=generator).double()


@st.composite
def images_with_kernels(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Return an image and a kernel that fits into it."""
    X = draw(matrices())
    h, w = draw(st.integers(1, X.shape[0])), draw(st.integers(1, X.shape[1]))
    seed = draw(st.integers(0, 2**16))
    K = torch.randint(-9, 10, (h, w), generator=torch.Generator().manual_seed(seed)).double()
    return X, K


def definition(X: Tensor, K: Tensor) -> Tensor:
    """Sum X[a, b] K[i − a, j − b] over every a and b, as the formula says."""
    (H, W), (h, w) = X.shape, K.shape
    Y = torch.zeros(H + h - 1, W + w - 1, dtype=X.dtype)
    for i in range(H + h - 1):
        for j in range(W + w - 1):
            for a in range(H):
                for b in range(W):
                    if 0 <= i - a < h and 0 <= j - b < w:
                        Y[i, j] += X[a, b] * K[i - a, j - b]
    return Y


def rounding(X: Tensor, K: Tensor) -> float:
    """Bound the error of a transform and back: machine epsilon times both norms, 8 times."""
    return 8 * EPS * float(X.norm() * K.norm()) + 1e-300


@quick
@given(matrices())
def test_flip_is_half_a_turn_and_its_own_inverse(K: Tensor) -> None:
    """Two quarter turns are a flip, and flipping twice gives the kernel back."""
    assert torch.equal(flip(K), torch.rot90(K, 2))
    assert torch.equal(flip(flip(K)), K)
    assert torch.equal(flip(K), torch.tensor(K.numpy()[::-1, ::-1].copy()))


@quick
@given(matrices())
def test_flip_is_two_mirrors_in_either_order(K: Tensor) -> None:
    """Upside down then left to right is left to right then upside down."""
    assert torch.equal(flip(K), K.flipud().fliplr())
    assert torch.equal(flip(K), K.fliplr().flipud())


@pytest.mark.parametrize("function", [flip, kernel_learned_by_convolution])
@pytest.mark.parametrize("K", [torch.ones(1, 1), torch.ones(2, 3), KERNEL], ids=str)
def test_flip_returns_a_new_tensor(function, K: Tensor) -> None:
    """Writing into the result never reaches the kernel, not even for a palindrome."""
    before = K.clone()
    function(K).fill_(77)

    assert torch.equal(K, before)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32, torch.float64])
def test_flip_keeps_the_dtype(dtype: torch.dtype) -> None:
    """Moving elements converts none of them."""
    assert flip(KERNEL.to(dtype)).dtype == dtype


@quick
@given(images_with_kernels())
def test_convolution_is_scipys(pair: tuple[Tensor, Tensor]) -> None:
    """Valid and full convolution and correlation are those of scipy.signal."""
    X, K = pair
    x, k = X.numpy(), K.numpy()

    assert np.array_equal(conv2d(X, K), scipy.signal.convolve2d(x, k, "valid"))
    assert np.array_equal(corr2d(X, K), scipy.signal.correlate2d(x, k, "valid"))


@quick
@given(matrices(), matrices())
def test_full_convolution_is_scipys_for_any_sizes(X: Tensor, K: Tensor) -> None:
    """The kernel may be larger than the image on one axis or both."""
    x, k = X.numpy(), K.numpy()

    assert np.array_equal(conv2d_full(X, K), scipy.signal.convolve2d(x, k))
    assert np.array_equal(corr2d_full(X, K), scipy.signal.correlate2d(x, k))
    assert conv2d_full(X, K).shape == full_shape(X, K)


@quick
@given(matrices(most=4), matrices(most=4))
def test_full_convolution_is_the_double_sum_of_the_definition(X: Tensor, K: Tensor) -> None:
    """Every element is the sum that the formula writes out."""
    assert torch.equal(conv2d_full(X, K), definition(X, K))


@quick
@given(images_with_kernels())
def test_valid_is_the_middle_of_full(pair: tuple[Tensor, Tensor]) -> None:
    """The valid positions begin k − 1 into the full ones, on each axis."""
    X, K = pair
    (H, W), (h, w) = X.shape, K.shape

    assert torch.equal(conv2d(X, K), conv2d_full(X, K)[h - 1 : H, w - 1 : W])
    assert torch.equal(corr2d(X, K), corr2d_full(X, K)[h - 1 : H, w - 1 : W])


@quick
@given(matrices(), matrices())
def test_full_convolution_is_pytorchs_transposed_convolution(X: Tensor, K: Tensor) -> None:
    """conv_transpose2d stamps the kernel, unflipped, at every pixel."""
    assert torch.equal(conv2d_full(X, K), F.conv_transpose2d(X[None, None], K[None, None])[0, 0])


@quick
@given(matrices(), matrices())
def test_convolution_commutes_and_correlation_flips(X: Tensor, K: Tensor) -> None:
    """X ∗ K is K ∗ X; X ⋆ K is K ⋆ X flipped."""
    assert torch.equal(conv2d_full(X, K), conv2d_full(K, X))
    assert torch.equal(corr2d_full(X, K), flip(corr2d_full(K, X)))


@quick
@given(matrices(most=4), matrices(most=4), matrices(most=4))
def test_convolution_associates(X: Tensor, A: Tensor, B: Tensor) -> None:
    """Two convolutions are one, with the kernels' convolution; so are two correlations."""
    both = conv2d_full(A, B)

    assert torch.equal(conv2d_full(conv2d_full(X, A), B), conv2d_full(X, both))
    assert torch.equal(corr2d_full(corr2d_full(X, A), B), corr2d_full(X, both))


def test_correlation_neither_commutes_nor_associates() -> None:
    """A counterexample of one row each."""
    X, A, B = (torch.tensor([row]) for row in ([1.0, 0.0], [1.0, 2.0], [1.0, 3.0]))

    assert not torch.equal(corr2d_full(X, A), corr2d_full(A, X))
    assert not torch.equal(corr2d_full(corr2d_full(X, A), B), corr2d_full(X, corr2d_full(A, B)))


@quick
@given(matrices())
def test_the_impulse_is_the_identity_of_convolution(K: Tensor) -> None:
    """One 1 leaves the kernel as it is; correlation flips it."""
    one = torch.ones(1, 1, dtype=K.dtype)

    assert torch.equal(conv2d_full(one, K), K)
    assert torch.equal(corr2d_full(one, K), flip(K))


@quick
@given(images_with_kernels())
def test_both_layers_give_the_same_outputs(pair: tuple[Tensor, Tensor]) -> None:
    """Convolution with the kernel that it learns is correlation with the kernel it learns."""
    X, K = pair

    assert torch.equal(conv2d(X, kernel_learned_by_convolution(K)), corr2d_loops(X, K))


def test_the_kernel_learned_by_convolution_is_learned() -> None:
    """Least squares on convolution's own windows finds the flipped kernel."""
    generator = torch.Generator().manual_seed(3)
    X = torch.randn(8, 9, generator=generator, dtype=torch.float64)
    K = torch.randn(2, 3, generator=generator, dtype=torch.float64)
    basis = [
        torch.zeros(6, dtype=torch.float64).index_fill(0, torch.tensor(i), 1) for i in range(6)
    ]
    A = torch.stack([conv2d(X, e.reshape(2, 3)).flatten() for e in basis], 1)
    learned = torch.linalg.lstsq(A, corr2d(X, K).reshape(-1, 1)).solution.reshape(2, 3)

    assert torch.allclose(learned, kernel_learned_by_convolution(K), atol=1e-12)
    assert not torch.allclose(learned, K, atol=0.1)


@quick
@given(matrices(), matrices())
def test_circular_convolution_is_the_product_of_the_transforms(X: Tensor, K: Tensor) -> None:
    """Without padding, the transform wraps: a kernel too long is folded onto the image's shape."""
    (H, W), (h, w) = X.shape, K.shape
    folded = torch.zeros_like(X)
    for a in range(h):
        for b in range(w):
            folded[a % H, b % W] += K[a, b]
    product = torch.fft.fft2(X) * torch.fft.fft2(folded)
    difference = torch.fft.ifft2(product).real - conv2d_circular(X, K)

    assert float(difference.abs().max()) <= rounding(X, folded)


@quick
@given(images_with_kernels())
def test_circular_convolution_is_scipys_wrap(pair: tuple[Tensor, Tensor]) -> None:
    """scipy.signal's boundary="wrap", read where its full output begins."""
    X, K = pair
    wrapped = scipy.signal.convolve2d(X.numpy(), K.numpy(), "full", boundary="wrap")

    assert np.array_equal(conv2d_circular(X, K), wrapped[: X.shape[0], : X.shape[1]])


@quick
@given(images_with_kernels())
def test_only_the_first_rows_and_columns_wrap(pair: tuple[Tensor, Tensor]) -> None:
    """Circular convolution is right from element (h − 1, w − 1) on: those are the valid ones."""
    X, K = pair
    h, w = K.shape

    assert torch.equal(conv2d_circular(X, K)[h - 1 :, w - 1 :], conv2d(X, K))


@quick
@given(matrices(), matrices())
def test_the_fft_gives_the_full_convolution(X: Tensor, K: Tensor) -> None:
    """Up to rounding, for sizes odd and even."""
    difference = conv2d_fft(X, K) - conv2d_full(X, K)

    assert float(difference.abs().max()) <= rounding(X, K)


@quick
@given(images_with_kernels())
def test_the_fft_gives_the_valid_correlation(pair: tuple[Tensor, Tensor]) -> None:
    """Up to rounding, without padding beyond the image."""
    X, K = pair
    difference = corr2d_fft(X, K) - corr2d(X, K)

    assert float(difference.abs().max()) <= rounding(X, K)


def test_the_fft_in_single_precision_stays_within_the_promise() -> None:
    """A photograph-sized product errs by less than 1e-6·‖X‖·‖K‖."""
    generator = torch.Generator().manual_seed(0)
    X, K = torch.rand(300, 401, generator=generator), torch.randn(31, 21, generator=generator)
    exact = torch.from_numpy(scipy.signal.fftconvolve(X.double().numpy(), K.double().numpy()))
    error = float((conv2d_fft(X, K) - exact).abs().max())

    assert error < 1e-6 * float(X.norm() * K.norm())


@pytest.mark.parametrize(
    "function", [conv2d, conv2d_full, conv2d_fft, conv2d_circular, corr2d_full, corr2d_fft]
)
@pytest.mark.parametrize(
    ("one", "other", "result"),
    [
        (torch.float64, torch.float64, torch.float64),
        (torch.uint8, torch.float64, torch.float64),
        (torch.uint8, torch.uint8, torch.float32),
        (torch.int64, torch.float32, torch.float32),
    ],
)
def test_dtypes_are_promoted_before_they_overflow(
    function, one: torch.dtype, other: torch.dtype, result: torch.dtype
) -> None:
    """Bytes are summed as floating numbers; one floating dtype wins; two integers give float32."""
    X, K = torch.full((4, 5), 200).to(one), torch.tensor([[1, 2], [3, 4]]).to(other)
    Y = function(X, K)

    assert Y.dtype == result
    assert abs(float(Y[1, 1]) - 2000) < 0.01


@pytest.mark.parametrize("function", [conv2d, corr2d_fft])
@pytest.mark.parametrize("shape", [(4, 2), (2, 6)])
def test_a_kernel_larger_than_the_image_has_no_valid_position(function, shape) -> None:
    """On either axis; the message names both shapes."""
    with pytest.raises(ValueError, match=r"\(3, 5\)"):
        function(torch.ones(3, 5), torch.ones(shape))


@pytest.mark.parametrize(
    "function", [conv2d, conv2d_full, conv2d_fft, conv2d_circular, corr2d_full, corr2d_fft]
)
@pytest.mark.parametrize("K", [torch.ones(3), torch.ones(1, 1, 2, 2), torch.ones(0, 2)], ids=str)
def test_what_is_not_a_matrix_is_refused(function, K: Tensor) -> None:
    """One axis, four axes and no elements are errors, not surprises."""
    with pytest.raises(ValueError, match="image and kernel"):
        function(torch.ones(4, 4), K)


@pytest.mark.parametrize("K", [torch.ones(3), torch.ones(1, 1, 2, 2)], ids=str)
def test_only_matrices_are_flipped(K: Tensor) -> None:
    """The last two axes of a batch of kernels are not guessed at."""
    with pytest.raises(ValueError, match="two axes"):
        flip(K)


@pytest.mark.parametrize("function", [conv2d, conv2d_full, conv2d_circular, corr2d_full])
def test_gradients_are_those_of_finite_differences(function) -> None:
    """All of these are differentiable in both arguments."""
    generator = torch.Generator().manual_seed(1)
    X = torch.randn(3, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    K = torch.randn(2, 3, generator=generator, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(function, (X, K))


def test_the_sources_example() -> None:
    """The 3 by 3 image and the 2 by 2 kernel, under both operations."""
    assert conv2d(EXAMPLE, KERNEL).tolist() == [[5, 11], [23, 29]]
    assert corr2d(EXAMPLE, KERNEL).tolist() == [[19, 25], [37, 43]]
    assert conv2d(EXAMPLE, flip(KERNEL)).tolist() == [[19, 25], [37, 43]]


# What the chapter's table of conventions says of other libraries. An impulse tells an operation
# and its anchor apart: convolution answers with the kernel, correlation with the kernel flipped.

ODD = np.arange(1.0, 10.0).reshape(3, 3)
EVEN = np.arange(1.0, 5.0).reshape(2, 2)


def impulse(side: int = 7) -> np.ndarray:
    """Return zeros with a one in the middle."""
    X = np.zeros((side, side))
    X[side // 2, side // 2] = 1
    return X


def around_the_middle(Y: np.ndarray, before: int, size: int) -> np.ndarray:
    """Return the square of `size` that begins `before` pixels above and left of the middle."""
    start = Y.shape[0] // 2 - before
    return Y[start : start + size, start : start + size]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
def test_pytorch_correlates_and_pads_nothing_by_default() -> None:
    """F.conv2d is corr2d; padding="same" puts the odd zero at the end of the axis."""
    X, K = torch.from_numpy(impulse()), torch.from_numpy(EVEN)
    same = F.conv2d(X[None, None], K[None, None], padding="same")[0, 0]

    assert torch.equal(F.conv2d(X[None, None], K[None, None])[0, 0], corr2d(X, K))
    assert torch.equal(same, corr2d(F.pad(X, (0, 1, 0, 1)), K))


def test_opencv_correlates_about_the_center_and_mirrors_the_border() -> None:
    """filter2D flips nothing; anchor k // 2; the border row itself is not repeated."""
    X = np.arange(20.0).reshape(4, 5) ** 2
    padded = torch.from_numpy(np.pad(X, 1, mode="reflect"))

    assert np.array_equal(cv2.filter2D(X, -1, ODD), corr2d(padded, torch.from_numpy(ODD)))
    assert np.array_equal(
        around_the_middle(cv2.filter2D(impulse(), -1, ODD), 1, 3), ODD[::-1, ::-1]
    )
    assert np.array_equal(
        around_the_middle(cv2.filter2D(impulse(), -1, EVEN), 0, 2), EVEN[::-1, ::-1]
    )


def test_opencv_convolves_with_flipped_kernel_and_moved_anchor() -> None:
    """The recipe of its documentation, for a kernel of even size, where the anchor matters."""
    h, w = EVEN.shape
    anchor = (w - w // 2 - 1, h - h // 2 - 1)
    flipped = np.ascontiguousarray(EVEN[::-1, ::-1])
    Y = cv2.filter2D(impulse(), -1, flipped, anchor=anchor, borderType=cv2.BORDER_CONSTANT)

    assert np.array_equal(around_the_middle(Y, 1, 2), EVEN)


def test_scipy_signal_is_full_unless_told_and_names_what_it_does() -> None:
    """convolve2d flips, correlate2d does not, both return every overlap and pad with zeros."""
    one = np.ones((1, 1))

    assert np.array_equal(scipy.signal.convolve2d(one, ODD), ODD)
    assert np.array_equal(scipy.signal.correlate2d(one, ODD), ODD[::-1, ::-1])
    assert np.array_equal(np.convolve([1, 2], [1, 10, 100]), [1, 12, 120, 200])
    assert np.array_equal(np.correlate([1, 2, 4], [1, 10]), [21, 42])


def test_scipy_ndimage_keeps_the_size_and_repeats_the_border() -> None:
    """Both of its operations mirror the image about its edge, border row included."""
    X = np.arange(20.0).reshape(4, 5) ** 2
    padded, K = torch.from_numpy(np.pad(X, 1, mode="symmetric")), torch.from_numpy(ODD)

    assert np.array_equal(scipy.ndimage.correlate(X, ODD), corr2d(padded, K))
    assert np.array_equal(scipy.ndimage.convolve(X, ODD), conv2d(padded, K))


def test_scipy_ndimage_moves_the_anchor_of_even_kernels_when_it_flips() -> None:
    """The anchor of correlate is k // 2; convolve's kernel begins k // 2 before the impulse."""
    correlated = scipy.ndimage.correlate(impulse(), EVEN)
    convolved = scipy.ndimage.convolve(impulse(), EVEN)

    assert np.array_equal(around_the_middle(correlated, 0, 2), EVEN[::-1, ::-1])
    assert np.array_equal(around_the_middle(convolved, 1, 2), EVEN)

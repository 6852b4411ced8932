"""Cross-correlation against SciPy, PyTorch's own convolution, direct counts and worked sums."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, signal
from torch import Tensor
from torch.nn import functional as F

from convolutions.correlation import (
    as_pair,
    common_float,
    corr2d,
    corr2d_centered,
    corr2d_loops,
    im2col,
    output_shape,
    output_size,
    positions_read,
    toeplitz,
    torch_calls,
    unread,
    valid_shape,
)
from convolutions.figures.correlation import (
    show_im2col,
    show_positions,
    show_shifted_images,
    show_sliding_window,
    show_toeplitz,
)
from convolutions.figures.drawing import ORANGE

IMAGE = torch.arange(9.0).reshape(3, 3)
KERNEL = torch.arange(4.0).reshape(2, 2)
FLOATS = st.sampled_from([torch.float32, torch.float64])
SEEDS = st.integers(0, 2**31)
few = settings(max_examples=30, deadline=None)


def whole(seed: int, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Whole numbers, so that every sum is exact in either floating dtype."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-9, 10, shape, generator=generator).to(dtype)


@st.composite
def images_and_kernels(draw: Any, dtype: Any = torch.float64) -> tuple[Tensor, Tensor]:
    """Draw whole numbers: an image, and a kernel that fits on it."""
    h, w = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    H, W = h + draw(st.integers(0, 5)), w + draw(st.integers(0, 5))
    seed = draw(SEEDS)
    return whole(seed, H, W, dtype=dtype), whole(seed + 1, h, w, dtype=dtype)


@st.composite
def axes(draw: Any) -> dict[str, int]:
    """Draw an axis that the kernel may or may not fit on, with every option."""
    return {
        "n": draw(st.integers(1, 14)),
        "k": draw(st.integers(1, 5)),
        "padding": draw(st.integers(0, 4)),
        "stride": draw(st.integers(1, 4)),
        "dilation": draw(st.integers(1, 4)),
    }


def starts(n: int, k: int, padding: int, stride: int, dilation: int) -> list[int]:
    """Try every start on the padded axis, and keep those from which the window stays on it."""
    padded = n + 2 * padding
    return [s for s in range(0, padded, stride) if s + dilation * (k - 1) < padded]


@few
@given(images_and_kernels())
def test_corr2d_is_what_scipy_correlates(pair: tuple[Tensor, Tensor]) -> None:
    """SciPy's direct method gives the same numbers, without any rounding."""
    X, K = pair
    expected = torch.from_numpy(signal.correlate(X.numpy(), K.numpy(), "valid", "direct"))

    assert torch.equal(corr2d(X, K), expected)


@few
@given(images_and_kernels())
def test_four_methods_give_the_same_numbers(pair: tuple[Tensor, Tensor]) -> None:
    """Loops, shifted images, windows times kernel, Toeplitz matrix times image: one result."""
    X, K = pair
    Y = corr2d(X, K)

    assert torch.equal(corr2d_loops(X, K), Y)
    assert torch.equal((im2col(X, (K.shape[0], K.shape[1])) @ K.reshape(-1)).reshape(Y.shape), Y)
    assert torch.equal((toeplitz(K, (X.shape[0], X.shape[1])) @ X.reshape(-1)).reshape(Y.shape), Y)


@few
@given(images_and_kernels(), SEEDS, st.integers(-3, 3))
def test_corr2d_is_linear_in_the_image_and_in_the_kernel(
    pair: tuple[Tensor, Tensor], seed: int, factor: int
) -> None:
    """A sum in gives a sum out, on either side."""
    X, K = pair
    other_X, other_K = whole(seed, *X.shape), whole(seed, *K.shape)
    sum_over_images = corr2d(X + factor * other_X, K)
    sum_over_kernels = corr2d(X, K + factor * other_K)

    assert torch.equal(sum_over_images, corr2d(X, K) + factor * corr2d(other_X, K))
    assert torch.equal(sum_over_kernels, corr2d(X, K) + factor * corr2d(X, other_K))


@few
@given(images_and_kernels(), st.integers(0, 3), st.integers(0, 3))
def test_moving_the_image_moves_the_output(
    pair: tuple[Tensor, Tensor], down: int, right: int
) -> None:
    """The output of a crop is the crop of the output."""
    X, K = pair
    Y = corr2d(X, K)
    down, right = min(down, Y.shape[0] - 1), min(right, Y.shape[1] - 1)

    assert torch.equal(corr2d(X[down:, right:], K), Y[down:, right:])


@few
@given(images_and_kernels(), st.data())
def test_a_unit_kernel_crops_the_image(pair: tuple[Tensor, Tensor], data: Any) -> None:
    """One element of 1 at (a, b) picks the pixel that many rows down and columns right."""
    X, K = pair
    a, b = (data.draw(st.integers(0, n - 1)) for n in K.shape)
    unit = torch.zeros_like(K)
    unit[a, b] = 1
    rows, columns = valid_shape(X, K)

    assert torch.equal(corr2d(X, unit), X[a : a + rows, b : b + columns])


@pytest.mark.parametrize("method", [corr2d, corr2d_loops])
def test_the_worked_example_has_its_four_sums(method: Any) -> None:
    """Each sum is written out by hand."""
    X = torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    K = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    by_hand = [
        [0 * 0 + 1 * 1 + 3 * 2 + 4 * 3, 1 * 0 + 2 * 1 + 4 * 2 + 5 * 3],
        [3 * 0 + 4 * 1 + 6 * 2 + 7 * 3, 4 * 0 + 5 * 1 + 7 * 2 + 8 * 3],
    ]

    assert by_hand == [[19, 25], [37, 43]]
    assert method(X, K).tolist() == by_hand


def test_gradients_pass_gradcheck() -> None:
    """Finite differences agree with autograd through the shifted images."""
    X = whole(3, 4, 5).requires_grad_()
    K = whole(4, 2, 3).requires_grad_()

    assert torch.autograd.gradcheck(corr2d, (X, K))


def test_gradients_pass_through_im2col_and_toeplitz() -> None:
    """Both only move elements, so their gradients are exact."""
    X, K = whole(5, 3, 4).requires_grad_(), whole(6, 2, 2).requires_grad_()

    assert torch.autograd.gradcheck(lambda x: im2col(x, (2, 3)), (X,))
    assert torch.autograd.gradcheck(lambda k: toeplitz(k, (3, 4)), (K,))


@pytest.mark.parametrize("method", [corr2d, corr2d_loops])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.uint8, torch.int64])
def test_dtypes_follow_the_contract(method: Any, dtype: torch.dtype) -> None:
    """Floats keep theirs; integers become float32, without overflow on the way."""
    X, K = torch.full((2, 3), 200).to(dtype), torch.full((2, 2), 100).to(dtype)
    Y = method(X, K)

    assert Y.dtype == (dtype if dtype.is_floating_point else torch.float32)
    assert Y.tolist() == [[80000, 80000]]


@pytest.mark.parametrize("method", [corr2d, corr2d_loops])
def test_memory_layout_does_not_matter_and_inputs_stay(method: Any) -> None:
    """Strided and transposed views give the same numbers, and are left as they were."""
    X, K = whole(7, 12, 10)[::2, ::2], whole(8, 2, 3).t()
    before = X.clone(), K.clone()

    assert torch.equal(method(X, K), corr2d(X.contiguous(), K.contiguous()))
    assert torch.equal(X, before[0])
    assert torch.equal(K, before[1])


@few
@given(axes())
def test_output_size_counts_the_starts_that_fit(axis: dict[str, int]) -> None:
    """A direct count over every start agrees, and so does the error where there is none."""
    fitting = starts(**axis)
    if not fitting:
        with pytest.raises(ValueError, match="kernel spans"):
            output_size(**axis)
        return

    assert output_size(**axis) == len(fitting)


@few
@given(axes())
def test_positions_read_and_unread_share_out_the_axis(axis: dict[str, int]) -> None:
    """Windows read from the counted starts; what lies beyond the last is the remainder."""
    fitting = starts(**axis)
    if not fitting:
        return
    n, k, p, d = (axis[name] for name in ("n", "k", "padding", "dilation"))
    windows = positions_read(**axis)

    assert windows == [[s - p + a * d for a in range(k)] for s in fitting]
    assert unread(**axis) == n + p - 1 - windows[-1][-1]
    assert unread(**axis) == (n + 2 * p - d * (k - 1) - 1) % axis["stride"]


@few
@given(st.tuples(axes(), axes()))
def test_output_shape_is_the_shape_that_pytorch_returns(
    both: tuple[dict[str, int], dict[str, int]],
) -> None:
    """Two axes with options of their own, against `torch.nn.functional.conv2d`."""
    if not (starts(**both[0]) and starts(**both[1])):
        return
    n, k, padding, stride, dilation = (tuple(axis[o] for axis in both) for o in both[0])
    Y = F.conv2d(torch.ones(1, 1, *n), torch.ones(1, 1, *k), None, stride, padding, dilation)

    assert output_shape(n, k, padding, stride, dilation) == tuple(Y.shape[2:])


def test_published_sizes() -> None:
    """AlexNet's and ResNet's first layers, and half padding, have the sizes in their papers."""
    assert output_shape((224, 224), (7, 7), padding=3, stride=2) == (112, 112)
    assert output_shape((227, 227), (11, 11), stride=4) == (55, 55)
    assert output_shape((5, 7), (3, 5), padding=(1, 2)) == (5, 7)


@few
@given(images_and_kernels())
def test_rows_of_im2col_are_windows(pair: tuple[Tensor, Tensor]) -> None:
    """Row i·columns + j is the window at (i, j), read row by row."""
    X, K = pair
    (h, w), (rows, columns) = K.shape, valid_shape(X, K)
    matrix = im2col(X, (h, w))

    assert matrix.shape == (rows * columns, h * w)
    assert matrix.tolist() == [
        X[i : i + h, j : j + w].flatten().tolist() for i in range(rows) for j in range(columns)
    ]


@few
@given(images_and_kernels())
def test_im2col_is_pytorchs_unfold_transposed(pair: tuple[Tensor, Tensor]) -> None:
    """`torch.nn.functional.unfold` puts each window into a column instead of a row."""
    X, K = pair

    assert torch.equal(im2col(X, tuple(K.shape)), F.unfold(X[None, None], K.shape)[0].t())


def test_im2col_of_overlapping_windows_can_be_written_to() -> None:
    """Its rows share no memory, though windows share pixels."""
    matrix = im2col(torch.arange(5.0).reshape(1, 5), (1, 2))
    matrix[0, 1] = 99

    assert matrix[1, 0] == 1


@few
@given(images_and_kernels())
def test_toeplitz_blocks_are_scipys_toeplitz_matrices(pair: tuple[Tensor, Tensor]) -> None:
    """Block (i, r) is the Toeplitz matrix of kernel row r - i, or zero."""
    X, K = pair
    (H, W), (h, w), (rows, columns) = X.shape, K.shape, valid_shape(X, K)
    T = toeplitz(K, (H, W))
    zero = torch.zeros(columns, W, dtype=K.dtype)
    blocks = [
        torch.from_numpy(
            linalg.toeplitz([k[0], *[0] * (columns - 1)], [*k, *[0] * (W - w)])  # type: ignore[list-item]
        )
        for k in K.numpy()
    ]
    expected = torch.cat(
        [
            torch.cat([blocks[r - i] if 0 <= r - i < h else zero for r in range(H)], 1)
            for i in range(rows)
        ]
    )

    assert torch.equal(T, expected.to(K.dtype))


@few
@given(images_and_kernels())
def test_toeplitz_transposed_is_the_gradient(pair: tuple[Tensor, Tensor]) -> None:
    """The gradient of ⟨corr2d(X, K), G⟩ in X is Tᵀ G, by autograd."""
    X, K = pair
    X = X.clone().requires_grad_()
    Y = corr2d(X, K)
    G = whole(11, *Y.shape)
    (dX,) = torch.autograd.grad(Y, X, G)

    assert torch.equal(dX.reshape(-1), toeplitz(K, (X.shape[0], X.shape[1])).t() @ G.reshape(-1))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float64])
def test_moving_elements_keeps_their_dtype(dtype: torch.dtype) -> None:
    """`im2col` and `toeplitz` compute nothing, so they promote nothing."""
    assert im2col(torch.ones(3, 4, dtype=dtype), (2, 2)).dtype == dtype
    assert toeplitz(torch.ones(2, 2, dtype=dtype), (3, 4)).dtype == dtype


@few
@given(images_and_kernels(), st.floats(-5, 5))
def test_centered_form_is_a_double_sum_around_each_pixel(
    pair: tuple[Tensor, Tensor], u: float
) -> None:
    """The sum over -Δ … Δ, term by term, with zeros beyond the image."""
    X, K = pair
    V = K[: K.shape[0] - (K.shape[0] + 1) % 2, : K.shape[1] - (K.shape[1] + 1) % 2]
    (H, W), (down, right) = X.shape, (V.shape[0] // 2, V.shape[1] // 2)
    expected = [
        [
            u + sum(
                float(V[a + down, b + right] * X[i + a, j + b])
                for a in range(-down, down + 1)
                for b in range(-right, right + 1)
                if 0 <= i + a < H and 0 <= j + b < W
            )
            for j in range(W)
        ]
        for i in range(H)
    ]  # fmt: skip

    assert torch.allclose(corr2d_centered(X, V, u), torch.tensor(expected, dtype=X.dtype))


def test_loops_call_pytorch_per_pixel_and_shifts_per_element() -> None:
    """Four times the pixels cost the loop four times the calls, and the shifts none more."""
    K = whole(1, 3, 3)
    small, large = whole(2, 12, 12), whole(2, 22, 22)

    assert torch_calls(corr2d, small, K) == torch_calls(corr2d, large, K)
    assert torch_calls(corr2d_loops, large, K) - torch_calls(corr2d_loops, small, K) > 300 * 3


@pytest.mark.parametrize(
    ("X", "K", "message"),
    [
        (
            torch.ones(2, 5),
            torch.ones(3, 1),
            r"\(3, 1\) is larger than the image of shape \(2, 5\)",
        ),
        (torch.ones(5, 2), torch.ones(1, 3), r"\(1, 3\) is larger"),
        (torch.ones(5), torch.ones(1, 3), r"two axes, got shapes \(5,\)"),
        (torch.ones(5, 5), torch.ones(1, 1, 3), r"two axes"),
        (torch.ones(0, 5), torch.ones(1, 1), r"must not be empty"),
        (torch.ones(2, 2), torch.ones(1, 1, dtype=torch.float64), r"share one dtype"),
    ],
)
@pytest.mark.parametrize("method", [corr2d, corr2d_loops])
def test_inputs_that_contradict_each_other_are_refused(
    method: Any, X: Tensor, K: Tensor, message: str
) -> None:
    """The error names what was given."""
    with pytest.raises(ValueError, match=message):
        method(X, K)


@pytest.mark.parametrize("kernel", [(3, 1), (1, 6)])
def test_matrices_for_kernels_that_do_not_fit_are_refused(kernel: tuple[int, int]) -> None:
    """On either axis, by `im2col`, `toeplitz` and `output_shape` alike."""
    for attempt in (
        lambda: im2col(torch.ones(2, 5), kernel),
        lambda: toeplitz(torch.ones(kernel), (2, 5)),
        lambda: output_shape((2, 5), kernel),
    ):
        with pytest.raises(ValueError, match="kernel spans"):
            attempt()


def test_a_kernel_without_a_middle_cannot_be_centered() -> None:
    """Even sizes have two middle elements and none."""
    with pytest.raises(ValueError, match=r"odd sizes, got shape \(3, 2\)"):
        corr2d_centered(torch.ones(4, 4), torch.ones(3, 2))


@given(st.integers(0, 9), st.integers(0, 9))
def test_as_pair_keeps_pairs_and_doubles_ints(a: int, b: int) -> None:
    """Rows come first."""
    assert as_pair((a, b)) == (a, b)
    assert as_pair(a) == (a, a)


@few
@given(FLOATS)
def test_common_float_takes_the_dtype_of_the_floats(dtype: torch.dtype) -> None:
    """Integers follow the floats, whichever comes first."""
    whole_numbers, fractions = torch.tensor([1]), torch.tensor([0.5], dtype=dtype)

    assert [t.dtype for t in common_float(whole_numbers, fractions)] == [dtype, dtype]
    assert [t.dtype for t in common_float(fractions, whole_numbers)] == [dtype, dtype]


@pytest.mark.parametrize(
    ("draw", "texts"),
    [
        (lambda alt: show_sliding_window(IMAGE, KERNEL, alt=alt), ["Y[0, 0] = 19", "Y[1, 1] = 43"]),
        (lambda alt: show_shifted_images(IMAGE, KERNEL, alt=alt), ["K[1, 0] = 2 times"]),
        (lambda alt: show_im2col(IMAGE, KERNEL, 2, alt=alt), ["windows, flat", ">37<"]),
        (lambda alt: show_toeplitz(KERNEL, (3, 3), alt=alt), ["row 2 of X", "row 1 of Y"]),
        (lambda alt: show_positions(8, 3, stride=3, alt=alt), ["Y[1]", ORANGE]),
    ],
    ids=["sliding_window", "shifted_images", "im2col", "toeplitz", "positions"],
)
def test_figures_show_what_they_are_given(draw: Any, texts: list[str]) -> None:
    """Each carries its alt text and its numbers, and fits into the page's column."""
    drawing = draw("a figure of the chapter on cross-correlation")
    width = re.search(r"width: (\d+)px", drawing.svg)

    assert 'aria-label="a figure of the chapter on cross-correlation"' in drawing.svg
    assert all(text in drawing.svg for text in texts)
    assert width and int(width[1]) <= 6.4 * 96


def test_unread_pixels_stand_out_only_where_there_are_any() -> None:
    """Without a remainder nothing is orange."""
    drawing = show_positions(9, 3, stride=3, alt="an axis of which every pixel is read")

    assert ORANGE not in drawing.svg

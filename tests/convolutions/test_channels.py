"""Channels, pooling, costs and the small network, against PyTorch's own and direct counts."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from convolutions.channels import (
    confusions,
    conv1x1,
    corr2d_multi,
    digit_network,
    layer_costs,
    pool2d,
    train,
)
from convolutions.correlation import corr2d, output_shape
from convolutions.images import color_photograph, digits, photograph
from convolutions.layer import conv2d_general

FEW = settings(max_examples=60, deadline=None)
SIDES, CHANNELS = st.integers(1, 7), st.integers(1, 4)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    """Return float64 noise of this shape, the same for the same seed."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@st.composite
def stacks(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Draw an image of several channels and a stack of kernels that fit in it."""
    inputs, outputs, H, W = draw(CHANNELS), draw(CHANNELS), draw(SIDES), draw(SIDES)
    h, w, seed = draw(st.integers(1, H)), draw(st.integers(1, W)), draw(st.integers(0, 999))
    return drawn(inputs, H, W, seed=seed), drawn(outputs, inputs, h, w, seed=seed + 1)


@FEW
@given(stacks())
def test_corr2d_multi_is_what_pytorch_gives(both: tuple[Tensor, Tensor]) -> None:
    """A stack of kernels gives the channels of `conv2d`, and one kernel gives one of them."""
    X, K = both
    expected = F.conv2d(X[None], K)[0]

    torch.testing.assert_close(corr2d_multi(X, K), expected)
    torch.testing.assert_close(corr2d_multi(X, K[0]), expected[0])


@FEW
@given(stacks(), st.integers(0, 999))
def test_the_order_of_channels_does_not_matter(both: tuple[Tensor, Tensor], seed: int) -> None:
    """Renaming the input channels of image and kernels alike changes nothing."""
    X, K = both
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))

    torch.testing.assert_close(corr2d_multi(X[order], K[:, order]), corr2d_multi(X, K))


def test_corr2d_multi_promotes_integers() -> None:
    """Integers become the default floating dtype; one channel of integers is `corr2d`."""
    X, K = torch.arange(12).reshape(1, 3, 4), torch.tensor([[[1, 2]]])
    Y = corr2d_multi(X, K)

    assert Y.dtype == torch.float32
    assert torch.equal(Y, corr2d(X[0], K[0]))


@pytest.mark.parametrize(
    ("image", "kernel"),
    [
        ((2, 3, 3), (3, 2, 2)),
        ((2, 3, 3), (4, 3, 2, 2)),
        ((3, 3, 3), (3, 4, 2)),
        ((3, 3), (3, 2, 2)),
        ((2, 3, 3), (2, 2)),
        ((0, 3, 3), (0, 2, 2)),
        ((1, 2, 3, 3), (1, 2, 2, 2)),
    ],
)
def test_channels_that_do_not_match_are_refused(
    image: tuple[int, ...], kernel: tuple[int, ...]
) -> None:
    """Unequal channel counts, other numbers of axes and kernels that do not fit are refused."""
    with pytest.raises(ValueError, match=r"must|is larger than"):
        corr2d_multi(torch.ones(image), torch.ones(kernel))


@FEW
@given(CHANNELS, CHANNELS, SIDES, SIDES, st.integers(0, 999))
def test_conv1x1_is_a_convolution_with_kernels_of_one_element(
    inputs: int, outputs: int, H: int, W: int, seed: int
) -> None:
    """The matrix applied at every pixel gives what `conv2d` with 1×1 kernels gives."""
    X, weights = drawn(inputs, H, W, seed=seed), drawn(outputs, inputs, seed=seed + 1)

    torch.testing.assert_close(conv1x1(X, weights), F.conv2d(X[None], weights[..., None, None])[0])
    torch.testing.assert_close(conv1x1(X, weights)[:, -1, 0], weights @ X[:, -1, 0])


def test_conv1x1_refuses_a_matrix_for_other_channels() -> None:
    """A matrix has one column per input channel."""
    with pytest.raises(ValueError, match=r"\(out, in\)"):
        conv1x1(torch.ones(2, 3, 3), torch.ones(2, 3))


@FEW
@given(st.integers(1, 8), st.integers(1, 8), st.data())
def test_pool2d_is_what_pytorch_gives(H: int, W: int, data: st.DataObject) -> None:
    """Maximum and mean agree with PyTorch's pooling for any window and stride that fit."""
    size = data.draw(st.tuples(st.integers(1, H), st.integers(1, W)))
    stride = data.draw(st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)))
    X = drawn(H, W, seed=H * W)

    assert torch.equal(pool2d(X, size, stride), F.max_pool2d(X[None], size, stride)[0])
    torch.testing.assert_close(
        pool2d(X, size, stride, "mean"), F.avg_pool2d(X[None], size, stride)[0]
    )


@FEW
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(0, 99))
def test_mean_pooling_is_a_convolution_with_equal_elements(
    H: int, W: int, stride: int, seed: int
) -> None:
    """The mean of a window is its cross-correlation with a kernel of 1/(h·w)."""
    h, w = (H + 1) // 2, (W + 1) // 2
    X = drawn(H, W, seed=seed)
    box = torch.full((h, w), 1 / (h * w), dtype=torch.float64)

    torch.testing.assert_close(
        pool2d(X, (h, w), stride, "mean"), conv2d_general(X, box, stride=stride)
    )


def test_the_gradient_of_a_maximum_goes_to_the_maximum_alone() -> None:
    """Where no two pixels are equal, the maximum collects all, and a mean shares equally."""
    X = torch.tensor([[1.0, 4.0, 2.0, 0.0], [3.0, 2.0, 5.0, 1.0]], requires_grad=True)
    (of_max,) = torch.autograd.grad(pool2d(X, 2).sum(), X)
    (of_mean,) = torch.autograd.grad(pool2d(X, 2, mode="mean").sum(), X)

    assert of_max.tolist() == [[0, 1, 0, 0], [0, 0, 1, 0]]
    assert torch.equal(of_mean, torch.full((2, 4), 0.25))


@pytest.mark.parametrize("given", [{"size": 4}, {"size": (1, 5)}, {"size": 2, "mode": "min"}])
def test_pool2d_refuses_what_cannot_be(given: dict[str, object]) -> None:
    """A window larger than the image, and a mode that there is not, are refused."""
    with pytest.raises(ValueError, match=r"kernel|mode"):
        pool2d(torch.ones(3, 4), **given)  # type: ignore[arg-type]


@FEW
@given(
    st.tuples(CHANNELS, st.integers(3, 7), st.integers(3, 7)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    CHANNELS,
    st.integers(0, 2),
    st.integers(1, 3),
)
def test_costs_are_those_of_a_layer_of_pytorch_counted_one_by_one(
    shape: tuple[int, int, int], kernel: tuple[int, int], out: int, padding: int, stride: int
) -> None:
    """Parameters are counted in `nn.Conv2d`, multiply-adds position by position."""
    layer = nn.Conv2d(shape[0], out, kernel, stride, padding)
    rows, columns = output_shape(shape[1:], kernel, padding, stride)
    products = sum(1 for _ in product(range(rows), range(columns), range(layer.weight.numel())))
    costs = layer_costs(shape, kernel, out, padding, stride)

    assert costs == (sum(p.numel() for p in layer.parameters()), products)


def test_costs_of_a_published_layer() -> None:
    """The first layer of VGG-16 has 1,792 parameters and does 86.7 million multiply-adds."""
    assert layer_costs((3, 224, 224), (3, 3), 64, padding=1) == (1792, 86_704_128)


def test_digits_are_those_of_the_data_set() -> None:
    """1,797 images of 17 shades, with the published count of each digit."""
    images, labels = digits()

    assert images.shape == (1797, 8, 8)
    assert images.dtype == torch.float32
    assert torch.equal((images * 16).unique(), torch.arange(17.0))
    assert labels.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_color_photograph_is_the_gray_one_in_color() -> None:
    """Weighted by luminance, the channels correlate with the gray copy."""
    color, gray = color_photograph(), photograph("coffee")
    luminance = torch.tensordot(torch.tensor([0.2125, 0.7154, 0.0721]), color, 1)

    assert color.shape == (3, 200, 300)
    assert color.min() >= 0
    assert color.max() <= 1
    assert torch.corrcoef(torch.stack([luminance.flatten(), gray.flatten()]))[0, 1] > 0.99


def test_the_network_learns_and_is_the_same_for_the_same_seed() -> None:
    """Two epochs lower the loss; the same seeds give the same parameters, and nobody else's."""
    images, labels = digits()
    X, y = images[:256, None], labels[:256]
    state = torch.get_rng_state()
    one, two, other = digit_network(1), digit_network(1), digit_network(2)
    losses = train(one, X, y, epochs=2, seed=3)
    train(two, X, y, epochs=2, seed=3)

    assert torch.equal(torch.get_rng_state(), state)
    assert losses[1] < losses[0]
    assert all(map(torch.equal, one.state_dict().values(), two.state_dict().values()))
    assert not torch.equal(other[0].weight, digit_network(1)[0].weight)


def test_confusions_are_counted_by_kind_and_guess() -> None:
    """Each image is counted once, in the row of its kind and the column of the guess."""

    class Says(nn.Module):
        """Scores that make the guess the pixel of the image."""

        def forward(self, X: Tensor) -> Tensor:
            return F.one_hot(X.flatten().long(), 3).float()

    guesses, labels = torch.tensor([0, 2, 2, 1, 1]), torch.tensor([0, 0, 2, 1, 2])
    counted = confusions(Says(), guesses.reshape(-1, 1, 1, 1).float(), labels, kinds=3)

    assert counted.tolist() == [[1, 0, 1], [0, 1, 0], [0, 1, 1]]

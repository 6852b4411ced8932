"""Receptive fields against direct counts, gradients, perturbations and published tables."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal
from torch import Tensor, nn
from torch.nn import functional as F

from convolutions import receptive_fields as rf
from convolutions.receptive_fields import (
    ALEXNET_V2,
    RESNET_50,
    RESNET_101,
    RESNET_152,
    VGG_16,
    Geometry,
    PaddedLayer,
    effective_sigma,
    influence,
    input_region,
    layers_needed,
    random_influence,
    receptive_field,
    receptive_field_mask,
    spread,
    touched,
    trace,
)

kernels, strides, dilations, paddings = (
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 3),
)
layer_lists = st.lists(st.tuples(kernels, strides, dilations), max_size=4)
padded_lists = st.lists(st.tuples(kernels, strides, dilations, paddings), max_size=4)


def gradient_along_an_axis(layers: list[PaddedLayer], index: int) -> tuple[list[int], int]:
    """Return where autograd finds a dependence, on an endless axis: positions, and the origin.

    The oracle: a real network of `F.conv1d` with elements of 1, on an input long enough on both
    sides, padded by nothing; a layer's padding only moves the numbering of its units.
    """
    room = 4 + sum(p + d * k for k, _, d, p in layers) * math.prod(s for _, s, _, _ in layers)
    origin = room * math.prod(s for _, s, _, _ in layers)
    length = 2 * origin + (index + 1) * math.prod(s for _, s, _, _ in layers)
    x = torch.ones(1, 1, length, dtype=torch.float64, requires_grad=True)
    y, zero = x, origin  # `zero`: where in y the unit numbered 0 is
    for k, s, d, p in layers:
        first = zero - p  # the window of the layer's unit 0 starts here
        y = F.conv1d(y[..., first % s :], torch.ones(1, 1, k, dtype=x.dtype), stride=s, dilation=d)
        zero = first // s
    (gradient,) = torch.autograd.grad(y[0, 0, zero + index], x)
    return gradient[0, 0].nonzero().flatten().tolist(), origin


@given(padded_lists, st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_region_size_and_touched_positions_are_where_the_gradient_is(
    layers: list[PaddedLayer], index: int
) -> None:
    """Autograd through a real network finds the same first, last and touched positions."""
    positions, origin = gradient_along_an_axis(layers, index)
    first, last = input_region(layers, index)
    plain = [layer[:3] for layer in layers]

    assert (first, last) == (positions[0] - origin, positions[-1] - origin)
    assert receptive_field(plain) == positions[-1] - positions[0] + 1
    assert touched(plain) == [p - positions[0] for p in positions]


@given(padded_lists, st.integers(0, 50))
def test_the_trace_forward_and_the_region_backward_agree(
    layers: list[PaddedLayer], index: int
) -> None:
    """Size, jump and start, carried forward, give the region that is walked backward."""
    size, jump, start = trace(layers)[-1]
    first = start + index * jump

    assert input_region(layers, index) == (first, first + size - 1)
    assert len(trace(layers)) == len(layers) + 1


@given(layer_lists, layer_lists)
def test_stacking_networks_composes_their_fields(
    one: list[rf.Layer], other: list[rf.Layer]
) -> None:
    """A network on top adds its own field, less one, times the jump below it."""
    jump = math.prod(stride for _, stride, _ in one)

    assert receptive_field(one + other) == receptive_field(one) + jump * (
        receptive_field(other) - 1
    )


@given(layer_lists, st.tuples(kernels, strides, dilations))
def test_deeper_is_never_narrower(layers: list[rf.Layer], layer: rf.Layer) -> None:
    """Another layer keeps the field where its kernel has one element, and widens it otherwise."""
    before, after = receptive_field(layers), receptive_field([*layers, layer])

    assert after > before if layer[0] > 1 else after == before


def test_no_layers_see_one_pixel() -> None:
    """The empty network's unit is the pixel itself."""
    assert receptive_field([]) == 1
    assert trace([]) == [Geometry(1, 1, 0)]
    assert touched([]) == [0]


@pytest.mark.parametrize(
    ("layers", "size", "jump", "padding"),
    [
        (ALEXNET_V2, 195, 32, 64),
        (VGG_16, 212, 32, 90),
        (RESNET_50, 483, 32, 239),
        (RESNET_101, 1027, 32, 511),
        (RESNET_152, 1507, 32, 751),
    ],
    ids=["alexnet_v2", "vgg_16", "resnet_v1_50", "resnet_v1_101", "resnet_v1_152"],
)
def test_networks_have_their_published_geometry(
    layers: list[PaddedLayer], size: int, jump: int, padding: int
) -> None:
    """Receptive field, effective stride and effective padding of Araujo et al. (2019)."""
    assert trace(layers)[-1] == (size, jump, -padding)
    assert receptive_field(layer[:3] for layer in layers) == size


def test_another_place_for_the_stride_gives_another_field() -> None:
    """With the stride in each stage's first unit, as in torchvision, ResNet-50 sees 427 pixels."""
    layers = [(7, 2, 1), (3, 2, 1)]
    for stage, units in enumerate((3, 4, 6, 3)):
        layers += [(3, 2 if unit == 0 and stage > 0 else 1, 1) for unit in range(units)]

    assert receptive_field(layers) == 427


def test_dilations_leave_gaps_or_none() -> None:
    """Three layers of 3 span 13 pixels with dilations 2, 2, 2 or 1, 2, 3; they touch 7 or 13."""
    even, mixed = [(3, 1, 2)] * 3, [(3, 1, 1), (3, 1, 2), (3, 1, 3)]

    assert receptive_field(even) == receptive_field(mixed) == 13
    assert touched(even) == [0, 2, 4, 6, 8, 10, 12]
    assert touched(mixed) == list(range(13))


@given(st.integers(1, 300), st.integers(2, 12))
def test_layers_needed_is_the_first_number_that_reaches_the_target(target: int, k: int) -> None:
    """Counting up layer by layer stops at the same number."""
    count = 0
    while receptive_field([(k, 1, 1)] * count) < target:
        count += 1

    assert layers_needed(target, k) == count


def test_one_element_kernels_reach_one_pixel_and_no_more() -> None:
    """A target of 1 needs no layer, whatever the kernel; 1×1 layers never reach 2."""
    assert layers_needed(1, 1) == layers_needed(1, 5) == 0
    with pytest.raises(ValueError, match="never see more than 1 pixel, wanted 2"):
        layers_needed(2, 1)


def positive_gradient(layers: list[nn.Module], shape: tuple[int, int], index: Any) -> Tensor:
    """Return where a gradient is nonzero in copies with elements of 1 and sums for maxima."""
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    x = torch.zeros(1, channels, *shape, dtype=torch.float64).requires_grad_()
    y = x
    for layer in copy.deepcopy(layers):
        if isinstance(layer, nn.Conv2d):
            nn.init.ones_(layer.weight)
            y = layer.double()(y)
        elif isinstance(layer, nn.MaxPool2d):
            options = (layer.stride, layer.padding, layer.dilation)
            ones = torch.ones(y.shape[1], 1, *rf.as_pair(layer.kernel_size), dtype=y.dtype)
            y = F.conv2d(y, ones, None, *options, groups=y.shape[1])
        elif isinstance(layer, nn.AvgPool2d):
            y = layer(y)
    (gradient,) = torch.autograd.grad(y[(0, slice(None), *index)].sum(), x)
    return (gradient[0] != 0).any(dim=0)


def one_pixel_at_a_time(layers: list[nn.Module], shape: tuple[int, int], index: Any) -> Tensor:
    """Return which single bright pixels reach the output through positive weights, maxima kept."""
    channels = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    network = nn.Sequential(*copy.deepcopy(layers)).double()
    for module in network:
        if isinstance(module, nn.Conv2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    n = shape[0] * shape[1]
    images = torch.eye(n, dtype=torch.float64).reshape(n, 1, *shape).expand(-1, channels, -1, -1)
    with torch.no_grad():
        return (network(images)[:, :, index[0], index[1]] > 0).any(dim=1).reshape(shape)


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[nn.Module], tuple[int, int], tuple[int, int]]:
    """Draw layers, an input shape they fit on, and an index of the output."""
    shape = draw(st.tuples(st.integers(6, 12), st.integers(6, 12)))
    layers, channels = [], draw(st.integers(1, 2))
    for kind in draw(st.lists(st.sampled_from("CCAMR"), max_size=4)):
        k, s, d = draw(pairs), draw(pairs), draw(pairs)
        p = draw(st.tuples(st.integers(0, k[0] // 2), st.integers(0, k[1] // 2)))
        if kind == "C":
            out = draw(st.integers(1, 2))
            p = draw(st.sampled_from([p, (2, 3), "same"])) if s == (1, 1) else p
            layers.append(nn.Conv2d(channels, out, k, s, p, d))
            channels = out
        elif kind == "A":
            layers.append(nn.AvgPool2d(k, s, p, ceil_mode=draw(st.booleans())))
        elif kind == "M":
            layers.append(nn.MaxPool2d(k, s, p, d))
        else:
            layers.append(nn.ReLU())
    first = next((m.in_channels for m in layers if isinstance(m, nn.Conv2d)), 1)
    try:
        size = nn.Sequential(*layers)(torch.zeros(1, first, *shape)).shape[2:]
    except RuntimeError:  # a kernel does not fit: fewer layers do
        layers, size = [], shape
    return layers, shape, (draw(st.integers(0, size[0] - 1)), draw(st.integers(0, size[1] - 1)))


@given(networks())
@settings(max_examples=120, deadline=None)
def test_the_mask_is_where_two_other_methods_find_a_dependence(network: Any) -> None:
    """A gradient with positive weights, and lighting one pixel at a time, find the same pixels."""
    layers, shape, index = network
    mask = receptive_field_mask(layers, shape, index)

    assert mask.dtype == torch.bool
    assert mask.shape == shape
    assert torch.equal(mask, positive_gradient(layers, shape, index))
    assert torch.equal(mask, one_pixel_at_a_time(layers, shape, index))


@given(padded_lists.filter(len), st.integers(0, 9))
def test_the_mask_lies_inside_the_region(layers: list[PaddedLayer], index: int) -> None:
    """What is seen of the image is part of the region, and all of it where nothing is cut off."""
    modules = [nn.Conv2d(1, 1, (1, k), (1, s), (0, p), (1, d)) for k, s, d, p in layers]
    first, last = input_region(layers, index)
    try:
        mask = receptive_field_mask(modules, (1, 60), (0, index))[0]
    except ValueError:
        return
    seen = mask.nonzero().flatten().tolist()

    assert all(first <= position <= last for position in seen)
    if not any(p for *_, p in layers):
        assert seen == [first + step for step in touched([layer[:3] for layer in layers])]


def test_padding_between_layers_passes_nothing_on() -> None:
    """The last two of eight pixels are read by no window, so a later window beyond sees nothing."""
    layers = [nn.Conv2d(1, 1, (1, 3), stride=(1, 3)), nn.Conv2d(1, 1, (1, 3), padding=(0, 1))]
    mask = receptive_field_mask(layers, (1, 8), (0, 1))

    assert input_region([(3, 3, 1, 0), (3, 1, 1, 1)], 1) == (0, 8)
    assert mask.tolist() == [[True] * 6 + [False] * 2]


def test_a_unit_can_see_nothing_but_padding() -> None:
    """Where the window lies wholly in the padding, the field on the image is empty."""
    assert not receptive_field_mask([nn.Conv2d(1, 1, 1, padding=1)], (3, 4), (0, 0)).any()


def test_weights_that_are_zero_or_cancel_and_units_that_are_off_do_not_matter() -> None:
    """The mask is of what some choice of parameters lets through, not of the parameters at hand."""
    layers = [nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 1, 1)]
    nn.init.zeros_(layers[0].weight)
    nn.init.constant_(layers[0].bias, -5)
    layers[3].weight.data = torch.tensor([[[[1.0]], [[-1.0]]]])

    assert receptive_field_mask(layers, (6, 8), (1, 0)).nonzero().tolist() == [
        [i, j] for i in range(2, 6) for j in range(4)
    ]


def test_the_modules_are_left_as_they_were() -> None:
    """Parameters, their gradients and the mode of training are the same afterwards."""
    layers = [nn.Conv2d(2, 3, 3), nn.ReLU(), nn.MaxPool2d(2)]
    layers[0].weight.grad = torch.full_like(layers[0].weight, 7.0)
    before = copy.deepcopy(layers[0])
    receptive_field_mask(layers, (6, 8), (1, 2))

    assert torch.equal(layers[0].weight, before.weight)
    assert torch.equal(layers[0].weight.grad, torch.full_like(before.weight, 7.0))
    assert layers[0].bias.grad is None
    assert layers[0].training


@pytest.mark.parametrize("index", [(4, 0), (0, 6), (-1, 0), (9, 9)])
def test_an_index_outside_the_output_is_refused(index: tuple[int, int]) -> None:
    """A 3×3 layer on 6×8 pixels has 4×6 units, and no others."""
    with pytest.raises(ValueError, match="outside the output of length"):
        receptive_field_mask([nn.Conv2d(1, 1, 3)], (6, 8), index)


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_pooling_has_as_many_units_as_in_pytorch(ceil_mode: bool) -> None:
    """The last index of PyTorch's output is taken and the next refused, with `ceil_mode` too."""
    for n, k, s in itertools.product(range(1, 9), range(1, 5), range(1, 5)):
        for p in range(min(k // 2, n) + 1):
            pool = nn.MaxPool2d((1, k), (1, s), (0, p), ceil_mode=ceil_mode)
            if k > n + 2 * p and not (ceil_mode and k <= n + 2 * p + s - 1):
                continue
            size = pool(torch.zeros(1, 1, 1, n)).shape[3]
            receptive_field_mask([pool], (1, n), (0, size - 1))

            with pytest.raises(ValueError, match=f"index {size} is outside"):
                receptive_field_mask([pool], (1, n), (0, size))


def test_what_cannot_be_read_is_refused() -> None:
    """A kernel that does not fit, another kind of module and other padding have their messages."""
    with pytest.raises(ValueError, match="kernel spans 5 pixels, more than the padded axis of 4"):
        receptive_field_mask([nn.Conv2d(1, 1, 3, dilation=2)], (4, 9), (0, 0))
    with pytest.raises(ValueError, match="got Linear"):
        receptive_field_mask([nn.Linear(2, 2)], (4, 4), (0, 0))
    with pytest.raises(ValueError, match="padding_mode='reflect'"):
        reflecting = nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect")
        receptive_field_mask([reflecting], (4, 4), (0, 0))


@given(st.integers(1, 30), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_influence_is_a_distribution_with_the_spread_of_the_formula(n: int, k: int) -> None:
    """Variances of uniform kernels add; a field of n layers has n (k − 1) + 1 pixels."""
    weights = influence(n, k)

    assert len(weights) == receptive_field([(k, 1, 1)] * n)
    assert float(weights.sum()) == pytest.approx(1)
    assert spread(weights) == pytest.approx(effective_sigma(n, k), abs=1e-9)


def test_influence_counts_paths() -> None:
    """SciPy's powers of a polynomial count the paths through five layers of three elements."""
    paths = [1]
    for _ in range(5):
        paths = signal.convolve(paths, [1, 1, 1])

    assert (influence(5, 3) * 3**5).tolist() == pytest.approx(list(paths))


def test_forty_layers_of_three_have_the_published_spread() -> None:
    """Luo et al. (2016): a standard deviation of 5.16 pixels inside a field of 81."""
    weights = influence(40, 3)

    assert len(weights) == 81
    assert round(spread(weights), 2) == round(effective_sigma(40, 3), 2) == 5.16


def test_random_influence_is_the_gradient_of_a_random_network() -> None:
    """Autograd through layers with the same kernels gives the same map."""
    generator = torch.Generator().manual_seed(3)
    drawn = [torch.randn(3, 3, generator=generator, dtype=torch.float64) / 3 for _ in range(4)]
    x = torch.zeros(1, 1, 9, 9, dtype=torch.float64, requires_grad=True)
    y = x
    for kernel in drawn:
        y = F.conv2d(y, kernel[None, None])
    (gradient,) = torch.autograd.grad(y.sum(), x)

    torch.testing.assert_close(
        random_influence(4, 3, torch.Generator().manual_seed(3)), gradient[0, 0]
    )


def test_squares_of_random_influence_average_to_the_uniform_network() -> None:
    """Its mean square at a pixel is the product of the two axes' path shares (Luo et al. 2016)."""
    generator = torch.Generator().manual_seed(0)
    mean = torch.stack([random_influence(3, 3, generator) ** 2 for _ in range(400)]).mean(0)
    expected = influence(3, 3)[:, None] * influence(3, 3)[None, :]

    assert float((mean - expected).abs().max()) < 0.02

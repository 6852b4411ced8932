"""Receptive fields: what one unit of a network can see. Axes are (row, column), lengths in pixels.

Along one axis a layer is the tuple (kernel, stride, dilation), or (kernel, stride, dilation,
padding); lists of layers start at the input. Positions count from 0 at the first pixel;
negative ones lie in the padding.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn

from convolutions.correlation import Pair, as_pair
from convolutions.flipping import conv2d_full

Layer = tuple[int, int, int]
PaddedLayer = tuple[int, int, int, int]


class Geometry(NamedTuple):
    """Where the units of one feature map look, along one axis of the input.

    Unit i reads inside the `size` pixels from ``start + i * jump`` on.

    Attributes
    ----------
    size : int
        Receptive field of a unit, in pixels, gaps included.
    jump : int
        Pixels between the fields of neighboring units.
    start : int
        First pixel of the field of unit 0; negative inside the padding.
    """

    size: int
    jump: int
    start: int


def receptive_field(layers: Iterable[Layer]) -> int:
    """Return the receptive field of a unit after `layers`: first to last pixel, gaps included.

    Parameters
    ----------
    layers : iterable of (kernel, stride, dilation)
        First layer first. Number of kernel elements, and steps in pixels of the layer's input.

    Returns
    -------
    int
        Length of the field on the input, in pixels; 1 without layers.

    References
    ----------
    Araujo, Norris and Sim (2019), doi:10.23915/distill.00021, section "Computing receptive
    field size".

    Examples
    --------
    >>> receptive_field([(2, 1, 1), (2, 1, 1)])
    3
    >>> receptive_field([(3, 2, 1), (3, 1, 2)])
    11
    """
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += dilation * (kernel - 1) * jump
        jump *= stride
    return size


def trace(layers: Iterable[PaddedLayer]) -> list[Geometry]:
    """Return the geometry of the input and of the feature map after each layer.

    Parameters
    ----------
    layers : iterable of (kernel, stride, dilation, padding)
        First layer first. Only the padding in front of the axis matters.

    Returns
    -------
    list of Geometry
        One more than there are layers; the first, of the input itself, is (1, 1, 0).

    References
    ----------
    Araujo, Norris and Sim (2019), doi:10.23915/distill.00021, section "Single-path networks".

    Examples
    --------
    >>> trace([(3, 2, 1, 1), (3, 1, 1, 1)])[1:]
    [Geometry(size=3, jump=2, start=-1), Geometry(size=7, jump=2, start=-3)]
    """
    size, jump, start = 1, 1, 0
    steps = [Geometry(size, jump, start)]
    for kernel, stride, dilation, padding in layers:
        size += dilation * (kernel - 1) * jump
        start -= padding * jump
        jump *= stride
        steps.append(Geometry(size, jump, start))
    return steps


def input_region(layers: Sequence[PaddedLayer], index: int) -> Pair:
    """Return the first and the last position that unit `index` sees along one axis.

    Every feature map is taken to go on without end, so a position may lie in the padding:
    below zero, or beyond the image.

    Parameters
    ----------
    layers : sequence of (kernel, stride, dilation, padding)
        First layer first.
    index : int
        Which unit of the last layer, from 0.

    Returns
    -------
    (int, int)
        First and last position on the input, both included.

    References
    ----------
    Araujo, Norris and Sim (2019), doi:10.23915/distill.00021, section "Computing receptive
    field region in input image".

    Examples
    --------
    >>> input_region([(3, 2, 1, 1), (3, 1, 1, 1)], 0)
    (-3, 3)
    >>> input_region([(3, 2, 1, 1), (3, 1, 1, 1)], 4)
    (5, 11)
    """
    first = last = index
    for kernel, stride, dilation, padding in reversed(layers):
        first = first * stride - padding
        last = last * stride - padding + dilation * (kernel - 1)
    return first, last


def layers_needed(target: int, kernel_size: int) -> int:
    """Return the fewest stride-1, undilated layers whose receptive field is at least `target`.

    Parameters
    ----------
    target : int
        Wanted length of the field, in pixels, at least 1.
    kernel_size : int
        Elements of each layer's kernel along the axis.

    Returns
    -------
    int
        Number of layers; 0 for a target of 1.

    Raises
    ------
    ValueError
        If no number of layers is enough: a kernel of one element, a target of more.

    Examples
    --------
    >>> layers_needed(7, 3), layers_needed(8, 3), layers_needed(1, 1)
    (3, 4, 0)
    """
    if target <= 1:
        return 0
    if kernel_size < 2:
        raise ValueError(
            f"layers with a kernel of {kernel_size} never see more than 1 pixel, wanted {target}"
        )
    return -(-(target - 1) // (kernel_size - 1))


def touched(layers: Sequence[Layer]) -> list[int]:
    """Return the positions that a unit depends on along one axis, counted from the first of them.

    There are gaps where dilations or strides step over pixels; the last position is
    ``receptive_field(layers) - 1``.

    Parameters
    ----------
    layers : sequence of (kernel, stride, dilation)
        First layer first.

    Examples
    --------
    >>> touched([(3, 1, 1), (3, 1, 2)])
    [0, 1, 2, 3, 4, 5, 6]
    >>> touched([(3, 1, 2), (3, 1, 2)])
    [0, 2, 4, 6, 8]
    """
    positions = {0}
    for kernel, stride, dilation in reversed(layers):
        positions = {i * stride + a * dilation for i in positions for a in range(kernel)}
    return sorted(positions)


class _Window(NamedTuple):
    """What one layer does along one axis; padding may differ between the two ends."""

    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    ceil: bool

    def positions(self, n: int) -> int:
        """Return how many windows fit on `n` pixels, by PyTorch's rules for `ceil_mode` too."""
        span = self.dilation * (self.kernel - 1) + 1
        room = n + self.before + self.after - span
        count = (room + (self.stride - 1 if self.ceil else 0)) // self.stride + 1
        if self.ceil and (count - 1) * self.stride >= n + self.before:
            count -= 1  # a window must start on the image or on the padding in front of it
        if count < 1:
            raise ValueError(
                f"kernel spans {span} pixels, more than the padded axis of {room + span}"
            )
        return count

    def reads(self, units: set[int], n: int) -> set[int]:
        """Return which of the layer's `n` inputs its `units` read; padding is none of them."""
        starts = [i * self.stride - self.before for i in units]
        steps = range(0, self.dilation * self.kernel, self.dilation)
        return {p + q for p in starts for q in steps if 0 <= p + q < n}


def receptive_field_mask(layers: Iterable[nn.Module], input_shape: Pair, index: Pair) -> Tensor:
    """Mark the pixels that can affect one position of a network's output.

    A pixel counts if some choice of parameters and input lets it affect some channel of the
    output there: what matters is which units are connected, not the weights at hand, a ReLU
    that happens to be off, or where a maximum happens to lie. Zero padding passes nothing on,
    at the input or between layers. The modules are read, never run or changed.

    Parameters
    ----------
    layers : iterable of nn.Module
        `nn.Conv2d`, `nn.AvgPool2d`, `nn.MaxPool2d` and `nn.ReLU`, first layer first.
    input_shape : (int, int)
        Height H and width W of the input, in pixels.
    index : (int, int)
        Row and column of the output.

    Returns
    -------
    Tensor of shape (H, W)
        Boolean.

    Raises
    ------
    ValueError
        If `index` is outside the output, a kernel is larger than its padded input, or a module
        is of another kind.

    Examples
    --------
    >>> layers = [nn.Conv2d(1, 1, 2, stride=2), nn.ReLU(), nn.Conv2d(1, 1, 2, padding=1)]
    >>> receptive_field_mask(layers, (3, 4), (0, 1)).int()
    tensor([[1, 1, 1, 1],
            [1, 1, 1, 1],
            [0, 0, 0, 0]], dtype=torch.int32)
    """
    windows = [pair for pair in map(_windows, layers) if pair]
    rows, columns = (
        _axis_mask([pair[axis] for pair in windows], input_shape[axis], index[axis])
        for axis in (0, 1)
    )
    return rows[:, None] & columns[None, :]


def _axis_mask(windows: Sequence[_Window], n: int, index: int) -> Tensor:
    """Return which of `n` pixels unit `index` can see through `windows`, as a boolean vector."""
    sizes = [n]
    for window in windows:
        sizes.append(window.positions(sizes[-1]))
    if not 0 <= index < sizes[-1]:
        raise ValueError(f"index {index} is outside the output of length {sizes[-1]}")
    units = {index}
    for window, length in zip(reversed(windows), reversed(sizes[:-1]), strict=True):
        units = window.reads(units, length)
    mask = torch.zeros(n, dtype=torch.bool)
    mask[sorted(units)] = True
    return mask


def _windows(layer: nn.Module) -> tuple[_Window, _Window] | None:
    """Return a module's window along rows and columns, or None where it works pixel by pixel."""
    if isinstance(layer, nn.ReLU):
        return None
    if not isinstance(layer, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d):
        raise ValueError(
            f"layers must be Conv2d, AvgPool2d, MaxPool2d or ReLU, got {type(layer).__name__}"
        )
    if isinstance(layer, nn.Conv2d) and layer.padding_mode != "zeros":
        raise ValueError(f"padding must be zeros, got padding_mode={layer.padding_mode!r}")
    kernel, stride = as_pair(layer.kernel_size), as_pair(layer.stride)  # type: ignore[arg-type]  # pairs, though declared of any length
    dilation = (1, 1) if isinstance(layer, nn.AvgPool2d) else as_pair(layer.dilation)  # type: ignore[arg-type]
    ceil = not isinstance(layer, nn.Conv2d) and layer.ceil_mode
    rows, columns = (
        _Window(k, s, d, *_padding(layer.padding, axis, d * (k - 1)), ceil)
        for axis, (k, s, d) in enumerate(zip(kernel, stride, dilation, strict=True))
    )
    return rows, columns


def _padding(padding: str | int | tuple[int, ...], axis: int, spare: int) -> Pair:
    """Return the zeros in front of and behind an axis; of 'same', PyTorch puts fewer in front."""
    if padding == "same":
        return spare // 2, spare - spare // 2
    if isinstance(padding, str):
        return 0, 0
    side = padding if isinstance(padding, int) else padding[axis]
    return side, side


def influence(n: int, k: int) -> Tensor:
    """Return how a unit's dependence is shared among the pixels of its field along one axis.

    The network is linear: `n` layers with stride 1 and `k` elements of 1/k each. Each element of
    the result is the share of the paths to the unit that start at that pixel, computed by
    convolving the kernels with each other; it is also the gradient there.

    Parameters
    ----------
    n, k : int
        Number of layers and kernel elements.

    Returns
    -------
    Tensor of shape (n * (k - 1) + 1,)
        float64, nonnegative, with sum 1.

    References
    ----------
    Luo, Li, Urtasun and Zemel (2016), arXiv:1701.04128, section 2.2.

    Examples
    --------
    >>> influence(2, 3) * 9
    tensor([1., 2., 3., 2., 1.], dtype=torch.float64)
    """
    kernel = torch.full((1, k), 1 / k, dtype=torch.float64)
    weights = torch.ones(1, 1, dtype=torch.float64)
    for _ in range(n):
        weights = conv2d_full(weights, kernel)
    return weights[0]


def spread(weights: Tensor) -> float:
    """Return the standard deviation, in pixels, of a distribution over the pixels of one axis.

    Parameters
    ----------
    weights : Tensor of shape (n,)
        Nonnegative, of any positive sum.

    Examples
    --------
    >>> spread(torch.tensor([1.0, 0.0, 1.0]))
    1.0
    """
    shares = weights.double() / weights.double().sum()
    at = torch.arange(len(shares), dtype=torch.float64, device=shares.device)
    mean = (shares * at).sum()
    return math.sqrt(float((shares * (at - mean) ** 2).sum()))


def effective_sigma(n: int, k: int) -> float:
    """Return the standard deviation of ``influence(n, k)`` by formula, in pixels.

    One uniform kernel of k elements has variance (k² − 1) / 12, and variances add.

    References
    ----------
    Luo, Li, Urtasun and Zemel (2016), arXiv:1701.04128, section 2.2.

    Examples
    --------
    >>> round(effective_sigma(40, 3), 2)
    5.16
    """
    return math.sqrt(n * (k**2 - 1) / 12)


def random_influence(n: int, k: int, generator: Generator) -> Tensor:
    """Return the gradient of one unit of a random linear network with respect to its input.

    The kernels of the `n` layers are k × k, with normally distributed elements of variance
    1/k², so that the squares of the result sum to 1 on average.

    Returns
    -------
    Tensor of shape (n * (k - 1) + 1, n * (k - 1) + 1)
        float64, of both signs.

    References
    ----------
    Luo, Li, Urtasun and Zemel (2016), arXiv:1701.04128, section 2.3.

    Examples
    --------
    >>> random_influence(4, 3, torch.Generator().manual_seed(0)).shape
    torch.Size([9, 9])
    """
    weights = torch.ones(1, 1, dtype=torch.float64)
    for _ in range(n):
        kernel = torch.randn(k, k, generator=generator, dtype=torch.float64) / k
        weights = conv2d_full(weights, kernel)
    return weights


def _vgg(convolutions: Sequence[int]) -> list[PaddedLayer]:
    """Return a VGG network through its last pooling: 3×3 convolutions in stages, 2×2 poolings."""
    return [layer for count in convolutions for layer in [(3, 1, 1, 1)] * count + [(2, 2, 1, 0)]]


def _resnet(units: Sequence[int]) -> list[PaddedLayer]:
    """Return the longest path of a ResNet through its last convolution, in TensorFlow-Slim's form.

    The 3×3 convolution of the last unit of each stage but the last has the stride of 2, and
    the pooling pads behind only, as TensorFlow's "SAME" does on an even length.
    """
    layers: list[PaddedLayer] = [(7, 2, 1, 3), (3, 2, 1, 0)]
    for stage, count in enumerate(units):
        for unit in range(count):
            strided = unit == count - 1 and stage < len(units) - 1
            layers += [(1, 1, 1, 0), (3, 2 if strided else 1, 1, 1), (1, 1, 1, 0)]
    return layers


#: Krizhevsky (2014), arXiv:1404.5997, in TensorFlow-Slim's form, through pool5.
ALEXNET_V2: list[PaddedLayer] = [
    (11, 4, 1, 0),
    (3, 2, 1, 0),
    (5, 1, 1, 2),
    (3, 2, 1, 0),
    *[(3, 1, 1, 1)] * 3,
    (3, 2, 1, 0),
]
#: Simonyan and Zisserman (2015), arXiv:1409.1556, configuration D, through pool5.
VGG_16 = _vgg((2, 2, 3, 3, 3))
#: He, Zhang, Ren and Sun (2016), arXiv:1512.03385, through block 4; strides as in Araujo et al.
RESNET_50 = _resnet((3, 4, 6, 3))
RESNET_101 = _resnet((3, 4, 23, 3))
RESNET_152 = _resnet((3, 8, 36, 3))

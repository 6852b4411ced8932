"""From one channel to a network: channels, pooling, costs. Axes are (channel, row, column).

An image of several channels has shape (in, H, W); a kernel has one slice per input channel, and
a stack of kernels, one per output channel, has shape (out, in, h, w). Lengths are in pixels.
"""

from __future__ import annotations

from math import prod
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convolutions.correlation import Pair, as_pair, common_float, corr2d, output_shape

Mode = Literal["max", "mean"]
BATCH = 64


def corr2d_multi(X: Tensor, K: Tensor) -> Tensor:
    """Cross-correlate an image of several channels with one kernel or with a stack of them.

    Each input channel meets its own slice of the kernel, and the results are summed; each kernel
    of a stack makes one output channel.

    Parameters
    ----------
    X : Tensor of shape (in, H, W)
        Image. Integers are promoted to the default floating dtype.
    K : Tensor of shape (in, h, w) or (out, in, h, w)
        Kernel, or stack of kernels, of the image's floating dtype.

    Returns
    -------
    Tensor of shape (H - h + 1, W - w + 1) or (out, H - h + 1, W - w + 1)

    Raises
    ------
    ValueError
        If the channel counts differ, an input is empty or has another number of axes, or the
        kernel is longer than the image on either axis.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, section 1.1.

    Examples
    --------
    >>> X = torch.tensor([[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]])
    >>> corr2d_multi(X, torch.tensor([[[1.0, 1.0]], [[0.0, 1.0]]]))
    tensor([[23., 35.]])
    """
    if X.ndim != 3 or K.ndim not in (3, 4):
        raise ValueError(
            "the image must have three axes and the kernel three or four, got shapes "
            f"{tuple(X.shape)} and {tuple(K.shape)}"
        )
    if len(X) != K.shape[-3] or len(X) == 0:
        raise ValueError(
            f"image and kernel must have the same number of channels, at least one, got {len(X)} "
            f"and {K.shape[-3]} (shapes {tuple(X.shape)} and {tuple(K.shape)})"
        )
    if K.ndim == 4:
        return torch.stack([corr2d_multi(X, kernel) for kernel in K])
    return torch.stack([corr2d(x, k) for x, k in zip(X, K, strict=True)]).sum(0)


def conv1x1(X: Tensor, W: Tensor) -> Tensor:
    """Mix the channels of each pixel by the same matrix: a 1×1 convolution.

    Parameters
    ----------
    X : Tensor of shape (in, H, W)
        Image. Integers are promoted to the default floating dtype.
    W : Tensor of shape (out, in)
        Weight of each input channel in each output channel.

    Returns
    -------
    Tensor of shape (out, H, W)

    Raises
    ------
    ValueError
        If the channel counts differ.

    References
    ----------
    Lin, Chen and Yan (2014), Network in network, arXiv:1312.4400.

    Examples
    --------
    >>> X = torch.tensor([[[1.0, 2.0]], [[3.0, 4.0]]])
    >>> conv1x1(X, torch.tensor([[10.0, 1.0]]))
    tensor([[[13., 24.]]])
    """
    if X.ndim != 3 or W.ndim != 2 or len(X) != W.shape[1]:
        raise ValueError(
            "an image of shape (in, H, W) needs a matrix of shape (out, in), got shapes "
            f"{tuple(X.shape)} and {tuple(W.shape)}"
        )
    X, W = common_float(X, W)
    return (W @ X.reshape(len(X), -1)).reshape(len(W), *X.shape[1:])


def pool2d(
    X: Tensor, size: int | Pair, stride: int | Pair | None = None, mode: Mode = "max"
) -> Tensor:
    """Reduce each window of an image to its maximum or its mean, at valid positions.

    Parameters
    ----------
    X : Tensor of shape (H, W)
        Image; one channel of several. Integers are promoted to the default floating dtype.
    size : int or (int, int)
        Height and width of the window, in pixels; one int for both.
    stride : int or (int, int), optional
        Step between windows; as large as the window by default, so that no two overlap.
    mode : "max" or "mean"

    Returns
    -------
    Tensor of shape output_shape((H, W), size, stride=stride)

    Raises
    ------
    ValueError
        If the window is larger than the image on either axis, or `mode` is another word.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, section 1.2.

    Examples
    --------
    >>> X = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    >>> pool2d(X, 2), pool2d(X, 2, stride=1, mode="mean")
    (tensor([[6., 8.]]), tensor([[3.5000, 4.5000, 5.5000]]))
    """
    if mode not in ("max", "mean"):
        raise ValueError(f"mode must be 'max' or 'mean', got {mode!r}")
    if X.ndim != 2 or X.numel() == 0:
        raise ValueError(f"the image must have two axes and pixels, got shape {tuple(X.shape)}")
    (X,) = common_float(X)
    (h, w), (s, t) = as_pair(size), as_pair(size if stride is None else stride)
    output_shape((X.shape[0], X.shape[1]), (h, w), stride=(s, t))
    windows = X.unfold(0, h, s).unfold(1, w, t)
    return windows.amax((-2, -1)) if mode == "max" else windows.mean((-2, -1))


def layer_costs(
    input_shape: tuple[int, int, int],
    kernel_shape: Pair,
    out_channels: int,
    padding: int | Pair = 0,
    stride: int | Pair = 1,
) -> Pair:
    """Count the parameters of a convolutional layer and its multiply-adds for one image.

    Parameters
    ----------
    input_shape : (int, int, int)
        Channels, height and width of the input.
    kernel_shape : (int, int)
        Height and width of the kernels, in elements.
    out_channels : int
        Number of kernels; each has a slice per input channel and one bias.
    padding, stride : int or (int, int)
        As in `output_shape`.

    Returns
    -------
    (int, int)
        Parameters, biases included: ``out * (in * h * w + 1)``. Multiply-adds, additions of
        biases not counted: ``out * in * h * w`` per position of the output.

    Raises
    ------
    ValueError
        If the kernel is longer than the padded input on either axis.

    Examples
    --------
    >>> layer_costs((3, 32, 32), (3, 3), 16, padding=1)
    (448, 442368)
    """
    channels, *image = input_shape
    positions = prod(output_shape((image[0], image[1]), kernel_shape, padding, stride))
    weights = out_channels * channels * prod(kernel_shape)
    return weights + out_channels, weights * positions


def digit_network(seed: int = 0) -> nn.Sequential:
    """Return an untrained network of 994 parameters for 8×8 images of ten kinds.

    Twice a convolution to eight channels, a ReLU and a maximum of 2×2; then a linear layer.

    Parameters
    ----------
    seed : int
        Of the initial parameters.

    Returns
    -------
    nn.Sequential
        From images of shape (n, 1, 8, 8) to scores of shape (n, 10).

    Examples
    --------
    >>> network = digit_network()
    >>> network(torch.zeros(2, 1, 8, 8)).shape, sum(p.numel() for p in network.parameters())
    (torch.Size([2, 10]), 994)
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(32, 10),
        )


def train(
    network: nn.Module, images: Tensor, labels: Tensor, *, epochs: int = 20, seed: int = 0
) -> list[float]:
    """Train a classifier in place by Adam on the cross-entropy, in batches of `BATCH` images.

    Parameters
    ----------
    network : nn.Module
        From images to scores, one per kind.
    images : Tensor of shape (n, 1, H, W)
    labels : Tensor of shape (n,)
        Integers, the kind of each image.
    epochs : int
        How many times every image is seen.
    seed : int
        Of the order of the images.

    Returns
    -------
    list of float
        Mean loss of each epoch, in nats.

    References
    ----------
    Kingma and Ba (2015), Adam, arXiv:1412.6980.

    Examples
    --------
    >>> flat = nn.Sequential(nn.Flatten(), nn.Linear(1, 2))
    >>> losses = train(flat, torch.tensor([-1.0, 1.0]).reshape(2, 1, 1, 1), torch.tensor([0, 1]))
    >>> losses[-1] < losses[0]
    True
    """
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(epochs):
        total, order = 0.0, torch.randperm(len(images), generator=generator)
        for first in range(0, len(images), BATCH):
            batch = order[first : first + BATCH]
            loss = F.cross_entropy(network(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += float(loss.detach()) * len(batch)
        losses.append(total / len(images))
    return losses


def confusions(network: nn.Module, images: Tensor, labels: Tensor, kinds: int = 10) -> Tensor:
    """Count the images of each kind (row) that a network takes for each kind (column).

    Parameters
    ----------
    network : nn.Module
        From images to scores, one per kind.
    images : Tensor of shape (n, 1, H, W)
    labels : Tensor of shape (n,)
    kinds : int

    Returns
    -------
    Tensor of shape (kinds, kinds)
        int64. The share of its diagonal is the accuracy.

    Examples
    --------
    >>> both = nn.Sequential(nn.Flatten(), nn.Linear(1, 2))
    >>> confusions(both, torch.ones(3, 1, 1, 1), torch.tensor([0, 1, 1]), kinds=2).sum(1)
    tensor([1, 2])
    """
    with torch.no_grad():
        guesses = network(images).argmax(1)
    return torch.bincount(labels * kinds + guesses, minlength=kinds**2).reshape(kinds, kinds)

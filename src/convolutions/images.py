"""Images that the chapters look at. Gray values: 0 is black, 1 is white; axes are (row, column)."""

from __future__ import annotations

from importlib.resources import as_file, files

import torch
from matplotlib.image import imread
from torch import Tensor

PHOTOGRAPHS = ("brick", "camera", "coffee")


def stripes() -> Tensor:
    """Return the 6×8 image of the course: white, with columns 2 to 5 black.

    Returns
    -------
    Tensor of shape (6, 8)
        float32; a new tensor at every call.

    References
    ----------
    Zhang, Lipton, Li and Smola (2023), Dive into Deep Learning, section 7.2.3.

    Examples
    --------
    >>> stripes()[0]
    tensor([1., 1., 0., 0., 0., 0., 1., 1.])
    """
    X = torch.ones(6, 8)
    X[:, 2:6] = 0.0
    return X


def photograph(name: str) -> Tensor:
    """Return a gray photograph that is part of the package.

    Parameters
    ----------
    name : str
        One of `PHOTOGRAPHS`.

    Returns
    -------
    Tensor of shape (H, W)
        float32, from 0 to 1; the photographs' 8-bit values over 255.

    Raises
    ------
    ValueError
        If there is no photograph of this name.

    Examples
    --------
    >>> photograph("camera").shape, photograph("coffee").shape
    (torch.Size([256, 256]), torch.Size([200, 300]))
    """
    if name not in PHOTOGRAPHS:
        raise ValueError(f"no photograph named {name!r}, there are {', '.join(PHOTOGRAPHS)}")
    return _pixels("photographs", name)


def color_photograph() -> Tensor:
    """Return the photograph "coffee" in color.

    Returns
    -------
    Tensor of shape (3, 200, 300)
        float32, from 0 to 1: red, green and blue.

    Examples
    --------
    >>> color_photograph().shape
    torch.Size([3, 200, 300])
    """
    return _pixels("photographs", "coffee_color").permute(2, 0, 1).contiguous()


def digits() -> tuple[Tensor, Tensor]:
    """Return 1,797 handwritten digits and what was written.

    Returns
    -------
    images : Tensor of shape (1797, 8, 8)
        float32, from 0, paper, to 1, ink.
    labels : Tensor of shape (1797,)
        int64, from 0 to 9.

    References
    ----------
    Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, doi:10.24432/C50P49.

    Examples
    --------
    >>> images, labels = digits()
    >>> images.shape, labels[:4]
    (torch.Size([1797, 8, 8]), tensor([0, 1, 2, 3]))
    """
    table = (255 * _pixels("digits", "digits")).round()
    return table[:, :64].reshape(-1, 8, 8) / 16, table[:, 64].long()


def _pixels(folder: str, name: str) -> Tensor:
    """Return the values of a PNG of the package, over 255; channels, if any, are the last axis."""
    with as_file(files("convolutions") / folder / f"{name}.png") as path:
        return torch.from_numpy(imread(path).copy())

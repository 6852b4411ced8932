"""Images that the chapters look at. Grey values: 0 is black, 1 is white; axes are (row, column)."""

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
    """Return a grey photograph that is part of the package.

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
    with as_file(files("convolutions") / "photographs" / f"{name}.png") as path:
        return torch.from_numpy(imread(path).copy())

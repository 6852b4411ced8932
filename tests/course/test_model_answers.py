"""What model answers claim is computed anew."""

from __future__ import annotations

from pathlib import Path

import nbformat
import torch

from convolutions.correlation import im2col
from convolutions.images import photograph, stripes

ROOT = Path(__file__).resolve().parents[2]


def model_answer(topic: str) -> str:
    """Return the text of the written answer of an assignment, with its marking scheme."""
    notebook = nbformat.read(ROOT / "solutions" / topic / f"{topic}.ipynb", as_version=4)
    (source,) = [c.source for c in notebook.cells if c.id == "explain"]
    return str(source)


def rank(*images: torch.Tensor) -> int:
    """Return the rank of all 2×2 windows of some images together."""
    windows = torch.cat([im2col(image, (2, 2)).double() for image in images])
    return int(torch.linalg.matrix_rank(windows))


def test_the_images_of_the_answer_on_learning_have_the_ranks_it_gives_them() -> None:
    """The stripes with their transpose still leave one direction of kernels unseen."""
    noise = torch.rand(6, 8, generator=torch.Generator().manual_seed(0))
    unseen = torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).reshape(-1)
    both = torch.cat([im2col(X, (2, 2)) for X in (stripes(), stripes().t())])
    answer = model_answer("learning")

    assert f"The matrix of windows has rank {rank(stripes())}" in answer
    assert f"transpose has rank {rank(stripes(), stripes().t())}" in answer
    assert f"the stripes with their transpose (rank {rank(stripes(), stripes().t())})" in answer
    assert f"Noise, or a photograph, has rank {rank(noise)}" in answer
    assert rank(noise) == rank(photograph("camera")) == 4
    assert not (both @ unseen).any()

"""The length of Sobel's two responses at each position."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import edges as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems import small
from problems.inputs import numbers, precision_lost, strided, transposed


def magnitude_case(criterion: str, examines: str, X: Tensor) -> Case:
    """Return the case of one image; Sobel's weights sum to 8 in magnitude."""
    return Case(
        criterion, examines, Call((X,)), terms=9, magnitude=8 * float(X.detach().abs().max())
    )


def gradient_magnitude_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `gradient_magnitude`."""
    for examines, shape in (
        ("an image wider than it is tall", (5, 8)),
        ("an image taller than it is wide", (7, 4)),
        ("an image with a single valid position", (3, 3)),
        ("an image three pixels tall", (3, 6)),
    ):
        yield magnitude_case("values", examines, numbers(generator, *shape))
    flat = numbers(generator, 1, 1).expand(4, 6).contiguous()
    yield magnitude_case("values", "a flat image", flat)
    yield magnitude_case("types", "a float64 image", numbers(generator, 5, 6).double() / 7)
    for examines, dtype, low, high in (
        ("an integer image", torch.int64, -9, 9),
        ("an image of 8-bit integers", torch.uint8, 0, 250),
    ):
        image = numbers(generator, 5, 6, dtype=dtype, low=low, high=high)
        yield magnitude_case("types", examines, image)
    for examines, image in (
        ("a transposed image that requires gradients", transposed(numbers(generator, 4, 7))),
        ("an image that is a view of a larger one", strided(numbers(generator, 6, 5))),
    ):
        yield magnitude_case("types", examines, image.requires_grad_("gradients" in examines))
    for examines, shape in (
        ("an image two pixels tall", (2, 6)),
        ("an image two pixels wide", (6, 2)),
        ("an image of a single row", (1, 5)),
        ("an image of a single column", (5, 1)),
        ("an image of two pixels by two", (2, 2)),
        ("an image of a single pixel", (1, 1)),
    ):
        yield magnitude_case("errors", examines, numbers(generator, *shape))


def gradient_magnitude_framework(X: Tensor) -> Tensor:
    if X.shape[0] < 3 or X.shape[1] < 3:
        raise ValueError("the image is smaller than the kernels")
    X = X if X.is_floating_point() else X.float()
    right = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]).to(X)
    both = F.conv2d(X[None, None], torch.stack([right, right.t()])[:, None])[0]
    G: Tensor = torch.linalg.vector_norm(both, dim=0)
    return G


def gradient_magnitude_loops(X: Tensor) -> Tensor:
    H, W = X.shape
    if H < 3 or W < 3:
        raise ValueError("the image is smaller than the kernels")
    X = X if X.is_floating_point() else X.float()
    right = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=X.dtype)
    G = torch.zeros(H - 2, W - 2, dtype=X.dtype)
    for i in range(H - 2):
        for j in range(W - 2):
            window = X[i : i + 3, j : j + 3]
            gx, gy = (window * right).sum(), (window * right.t()).sum()
            G[i, j] = torch.sqrt(gx * gx + gy * gy)
    return G


def gradient_magnitude_shifts(X: Tensor) -> Tensor:
    if min(X.shape) < 3:
        raise ValueError("the image is smaller than the kernels")
    X = X if X.is_floating_point() else X.float()
    across, down = X[:, 2:] - X[:, :-2], X[2:] - X[:-2]
    gx = across[:-2] + 2 * across[1:-1] + across[2:]
    gy = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    return (gx.square() + gy.square()).sqrt()


def gradient_magnitude_complex_fft(X: Tensor) -> Tensor:
    H, W = X.shape
    if H < 3 or W < 3:
        raise ValueError("the image is smaller than the kernels")
    X = X if X.is_floating_point() else X.float()
    right = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=X.dtype)
    both = torch.complex(right, right.t().contiguous())
    spectrum = torch.fft.fft2(X) * torch.fft.fft2(both.flip(0, 1), (H, W))
    valid: Tensor = torch.fft.ifft2(spectrum)[2:, 2:]
    return valid.abs()


def gradient_magnitude_separable(X: Tensor) -> Tensor:
    if X.shape[0] < 3 or X.shape[1] < 3:
        raise ValueError("the image is smaller than the kernels")
    dtype = X.dtype if X.is_floating_point() else torch.float32
    smooth = torch.tensor([1, 2, 1]).to(dtype)
    slope = torch.tensor([-1, 0, 1]).to(dtype)

    def response(column: Tensor, row: Tensor) -> Tensor:
        across = F.conv2d(X.to(dtype)[None, None], row.reshape(1, 1, 1, 3))
        return F.conv2d(across, column.reshape(1, 1, 3, 1))[0, 0]

    return torch.hypot(response(smooth, slope), response(slope, smooth))


def gradient_magnitude_windows(X: Tensor) -> Tensor:
    class TooSmallError(ValueError):
        pass

    if any(n < 3 for n in X.shape):
        raise TooSmallError(X.shape)
    wide = X.double().unfold(0, 3, 1).unfold(1, 3, 1)
    gx = torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).double()
    sums = torch.stack([(wide * K).sum(dim=(-2, -1)) for K in (gx, gx.T)])
    G: Tensor = sums.norm(dim=0)
    return G.to(X.dtype if X.is_floating_point() else torch.float32)


GRADIENT_MAGNITUDE = Problem(
    name="gradient_magnitude",
    reference=reference.gradient_magnitude,
    weights={"shape": 0.25, "values": 1.0, "types": 0.25, "errors": 0.25, "untouched": 0.25},
    draw=gradient_magnitude_cases,
    small=small.MAGNITUDE,
    misconceptions=(
        Misconception(
            "sum of absolute values",
            edit(
                gradient_magnitude_framework,
                {"torch.linalg.vector_norm(both, dim=0)": "both.abs().sum(dim=0)"},
            ),
            "Your result adds the magnitudes of the two responses. The length of a vector is the "
            "root of the sum of its squares, and never more than that sum.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the root forgotten",
            edit(
                gradient_magnitude_framework,
                {"torch.linalg.vector_norm(both, dim=0)": "both.square().sum(dim=0)"},
            ),
            "Your result is the square of the right one: twice the contrast gives four times the "
            "value.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "one direction only",
            edit(gradient_magnitude_framework, {"[right, right.t()]": "[right]"}),
            "Your result shows vertical edges and misses horizontal ones.",
            "edges#edges-one-direction",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "sum of kernels",
            edit(gradient_magnitude_framework, {"[right, right.t()]": "[right + right.t()]"}),
            "Your result adds the two signed responses, which amounts to a single kernel, the sum"
            " of both. They cancel along one of the diagonals.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "Sobel's weights divided",
            edit(gradient_magnitude_framework, {"return G": "return G / 8"}),
            "Your result is an eighth of the right one: use the kernels as printed.",
            "edges#edge-conventions",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "Prewitt's weights for Sobel's",
            edit(gradient_magnitude_framework, {"[-2.0, 0.0, 2.0]": "[-1.0, 0.0, 1.0]"}),
            "Your kernels weight the three rows (or columns) alike. Sobel's count the middle one "
            "twice.",
            "edges#smoothed-differences",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "zeros put around the image",
            edit(gradient_magnitude_framework, {"[:, None])": "[:, None], padding=1)"}),
            "Your result is as large as the image: it was padded with zeros, and the border of "
            "zeros looks like an edge. The task asks only for positions where the kernel fits.",
            "edges#gradient-magnitude",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "always float32",
            edit(
                gradient_magnitude_framework,
                {"X if X.is_floating_point() else X.float()": "X.float()"},
            ),
            "A float64 image comes back in float32. Convert only integers, and give the kernels "
            "the image's dtype.",
            "edges#gradient-magnitude",
            frozenset({"types"}),
        ),
        Misconception(
            "integer overflow",
            edit(
                gradient_magnitude_windows,
                {
                    "X.double()": "X",
                    "]).double()": "]).to(X.dtype)",
                    "sums.norm": "sums.double().norm",
                },
            ),
            "The products are computed in the image's integer dtype, which holds neither negative "
            "numbers nor large ones if it has 8 bits. Convert before you multiply.",
            "edges#gradient-magnitude",
            frozenset({"types"}),
        ),
        Misconception(
            "an error other than ValueError",
            edit(gradient_magnitude_framework, {"ValueError": "RuntimeError"}),
            "An image that is too small causes the framework's own error. Compare the shapes "
            "first, and raise ValueError.",
            "edges#gradient-magnitude",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                gradient_magnitude_framework,
                {"    right =": "    with torch.no_grad():\n        X -= X.mean()\n    right ="},
            ),
            "The result is right, but the image was changed: an operator such as -= writes into "
            "the tensor that was passed in.",
            "edges#gradient-magnitude",
            frozenset({"untouched"}),
        ),
        precision_lost(
            edit(
                gradient_magnitude_framework,
                {
                    "X = X if X.is_floating_point() else X.float()": (
                        "dtype, X = X.dtype if X.is_floating_point() else torch.float32, X.float()"
                    ),
                    "return G": "return G.to(dtype)",
                },
            )
        ),
        Misconception(
            "the larger of the two",
            edit(
                gradient_magnitude_framework,
                {"torch.linalg.vector_norm(both, dim=0)": "both.abs().amax(dim=0)"},
            ),
            "Of the two responses only the larger counts. The length of the gradient depends "
            "on both.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "vertical slopes only",
            edit(
                gradient_magnitude_framework,
                {"torch.linalg.vector_norm(both, dim=0)": "both[1].abs()"},
            ),
            "Only the slope downward counts. Edges that run down the image give nothing.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the same kernel twice",
            edit(gradient_magnitude_framework, {"[right, right.t()]": "[right, right]"}),
            "Both responses come from one kernel, so that one direction counts twice and the "
            "other not at all.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "Scharr's weights for Sobel's",
            edit(
                gradient_magnitude_framework,
                {
                    "[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]": (
                        "[-3.0, 0.0, 3.0], [-10.0, 0.0, 10.0], [-3.0, 0.0, 3.0]"
                    ),
                },
            ),
            "The rows (columns) are weighed as in Scharr's kernels. The task prints Sobel's.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "differences without smoothing",
            edit(
                gradient_magnitude_framework,
                {
                    "[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]": (
                        "[0.0, 0.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]"
                    ),
                },
            ),
            "The differences are taken in the middle row and column alone. Sobel's kernels "
            "also weigh the rows (columns) on both sides.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "divided by its largest value",
            edit(gradient_magnitude_framework, {"return G": "return G / G.max()"}),
            "The result is scaled so that its largest value is 1. The task asks for the length "
            "itself.",
            "edges#gradient-magnitude",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "mean of the squares",
            edit(
                gradient_magnitude_framework,
                {"torch.linalg.vector_norm(both, dim=0)": "both.square().mean(dim=0).sqrt()"},
            ),
            "The two squares are averaged before the root. They are added.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a small number under the root",
            edit(
                gradient_magnitude_framework,
                {
                    "torch.linalg.vector_norm(both, dim=0)": (
                        "(both.square().sum(dim=0) + 1e-3).sqrt()"
                    ),
                },
            ),
            "Something is added under the root, so a flat image gets a response. The root of "
            "zero is zero.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a constant added under the root",
            edit(
                gradient_magnitude_framework,
                {
                    "torch.linalg.vector_norm(both, dim=0)": (
                        "(both.square().sum(dim=0) + 1e-6).sqrt()"
                    ),
                },
            ),
            "Something is added to the squares before the root is taken, as training does to "
            "keep the root's slope finite. It shows where the gradient is zero.",
            "edges#gradient-magnitude",
            frozenset({"values", "types"}),
        ),
    ),
    right=(
        gradient_magnitude_framework,
        gradient_magnitude_loops,
        gradient_magnitude_shifts,
        gradient_magnitude_complex_fft,
        gradient_magnitude_separable,
        gradient_magnitude_windows,
    ),
)

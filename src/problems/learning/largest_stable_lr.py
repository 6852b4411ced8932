"""The learning rate beyond which a descent on the summed error diverges."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import learning as reference
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems import small
from problems.inputs import TOO_LONG, numbers, strided, transposed
from problems.learning.shared import bars


def largest_stable_lr_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `largest_stable_lr`."""
    g = generator
    for examines, shape, size in (
        ("a kernel wider than it is tall", (6, 8), (1, 3)),
        ("a kernel taller than it is wide", (7, 5), (3, 2)),
        ("a kernel of one element", (4, 5), (1, 1)),
        ("a kernel as large as the image", (3, 4), (3, 4)),
    ):
        yield Case("values", examines, Call((numbers(g, *shape), size)))
    yield Case("values", "an image of equal rows", Call((bars(g), (2, 3))))
    yield Case("values", "an image of small values", Call((numbers(g, 6, 7) / 100, (2, 3))))
    for examines, X in (
        ("float64 input", numbers(g, 6, 7, dtype=torch.float64)),
        ("an 8-bit image", numbers(g, 7, 6, dtype=torch.uint8, low=100, high=250)),
        ("64-bit integers", numbers(g, 6, 5, dtype=torch.int64)),
        ("non-contiguous input", transposed(numbers(g, 7, 5))),
        ("non-contiguous input that requires gradients",
         strided(numbers(g, 5, 8)).requires_grad_()),
    ):  # fmt: skip
        yield Case("types", examines, Call((X, (2, 3))))
    for examines, shape, size in TOO_LONG:
        yield Case("errors", examines.format("kernel"), Call((numbers(g, *shape), size)))


def largest_stable_lr_svd(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    A = X.detach().float().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / float(torch.linalg.svdvals(A)[0]) ** 2


def largest_stable_lr_power_iteration(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    image = X.detach().double()[None, None]
    K = torch.rand(1, 1, h, w, dtype=torch.float64)
    size = 0.0
    for _ in range(1000):
        K = F.conv2d(image, F.conv2d(image, K / K.norm()))
        size = K.norm().item()
    return 1 / size


def largest_stable_lr_hessian(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    image = X.detach().double()[None, None]

    def loss(k: Tensor) -> Tensor:
        return F.conv2d(image, k.reshape(1, 1, h, w)).square().sum()

    start = torch.zeros(h * w, dtype=torch.float64)
    H = torch.func.hessian(loss)(start)
    return 2 / float(torch.linalg.eigvalsh(H).max())


def largest_stable_lr_loops(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("the kernel does not fit into the image")
    rows = []
    for i in range(X.shape[0] - h + 1):
        for j in range(X.shape[1] - w + 1):
            rows.append(X[i : i + h, j : j + w].reshape(-1).double())
    A = torch.stack(rows)
    return 1 / float(torch.linalg.matrix_norm(A @ A.T, ord=2).detach())


def largest_stable_lr_shifted_images(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit into the image")
    shifted = [
        X.detach().double()[a : a + rows, b : b + columns] for a in range(h) for b in range(w)
    ]
    normal = torch.tensor([[float((p * q).sum()) for q in shifted] for p in shifted])
    return float(1 / torch.linalg.eigvals(normal.double()).abs().max())


def largest_stable_lr_norm(X: Tensor, kernel_size: tuple[int, int]) -> float:
    if any(k > n for k, n in zip(kernel_size, X.shape, strict=True)):
        raise ValueError("the kernel does not fit into the image")
    windows = F.unfold(X.detach().double()[None, None], kernel_size)[0]
    return float(torch.linalg.norm(windows, 2)) ** -2


def largest_stable_lr_eigenvalue(X: Tensor, kernel_size: tuple[int, int]) -> float:
    h, w = kernel_size
    if h > X.shape[0] or w > X.shape[1]:
        raise ValueError("too large")
    A = X.detach().double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    return 1 / float(torch.linalg.eigvalsh(A.T @ A)[-1])


LARGEST_STABLE_LR = Problem(
    name="largest_stable_lr",
    reference=reference.largest_stable_lr,
    weights={"shape": 0.25, "values": 1.75, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=largest_stable_lr_cases,
    small=small.RATE,
    misconceptions=(
        Misconception(
            "loss averaged where it is summed",
            edit(largest_stable_lr_eigenvalue, {"return 1": "return len(A)"}),
            "The bound is that of the averaged squared error, larger by the number of outputs. "
            "Descent on the sum diverges at it.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the 2 of the square forgotten",
            edit(largest_stable_lr_eigenvalue, {"return 1": "return 2"}),
            "The bound is twice too large: the second derivative of the squared error is twice "
            "the matrix whose eigenvalue was taken.",
            "learning#stable-learning-rate",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the rate up to which errors keep their sign",
            edit(largest_stable_lr_eigenvalue, {"A.T @ A": "2 * A.T @ A"}),
            "At this rate one step removes the error along the steepest direction. Slightly "
            "beyond it the error changes sign at each step, but still shrinks.",
            "learning#stable-learning-rate",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "singular value taken for eigenvalue",
            edit(largest_stable_lr_eigenvalue, {"eigvalsh(A.T @ A)[-1]": "matrix_norm(A, ord=2)"}),
            "The eigenvalues of AᵀA are the squares of the singular values of A.",
            "learning#stable-learning-rate",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the smallest eigenvalue",
            edit(
                largest_stable_lr_eigenvalue,
                {"1 / float(": "float(1 / ", "[-1]": "[0].clamp(min=0)"},
            ),
            "The flattest direction allows the longest steps. Descent diverges as soon as the "
            "steepest one does.",
            "learning#stable-learning-rate",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the sum of the eigenvalues for the largest",
            edit(
                largest_stable_lr_eigenvalue,
                {"torch.linalg.eigvalsh(A.T @ A)[-1]": "A.square().sum()"},
            ),
            "The trace is safe, because it is never less than the largest eigenvalue. It is not "
            "the bound: larger rates are stable too.",
            "learning#stable-learning-rate",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "row sums for the largest eigenvalue",
            edit(
                largest_stable_lr_eigenvalue,
                {"torch.linalg.eigvalsh(A.T @ A)[-1]": "(A.T @ A).abs().sum(dim=1).max()"},
            ),
            "The largest row sum of magnitudes is never less than the largest eigenvalue, so "
            "the rate is safe. It is not the bound: larger rates are stable too.",
            "learning#stable-learning-rate",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the fastest rate for the largest",
            edit(largest_stable_lr_eigenvalue, {"[-1]": "[[0, -1]].sum()"}),
            "This rate makes the slowest direction as fast as possible. It lies below the bound, "
            "unless the image does not see some direction at all.",
            "learning#fastest-learning-rate",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the image in place of its windows",
            edit(
                largest_stable_lr_eigenvalue,
                {".unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)": ""},
            ),
            "The matrix is made of the image's rows. The one that multiplies the kernel has the "
            "image's windows as rows.",
            "learning#kernel-as-vector",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "a tensor in place of a number",
            edit(largest_stable_lr_eigenvalue, {"/ float(": "/ ("}),
            "A rate is a Python float; a tensor with one element is still a tensor.",
            "learning#stable-learning-rate",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "integer overflow (`uint8`)",
            edit(
                largest_stable_lr_eigenvalue,
                {".double()": "", "A.T @ A": "(A[:, :, None] * A[:, None, :]).double().sum(dim=0)"},
            ),
            "Products of 8-bit pixels do not fit into 8 bits and wrap around.",
            "learning#kernel-as-vector",
            frozenset({"types"}),
        ),
        Misconception(
            "a kernel that does not fit is cut",
            edit(
                largest_stable_lr_eigenvalue,
                {'raise ValueError("too large")': "h, w = min(h, len(X)), min(w, len(X[0]))"},
            ),
            "A kernel larger than the image has no window at all; do not substitute a smaller "
            "kernel.",
            "learning#learning-pairs",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            edit(largest_stable_lr_eigenvalue, {"    return": "    X.data.mul_(0)\n    return"}),
            "The call changed the values of the image.",
            "learning#stable-learning-rate",
            frozenset({"untouched"}),
        ),
        Misconception(
            "the root forgotten: 2 over the singular value",
            edit(
                largest_stable_lr_svd,
                {
                    "1 / float(torch.linalg.svdvals(A)[0]) ** 2": (
                        "2 / float(torch.linalg.svdvals(A)[0])"
                    ),
                },
            ),
            "The singular value of A is the root of the eigenvalue of AᵀA, and the 2 of the "
            "square is in the wrong place.",
            "learning#sum-or-mean",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the largest diagonal element",
            edit(
                largest_stable_lr_svd,
                {"1 / float(torch.linalg.svdvals(A)[0]) ** 2": "1 / float((A * A).sum(0).max())"},
            ),
            "The diagonal of AᵀA says how steep the loss is along single elements. Steeper "
            "directions mix several.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the sum of squares of the image",
            edit(
                largest_stable_lr_svd,
                {
                    "1 / float(torch.linalg.svdvals(A)[0]) ** 2": (
                        "1 / float((X.detach().float() ** 2).sum())"
                    ),
                },
            ),
            "All pixels' squares are summed, once each. Windows overlap, and what counts is "
            "the steepest direction.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the mean eigenvalue",
            edit(
                largest_stable_lr_svd,
                {"1 / float(torch.linalg.svdvals(A)[0]) ** 2": "h * w / float((A * A).sum())"},
            ),
            "The steepness is averaged over all directions. The steepest one decides.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the eigenvalue instead of what follows from it",
            edit(largest_stable_lr_norm, {"** -2": "** 2"}),
            "The largest eigenvalue comes back. The bound is its reciprocal: the larger the "
            "curvature, the smaller the rate.",
            "learning#stable-learning-rate",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "windows beside each other",
            edit(
                largest_stable_lr_norm, {"kernel_size)[0]": "kernel_size, stride=kernel_size)[0]"}
            ),
            "Only windows that do not overlap are used. The kernel is laid at every position, "
            "one pixel apart.",
            "learning#stable-learning-rate",
            frozenset({"values", "types"}),
        ),
    ),
    right=(
        largest_stable_lr_svd,
        largest_stable_lr_power_iteration,
        largest_stable_lr_hessian,
        largest_stable_lr_loops,
        largest_stable_lr_shifted_images,
        largest_stable_lr_norm,
        largest_stable_lr_eigenvalue,
    ),
)

"""The kernel of least squared error, and of least norm among several."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import learning as reference
from convolutions.correlation import Pair, corr2d
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems import small
from problems.inputs import numbers, precision_lost, strided, transposed
from problems.learning.shared import bars, contradictions, output


def solve_case(criterion: str, examines: str, X: Tensor, Y: Tensor, size: Pair) -> Case:
    """Return a case of `solve_kernel`, with room for the rounding of any usual method."""
    return Case(criterion, examines, Call((X, Y, size)), terms=400)


def solve_kernel_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `solve_kernel`."""
    g = generator
    for examines, shape, size in (
        ("an output that no kernel gives", (8, 9), (2, 3)),
        ("a kernel taller than it is wide", (9, 6), (3, 2)),
        ("a kernel of one column", (7, 6), (3, 1)),
        ("more elements than outputs", (3, 5), (2, 4)),
        ("a kernel as large as the image", (2, 3), (2, 3)),
    ):
        X = numbers(g, *shape)
        yield solve_case("values", examines, X, output(g, X, size), size)
    X = numbers(g, 8, 9)
    exact = corr2d(X, numbers(g, 2, 3))
    yield solve_case("values", "an output that a kernel gives", X, exact, (2, 3))
    X = numbers(g, 8, 9, low=20, high=40)  # least singular value: a tenth of the largest or less
    yield solve_case("values", "a bright image", X, output(g, X, (2, 3)), (2, 3))
    for size in ((2, 3), (3, 2)):
        X = bars(g)
        Y = output(g, X, size)
        yield solve_case("values", "an image of equal rows, which leaves several", X, Y, size)
    X = bars(g).t()
    Y = output(g, X, (2, 3))
    yield solve_case("values", "an image of equal columns, which leaves several", X, Y, (2, 3))
    for examines, x, y in (
        ("float64 inputs", torch.float64, torch.float64),
        ("integer inputs", torch.int64, torch.int64),
        ("an integer image and a float32 output", torch.int32, torch.float32),
    ):
        X = numbers(g, 8, 7, dtype=x)
        yield solve_case("types", examines, X, output(g, X, (3, 2), y), (3, 2))
    X, Y = strided(numbers(g, 8, 6)), transposed(numbers(g, 6, 5))
    yield solve_case("types", "non-contiguous inputs", X, Y, (3, 2))
    X, Y = transposed(numbers(g, 7, 8)), strided(numbers(g, 6, 6))
    examines = "non-contiguous inputs that require gradients"
    yield solve_case("types", examines, X.requires_grad_(), Y.requires_grad_(), (2, 3))
    yield from contradictions(g)


def solve_kernel_svd(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    U, sizes, Vh = torch.linalg.svd(A, full_matrices=False)
    kept = sizes > 1e-5 * sizes[0]
    k: Tensor = Vh[kept].T @ ((U[:, kept].T @ Y.to(dtype).reshape(-1)) / sizes[kept])
    return k.reshape(h, w)


def solve_kernel_lstsq(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = F.unfold(X.to(dtype)[None, None], kernel_size)[0].T
    y = Y.to(dtype).reshape(-1, 1)
    k: Tensor = torch.linalg.lstsq(A, y, driver="gelsd").solution
    return k.reshape(h, w)


def solve_kernel_pinv(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    y = Y.to(dtype).reshape(-1)
    k: Tensor = torch.linalg.pinv(A) @ y
    return k.reshape(h, w)


def solve_kernel_pinv_of_normal_matrix(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int]
) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    rows = []
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            rows.append(X[i : i + h, j : j + w].reshape(-1).to(dtype))
    A = torch.stack(rows)
    k: Tensor = torch.linalg.pinv(A.T @ A, hermitian=True) @ (A.T @ Y.to(dtype).reshape(-1))
    return k.reshape(h, w)


def solve_kernel_eigenvectors(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.double().unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    bends, directions = torch.linalg.eigh(A.T @ A)
    kept = bends > 1e-9 * bends[-1]
    V = directions[:, kept]
    k: Tensor = V @ ((V.T @ (A.T @ Y.double().reshape(-1))) / bends[kept])
    return k.reshape(h, w).to(dtype)


def solve_kernel_gram_schmidt(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = F.unfold(X.double()[None, None], kernel_size)[0].T
    y = Y.double().reshape(-1, 1)
    basis: list[Tensor] = []  # of the row space, by Gram and Schmidt
    for row in A:
        rest = row.clone()
        for _ in range(2):
            for unit in basis:
                rest = rest - (rest @ unit) * unit
        if rest.norm() > 1e-8 * A.norm():
            basis.append(rest / rest.norm())
    B = torch.stack(basis, dim=1)
    inner: Tensor = torch.linalg.solve((A @ B).T @ (A @ B), (A @ B).T @ y)
    return (B @ inner).reshape(h, w).to(dtype)


def solve_kernel_fewest_elements(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w).double()
    kept: list[int] = []
    for column in range(h * w):
        if torch.linalg.matrix_rank(A[:, [*kept, column]]) > len(kept):
            kept.append(column)
    K = torch.zeros(h * w, dtype=torch.float64)
    K[kept] = torch.linalg.pinv(A[:, kept]) @ Y.double().reshape(-1)
    return K.reshape(h, w).to(dtype)


def solve_kernel_stopped_early(X: Tensor, Y: Tensor, kernel_size: tuple[int, int]) -> Tensor:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    k = torch.zeros(h * w, dtype=dtype)
    lr = 0.25 / torch.linalg.matrix_norm(A, ord=2) ** 2
    for _ in range(10):
        k = k - lr * 2 * A.T @ (A @ k - Y.to(dtype).reshape(-1))
    return k.reshape(h, w)


SOLVE_KERNEL = Problem(
    name="solve_kernel",
    reference=reference.solve_kernel,
    weights={"shape": 0.5, "values": 1.5, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=solve_kernel_cases,
    small=small.SOLVE,
    misconceptions=(
        Misconception(
            "inverting a matrix that has no inverse",
            edit(solve_kernel_pinv, {"pinv(A) @ y": "solve(A.T @ A, A.T @ y)"}),
            "If several kernels fit equally well, AᵀA is singular: solving the normal equations "
            "fails or returns rounding noise.",
            "learning#kernel-not-unique",
            frozenset({"shape", "values"}),
        ),
        Misconception(
            "a ridge added to make it invertible",
            edit(
                solve_kernel_pinv,
                {
                    "    y =": "    ridge = A.norm() ** 2 / h / w / 99 * torch.eye(h * w)\n    y =",
                    "pinv(A) @ y": "solve(A.T @ A + ridge, A.T @ y)",
                },
            ),
            "Adding a multiple of the identity makes the matrix invertible and pulls every kernel "
            "toward zero: the result no longer has the least error.",
            "learning#least-squares-kernel",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the fewest elements instead of the least norm",
            solve_kernel_fewest_elements,
            "The kernel fits, and elements that are not needed are zero. Among the kernels that "
            "fit, another one has a smaller norm.",
            "learning#kernel-not-unique",
            frozenset({"values"}),
        ),
        Misconception(
            "descent stopped early",
            solve_kernel_stopped_early,
            "The kernel is on its way to the answer, but some directions are slow, and the "
            "descent ends before the error along them is gone.",
            "learning#ill-conditioned-images",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "column-major order of the elements",
            edit(solve_kernel_pinv, {"k.reshape(h, w)": "k.reshape(w, h).t()"}),
            "The numbers are right but in the wrong places: the windows' pixels are laid out row "
            "by row, the kernel's elements column by column.",
            "correlation#im2col-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "learning by strict convolution",
            edit(solve_kernel_pinv, {"k.reshape(h, w)": "k.reshape(h, w).flip(0, 1)"}),
            "The kernel comes back rotated by half a turn: it is the one for strict convolution, "
            "not for cross-correlation.",
            "flipping#definition",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "height and width swapped",
            edit(solve_kernel_pinv, {"k.reshape(h, w)": "k.reshape(w, h)"}),
            "The kernel has the right elements in the shape (width, height).",
            "learning#kernel-as-vector",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "a bias learned beside the kernel",
            edit(
                solve_kernel_pinv,
                {
                    "    k:": "    A = F.pad(A, (0, 1), value=1.0)\n    k:",
                    "k.reshape": "k[:-1].reshape",
                },
            ),
            "Part of the output is explained by a constant, and the kernel is that of the rest.",
            "learning#with-a-bias",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "always float32",
            edit(
                solve_kernel_pinv,
                {"promote_types(torch.result_type(X, Y), torch.float32)": "float32"},
            ),
            "float64 inputs come back as float32: half of their digits are gone.",
            "learning#least-squares-kernel",
            frozenset({"types"}),
        ),
        Misconception(
            "shapes not compared",
            edit(
                solve_kernel_pinv,
                {'raise ValueError("Y is not an output of such a kernel")': "pass"},
            ),
            "Flattening an output hides its shape: one with height and width swapped has the "
            "right number of elements, but in a meaningless order.",
            "learning#learning-pairs",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                solve_kernel_pinv,
                {"return k": "Y.data.copy_((A @ k).detach().reshape(Y.shape))\n    return k"},
            ),
            "The call changed the values of the output to match.",
            "learning#least-squares-kernel",
            frozenset({"untouched"}),
        ),
        precision_lost(
            edit(
                solve_kernel_lstsq,
                {
                    "X.to(dtype)": "X.float()",
                    "Y.to(dtype)": "Y.float()",
                    "k.reshape(h, w)": "k.reshape(h, w).to(dtype)",
                },
            )
        ),
        Misconception(
            "a matrix that has no inverse",
            edit(
                solve_kernel_lstsq,
                {
                    'torch.linalg.lstsq(A, y, driver="gelsd").solution': (
                        "torch.linalg.inv(A.T @ A) @ A.T @ y"
                    ),
                },
            ),
            "AᵀA has no inverse where several kernels reach the least distance. Then an error "
            "is raised, or rounding makes huge numbers.",
            "learning#kernel-not-unique",
            frozenset({"shape", "values"}),
        ),
        Misconception(
            "a driver for full rank",
            edit(solve_kernel_lstsq, {'"gelsd"': '"gels"'}),
            "The driver takes for granted that one kernel alone is best. Where there are "
            "several, its result means nothing.",
            "learning#kernel-not-unique",
            frozenset({"shape", "values"}),
        ),
        Misconception(
            "a strong ridge",
            edit(
                solve_kernel_lstsq,
                {
                    'torch.linalg.lstsq(A, y, driver="gelsd").solution': (
                        "torch.linalg.solve(A.T @ A + torch.eye(h * w, dtype=dtype), A.T @ y)"
                    ),
                },
            ),
            "What is added to the diagonal makes the matrix invertible, and pulls every kernel "
            "toward zero: the distance is no longer the least.",
            "learning#kernel-not-unique",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the transpose for the inverse",
            edit(
                solve_kernel_lstsq, {'torch.linalg.lstsq(A, y, driver="gelsd").solution': "A.T @ y"}
            ),
            "Aᵀy is the right-hand side of the normal equations, not their solution.",
            "learning#kernel-not-unique",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "outputs read column by column",
            edit(
                solve_kernel_lstsq, {"Y.to(dtype).reshape(-1, 1)": "Y.to(dtype).T.reshape(-1, 1)"}
            ),
            "The windows come row by row and the outputs column by column, so they do not "
            "belong together.",
            "learning#kernel-not-unique",
            frozenset({"values", "types"}),
        ),
    ),
    right=(
        solve_kernel_svd,
        solve_kernel_lstsq,
        solve_kernel_pinv,
        solve_kernel_pinv_of_normal_matrix,
        solve_kernel_eigenvectors,
        solve_kernel_gram_schmidt,
    ),
)

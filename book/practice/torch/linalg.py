"""`torch.linalg`: systems, least squares, eigenvalues, singular values and norms of matrices.

Computed in doubles whatever the type, by Jacobi's rotations and elimination, and rounded once.
Vectors of a decomposition may differ from PyTorch's in sign, which neither fixes.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from typing import Any

from torch import _dtypes
from torch._dtypes import dtype
from torch._graph import keep, record
from torch._missing import lacks, module_getattr
from torch._products import matmul
from torch._reductions import result, vector_norm
from torch._tensor import Tensor, new, title
from torch._views import axes, transpose

__getattr__ = module_getattr("torch.linalg")
Matrix = list[list[float]]
LinAlgError = type("_LinAlgError", (RuntimeError,), {"__module__": "torch._C"})
SWEEPS = 60
TINY = 2.0**-1022

Svd = result("linalg_svd", "U", "S", "Vh")
Eigh = result("linalg_eigh", "eigenvalues", "eigenvectors")
Qr = result("linalg_qr", "Q", "R")
Lstsq = result("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
Slogdet = result("linalg_slogdet", "sign", "logabsdet")


def _checked(x: Tensor, name: str, *, square: bool = False) -> None:
    if x.dtype.kind < _dtypes.FLOATING:
        raise RuntimeError(
            f"linalg.{name}: Expected a floating point or complex tensor as input. Got "
            f"{title(x.dtype)}"
        )
    if len(x.shape) < 2:
        raise RuntimeError(f"linalg.{name}: The input tensor A must have at least 2 dimensions.")
    if square and x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are "
            f"{x.shape[-2]} by {x.shape[-1]} matrices"
        )
    if len(x.shape) > 2:
        lacks(f"torch.linalg.{name} of several matrices at once")
    if x.dtype.is_complex:
        lacks(f"torch.linalg.{name} of a complex matrix")


def _real(x: Tensor) -> Matrix:
    return [list(map(float, row)) for row in x.tolist()]


def _tensor(rows: Sequence[Sequence[Any]], columns: int, of: dtype) -> Tensor:
    return new([v for row in rows for v in row], (len(rows), columns), of)


def _turned(a: Matrix, columns: int) -> Matrix:
    return [[row[j] for row in a] for j in range(columns)]


def _underived(made: Tensor, x: Tensor, name: str) -> Tensor:
    """Record that a result depends on an input in a way whose derivative is not here."""

    def rule(g: Tensor) -> Tensor:
        lacks(f"the derivative of torch.linalg.{name}")

    return record(made, f"Linalg{name.capitalize()}Backward0", (x,), (rule,))


def singular_values_and_vectors(a: Matrix, columns: int) -> tuple[Matrix, list[float], Matrix]:
    """Return U's columns, the singular values, largest first, and V's columns.

    One-sided Jacobi: the columns of a tall matrix are rotated until they are orthogonal.
    """
    rows = len(a)
    if rows < columns:
        right, sizes, left = singular_values_and_vectors(_turned(a, columns), rows)
        return left, sizes, right
    work = _turned(a, columns)
    turns = [[float(i == j) for i in range(columns)] for j in range(columns)]
    for _ in range(SWEEPS):
        if not _sweep(work, turns):
            break
    sizes = [math.hypot(*column) for column in work]
    order = sorted(range(columns), key=lambda j: -sizes[j])
    bound = max(sizes, default=0.0) * 1e-300
    left = [[v / sizes[j] for v in work[j]] if sizes[j] > bound else [0.0] * rows for j in order]
    return _completed(left, rows), [sizes[j] for j in order], [turns[j] for j in order]


def _sweep(work: Matrix, turns: Matrix) -> bool:
    moved = False
    for p in range(len(work)):
        for q in range(p + 1, len(work)):
            dot = math.fsum(x * y for x, y in zip(work[p], work[q], strict=True))
            one = math.fsum(x * x for x in work[p])
            two = math.fsum(y * y for y in work[q])
            if abs(dot) <= 1e-16 * math.sqrt(one * two) or abs(dot) < TINY:
                continue
            moved = True
            ratio = (two - one) / (2 * dot)
            tangent = math.copysign(1, ratio) / (abs(ratio) + math.hypot(1, ratio))
            cosine = 1 / math.hypot(1, tangent)
            for pair in (work, turns):
                _rotate(pair, p, q, cosine, cosine * tangent)
    return moved


def _rotate(columns: Matrix, p: int, q: int, cosine: float, sine: float) -> None:
    one, two = columns[p], columns[q]
    columns[p] = [cosine * x - sine * y for x, y in zip(one, two, strict=True)]
    columns[q] = [sine * x + cosine * y for x, y in zip(one, two, strict=True)]


def _completed(columns: Matrix, rows: int, count: int | None = None) -> Matrix:
    """Return columns in which those of zeros, and missing ones, are orthonormal to the others."""
    found = [column for column in columns if any(column)]
    wanted = len(columns) if count is None else count
    unit = 0
    while len(found) < wanted:
        column = [float(i == unit) for i in range(rows)]
        for _ in range(2):
            for other in found:
                part = math.fsum(x * y for x, y in zip(column, other, strict=True))
                column = [x - part * y for x, y in zip(column, other, strict=True)]
        size = math.hypot(*column)
        if size > 1e-6:
            found.append([x / size for x in column])
        unit += 1
    return found


def _finite(x: Tensor, name: str) -> None:
    if not all(map(cmath.isfinite, x._values())):
        raise LinAlgError(
            f"linalg.{name}: The algorithm failed to converge because the input matrix contained "
            "non-finite values."
        )


def svd(x: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> Any:
    """Return U, the singular values and V transposed."""
    _checked(x, "svd")
    _finite(x, "svd")
    rows, columns = x.shape
    left, sizes, right = singular_values_and_vectors(_real(x), columns)
    if full_matrices:
        left, right = _completed(left, rows, rows), _completed(right, columns, columns)
    u = _tensor(_turned(left, rows), len(left), x.dtype)
    s, vh = new(sizes, (len(sizes),), x.dtype), _tensor(right, columns, x.dtype)
    return Svd(*(_underived(part, x, "svd") for part in (u, s, vh)))


def svdvals(x: Tensor, *, driver: str | None = None) -> Tensor:
    """Return the singular values, largest first."""
    _checked(x, "svdvals")
    _finite(x, "svd")
    u, s, vh = svd(x.detach(), full_matrices=False)

    def rule(g: Tensor) -> Tensor:
        return matmul(u * g, vh)

    return record(s, "LinalgSvdBackward0", (x,), (rule,))


def _symmetric(x: Tensor, uplo: str) -> Matrix:
    a = _real(x)
    n = len(a)
    lower = uplo.upper() == "L"
    return [[a[max(i, j)][min(i, j)] if lower else a[min(i, j)][max(i, j)] for j in range(n)]
            for i in range(n)]  # fmt: skip


def eigenvalues_and_vectors(a: Matrix) -> tuple[list[float], Matrix]:
    """Return the eigenvalues of a symmetric matrix, smallest first, and their vectors (Jacobi)."""
    n = len(a)
    vectors = [[float(i == j) for i in range(n)] for j in range(n)]
    for _ in range(SWEEPS):
        off = max((abs(a[i][j]) for i in range(n) for j in range(i)), default=0.0)
        size = max((abs(v) for row in a for v in row), default=0.0)
        if off <= 1e-18 * size or off < TINY:
            break
        for p in range(n):
            for q in range(p + 1, n):
                _annihilate(a, vectors, p, q)
    order = sorted(range(n), key=lambda i: a[i][i])
    return [a[i][i] for i in order], [vectors[i] for i in order]


def _annihilate(a: Matrix, vectors: Matrix, p: int, q: int) -> None:
    if abs(a[p][q]) < TINY:
        return
    ratio = (a[q][q] - a[p][p]) / (2 * a[p][q])
    tangent = math.copysign(1, ratio) / (abs(ratio) + math.hypot(1, ratio))
    cosine = 1 / math.hypot(1, tangent)
    sine = cosine * tangent
    _rotate(a, p, q, cosine, sine)
    for row in a:
        row[p], row[q] = cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]
    a[p][q] = a[q][p] = 0.0
    _rotate(vectors, p, q, cosine, sine)


def eigh(x: Tensor, UPLO: str = "L") -> Any:
    """Return the eigenvalues of a symmetric matrix, smallest first, and vectors as columns."""
    _checked(x, "eigh", square=True)
    _finite(x, "eigh")
    values, vectors = eigenvalues_and_vectors(_symmetric(x, UPLO))
    n = len(values)
    parts = new(values, (n,), x.dtype), _tensor(_turned(vectors, n), n, x.dtype)
    return Eigh(*(_underived(part, x, "eigh") for part in parts))


def eigvalsh(x: Tensor, UPLO: str = "L") -> Tensor:
    """Return the eigenvalues of a symmetric matrix, smallest first."""
    _checked(x, "eigvalsh", square=True)
    _finite(x, "eigh")
    values, vectors = eigh(x.detach(), UPLO)

    def rule(g: Tensor) -> Tensor:
        return matmul(vectors * g, transpose(vectors, 0, 1))

    return record(values, "LinalgEighBackward0", (x,), (rule,))


def _hessenberg_eigenvalues(a: list[list[complex]]) -> list[complex]:
    """Return the eigenvalues of a general matrix by shifted QR steps with deflation."""
    n, found = len(a), []
    steps = 0
    while n > 1:
        small = 1e-15 * (abs(a[n - 1][n - 1]) + abs(a[n - 2][n - 2])) + TINY
        if abs(a[n - 1][n - 2]) <= small and all(abs(v) <= small for v in a[n - 1][: n - 1]):
            found.append(a[n - 1][n - 1])
            n, steps = n - 1, 0
            continue
        steps += 1
        if steps > 500:
            raise LinAlgError("linalg.eigvals: The algorithm failed to converge.")
        _qr_step(a, n, _shift(a, n) * (1.0 if steps % 20 else 1.1))
    return found + [a[0][0]] * (n > 0)


def _shift(a: list[list[complex]], n: int) -> complex:
    p, q, r, s = a[n - 2][n - 2], a[n - 2][n - 1], a[n - 1][n - 2], a[n - 1][n - 1]
    half, product = (p + s) / 2, p * s - q * r
    root = cmath.sqrt(half * half - product)
    return min(half + root, half - root, key=lambda z: abs(z - s))


def _qr_step(a: list[list[complex]], n: int, shift: complex) -> None:
    for i in range(n):
        a[i][i] -= shift
    turns = []
    for j in range(n - 1):
        for i in range(j + 1, n):
            size = math.hypot(abs(a[j][j]), abs(a[i][j]))
            if abs(a[i][j]) == 0 or size == 0:
                continue
            c, s = a[j][j] / size, a[i][j] / size
            one, two = a[j], a[i]
            a[j] = [c.conjugate() * x + s.conjugate() * y for x, y in zip(one, two, strict=True)]
            a[i] = [-s * x + c * y for x, y in zip(one, two, strict=True)]
            turns.append((j, i, c, s))
    for j, i, c, s in turns:
        for row in a[:n]:
            row[j], row[i] = (
                c * row[j] + s * row[i],
                -s.conjugate() * row[j] + c.conjugate() * row[i],
            )
    for i in range(n):
        a[i][i] += shift


def eigvals(x: Tensor) -> Tensor:
    """Return the eigenvalues of any square matrix, complex, in no particular order."""
    _checked(x, "eigvals", square=True)
    _finite(x, "eig")
    found = _hessenberg_eigenvalues([list(map(complex, row)) for row in x.tolist()])
    return _underived(new(found, (len(found),), x.dtype.to_complex()), x, "eigvals")


def eig(x: Tensor) -> Any:
    """Say that vectors of a general matrix are not here."""
    lacks("torch.linalg.eig")


def _eliminated(a: Matrix, b: Matrix, name: str) -> tuple[Matrix, float]:
    """Return the solution of A·X = B and the determinant of A."""
    n, determinant = len(a), 1.0
    a, b = [row[:] for row in a], [row[:] for row in b]
    for j in range(n):
        pivot = max(range(j, n), key=lambda i: abs(a[i][j]))
        if a[pivot][j] == 0:
            if name == "det":
                return b, 0.0
            raise LinAlgError(
                f"linalg.{name}: The diagonal element {j + 1} is zero, the {name} could not be "
                "completed because the input matrix is singular."
            )
        if pivot != j:
            a[j], a[pivot], b[j], b[pivot] = a[pivot], a[j], b[pivot], b[j]
            determinant = -determinant
        determinant *= a[j][j]
        for i in range(j + 1, n):
            factor = a[i][j] / a[j][j]
            if factor:
                a[i] = [x - factor * y for x, y in zip(a[i], a[j], strict=True)]
                b[i] = [x - factor * y for x, y in zip(b[i], b[j], strict=True)]
    for j in range(n - 1, -1, -1):
        b[j] = [v / a[j][j] for v in b[j]]
        for i in range(j):
            if a[i][j]:
                b[i] = [x - a[i][j] * y for x, y in zip(b[i], b[j], strict=True)]
    return b, determinant


def solve(x: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """Return X of A·X = B."""
    if not left:
        lacks("torch.linalg.solve(left=False)")
    _checked(x, "solve", square=True)
    if x.dtype is not B.dtype:
        raise RuntimeError(
            f"linalg.solve: Expected A and B to have the same dtype, but found A of type "
            f"{title(x.dtype)} and B of type {title(B.dtype)} instead"
        )
    vector = len(B.shape) == 1
    if B.shape[0] != x.shape[0]:
        raise RuntimeError(
            "linalg.solve: Incompatible shapes of A and B for the equation AX = B "
            f"({x.shape[0]}x{x.shape[1]} and {B.shape[0]}x{B.shape[-1] if not vector else 1})"
        )
    right = [[v] for v in B.tolist()] if vector else B.tolist()
    found, _ = _eliminated(_real(x), right, "solve")
    made = new([v for row in found for v in row], B.shape, x.dtype)

    def to_b(g: Tensor) -> Tensor:
        return solve(transpose(x, 0, 1), g)

    def to_a(g: Tensor) -> Tensor:
        part = to_b(g)
        if vector:
            return -part.outer(made)
        return -matmul(part, transpose(made, 0, 1))

    made = record(made, "LinalgSolveExBackward0", (x, B), (to_a, to_b), (x,))
    return keep(made, made)


def inv(x: Tensor) -> Tensor:
    """Return the inverse."""
    _checked(x, "inv", square=True)
    n = x.shape[0]
    found, _ = _eliminated(_real(x), [[float(i == j) for j in range(n)] for i in range(n)],
                           "inv")  # fmt: skip
    made = _tensor(found, n, x.dtype)

    def rule(g: Tensor) -> Tensor:
        turned = transpose(made, 0, 1)
        return -matmul(matmul(turned, g), turned)

    made = record(made, "LinalgInvExBackward0", (x,), (rule,))
    return keep(made, made)


def det(x: Tensor) -> Tensor:
    """Return the determinant."""
    _checked(x, "det", square=True)
    _, found = _eliminated(_real(x), [[] for _ in range(x.shape[0])], "det")
    made = new([found], (), x.dtype)
    rule = lambda g: g * made * transpose(inv(x), 0, 1)  # noqa: E731
    return record(made, "LinalgDetBackward0", (x,), (rule,), (x,))


def slogdet(x: Tensor) -> Any:
    """Return the sign of the determinant and the logarithm of its size."""
    found = det(x)
    return Slogdet(found.sign(), found.abs().log())


def _tolerance(x: Tensor, atol: Any, rtol: Any) -> tuple[float, float]:
    absolute = 0.0 if atol is None else float(atol)
    if rtol is None:
        relative = 0.0 if absolute else max(x.shape) * _dtypes.finfo(x.dtype).eps
    else:
        relative = float(rtol)
    return absolute, relative


def pinv(x: Tensor, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Tensor:
    """Return the pseudoinverse; directions of no size to speak of are left out."""
    if isinstance(atol, (int, float)) and rtol is None and atol < 0:
        lacks("torch.linalg.pinv with a negative tolerance")
    _checked(x, "pinv", square=hermitian)
    rows, columns = x.shape
    _finite(x, "svd")
    if hermitian:
        values, vectors = eigenvalues_and_vectors(_symmetric(x, "L"))
        triples = [(v, vector, vector) for v, vector in zip(values, vectors, strict=True)]
    else:
        left, sizes, right = singular_values_and_vectors(_real(x), columns)
        triples = list(zip(sizes, left, right, strict=True))
    absolute, relative = _tolerance(x, atol, rtol)
    largest = max((abs(size) for size, _, _ in triples), default=0.0)
    cut = max(absolute, relative * largest)
    kept = [(1 / size, u, v) for size, u, v in triples if abs(size) > cut]
    found = [[math.fsum(f * v[i] * u[j] for f, u, v in kept) for j in range(rows)]
             for i in range(columns)]  # fmt: skip
    return _derived_pinv(x, _tensor(found, rows, x.dtype))


def _derived_pinv(x: Tensor, made: Tensor) -> Tensor:
    """Record the derivative for a rank that does not change (Golub and Pereyra, 1973)."""

    def rule(g: Tensor) -> Tensor:
        if g.requires_grad:
            lacks("the second derivative of torch.linalg.pinv")
        a, p = x.detach(), made.detach()
        pt, gt = transpose(p, 0, 1), transpose(g, 0, 1)
        outside = gt - matmul(a, matmul(p, gt))
        inside = gt - matmul(gt, matmul(p, a))
        same = matmul(matmul(pt, g), pt)
        return matmul(outside, matmul(p, pt)) + matmul(matmul(pt, p), inside) - same

    return record(made, "PinverseBackward0", (x,), (rule,), (x,))


def matrix_rank(
    x: Tensor, *, atol: Any = None, rtol: Any = None, hermitian: bool = False, tol: Any = None
) -> Tensor:
    """Return how many singular values are large enough to count."""
    _checked(x, "matrix_rank")
    _finite(x, "svd")
    _, sizes, _ = singular_values_and_vectors(_real(x), x.shape[1])
    absolute, relative = _tolerance(
        x, atol if tol is None else tol, 0.0 if tol is not None else rtol
    )
    cut = max(absolute, relative * max(sizes, default=0.0))
    return new([sum(size > cut for size in sizes)], (), _dtypes.int64)


def lstsq(x: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """Return the least-squares solution of A·X = B; of several the shortest."""
    _checked(x, "lstsq")
    if x.dtype is not B.dtype:
        raise RuntimeError(
            "torch.linalg.lstsq: Expected input and other to have the same dtype, but got "
            f"input's dtype {title(x.dtype)} and other's dtype {title(B.dtype)}"
        )
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
        )
    vector = len(B.shape) == len(x.shape) - 1
    if B.shape[0] != x.shape[0]:
        raise RuntimeError("torch.linalg.lstsq: input.size(-2) should match other.size(-2)")
    rows, columns = x.shape
    if driver == "gels" and int(matrix_rank(x.detach())) < min(rows, columns):
        lacks("torch.linalg.lstsq(driver='gels') of a matrix without full rank")
    inverse = pinv(x, rtol=rcond if rcond is not None else
                   _dtypes.finfo(x.dtype).eps * max(rows, columns))  # fmt: skip
    solution = matmul(inverse, B)
    rank = matrix_rank(x.detach(), rtol=rcond)
    off = matmul(x, solution) - B
    full = rows > columns and int(rank) == columns and driver != "gelsy"
    residuals = (off * off).sum(0) if full else new([], (0,), x.dtype)
    if full and vector:
        residuals = residuals.reshape(1) if not residuals.shape else residuals
    sizes = svdvals(x.detach()) if driver in ("gelsd", "gelss") else new([], (0,), x.dtype)
    return Lstsq(
        solution, residuals, rank if driver != "gels" else new([], (0,), _dtypes.int64), sizes
    )


def qr(x: Tensor, mode: str = "reduced") -> Any:
    """Return the matrices of the QR decomposition, by Householder's reflections."""
    _checked(x, "qr")
    if mode != "reduced":
        lacks(f"torch.linalg.qr(mode={mode!r})")
    (rows, columns), a = x.shape, _real(x)
    count = min(rows, columns)
    q = [[float(i == j) for j in range(rows)] for i in range(rows)]
    for j in range(min(count, rows - 1)):
        head = [a[i][j] for i in range(j, rows)]
        size = math.hypot(*head)
        if not any(head[1:]):
            continue
        head[0] += math.copysign(size, head[0])
        scale = 2 / math.fsum(v * v for v in head)
        _reflect(a, head, j, scale)
        _reflect(q, head, j, scale)
    upper = [[a[i][j] if j >= i else 0.0 for j in range(columns)] for i in range(count)]
    parts = _tensor([[q[j][i] for j in range(count)] for i in range(rows)], count, x.dtype), \
        _tensor(upper, columns, x.dtype)  # fmt: skip
    return Qr(*(_underived(part, x, "qr") for part in parts))


def _reflect(a: Matrix, head: Sequence[float], top: int, scale: float) -> None:
    for j in range(len(a[0])):
        part = scale * math.fsum(v * a[top + i][j] for i, v in enumerate(head))
        for i, v in enumerate(head):
            a[top + i][j] -= part * v


def cholesky(x: Tensor, *, upper: bool = False) -> Tensor:
    """Return the lower triangle whose product with its transpose is the matrix."""
    _checked(x, "cholesky", square=True)
    a, n = _real(x), x.shape[0]
    lower = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = a[i][j] - math.fsum(lower[i][k] * lower[j][k] for k in range(j))
            if i == j:
                if rest <= 0:
                    raise LinAlgError(
                        "linalg.cholesky: The factorization could not be completed because the "
                        "input is not positive-definite (the leading minor of order "
                        f"{i + 1} is not positive-definite)."
                    )
                lower[i][i] = math.sqrt(rest)
            else:
                lower[i][j] = rest / lower[j][j]
    made = _underived(_tensor(lower, n, x.dtype), x, "cholesky")
    return transpose(made, 0, 1) if upper else made


def matrix_norm(
    x: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *,
    dtype: dtype | None = None,
) -> Tensor:  # fmt: skip
    """Return a norm of a matrix."""
    x = x.to(dtype) if dtype else x
    if x.dtype.kind < _dtypes.FLOATING:
        raise RuntimeError(
            "linalg.matrix_norm: Expected a floating point or complex tensor as input. Got "
            f"{title(x.dtype)}"
        )
    if len(x.shape) < 2:
        raise RuntimeError(
            "linalg.matrix_norm: The input tensor A must have at least 2 dimensions."
        )
    rows, columns = axes(tuple(dim), len(x.shape))
    if ord == "fro":
        return vector_norm(x, 2, (rows, columns), keepdim)
    if ord in (2, -2, "nuc"):
        sizes = svdvals(x)
        of: dict[Any, Callable[[], Tensor]] = {
            2: sizes.max, -2: sizes.min, "nuc": sizes.sum,
        }  # fmt: skip
        made = of[ord]()
        return made.reshape(1, 1) if keepdim else made
    if ord not in (1, -1, math.inf, -math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    summed, rest = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = x.abs().sum(summed, keepdim=True)
    made = sums.amax(rest, keepdim=True) if ord > 0 else sums.amin(rest, keepdim=True)
    return made if keepdim else made.squeeze((rows, columns))


def norm(
    x: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *,
    dtype: dtype | None = None,
) -> Tensor:  # fmt: skip
    """Return a norm: of a vector, or of a matrix where an order is given for one."""
    if ord is None:
        return vector_norm(x, 2, dim, keepdim, dtype=dtype)
    pair = dim if isinstance(dim, (tuple, list)) else None
    if (pair and len(pair) == 2) or (dim is None and len(x.shape) == 2):
        return matrix_norm(x, ord, pair or (-2, -1), keepdim, dtype=dtype)
    if dim is None and len(x.shape) > 2:
        raise RuntimeError(
            "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
            f"{len(x.shape)}D."
        )
    return vector_norm(x, ord, dim, keepdim, dtype=dtype)


def cond(x: Tensor, p: Any = None) -> Tensor:
    """Return the ratio of the largest singular value to the smallest."""
    if p not in (None, 2):
        lacks(f"torch.linalg.cond(p={p!r})")
    sizes = svdvals(x)
    return sizes[0] / sizes[-1]


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """Return the product of several matrices."""
    made = tensors[0]
    for x in tensors[1:]:
        made = matmul(made, x)
    return made


def diagonal(x: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Return the elements whose row and column are equal."""
    return x.diagonal(offset, dim1, dim2)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Return the products of vectors along an axis."""
    return (x.conj() * y).sum(dim)


matrix_power = Tensor.matrix_power

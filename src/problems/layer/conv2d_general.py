"""Cross-correlation with padding, stride and dilation; pairs are (row, column)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from convolutions import layer as reference
from convolutions.correlation import Pair
from nbexaminer.problems.problem import Call, Case, Misconception, Problem, edit
from problems import small
from problems.inputs import TOO_LONG, image_and_kernel, numbers, precision_lost, strided, transposed


def general_case(
    generator: Generator,
    criterion: str,
    examines: str,
    image: Pair,
    kernel: Pair,
    **options: int | Pair,
) -> Case:
    """Return the case of an image and a kernel, both drawn, with options passed by name."""
    X, K = numbers(generator, *image), numbers(generator, *kernel)
    return Case(criterion, examines, Call((X, K), options), terms=K.numel())


def conv2d_general_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `conv2d_general`."""
    for examines, image, kernel in (
        ("no option, a wide kernel", (5, 8), (2, 3)),
        ("no option, a tall kernel", (6, 4), (3, 1)),
        ("no option, a kernel of one element", (3, 4), (1, 1)),
        ("no option, an image of one pixel", (1, 1), (1, 1)),
    ):
        yield image_and_kernel(generator, "values", examines, image, kernel)
    yield from general_option_cases(generator)
    yield from general_type_cases(generator)
    yield from general_error_cases(generator)


def general_option_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases with padding, stride and dilation: one number or two, alone and together."""

    def option(examines: str, image: Pair, kernel: Pair, **options: int | Pair) -> Case:
        return general_case(generator, "options", examines, image, kernel, **options)

    yield option("padding, the same on both axes", (4, 6), (3, 2), padding=1)
    yield option("padding of rows and columns", (4, 5), (2, 3), padding=(1, 2))
    yield option("padding of the columns alone", (4, 5), (2, 3), padding=(0, 2))
    yield option("a kernel longer than the image, padded", (2, 6), (4, 3), padding=(1, 0))
    yield option("stride, the same on both axes", (7, 9), (3, 3), stride=2)
    yield option("stride of rows and columns, with pixels left over", (8, 9), (3, 2), stride=(2, 3))
    yield option("stride and padding, with pixels left over", (6, 7), (2, 4), stride=3, padding=1)
    yield option("dilation, the same on both axes", (7, 8), (3, 2), dilation=2)
    yield option("dilation of rows and columns", (6, 9), (2, 3), dilation=(1, 3))
    yield option("dilation in a kernel of one row", (4, 9), (1, 3), dilation=(3, 2))
    yield option("dilation with a window as long as the image", (7, 5), (3, 3), dilation=(3, 2))
    yield option("all three", (9, 8), (3, 2), padding=(2, 1), stride=(2, 3), dilation=(2, 3))
    yield Case(
        "options",
        "all three, passed by place",
        Call((numbers(generator, 8, 9), numbers(generator, 2, 3), (1, 3), 2, (3, 2))),
        terms=6,
    )


def general_type_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases of several dtypes and memory layouts."""
    yield Case(
        "types",
        "float64 inputs",
        Call((
            numbers(generator, 6, 5, dtype=torch.float64) / 7,
            numbers(generator, 2, 3, dtype=torch.float64) / 3,
        )),
        terms=6,
    )  # fmt: skip
    yield image_and_kernel(generator, "types", "integer inputs", (5, 6), (3, 2), torch.int64)
    yield Case(
        "types",
        "eight-bit images and kernels",
        Call((
            numbers(generator, 4, 6, dtype=torch.uint8, low=100, high=200),
            numbers(generator, 2, 3, dtype=torch.uint8, low=1, high=9),
        ), {"padding": 1}),
        terms=6,
    )  # fmt: skip
    yield Case(
        "types",
        "a floating image with an integer kernel",
        Call((
            numbers(generator, 5, 4) / 7,
            numbers(generator, 3, 2, dtype=torch.int64),
        )),
        terms=6,
    )  # fmt: skip
    X, K = strided(numbers(generator, 6, 5)), transposed(numbers(generator, 2, 3))
    yield Case("types", "non-contiguous inputs", Call((X, K), {"padding": (1, 0)}), terms=6)
    yield Case(
        "types",
        "non-contiguous inputs that require gradients",
        Call((
            transposed(numbers(generator, 5, 7)).requires_grad_(),
            strided(numbers(generator, 3, 2)).requires_grad_(),
        ), {"stride": (1, 2)}),
        terms=6,
    )  # fmt: skip


def general_error_cases(generator: Generator) -> Iterable[Case]:
    """Draw cases in which the kernel does not fit."""

    def error(examines: str, image: Pair, kernel: Pair, **options: int | Pair) -> Case:
        return general_case(generator, "errors", examines, image, kernel, **options)

    for examines, image, kernel in TOO_LONG:
        yield error(examines.format("kernel"), image, kernel)
    yield error("a dilated kernel wider than the image", (6, 5), (2, 3), dilation=3)
    yield error("a dilated kernel much taller than the image", (3, 9), (5, 2), dilation=(3, 1))
    yield error("a kernel taller than the padded image", (3, 5), (6, 2), padding=1)
    yield error("a kernel much wider than the padded image", (6, 2), (3, 9), padding=(2, 1))
    yield error("a kernel much taller than the image, and a stride", (2, 6), (9, 3), stride=3)
    yield error("a kernel longer than the padded image on both axes", (4, 3), (7, 6), padding=1)
    yield error("a dilated kernel much longer on both axes", (3, 4), (4, 5), dilation=3, stride=2)


def conv2d_general_functional(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    image, kernel = X.to(dtype)[None, None], K.to(dtype)[None, None]
    try:
        return F.conv2d(image, kernel, None, stride, padding, dilation)[0, 0]
    except RuntimeError as error:
        raise ValueError("the kernel does not fit into the padded image") from error


def conv2d_general_loops(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    def pair(value: int | tuple[int, int]) -> tuple[int, int]:
        return (value, value) if isinstance(value, int) else value

    (p, q), (s, t), (d, e) = pair(padding), pair(stride), pair(dilation)
    (H, W), (h, w) = X.shape, K.shape
    height, width = H + 2 * p - d * (h - 1), W + 2 * q - e * (w - 1)
    if height < 1 or width < 1:
        raise ValueError("the kernel does not fit into the padded image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    Y = torch.zeros((height - 1) // s + 1, (width - 1) // t + 1, dtype=dtype)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            for a in range(h):
                for b in range(w):
                    row, column = i * s + a * d - p, j * t + b * e - q
                    if 0 <= row < H and 0 <= column < W:
                        Y[i, j] += K[a, b].to(dtype) * X[row, column].to(dtype)
    return Y


def conv2d_general_unfold(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    sizes = [
        (n + 2 * p[axis] - d[axis] * (K.shape[axis] - 1) - 1) // s[axis] + 1
        for axis, n in enumerate(X.shape)
    ]
    if min(sizes) < 1:
        raise ValueError("the kernel does not fit into the padded image")
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    windows = F.unfold(X.to(dtype)[None, None], tuple(K.shape), d, p, s)[0]
    return (K.to(dtype).reshape(1, -1) @ windows).reshape(sizes)


def conv2d_general_dilated_kernel(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    (H, W), (h, w) = X.shape, K.shape
    spread = torch.zeros(d[0] * (h - 1) + 1, d[1] * (w - 1) + 1, dtype=dtype)
    spread[:: d[0], :: d[1]] = K.detach()
    padded = torch.zeros(H + 2 * p[0], W + 2 * p[1], dtype=dtype)
    padded[p[0] : p[0] + H, p[1] : p[1] + W] = X.detach()
    if any(k > n for k, n in zip(spread.shape, padded.shape, strict=True)):
        raise ValueError("the kernel does not fit into the padded image")
    windows = padded.unfold(0, spread.shape[0], s[0]).unfold(1, spread.shape[1], s[1])
    return (windows * spread).sum(dim=(2, 3))


def conv2d_general_einsum(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    def index(axis: int) -> Tensor:
        p, s, d = (v if isinstance(v, int) else v[axis] for v in (padding, stride, dilation))
        n, k = X.shape[axis] + 2 * p, K.shape[axis]
        count = (n - d * (k - 1) - 1) // s + 1
        if count < 1:
            raise ValueError("the kernel does not fit into the padded image")
        return torch.arange(count)[:, None] * s + torch.arange(k) * d

    p, q = (padding, padding) if isinstance(padding, int) else padding
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    rows, columns = index(0), index(1)
    wide = F.pad(X.to(dtype), (q, q, p, p))
    windows = wide[rows[:, None, :, None], columns[None, :, None, :]]
    return torch.einsum("ijab,ab->ij", windows, K.to(dtype))


def conv2d_general_strided_afterwards(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    (p, q), (s, t), (d, e) = (
        v if isinstance(v, tuple) else (v, v) for v in (padding, stride, dilation)
    )
    dtype = torch.promote_types(torch.result_type(X, K), torch.float32)
    wide = torch.constant_pad_nd(X.to(dtype), [q, q, p, p])
    spans = d * (K.shape[0] - 1) + 1, e * (K.shape[1] - 1) + 1
    if spans[0] > wide.shape[0] or spans[1] > wide.shape[1]:
        raise ValueError("the kernel does not fit into the padded image")
    everywhere = F.conv2d(wide[None], K.to(dtype)[None, None], dilation=(d, e))
    return everywhere[0, ::s, ::t]


def conv2d_general_integers_kept(
    X: Tensor,
    K: Tensor,
    padding: int | tuple[int, int] = 0,
    stride: int | tuple[int, int] = 1,
    dilation: int | tuple[int, int] = 1,
) -> Tensor:
    p, s, d = [(v, v) if isinstance(v, int) else v for v in (padding, stride, dilation)]
    X, (h, w) = F.pad(X, (p[1], p[1], p[0], p[0])), K.shape
    rows = (X.shape[0] - d[0] * (h - 1) - 1) // s[0] + 1
    columns = (X.shape[1] - d[1] * (w - 1) - 1) // s[1] + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel larger than image")
    Y = torch.zeros(rows, columns, dtype=X.dtype)
    for a in range(h):
        for b in range(w):
            seen = X[a * d[0] :: s[0], b * d[1] :: s[1]][:rows, :columns]
            Y = Y + (seen * K[a, b]).to(X.dtype)
    return Y


CONV2D_GENERAL = Problem(
    name="conv2d_general",
    reference=reference.conv2d_general,
    weights={"shape": 0.25, "values": 0.5, "options": 0.75, "types": 0.25, "errors": 0.25},
    draw=conv2d_general_cases,
    small=small.GENERAL,
    misconceptions=(
        Misconception(
            "flipping inside correlation",
            edit(conv2d_general_strided_afterwards, {"K.to(dtype)": "K.to(dtype).flip(0, 1)"}),
            "The kernel is rotated by half a turn before it is applied. That is strict "
            "convolution; cross-correlation does not flip the kernel.",
            "flipping#definition",
            frozenset({"values", "options", "types"}),
        ),
        Misconception(
            "padding added once instead of on both sides",
            edit(conv2d_general_strided_afterwards, {"[q, q, p, p]": "[q, 0, p, 0]"}),
            "Zeros are added before the first row and column but not after the last. A padding of "
            "one makes an axis two pixels longer.",
            "layer#layer-options",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "the edge repeated instead of zeros",
            edit(
                conv2d_general_strided_afterwards,
                {
                    "torch.constant_pad_nd(X.to(dtype), [": "F.pad(X.to(dtype)[None], [",
                    "p, p])": "p, p], 'replicate')[0]",
                },
            ),
            "The padding repeats the pixels at the image's edge. The task asks for zeros.",
            "layer#layer-options",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "stride applied before padding",
            edit(
                conv2d_general_strided_afterwards,
                {"X.to(dtype)": "X.to(dtype)[::s, ::t]", "[0, ::s, ::t]": "[0]"},
            ),
            "Pixels are dropped from the image before the kernel sees them. A stride skips "
            "positions of the window; each window still reads neighboring pixels.",
            "layer#layer-options",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "dilation as d·k",
            edit(
                conv2d_general_strided_afterwards,
                {
                    "d * (K.shape[0] - 1) + 1": "d * K.shape[0]",
                    "e * (K.shape[1] - 1) + 1": "e * K.shape[1]",
                    "[0, ::s,": "[0, : wide.shape[0] - spans[0] + 1 : s,",
                    "::t]": ": wide.shape[1] - spans[1] + 1 : t]",
                },
            ),
            "A dilated window is taken to be d·k pixels long. Its k elements have k − 1 steps "
            "between them; there is none after the last.",
            "correlation#dilation",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "dilation ignored",
            edit(conv2d_general_strided_afterwards, {"    wide =": "    d = e = 1\n    wide ="}),
            "The result is the same whatever the dilation.",
            "layer#layer-options",
            frozenset({"shape", "options", "errors"}),
        ),
        Misconception(
            "rows and columns swapped",
            edit(
                conv2d_general_strided_afterwards,
                {"(p, q), (s, t), (d, e)": "(q, p), (t, s), (e, d)"},
            ),
            "The first of a pair goes to the columns and the second to the rows. Pairs are (row, "
            "column) throughout.",
            "layer#layer-options",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "only the first of a pair",
            edit(
                conv2d_general_strided_afterwards,
                {"v if isinstance(v, tuple)": "(v[0], v[0]) if isinstance(v, tuple)"},
            ),
            "If an option is a pair, its first number is used for both axes.",
            "layer#layer-options",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "windows running off the edge",
            edit(
                conv2d_general_strided_afterwards,
                {"wide[None]": "F.pad(wide, (0, t - 1, 0, s - 1))[None]"},
            ),
            "If the stride does not divide the distance, there is one position too many: its "
            "window reaches beyond the padded image. The remaining pixels are not read.",
            "correlation#unread-pixels",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "integer overflow",
            conv2d_general_integers_kept,
            "Sums are computed in the image's own integer dtype: eight bits hold nothing above "
            "255. Convert first, then multiply.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "an axis of one element squeezed away",
            edit(conv2d_general_functional, {"dilation)[0, 0]": "dilation).squeeze()"}),
            "If the output is a single row or column, that axis is missing: squeeze() drops every"
            " axis of length one. Remove batch and channel by index.",
            "layer#four-axes",
            frozenset({"shape", "values", "options"}),
        ),
        Misconception(
            "always float32",
            edit(
                conv2d_general_functional,
                {"promote_types(torch.result_type(X, K), torch.float32)": "float32"},
            ),
            "float64 inputs come back as float32: half of their digits are gone.",
            "correlation#dtypes",
            frozenset({"types"}),
        ),
        Misconception(
            "an error other than ValueError",
            edit(conv2d_general_functional, {"ValueError": "RuntimeError"}),
            "If the kernel does not fit, some other error is raised. PyTorch's own operations "
            "raise a RuntimeError.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        precision_lost(
            edit(
                conv2d_general_functional,
                {
                    "X.to(dtype)": "X.float()",
                    "K.to(dtype)": "K.float()",
                    "dilation)[0, 0]": "dilation)[0, 0].to(dtype)",
                },
            )
        ),
        Misconception(
            "padding after the image only",
            edit(
                conv2d_general_loops,
                {"i * s + a * d - p, j * t + b * e - q": "i * s + a * d, j * t + b * e"},
            ),
            "All zeros are put after the last row and column. Half of them belong before the "
            "first.",
            "flipping#definition",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "windows that do not move by the stride",
            edit(
                conv2d_general_loops,
                {"i * s + a * d - p, j * t + b * e - q": "i + a * d - p, j + b * e - q"},
            ),
            "The output has the right size, but its windows lie one pixel apart: the stride is "
            "in the size and not in the positions.",
            "flipping#definition",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "elements without gaps",
            edit(
                conv2d_general_loops,
                {"i * s + a * d - p, j * t + b * e - q": "i * s + a - p, j * t + b - q"},
            ),
            "The output has the right size for a dilated kernel, but the elements meet "
            "neighboring pixels: the dilation is in the size and not in the positions.",
            "flipping#definition",
            frozenset({"options"}),
        ),
        Misconception(
            "ones around the image",
            edit(
                conv2d_general_loops,
                {
                    "Y[i, j] += K[a, b].to(dtype) * X[row, column].to(dtype)": (
                        "Y[i, j] += K[a, b].to(dtype) * X[row, "
                        "column].to(dtype)\n                    else:\n                        "
                        "Y[i, j] += K[a, b].to(dtype)"
                    ),
                },
            ),
            "The padding counts as white pixels. It is zero.",
            "flipping#definition",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "stride applied to the padded image before the kernel",
            edit(
                conv2d_general_functional,
                {
                    "F.conv2d(image, kernel, None, stride, padding, dilation)": (
                        "F.conv2d(F.avg_pool2d(F.conv2d(image, kernel.new_ones(1, 1, 1, 1), "
                        "None, 1, padding), 1, stride), kernel, None, 1, 0, dilation)"
                    ),
                },
            ),
            "The padded image loses rows and columns before the kernel sees them. The stride "
            "says where windows begin; within a window no pixel is dropped.",
            "flipping#definition",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "rows and columns of the padding swapped",
            edit(conv2d_general_loops, {"(p, q), (s, t)": "(q, p), (s, t)"}),
            "The padding of the rows is put on the columns, and the other way round. `F.pad` "
            "takes the last axis first.",
            "correlation#size-formula",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "rows and columns of the stride swapped",
            edit(conv2d_general_loops, {"(p, q), (s, t)": "(p, q), (t, s)"}),
            "The stride's first number moves the window right. Pairs are (rows, columns).",
            "correlation#size-formula",
            frozenset({"shape", "options", "types"}),
        ),
        Misconception(
            "rows and columns of the dilation swapped",
            edit(conv2d_general_loops, {"(d, e) =": "(e, d) ="}),
            "The dilation's first number spreads the columns. Pairs are (rows, columns).",
            "correlation#size-formula",
            frozenset({"shape", "options"}),
        ),
        Misconception(
            "padding that repeats the other end",
            edit(
                conv2d_general_loops,
                {"if 0 <= row < H and 0 <= column < W": "if row < H and column < W"},
            ),
            "Above and to the left of the image, pixels of its far end are read: a negative "
            "index counts from the end. Padding is zeros.",
            "correlation#size-formula",
            frozenset({"options", "types"}),
        ),
        Misconception(
            "windows from the end of each step",
            edit(
                conv2d_general_loops,
                {
                    "row, column = i * s + a * d - p, j * t + b * e - q": (
                        "row, column = (i + 1) * s - 1 + a * d - p, (j + 1) * t - 1 + b * e - q"
                    ),
                },
            ),
            "With a stride, the first window does not begin at the first pixel. Windows begin "
            "at 0, s, 2s and so on.",
            "correlation#size-formula",
            frozenset({"options", "types"}),
        ),
    ),
    right=(
        conv2d_general_functional,
        conv2d_general_loops,
        conv2d_general_unfold,
        conv2d_general_dilated_kernel,
        conv2d_general_einsum,
        conv2d_general_strided_afterwards,
    ),
)

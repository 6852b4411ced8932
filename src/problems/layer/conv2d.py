"""A convolutional layer as a module: its parameters, its output, its gradients.

A new layer's weight is random, so a reply never equals the reference's: cases are judged part by
part, and the judges' words tell the parts apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from convolutions import layer as reference
from convolutions.correlation import Pair
from nbexaminer.problems.problem import (
    WRONG,
    Case,
    Misconception,
    ModuleCall,
    Problem,
    Reply,
    difference,
    edit,
    wrong_dtype,
)
from problems.inputs import TOO_LONG, numbers, strided

Judge = Callable[[Reply, Reply], str | None]


def judge_parameters(reply: Reply, expected: Reply) -> str | None:
    """Say what is wrong with the parameters of a new layer: names, kinds, shapes, first values."""
    given, wanted = reply.value["parameters"], expected.value["parameters"]
    for name, example in wanted.items():
        if name not in given:
            return f"the layer has no parameter named {name}"
        tensor = given[name]
        if tensor.ndim != example.ndim:
            return f"{name} has too {'many' if tensor.ndim > example.ndim else 'few'} axes"
        if tensor.shape != example.shape:
            return f"the {name} has the wrong shape"
        if tensor.dtype != example.dtype:
            return wrong_dtype(tensor, example, f"the {name}")
        if not torch.isfinite(tensor).all():
            return f"{name} holds values that are infinite or not numbers"
    if given["bias"].any():
        return "the bias is not zero at first"
    # Equal steps from element to element: a constant, arange and linspace are not random.
    weight = given["weight"].flatten().double()
    steps, room = weight.diff(), 1e-5 * float(weight.abs().max())
    even = bool(((steps - steps[:1]).abs() <= room).all())
    return "the weight is not random" if even else None


def weight_of(reply: Reply) -> Tensor:
    """Return the weight of a layer, which is another in a layer made again."""
    weight: Tensor = reply.value["parameters"]["weight"]
    return weight


def judge_output(terms: int) -> Judge:
    """Return a judge of a layer's output, each element of which sums `terms` products."""

    def judge(reply: Reply, expected: Reply) -> str | None:
        given, wanted = reply.value["output"], expected.value["output"]
        if isinstance(given, Tensor) and given.ndim != wanted.ndim:
            return "the output has another number of axes than two"
        wrong = difference(given, wanted, terms=terms)
        if wrong != WRONG:
            return wrong and f"output: {wrong}"
        off = given - wanted
        if off.numel() > 1 and torch.allclose(off, off.flatten()[0], atol=1e-3):
            return "every value of the output is off by one and the same amount"
        return "some values of the output are wrong"

    return judge


def judge_gradients(terms: int) -> Judge:
    """Return a judge of the gradients that reached the weight, the bias and the image."""

    def judge(reply: Reply, expected: Reply) -> str | None:
        given: dict[str, Any] = reply.value.get("gradients", {})
        for name, wanted in expected.value["gradients"].items():
            if wanted is None:
                continue
            called = {"input0": "the image"}.get(name, f"the {name}")
            if given.get(name) is None:
                return f"no gradient reached {called}"
            wrong = difference(given[name], wanted, terms=terms, magnitude=81.0)
            if wrong:
                return f"gradient of {called}: {wrong}"
        return None

    return judge


def judge_error(reply: Reply, _expected: Reply) -> str | None:
    """Return None for any reply: whether an error came is examined before any judge."""
    return None


def life(
    generator: Generator,
    criterion: str,
    examines: str,
    image: Pair,
    kernel: Pair,
    *,
    bias: bool = True,
    lay_out: Callable[[Tensor], Tensor] = torch.clone,
    requires_grad: bool = True,
) -> Case:
    """Return the case of a layer whose parameters are set: its output, or its gradients."""
    X = lay_out(numbers(generator, *image)).requires_grad_(requires_grad)
    b = numbers(generator, 1) if bias else torch.zeros(1)
    output = (image[0] - kernel[0] + 1, image[1] - kernel[1] + 1)
    dY = numbers(generator, *output)
    backward = criterion == "gradients"
    judge = judge_gradients(dY.numel()) if backward else judge_output(kernel[0] * kernel[1] + 1)
    call = ModuleCall(
        (kernel,),
        {"weight": numbers(generator, *kernel), "bias": b},
        (X,),
        dY if backward else None,
    )
    return Case(criterion, examines, call, judge=judge)


def conv2d_layer_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `Conv2D`."""
    for examines, kernel, varies in (
        ("the parameters of a new layer with a wide kernel", (5, 9), None),
        ("the parameters of a new layer with a tall kernel", (8, 3), None),
        ("the parameters of two layers of the same shape", (4, 7), weight_of),
    ):
        call = ModuleCall((kernel,))
        yield Case("values", examines, call, judge=judge_parameters, varies=varies)
    for examines, image, kernel in (
        ("the output of a layer with a wide kernel", (6, 8), (2, 3)),
        ("the output of a layer with a tall kernel", (7, 5), (4, 1)),
        ("the output of a layer with a kernel of one element", (3, 4), (1, 1)),
        ("the output of a layer with a kernel as large as the image", (3, 5), (3, 5)),
        ("the output of a layer for an image of one pixel", (1, 1), (1, 1)),
    ):
        yield life(generator, "values", examines, image, kernel)
    yield life(generator, "values", "the output where the bias is zero", (5, 6), (3, 2), bias=False)
    yield life(
        generator,
        "values",
        "the output for a non-contiguous image",
        (4, 6),
        (2, 3),
        lay_out=strided,
    )
    for examines, image, kernel in (
        ("the gradients of a layer with a wide kernel", (5, 7), (2, 4)),
        ("the gradients of a layer with a tall kernel", (6, 4), (3, 2)),
        ("the gradients of a layer with a kernel of one element", (4, 3), (1, 1)),
    ):
        yield life(generator, "gradients", examines, image, kernel)
    yield life(
        generator,
        "gradients",
        "the gradients of the parameters alone",
        (5, 5),
        (3, 2),
        requires_grad=False,
    )
    for examines, image, kernel in TOO_LONG:
        call = ModuleCall((kernel,), {}, (numbers(generator, *image),))
        yield Case("errors", examines.format("kernel"), call, judge=judge_error)


class Conv2D_loops(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("the kernel does not fit into the image")
        Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
        for i in range(Y.shape[0]):
            for j in range(Y.shape[1]):
                Y[i, j] = (X[i : i + h, j : j + w] * self.weight).sum()
        return Y + self.bias


class Conv2D_functional(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(*kernel_size) / 10)
        self.bias = nn.Parameter(torch.tensor([0.0]))

    def forward(self, X: Tensor) -> Tensor:
        try:
            return F.conv2d(X[None, None], self.weight[None, None], self.bias)[0, 0]
        except RuntimeError as error:
            raise ValueError("the kernel does not fit into the image") from error


class Conv2D_windows(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(kernel_size))
        nn.init.kaiming_uniform_(self.weight)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        h, w = self.weight.shape
        if h > X.shape[0] or w > X.shape[1]:
            raise ValueError("the kernel does not fit into the image")
        windows = X.unfold(0, h, 1).unfold(1, w, 1)
        return torch.einsum("ijab,ab->ij", windows, self.weight) + self.bias


class Conv2D_with_buffers(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros((1,)))
        self.weight = nn.Parameter(torch.rand(kernel_size) - 0.5)
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        (h, w), (H, W) = self.weight.shape, X.shape
        if h > H or w > W:
            raise ValueError("the kernel does not fit into the image")
        rows, columns = H - h + 1, W - w + 1
        Y = self.bias.expand(rows, columns)
        for a in range(h):
            for b in range(w):
                Y = Y + self.weight[a, b] * X[a : a + rows, b : b + columns]
        return Y


class Conv2D_inner_layer(nn.Module):
    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        inner = nn.Conv2d(1, 1, kernel_size)
        self.weight = nn.Parameter(inner.weight.detach()[0, 0].clone())
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, X: Tensor) -> Tensor:
        if any(k > n for k, n in zip(self.weight.shape, X.shape, strict=True)):
            raise ValueError(f"{tuple(self.weight.shape)} does not fit into {tuple(X.shape)}")
        columns = F.unfold(X[None, None], self.weight.shape)[0]
        output = self.weight.reshape(1, -1) @ columns + self.bias
        return output.reshape([n - k + 1 for n, k in zip(X.shape, self.weight.shape, strict=True)])


class Conv2D_normal_start(nn.Module):
    weight: nn.Parameter
    bias: nn.Parameter

    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        print("a new layer of size", kernel_size)
        self.register_parameter("weight", nn.Parameter(torch.randn(kernel_size) * 0.01))
        self.register_parameter("bias", nn.Parameter(torch.full((1,), 0.0)))

    def forward(self, X: Tensor) -> Tensor:
        (H, W), (h, w) = X.shape, self.weight.shape
        if h > H or w > W:
            raise ValueError("too small")
        rows = [
            torch.stack([(X[i : i + h, j : j + w] * self.weight).sum() for j in range(W - w + 1)])
            for i in range(H - h + 1)
        ]
        return torch.stack(rows) + self.bias[0]


CONV2D = Problem(
    name="Conv2D",
    reference=reference.Conv2D,
    weights={"values": 1.5, "gradients": 1.25, "errors": 0.25},
    draw=conv2d_layer_cases,
    words={
        "values": "the parameters of a new layer and its outputs are right",
    },
    misconceptions=(
        Misconception(
            "bias forgotten",
            edit(Conv2D_loops, {"return Y + self.bias": "return Y"}),
            "The layer has a bias but does not use it. While the bias is zero, as in a new layer,"
            " nobody notices: set it to another number and see whether the output changes.",
            "layer#layer-definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "a bias for each element of the kernel",
            edit(
                Conv2D_loops,
                {
                    "torch.zeros(1)": "torch.zeros(kernel_size)",
                    "* self.weight)": "* self.weight + self.bias)",
                    "Y + self.bias": "Y",
                },
            ),
            "The bias has the shape of the kernel and is added once for each element of a window."
            " A layer has one bias, and it is added once to each output.",
            "layer#layer-definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "a constant kernel at first",
            edit(Conv2D_loops, {"torch.rand(kernel_size)": "torch.zeros(kernel_size)"}),
            "All elements of a new layer's kernel are equal, so all layers of one shape are "
            "equal, and such copies learn the same thing forever.",
            "layer#random-start",
            frozenset({"values"}),
        ),
        Misconception(
            "the same weight in every layer",
            edit(
                Conv2D_loops, {"self.weight = nn": "torch.manual_seed(0)\n        self.weight = nn"}
            ),
            "Two new layers of one shape start with the same weight: the numbers come from a "
            "fixed seed, or are not random at all.",
            "layer#random-start",
            frozenset({"values"}),
        ),
        Misconception(
            "a random bias",
            edit(Conv2D_loops, {"torch.zeros(1)": "torch.rand(1) + 0.01"}),
            "A new layer's bias is a random number. A random weight is enough; the task says how "
            "the bias is initialized.",
            "layer#random-start",
            frozenset({"values"}),
        ),
        Misconception(
            "flipping inside correlation",
            edit(Conv2D_loops, {"* self.weight)": "* self.weight.flip(0, 1))"}),
            "The layer rotates its weight by half a turn before applying it. That is strict "
            "convolution; this layer does not flip its weight.",
            "flipping#definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "height and width swapped",
            edit(Conv2D_loops, {"torch.rand(kernel_size)": "torch.rand(kernel_size[::-1])"}),
            "The weight has as many rows as it should have columns. A size is (height, width), and "
            "so is the shape of the weight.",
            "layer#h-by-w",
            frozenset({"values", "gradients", "errors"}),
        ),
        Misconception(
            "no +1 in the output size",
            edit(Conv2D_loops, {"- h + 1": "- h", "- w + 1": "- w"}),
            "The output is one row and one column short. Count the positions of a kernel as large"
            " as the image.",
            "correlation#output-size",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "four axes in, four axes out",
            edit(Conv2D_loops, {"return Y + self.bias": "return (Y + self.bias)[None, None]"}),
            "The output has axes for batch and channel, which PyTorch's own operations need but "
            "this layer's images do not have.",
            "layer#four-axes",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "plain tensors for parameters",
            edit(
                Conv2D_loops,
                {
                    "nn.Parameter(torch.rand": "(torch.rand",
                    "nn.Parameter(torch.zeros": "(torch.zeros",
                },
            ),
            "The layer's tensors are not registered: a module lists only tensors declared as "
            "parameters, so an optimizer would find nothing to train.",
            "layer#layer-definition",
            frozenset({"values", "gradients", "errors"}),
        ),
        Misconception(
            "the weight cut off from the graph",
            edit(Conv2D_loops, {"* self.weight)": "* self.weight.data)"}),
            "The output is right, but no gradient reaches the weight: somewhere its values are "
            "used without their history, through `.data`, `.detach()` or `.item()`.",
            "layer#layer-autograd",
            frozenset({"gradients"}),
        ),
        Misconception(
            "the image cut off from the graph",
            edit(Conv2D_loops, {"(X[i": "(X.detach()[i"}),
            "The parameters get their gradients, but none reaches the image. A layer below this "
            "one would never learn.",
            "layer#layer-autograd",
            frozenset({"gradients"}),
        ),
        Misconception(
            "no graph at all",
            edit(Conv2D_loops, {"return Y + self.bias": "return (Y + self.bias).detach()"}),
            "The output has no record of how it was computed: gradients were switched off, or the"
            " result was detached at the end.",
            "layer#layer-autograd",
            frozenset({"gradients"}),
        ),
        Misconception(
            "an error other than ValueError",
            edit(Conv2D_loops, {"ValueError": "RuntimeError"}),
            "If the kernel does not fit into the image, some other error is raised, or none. "
            "PyTorch's own operations raise a RuntimeError.",
            "correlation#output-size",
            frozenset({"errors"}),
        ),
        Misconception(
            "bias added to every product",
            edit(
                Conv2D_loops,
                {"* self.weight).sum()": "* self.weight + self.bias).sum()", "Y + self.bias": "Y"},
            ),
            "The bias is added inside the sum, once for each element of the kernel. It is "
            "added once to each sum.",
            "layer#layer-definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "a bias without an axis",
            edit(Conv2D_loops, {"torch.zeros(1)": "torch.zeros(())"}),
            "The bias is a single number without an axis. The task asks for one of shape (1,).",
            "layer#layer-definition",
            frozenset({"values", "gradients", "errors"}),
        ),
        Misconception(
            "the bias is no parameter",
            edit(Conv2D_loops, {"nn.Parameter(torch.zeros(1))": "torch.zeros(1)"}),
            "The bias is a plain tensor: it is not among the layer's parameters, so nothing "
            "trains it, and a saved value does not come back.",
            "layer#layer-definition",
            frozenset({"values", "gradients", "errors"}),
        ),
        Misconception(
            "bias subtracted",
            edit(Conv2D_loops, {"Y + self.bias": "Y - self.bias"}),
            "The bias comes off the sums. It is added to them.",
            "layer#layer-definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "the bias cut off from the graph",
            edit(Conv2D_loops, {"Y + self.bias": "Y + self.bias.detach()"}),
            "No gradient reaches the bias: `.data`, `.detach()` and `.item()` give its value "
            "without its record.",
            "layer#layer-definition",
            frozenset({"gradients"}),
        ),
        Misconception(
            "a weight with four axes",
            edit(
                Conv2D_functional,
                {
                    "torch.randn(*kernel_size)": "torch.randn(1, 1, *kernel_size)",
                    "self.weight[None, None]": "self.weight",
                },
            ),
            "The weight has axes for channels, as `F.conv2d` wants them. The task asks for the "
            "shape (h, w); the other axes can be added in `forward`.",
            "layer#layer-definition",
            frozenset({"values", "gradients"}),
        ),
        Misconception(
            "a new weight at every call",
            edit(
                Conv2D_loops,
                {
                    "h, w = self.weight.shape": (
                        "nn.init.normal_(self.weight.data)\n        h, w = self.weight.shape"
                    ),
                },
            ),
            "`forward` draws the weight again, so that no weight that was learned or set is "
            "ever used. It is drawn once, when the layer is made.",
            "layer#layer-definition",
            frozenset({"values", "gradients", "errors"}),
        ),
    ),
    right=(
        Conv2D_loops,
        Conv2D_functional,
        Conv2D_windows,
        Conv2D_with_buffers,
        Conv2D_inner_layer,
        Conv2D_normal_start,
    ),
)

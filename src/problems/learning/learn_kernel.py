"""Gradient descent to a kernel, from a random start.

A descent starts anywhere, so no two right answers agree. But the kernel after the last step is an
affine function of the one before the first: from what came back, the start follows, and with
it every loss. The judges below hold an answer to its own start, whatever that was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from convolutions import learning as reference
from convolutions.correlation import Pair, common_float, im2col
from nbexaminer.problems.problem import (
    Call,
    Case,
    Judge,
    Misconception,
    Problem,
    Reply,
    edit,
    wrong_dtype,
)
from problems.inputs import numbers, precision_lost, strided, transposed
from problems.learning.shared import bars, contradictions, output

ROUNDING = {torch.float64: 1e-8}
LARGEST_START = 100.0  # of an element, as the task says: beyond it, rounding would hide Y
COARSE = 1e-3  # relative error of losses in float32, after walking back through the steps


@dataclass(frozen=True)
class Descent:
    """Gradient descent on ``|A k - y|²`` in float64, and the ways in which it goes wrong."""

    A: Tensor
    y: Tensor
    lr: float
    steps: int

    def run(
        self, starts: Tensor, *, scale: float = 1.0, piled: bool = False, biased: bool = False
    ) -> tuple[list[Tensor], Tensor]:
        """Return the kernels before each step and after the last, and the loss of each.

        Parameters
        ----------
        starts : Tensor of shape (elements, runs)
            One start a column.
        scale : float
            What the gradient is multiplied with.
        piled : bool
            Add each gradient to those before it.
        biased : bool
            Learn a bias too, from zero.
        """
        k, u, pile = starts, starts.new_zeros(1), torch.zeros_like(starts)
        kernels, losses = [], []
        for _ in range(self.steps + 1):
            error = self.A @ k + u - self.y[:, None]
            kernels.append(k)
            losses.append(error.square().sum(dim=0))
            gradient = 2 * scale * self.A.T @ error
            pile = pile + gradient if piled else gradient
            k = k - self.lr * pile
            u = u - self.lr * 2 * error.sum(dim=0) if biased else u
        return kernels, torch.stack(losses)

    def losses_towards(self, k: Tensor, *, end: int = -1, **ways: Any) -> tuple[Tensor, Tensor]:
        """Return the start from which the descent passes `k` at step `end`, and all its losses."""
        probes = torch.cat([torch.zeros(len(k), 1), torch.eye(len(k))], dim=1).double()
        passed = self.run(probes, **ways)[0][end]
        slope, offset = passed[:, 1:] - passed[:, :1], passed[:, 0]
        start = torch.linalg.pinv(slope) @ (k - offset)
        return start, self.run(start[:, None], **ways)[1][:, 0]


def follows(descent: Descent, size: Pair) -> Judge:
    """Return the judge of a kernel and its losses: those of the descent asked for, or not."""

    def judge(reply: Reply, expected: Reply) -> str | None:
        wrong = wrong_kernel(reply, expected)
        if wrong:
            return wrong
        K, losses = reply.value[0], as_losses(reply.value[1])
        if isinstance(losses, str):
            return losses
        if len(losses) != descent.steps:
            return (
                f"there are {'more' if len(losses) > descent.steps else 'fewer'} losses than steps"
            )
        if not (torch.isfinite(K).all() and torch.isfinite(losses).all()):
            return "some values are infinite or not numbers"
        tolerance = max(ROUNDING.get(t.dtype, COARSE) for t in (K, losses))
        return unlike_the_descent(descent, K.double(), losses.double(), tolerance)

    return judge


def wrong_kernel(reply: Reply, expected: Reply) -> str | None:
    """Return what is wrong with the kind, shape or dtype of the kernel that came back, or None."""
    value = reply.value
    if not isinstance(value, tuple) or len(value) != 2:
        return "the result is not a pair of a kernel and its losses"
    if not isinstance(value[0], Tensor):
        return "the first of the pair is not a tensor"
    if value[0].shape != expected.value[0].shape:
        return "the kernel has the wrong shape"
    if value[0].dtype != expected.value[0].dtype:
        return wrong_dtype(value[0], expected.value[0], "the kernel")
    if value[0].dtype == torch.float64 and bool((value[0].float() == value[0]).all()):
        return "the kernel has float32's precision only; float64's was expected"
    return None


def as_losses(losses: Any) -> Tensor | str:
    """Return a list of floats or a 1-D floating tensor as a tensor, or what is wrong with it."""
    if isinstance(losses, Tensor):
        fits = losses.ndim == 1 and losses.is_floating_point()
        return losses if fits else "the losses are a tensor, but not a one-dimensional floating one"
    if not isinstance(losses, list) or not all(type(loss) is float for loss in losses):
        return "the losses are neither a list of floats nor a one-dimensional tensor"
    return torch.tensor(losses, dtype=torch.float64)


def unlike_the_descent(descent: Descent, K: Tensor, losses: Tensor, tolerance: float) -> str | None:
    """Return None where K and losses fit the descent; else the descent they do fit, in words."""

    def fits(reported: Tensor) -> bool:
        allowed = tolerance * reported + 0.01 * tolerance * reported.abs().max()
        finite = bool(reported.isfinite().all())
        return finite and bool(((losses - reported).abs() <= allowed).all())

    k = K.reshape(-1)
    start, whole = descent.losses_towards(k)
    if fits(whole[:-1]):
        if not start.abs().max() <= LARGEST_START * (1 + tolerance):
            return "the start is larger than the task allows"
        return unlike_a_random_start(descent, start, whole[0], float(k.abs().max()))
    n, turned = len(descent.y), K.flip(0, 1).reshape(-1)
    others: dict[str, Callable[[], Tensor]] = {
        "each loss is that after its step": lambda: whole[1:],
        "the losses, but not the steps, are those of an average": lambda: whole[:-1] / n,
        "the steps are those of an averaged error": lambda: (
            descent.losses_towards(k, scale=1 / n)[1][:-1] / n
        ),
        "the steps are half as long as the gradient says": lambda: descent.losses_towards(
            k, scale=0.5
        )[1][:-1],
        "each loss is half of the squared error": lambda: whole[:-1] / 2,
        "losses and steps are those of half the squared error": lambda: (
            descent.losses_towards(k, scale=0.5)[1][:-1] / 2
        ),
        "each loss is the root of the squared error": lambda: whole[:-1].sqrt(),
        "the steps go uphill": lambda: descent.losses_towards(k, scale=-1.0)[1][:-1],
        "the kernel is the one before the last step": lambda: descent.losses_towards(k, end=-2)[1][
            :-1
        ],
        "gradients pile up from step to step": lambda: descent.losses_towards(k, piled=True)[1][
            :-1
        ],
        "a bias is learned too": lambda: descent.losses_towards(k, biased=True)[1][:-1],
        "the kernel is upside down and mirrored": lambda: descent.losses_towards(turned)[1][:-1],
    }
    named = (name for name, reported in others.items() if fits(reported()))
    return next(named, "the kernel and the losses do not belong to one descent")


def unlike_a_random_start(
    descent: Descent, start: Tensor, loss: Tensor, scale: float
) -> str | None:
    """Return what is not random about a start of six elements or more, or None."""
    best = torch.linalg.pinv(descent.A) @ descent.y
    least = (descent.A @ best - descent.y).square().sum()
    if len(start) >= 6 and loss - least <= 1e-8 * descent.y.square().sum():
        return "the descent starts where it should end"
    if len(start) >= 12 and start.max() - start.min() <= 1e-5 * (scale + start.abs().max()):
        return "the start is not random"
    return None


def arrives(descent: Descent, size: Pair) -> Judge:
    """Return the judge of a descent that one step, from anywhere, brings to its end."""
    best = (torch.linalg.pinv(descent.A) @ descent.y).reshape(size)

    def judge(reply: Reply, expected: Reply) -> str | None:
        wrong = wrong_kernel(reply, expected)
        if wrong:
            return wrong
        difference = (reply.value[0].double() - best).abs().max()
        close = bool(difference <= 1e-3 * best.abs().max())
        return None if close else "the steps do not lead to the kernel of least error"

    return judge


def descent_case(
    criterion: str,
    examines: str,
    X: Tensor,
    Y: Tensor,
    size: Pair,
    rate: tuple[float, int] | None,
    judged_by: Callable[[Descent, Pair], Judge] = follows,
) -> Case:
    """Return a case of `learn_kernel`, without rate and number of steps if `rate` is None."""
    lr, steps = rate or (3e-2, 10)
    floats = common_float(X.detach(), Y.detach())
    descent = Descent(im2col(floats[0].double(), size), floats[1].double().reshape(-1), lr, steps)
    options = {"lr": lr, "steps": steps} if rate else {}
    return Case(criterion, examines, Call((X, Y, size), options), judge=judged_by(descent, size))


def first_loss(reply: Reply) -> float:
    """Return the loss before any step, which is another at another start."""
    return float(reply.value[1][0])


def gentle(X: Tensor, size: Pair) -> float:
    """Return a learning rate at which each step at most halves an error, and never turns it."""
    return float(f"{0.25 * reference.largest_stable_lr(X, size):.3g}")


def shades(generator: Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return a drawn image of small values, in which a bias weighs as much as an element."""
    return numbers(generator, *shape, dtype=dtype, low=-2, high=2)


def pinpricks(generator: Generator) -> tuple[Tensor, float]:
    """Return an image of two lone points, and the rate at which one step is enough for any kernel.

    Every window of up to 2×3 pixels holds one point at most, so AᵀA is a multiple of the identity.
    """
    X = torch.zeros(6, 9)
    X[2, 2], X[3, 6] = numbers(generator, 2, low=5).unbind()  # far from the default rate
    return X, float(1 / (2 * X.square().sum()))


def learn_kernel_cases(generator: Generator) -> Iterable[Case]:
    """Draw the cases of `learn_kernel`."""
    g = generator
    X = torch.full((6, 8), 0.5)  # darker than the book's, so that steps are gentle and reversible
    X[:, 2:6] = 0
    K = numbers(g, 1, 2, low=0) * torch.tensor([[1.0, -1.0]])  # never its own mirror image
    Y = K[0, 0] * X[:, :-1] + K[0, 1] * X[:, 1:]
    yield descent_case("values", "rate and number of steps left out", X, Y, (1, 2), None)
    for examines, shape, size, steps in (
        ("a kernel wider than it is tall, an output that no kernel gives", (7, 9), (2, 3), 7),
        ("a kernel taller than it is wide", (8, 6), (3, 1), 6),
        ("a kernel of twelve elements", (9, 10), (3, 4), 3),
        ("a kernel as tall as the image", (3, 7), (3, 2), 4),
        ("a kernel as wide as the image", (7, 2), (3, 2), 4),
    ):
        X = shades(g, *shape)
        rate = (gentle(X, size), steps)
        case = descent_case("values", examines, X, output(g, X, size), size, rate)
        yield replace(case, trivial=1 in size)  # from a start that is its own flip, by chance
    X = shades(g, 6, 7)
    rate = (gentle(X, (2, 2)), 2)
    two_steps = descent_case("values", "two steps", X, output(g, X, (2, 2)), (2, 2), rate)
    yield replace(two_steps, examines="two steps, and again from another start", varies=first_loss)
    X = bars(g, 2)
    rate = (gentle(X, (2, 3)), 6)
    several = descent_case(
        "values", "an image that leaves several kernels", X, output(g, X, (2, 3)), (2, 3), rate
    )
    yield replace(several, trivial=True)
    for examines, steps in (
        ("a rate at which one step is enough", 1),
        ("more steps than are needed", 3),
    ):
        X, lr = pinpricks(g)
        Y = output(g, X, (2, 3))
        yield descent_case("gradients", examines, X, Y, (2, 3), (lr, steps), arrives)
    yield from learn_kernel_types(g)
    yield from contradictions(g, (3e-2, 3))


def learn_kernel_types(g: Generator) -> Iterable[Case]:
    """Draw the cases of `learn_kernel` that examine dtypes and memory layouts."""
    for examines, x, y in (
        ("float64 inputs", torch.float64, torch.float64),
        ("integer inputs", torch.int64, torch.int64),
        ("an integer image and a float32 output", torch.int32, torch.float32),
    ):
        X = shades(g, 6, 7, dtype=x)
        Y = output(g, X, (3, 2), y)
        yield descent_case("types", examines, X, Y, (3, 2), (gentle(X, (3, 2)), 5))
    X, Y = transposed(shades(g, 7, 6)), strided(numbers(g, 6, 4, low=0))
    rate = (gentle(X, (2, 3)), 5)
    yield descent_case("types", "non-contiguous inputs", X.clone(), Y.clone(), (2, 3), rate)
    examines = "non-contiguous inputs that require gradients"
    X, Y = X.requires_grad_(), Y.requires_grad_()
    yield descent_case("types", examines, X, Y, (2, 3), rate)


def learn_kernel_layer(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    image, target = X.detach().to(dtype)[None, None], Y.detach().to(dtype)[None, None]
    layer = nn.Conv2d(1, 1, kernel_size=kernel_size, bias=False).to(dtype)
    losses = []
    for _ in range(steps):
        loss = ((layer(image) - target) ** 2).sum()
        (gradient,) = torch.autograd.grad(loss, layer.weight)
        losses.append(loss.item())
        layer.weight.data[:] -= lr * gradient
    return layer.weight.detach().reshape(h, w), losses


def learn_kernel_optimizer(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, Tensor]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    windows = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1)
    K = nn.Parameter(5 * torch.randn(h, w, dtype=dtype))
    optimizer = torch.optim.SGD([K], lr=lr)
    losses = torch.zeros(steps, dtype=dtype)
    for step in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss((windows * K).sum(dim=(2, 3)), Y.detach().to(dtype), reduction="sum")
        torch.autograd.backward(loss)
        losses[step] = loss.detach()
        optimizer.step()
    return K, losses


def learn_kernel_by_formula(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    image, target = X.detach().to(dtype)[None, None], Y.detach().to(dtype)[None, None]
    K = torch.empty(1, 1, h, w, dtype=dtype).uniform_(-1, 1)
    losses = []
    for _ in range(steps):
        error = F.conv2d(image, K) - target
        losses.append(float((error * error).sum()))
        K = K - lr * F.conv2d(image, 2 * error)
    return K[0, 0], losses


def learn_kernel_normal_matrix(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    y = Y.detach().to(dtype).reshape(-1)
    G, b = A.T @ A, A.T @ y
    k = torch.rand(h * w, dtype=dtype)
    losses = []
    for _ in range(steps):
        losses.append(torch.dist(A @ k, y).item() ** 2)
        k -= 2 * lr * (G @ k - b)
    return k.reshape(h, w), losses


def learn_kernel_element_by_element(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    H, W = X.shape
    if h > H or w > W:
        raise ValueError("the kernel does not fit into the image")
    if tuple(Y.shape) != (H - h + 1, W - w + 1):
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    X, Y = X.detach().double(), Y.detach().double()
    K = torch.rand(h, w).double() - 0.5
    losses = []
    for _ in range(steps):
        error = -Y
        for a in range(h):
            for b in range(w):
                error = error + K[a, b] * X[a : a + H - h + 1, b : b + W - w + 1]
        losses.append(float(error.pow(2).sum()))
        step = torch.zeros_like(K)
        for a in range(h):
            for b in range(w):
                step[a, b] = 2 * (error * X[a : a + H - h + 1, b : b + W - w + 1]).sum()
        K = K - lr * step
    return K.to(dtype), losses


def learn_kernel_backward(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, Tensor]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("Y is not an output of such a kernel")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    windows = F.unfold(X.detach().to(dtype)[None, None], kernel_size)[0]
    k = torch.randn(h * w, dtype=dtype, requires_grad=True)
    seen = []
    for _ in range(steps):
        k.grad = None
        loss = (k @ windows - Y.detach().to(dtype).flatten()).pow(2).sum()
        torch.autograd.backward(loss)
        with torch.no_grad():
            k -= lr * k.grad  # type: ignore[operator]  # backward has just filled it
        seen.append(loss.detach())
    return k.detach().view(h, w), torch.stack(seen)


def learn_kernel_solved(
    X: Tensor, Y: Tensor, kernel_size: tuple[int, int], lr: float = 3e-2, steps: int = 10
) -> tuple[Tensor, list[float]]:
    h, w = kernel_size
    if tuple(Y.shape) != (X.shape[0] - h + 1, X.shape[1] - w + 1) or min(Y.shape) < 1:
        raise ValueError("shapes")
    dtype = torch.promote_types(torch.result_type(X, Y), torch.float32)
    A = X.detach().to(dtype).unfold(0, h, 1).unfold(1, w, 1).reshape(-1, h * w)
    y = Y.detach().to(dtype).reshape(-1)
    k: Tensor = torch.linalg.pinv(A) @ y
    return k.reshape(h, w), [(A @ k - y).square().sum().item()] * steps


LEARN_KERNEL = Problem(
    name="learn_kernel",
    reference=reference.learn_kernel,
    weights={"values": 2.0, "gradients": 1.0, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=learn_kernel_cases,
    words={
        "values": "the losses and the kernel are those of one descent on the summed error",
        "gradients": "the kernel arrives where right gradients lead",
    },
    misconceptions=(
        Misconception(
            "loss averaged where it is summed",
            edit(
                learn_kernel_by_formula,
                {
                    "(error * error).sum()": "(error * error).mean()",
                    "2 * error": "2 * error / error.numel()",
                },
            ),
            "The squared errors are averaged over the outputs. Loss and gradient are divided by "
            "the number of outputs, so the same learning rate moves the kernel far less.",
            "learning#sum-or-mean",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "an average reported, a sum descended",
            edit(learn_kernel_by_formula, {".sum()": ".mean()"}),
            "The kernel is that of the summed error, but the losses that come back are divided by "
            "the number of outputs. Report the quantity whose gradient is taken.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "losses after the step",
            edit(
                learn_kernel_normal_matrix,
                {
                    "losses.append(torch.dist(A @ k, y).item() ** 2)": "k -= 2 * lr * (G @ k - b)",
                    "k -= 2 * lr * (G @ k - b)": "losses.append(torch.dist(A @ k, y).item() ** 2)",
                },
            ),
            "Each loss is computed once the kernel has moved, so the list starts one step late "
            "and the loss of the random start is missing.",
            "learning#gradient-descent",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the 2 of the square forgotten",
            edit(learn_kernel_by_formula, {"2 * error": "error"}),
            "Each step is half as long as it should be. Differentiate the square again, or let "
            "autograd do it.",
            "learning#squared-error-gradient",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "gradient added instead of subtracted",
            edit(learn_kernel_by_formula, {"K - lr": "K + lr"}),
            "The losses grow from the first step on, at any learning rate: the gradient points to "
            "where the loss rises.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "gradients left to pile up",
            edit(learn_kernel_backward, {"        k.grad = None\n": ""}),
            "The first step is right and every later one too long: backward() adds to what "
            "`.grad` already holds.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "the kernel before the last step",
            edit(
                learn_kernel_by_formula,
                {"        error": "        before = K\n        error", "return K": "return before"},
            ),
            "The losses are right, but the kernel that comes back has taken one step too few.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "a bias learned beside the kernel",
            edit(
                learn_kernel_by_formula,
                {
                    "losses = []": "losses, bias = [], 0.0",
                    "- target": "+ bias - target",
                    "        K = K": "        bias = bias - lr * 2 * error.sum()\n        K = K",
                },
            ),
            "A constant that is not returned explains part of the output. `nn.Conv2d` has a bias "
            "unless told otherwise.",
            "learning#with-a-bias",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "learning by strict convolution",
            edit(
                learn_kernel_by_formula,
                {
                    "(image, K)": "(image, K.flip(2, 3))",
                    "(image, 2 * error)": "(image, 2 * error).flip(2, 3)",
                },
            ),
            "The kernel comes back rotated by half a turn: the forward pass flips it, so it "
            "learns the flip of the right kernel.",
            "flipping#definition",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "fewer losses than steps",
            edit(
                learn_kernel_by_formula,
                {"for _": "for i", "        losses": "        if i % 2:\n            losses"},
            ),
            "There is not a loss for every step: they are kept every second step only, printed, or "
            "not collected. The loss before every step is asked for.",
            "learning#gradient-descent",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "rate and steps hard-coded",
            edit(learn_kernel_by_formula, {"range(steps)": "range(10)", "- lr *": "- 3e-2 *"}),
            "The result does not change with `lr` and `steps`; it is always that of the default "
            "rate and ten steps.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "a start that is not random",
            edit(learn_kernel_by_formula, {"empty(": "zeros(", ".uniform_(-1, 1)": ""}),
            "All elements start out equal. That does no harm here, where the loss is a single "
            "bowl, but the task asks for a random start.",
            "learning#what-descent-finds",
            frozenset({"values"}),
        ),
        Misconception(
            "the same start at every call",
            edit(
                learn_kernel_by_formula,
                {"    K = torch": "    torch.manual_seed(0)\n    K = torch"},
            ),
            "Two calls with the same image and output have the same first loss: the start is "
            "drawn from a fixed seed, so it is random only once.",
            "learning#what-descent-finds",
            frozenset({"values"}),
        ),
        Misconception(
            "solving where descending is asked",
            learn_kernel_solved,
            "The kernel is that of the closed form and the losses never fall: no step was taken. "
            "Descend from a random start.",
            "learning#least-squares-kernel",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "always float32",
            edit(
                learn_kernel_by_formula,
                {"promote_types(torch.result_type(X, Y), torch.float32)": "float32"},
            ),
            "A layer's parameters are float32 unless told otherwise, and float64 images lose half "
            "their digits on the way in.",
            "learning#gradient-descent",
            frozenset({"types"}),
        ),
        Misconception(
            "shapes not compared",
            edit(
                learn_kernel_by_formula,
                {'raise ValueError("Y is not an output of such a kernel")': "pass"},
            ),
            "An output of another shape is stretched over the prediction by broadcasting, and the"
            " loss compares elements that do not belong together.",
            "learning#learning-pairs",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            edit(
                learn_kernel_by_formula,
                {"return K": "Y.data.copy_(F.conv2d(image, K)[0, 0])\n    return K"},
            ),
            "The call changed the values of the output to match.",
            "learning#gradient-descent",
            frozenset({"untouched"}),
        ),
        precision_lost(
            edit(
                learn_kernel_by_formula,
                {
                    "X.detach().to(dtype)": "X.detach().float()",
                    "Y.detach().to(dtype)": "Y.detach().float()",
                    "h, w, dtype=dtype)": "h, w)",
                    "return K[0, 0], losses": "return K[0, 0].to(dtype), losses",
                },
            )
        ),
        Misconception(
            "half the squared error",
            edit(
                learn_kernel_by_formula,
                {
                    "float((error * error).sum())": "float((error * error).sum() / 2)",
                    "2 * error": "error",
                },
            ),
            "Losses are halved, and steps with them. The task asks for the summed squared "
            "error itself.",
            "learning#sum-or-mean",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "losses halved",
            edit(
                learn_kernel_by_formula,
                {"float((error * error).sum())": "float((error * error).sum() / 2)"},
            ),
            "The steps are those of the summed squared error, but the losses that come back "
            "are half of it.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the root of the squared error",
            edit(
                learn_kernel_by_formula,
                {"float((error * error).sum())": "float((error * error).sum().sqrt())"},
            ),
            "The losses are lengths of the error: a root was taken. The task asks for the sum "
            "of squares.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a loss more than steps",
            edit(
                learn_kernel_by_formula,
                {
                    "return K[0, 0], losses": (
                        "return K[0, 0], [*losses, float((F.conv2d(image, K) - "
                        "target).square().sum())]"
                    ),
                },
            ),
            "The loss after the last step is reported, too. There is one loss for each step: "
            "the one before it.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "losses as tensors",
            edit(
                learn_kernel_by_formula, {"float((error * error).sum())": "(error * error).sum()"}
            ),
            "The losses are a list of tensors. `.item()` or `float` makes a number of each.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "losses before the kernel",
            edit(learn_kernel_by_formula, {"return K[0, 0], losses": "return losses, K[0, 0]"}),
            "The losses come first. The task asks for (K, losses).",
            "learning#sum-or-mean",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "a kernel of another shape",
            edit(learn_kernel_by_formula, {"return K[0, 0]": "return K"}),
            "The kernel does not have the shape (h, w): axes of `F.conv2d` are left over, or "
            "it is still a column of numbers.",
            "learning#sum-or-mean",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the rate left at its default",
            edit(learn_kernel_by_formula, {"lr * F.conv2d(image": "0.03 * F.conv2d(image"}),
            "Steps are those of the default rate, whatever rate is given.",
            "learning#sum-or-mean",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "the number of steps left at its default",
            edit(learn_kernel_by_formula, {"range(steps)": "range(10)"}),
            "Ten steps are taken, however many are asked for.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
    ),
    right=(
        learn_kernel_layer,
        learn_kernel_optimizer,
        learn_kernel_by_formula,
        learn_kernel_normal_matrix,
        learn_kernel_element_by_element,
        learn_kernel_backward,
    ),
)

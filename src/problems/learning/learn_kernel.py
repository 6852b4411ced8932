"""Gradient descent to a kernel, from a random start.

A descent starts anywhere, so no two right answers agree. But the kernel after the last step is an
affine function of the one before the first: from what came back, the start follows, and with
it every loss. The judges below hold an answer to its own start, whatever that was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from convolutions import learning as reference
from convolutions.correlation import Pair, common_float, corr2d, im2col
from nbexaminer.problems.problem import (
    Call,
    Case,
    Judge,
    Misconception,
    Problem,
    Reply,
    Vague,
    edit,
    wrong_dtype,
)
from problems.inputs import numbers, precision_lost, strided, transposed
from problems.learning.shared import bars, contradictions, output

ROUNDING = {torch.float64: 1e-8}
DEFAULT_RATE = 3e-2
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
        self, starts: Tensor, *, scale: float = 1.0, kept: float = 0.0, bias: Tensor | None = None
    ) -> tuple[list[Tensor], Tensor]:
        """Return the kernels before each step and after the last, and the loss of each.

        Parameters
        ----------
        starts : Tensor of shape (elements, runs)
            One start a column.
        scale : float
            What the gradient is multiplied with.
        kept : float
            The share of the last step's gradients that is added to each gradient: 1 piles all up.
        bias : Tensor of shape (runs,), optional
            Learn a bias too, from this start.
        """
        k, u, pile = starts, bias, torch.zeros_like(starts)
        kernels, losses = [], []
        for _ in range(self.steps + 1):
            error = self.A @ k - self.y[:, None] + (0 if u is None else u)
            kernels.append(k)
            losses.append(error.square().sum(dim=0))
            pile = kept * pile + 2 * scale * self.A.T @ error
            k = k - self.lr * pile
            u = None if u is None else u - self.lr * 2 * error.sum(dim=0)
        return kernels, torch.stack(losses)

    def losses_towards(self, k: Tensor, *, end: int = -1, **ways: Any) -> tuple[Tensor, Tensor]:
        """Return the start from which the descent passes `k` at step `end`, and all its losses."""
        probes = torch.cat([torch.zeros(len(k), 1), torch.eye(len(k))], dim=1).double()
        passed = self.run(probes, **ways)[0][end]
        slope, offset = passed[:, 1:] - passed[:, :1], passed[:, 0]
        start = torch.linalg.pinv(slope) @ (k - offset)
        return start, self.run(start[:, None], **ways)[1][:, 0]

    def losses_with_bias(self, k: Tensor, first: Tensor) -> list[Tensor]:
        """Return the losses on the ways to `k` beside a learned bias, of which the first is given.

        The start is an affine function of that of the bias, which the first loss leaves two values.
        """
        A = torch.cat([self.A, torch.ones(len(self.A), 1).double()], dim=1)
        wide = replace(self, A=A)
        probes = torch.cat([torch.zeros(len(k) + 1, 1), torch.eye(len(k) + 1)], dim=1).double()
        passed = wide.run(probes)[0][-1][:-1]
        slope, offset = passed[:, 1:] - passed[:, :1], passed[:, 0]
        inverse = torch.linalg.pinv(slope[:, :-1])
        from_zero = torch.cat([inverse @ (k - offset), torch.zeros(1).double()])
        along = torch.cat([-inverse @ slope[:, -1], torch.ones(1).double()])
        error, change = A @ from_zero - self.y, A @ along
        middle = -(error @ change) / (change @ change)
        least = (error + middle * change).square().sum()
        width = ((first - least).clamp(min=0) / (change @ change)).sqrt()
        starts = [from_zero + (middle + side * width) * along for side in (1, -1)]
        return [wide.run(start[:, None])[1][:-1, 0] for start in starts]


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
            return wrong_count(losses, descent.steps)
        if not (torch.isfinite(K).all() and torch.isfinite(losses).all()):
            return "some values are infinite or not numbers"
        tolerance = max(ROUNDING.get(t.dtype, COARSE) for t in (K, losses))
        return unlike_the_descent(descent, K.double(), losses.double(), tolerance)

    return judge


def wrong_count(losses: Tensor, steps: int) -> str | None:
    """Return whether there are more or fewer losses than steps, in words, or None."""
    if len(losses) == steps:
        return None
    return f"there are {'more' if len(losses) > steps else 'fewer'} losses than steps"


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
    if type(losses) is float:
        return "the losses are a single number"
    if isinstance(losses, list) and any(isinstance(loss, Tensor) for loss in losses):
        return "the losses are a list of tensors"
    if not isinstance(losses, list) or not all(type(loss) is float for loss in losses):
        return Vague("the losses are neither a list of floats nor a one-dimensional tensor")
    return torch.tensor(losses, dtype=torch.float64)


def unlike_the_descent(descent: Descent, K: Tensor, losses: Tensor, tolerance: float) -> str | None:
    """Return None where K and losses fit the descent; else the descent they do fit, in words."""

    def fits(reported: Tensor) -> bool:
        allowed = tolerance * reported + 0.01 * tolerance * reported.abs().max()
        if reported is not asked:  # losses that hardly change are like those of many short steps
            change = reported.max() - reported.min()
            allowed = allowed.clamp(max=0.01 * float(change) + 1e-6 * float(reported.max()))
        finite = bool(reported.isfinite().all())
        return finite and bool(((losses - reported).abs() <= allowed).all())

    k = K.reshape(-1)
    start, whole = descent.losses_towards(k)
    asked = whole[:-1]
    if fits(asked):
        if not start.abs().max() <= LARGEST_START * (1 + tolerance):
            return "the start is larger than the task allows"
        return unlike_a_random_start(descent, start, whole[0], float(k.abs().max()))
    if len(losses) > 1 and losses.max() - losses.min() <= 1e-6 * losses.max():
        return "the losses are all the same"
    named = (name for name, reported in other_descents(descent, K, whole) if fits(reported))
    found = next(named, None)
    if found is None and any(map(fits, descent.losses_with_bias(k, losses[0]))):
        found = "a bias is learned too"
    return found or Vague("the kernel and the losses do not belong to one descent")


def other_descents(descent: Descent, K: Tensor, whole: Tensor) -> Iterator[tuple[str, Tensor]]:
    """Yield what is often done instead, in words, and the losses that it leads to `K` with.

    `whole` holds those of the descent asked for, the one after the last step included.
    """
    n, k = len(descent.y), K.reshape(-1)

    def losses(k: Tensor, descent: Descent = descent, **ways: Any) -> Tensor:
        return descent.losses_towards(k, **ways)[1][:-1]

    yield "each loss is that after its step", whole[1:]
    yield "the losses, but not the steps, are those of an average", whole[:-1] / n
    averaged, halved = losses(k, scale=1 / n), losses(k, scale=0.5)
    yield "the steps are those of an averaged error", averaged / n
    yield "the steps, but not the losses, are those of an averaged error", averaged
    yield "the steps are half as long as the gradient says", halved
    yield "each loss is half of the squared error", whole[:-1] / 2
    yield "losses and steps are those of half the squared error", halved / 2
    yield "each loss is the root of the squared error", whole[:-1].sqrt()
    yield "the steps go uphill", losses(k, scale=-1.0)
    yield "the kernel is the one before the last step", losses(k, end=-2)
    yield "gradients pile up from step to step", losses(k, kept=1.0)
    yield "the steps have momentum", losses(k, kept=0.9)
    yield "the kernel is upside down and mirrored", losses(K.flip(0, 1).reshape(-1))
    yield "the rate is the default one", losses(k, replace(descent, lr=DEFAULT_RATE))


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
        if bool(difference <= 1e-3 * best.abs().max()):
            return None
        return uneven_step(descent, *reply.value) or Vague(
            "the steps do not lead to the kernel of least error"
        )

    return judge


def uneven_step(descent: Descent, K: Tensor, losses: Any) -> str | None:
    """Return what is told of a single step as long as the rate says, whatever the gradient."""
    losses, k = as_losses(losses), K.detach().double().reshape(-1)
    if isinstance(losses, str) or descent.steps != 1 or losses.shape != (1,):
        return None
    gradient = descent.A.T @ (descent.A @ k - descent.y)  # of an image on which no element turns
    for words, direction in (
        ("every element moves as far as every other", gradient.sign()),
        ("every element moves as far as every other", 10 * gradient.sign()),  # RMSprop's first step
        ("the step is as long as the rate", gradient / gradient.norm()),
    ):
        start = k + descent.lr * direction
        first = (descent.A @ start - descent.y).square().sum()
        if bool((losses[0] - first).abs() <= 1e-5 * first):
            return words
    return None


def goes_on(descent: Descent, size: Pair) -> Judge:
    """Return the judge of a descent that has arrived long before its last step."""

    def judge(reply: Reply, expected: Reply) -> str | None:
        wrong = arrives(descent, size)(reply, expected)
        losses = wrong or as_losses(reply.value[1])
        return losses if isinstance(losses, str) else wrong_count(losses, descent.steps)

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
    lr, steps = rate or (DEFAULT_RATE, 10)
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
    X, lr = pinpricks(g)
    Y = corr2d(X, numbers(g, 2, 3))
    examines = "an output that a kernel gives, and more steps than are needed"
    exact = descent_case("values", examines, X, Y, (2, 3), (lr, 5), goes_on)
    yield replace(exact, trivial=True)  # the closed form, by which no step is taken, gets it right
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
            "steps of an average, losses of a sum",
            edit(learn_kernel_by_formula, {"2 * error": "2 * error / error.numel()"}),
            "The losses are sums of squares, but each step follows the gradient of their average "
            "and is too short.",
            "learning#sum-or-mean",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "momentum",
            edit(learn_kernel_optimizer, {"lr=lr)": "lr=lr, momentum=0.9)"}),
            "Each step goes on in the direction of those before it. A step of gradient descent "
            "is the rate times the gradient where the kernel is now, and nothing else.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "another optimizer than gradient descent",
            edit(learn_kernel_optimizer, {"optim.SGD([K]": "optim.Adam([K]"}),
            "Every element moves about as far as every other in a step, as by Adam, Adagrad or "
            "RMSprop, or by the gradient's signs. A step is the rate times the gradient: "
            "`torch.optim.SGD`.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the gradient cut to length 1",
            edit(
                learn_kernel_by_formula,
                {"F.conv2d(image, 2 * error)": "F.normalize(F.conv2d(image, error), dim=(2, 3))"},
            ),
            "Every step is as long as the rate: the gradient was normalized or clipped. A step is "
            "the rate times the gradient, however long that is.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "a bias learned beside the kernel, from a random start",
            edit(
                learn_kernel_by_formula,
                {
                    "losses = []": "losses, bias = [], torch.rand((), dtype=dtype)",
                    "- target": "+ bias - target",
                    "        K = K": "        bias = bias - lr * 2 * error.sum()\n        K = K",
                },
            ),
            "A constant that is not returned explains part of the output. `nn.Conv2d` has a bias "
            "unless told otherwise.",
            "learning#with-a-bias",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "no step is taken",
            edit(learn_kernel_by_formula, {"K - lr": "K - 0.0 * lr"}),
            "All losses are the same: the kernel never moves. A step that is computed has to be "
            "written back into the kernel that the next loss is computed with.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "only the last loss",
            edit(learn_kernel_by_formula, {"return K[0, 0], losses": "return K[0, 0], losses[-1]"}),
            "A single number comes back. The task asks for the loss before every step.",
            "learning#gradient-descent",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "a descent that stops early",
            edit(
                learn_kernel_by_formula,
                {
                    "        K = K": (
                        "        if losses[-1] < 1e-3:\n            break\n        K = K"
                    ),
                },
            ),
            "The descent ends once the error is small enough, and losses are missing. The task "
            "asks for as many steps as are given, and for a loss before each.",
            "learning#gradient-descent",
            frozenset({"values"}),
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

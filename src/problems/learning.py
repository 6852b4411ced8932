"""Problems of the chapter on learning: `learn_kernel`, `solve_kernel`, `largest_stable_lr`.

A descent starts anywhere, so no two right answers agree. But the kernel after the last step is an
affine function of the one before the first: from what came back, the start follows, and with
it every loss. The judges below hold an answer to its own start, whatever that was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.problems.problem import Call, Case, Judge, Misconception, Problem, Reply
from convolutions import learning as reference
from convolutions.correlation import Pair, common_float, im2col
from problems.inputs import numbers, strided, transposed
from problems.right import learning as right
from problems.twins import learning as twins

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
            return "there are not as many losses as steps"
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
        return "the kernel has the wrong dtype"
    return None


def as_losses(losses: Any) -> Tensor | str:
    """Return a list of floats or a 1-D floating tensor as a tensor, or what is wrong with it."""
    if isinstance(losses, Tensor):
        fits = losses.ndim == 1 and losses.is_floating_point()
        return losses if fits else "the losses are a tensor, but not a 1-D floating one"
    if not isinstance(losses, list) or not all(type(loss) is float for loss in losses):
        return "the losses are neither a list of floats nor a 1-D tensor"
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


def output(generator: Generator, X: Tensor, size: Pair, dtype: torch.dtype | None = None) -> Tensor:
    """Draw an output of the shape that a kernel of this size gives on `X`; no kernel fits it.

    It is far from zero on average, so that a bias shows.
    """
    shape = (X.shape[0] - size[0] + 1, X.shape[1] - size[1] + 1)
    return numbers(generator, *shape, dtype=dtype or X.dtype, low=0)


def bars(generator: Generator, largest: int = 9) -> Tensor:
    """Return an image of equal rows, drawn: it cannot tell the rows of a kernel apart."""
    return numbers(generator, 1, 9, low=-largest, high=largest).repeat(6, 1)


def pinpricks(generator: Generator) -> tuple[Tensor, float]:
    """Return an image of two lone points, and the rate at which one step is enough for any kernel.

    Every window of up to 2×3 pixels holds one point at most, so AᵀA is a multiple of the identity.
    """
    X = torch.zeros(6, 9)
    X[2, 2], X[3, 6] = numbers(generator, 2, low=5).unbind()  # far from the default rate
    return X, float(1 / (2 * X.square().sum()))


def whatever_came_back(reply: Reply, expected: Reply) -> str | None:
    """Say nothing: where an error is due, random values that come back instead are all alike."""
    return None


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
        ("an integer image and a float64 output", torch.int32, torch.float64),
    ):
        X = shades(g, 6, 7, dtype=x)
        Y = output(g, X, (3, 2), y)
        yield descent_case("types", examines, X, Y, (3, 2), (gentle(X, (3, 2)), 5))
    X, Y = transposed(shades(g, 7, 6)), strided(numbers(g, 6, 4, low=0))
    rate = (gentle(X, (2, 3)), 5)
    examines = "non-contiguous inputs that require gradients"
    X, Y = X.requires_grad_(), Y.requires_grad_()
    yield descent_case("types", examines, X, Y, (2, 3), rate)


def contradictions(g: Generator, rate: tuple[float, int] | None = None) -> Iterable[Case]:
    """Draw calls whose shapes contradict each other."""
    options = {"lr": rate[0], "steps": rate[1]} if rate else {}
    for examines, image, result, size in (
        ("an output of the image's shape", (6, 8), (6, 8), (1, 2)),
        ("an output of one row only", (6, 8), (1, 7), (1, 2)),
        ("an output with height and width exchanged", (6, 8), (7, 6), (1, 2)),
        ("an output of one element", (5, 7), (1, 1), (2, 3)),
        ("a kernel taller than the image", (3, 6), (1, 5), (4, 2)),
        ("a kernel wider than the image", (6, 3), (5, 1), (2, 4)),
    ):
        arguments = (numbers(g, *image), numbers(g, *result), size)
        judge = whatever_came_back if rate else None
        yield Case("errors", examines, Call(arguments, options), judge=judge)


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
            twins.learn_kernel_averaged,
            "The squared errors are averaged over the outputs. Loss and gradient are divided by "
            "the number of outputs, so the same learning rate moves the kernel far less.",
            "learning#sum-or-mean",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "an average reported, a sum descended",
            twins.learn_kernel_mean_reported,
            "The kernel is that of the summed error, but the losses that come back are divided by "
            "the number of outputs. Report the quantity whose gradient is taken.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "losses after the step",
            twins.learn_kernel_after,
            "Each loss is computed once the kernel has moved, so the list starts one step late "
            "and the loss of the random start is missing.",
            "learning#gradient-descent",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the 2 of the square forgotten",
            twins.learn_kernel_half_gradient,
            "Each step is half as long as it should be. Differentiate the square again, or let "
            "autograd do it.",
            "learning#squared-error-gradient",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "gradient added instead of subtracted",
            twins.learn_kernel_uphill,
            "The losses grow from the first step on, at any learning rate: the gradient points to "
            "where the loss rises.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "gradients left to pile up",
            twins.learn_kernel_accumulated,
            "The first step is right and every later one too long: backward() adds to what "
            "`.grad` already holds.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "the kernel before the last step",
            twins.learn_kernel_before_last_step,
            "The losses are right, but the kernel that comes back has taken one step too few.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "a bias learned beside the kernel",
            twins.learn_kernel_with_bias,
            "A constant that is not returned explains part of the output. `nn.Conv2d` has a bias "
            "unless told otherwise.",
            "learning#with-a-bias",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "learning by strict convolution",
            twins.learn_kernel_flipped,
            "The kernel comes back rotated by half a turn: the forward pass flips it, so it "
            "learns the flip of the right kernel.",
            "flipping#definition",
            frozenset({"values", "gradients", "types", "errors", "untouched"}),
        ),
        Misconception(
            "a loss every second step only",
            twins.learn_kernel_every_second,
            "Printing every second loss is fine for a log. Here the loss before every step "
            "is asked for.",
            "learning#gradient-descent",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "rate and steps hard-coded",
            twins.learn_kernel_hard_coded,
            "The result does not change with `lr` and `steps`; it is always that of the default "
            "rate and ten steps.",
            "learning#gradient-descent",
            frozenset({"values", "gradients", "types"}),
        ),
        Misconception(
            "a start that is not random",
            twins.learn_kernel_zeros,
            "All elements start out equal. That does no harm here, where the loss is a single "
            "bowl, but the task asks for a random start.",
            "learning#what-descent-finds",
            frozenset({"values"}),
        ),
        Misconception(
            "the same start at every call",
            twins.learn_kernel_seeded,
            "Two calls with the same image and output have the same first loss: the start is "
            "drawn from a fixed seed, so it is random only once.",
            "learning#what-descent-finds",
            frozenset({"values"}),
        ),
        Misconception(
            "solving where descending is asked",
            twins.learn_kernel_solved,
            "The kernel is that of the closed form and the losses never fall: no step was taken. "
            "Descend from a random start.",
            "learning#least-squares-kernel",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "always float32",
            twins.learn_kernel_float32,
            "A layer's parameters are float32 unless told otherwise, and float64 images lose half "
            "their digits on the way in.",
            "learning#gradient-descent",
            frozenset({"types"}),
        ),
        Misconception(
            "shapes not compared",
            twins.learn_kernel_broadcast,
            "An output of another shape is stretched over the prediction by broadcasting, and the"
            " loss compares elements that do not belong together.",
            "learning#learning-pairs",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            twins.learn_kernel_in_place,
            "The call changed the values of the output to match.",
            "learning#gradient-descent",
            frozenset({"untouched"}),
        ),
    ),
    right=(
        right.learn_kernel_layer,
        right.learn_kernel_optimizer,
        right.learn_kernel_by_formula,
        right.learn_kernel_normal_matrix,
        right.learn_kernel_element_by_element,
        right.learn_kernel_backward,
    ),
)


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
        ("an integer image and a float64 output", torch.int32, torch.float64),
    ):
        X = numbers(g, 8, 7, dtype=x)
        yield solve_case("types", examines, X, output(g, X, (3, 2), y), (3, 2))
    X, Y = transposed(numbers(g, 7, 8)), strided(numbers(g, 6, 6))
    examines = "non-contiguous inputs that require gradients"
    yield solve_case("types", examines, X.requires_grad_(), Y.requires_grad_(), (2, 3))
    yield from contradictions(g)


SOLVE_KERNEL = Problem(
    name="solve_kernel",
    reference=reference.solve_kernel,
    weights={"shape": 0.5, "values": 1.5, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=solve_kernel_cases,
    misconceptions=(
        Misconception(
            "inverting a matrix that has no inverse",
            twins.solve_kernel_normal_equations,
            "If several kernels fit equally well, AᵀA is singular: solving the normal equations "
            "fails or returns rounding noise.",
            "learning#kernel-not-unique",
            frozenset({"shape", "values"}),
        ),
        Misconception(
            "a ridge added to make it invertible",
            twins.solve_kernel_ridge,
            "Adding a multiple of the identity makes the matrix invertible and pulls every kernel "
            "toward zero: the result no longer has the least error.",
            "learning#least-squares-kernel",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the fewest elements instead of the least norm",
            twins.solve_kernel_fewest_elements,
            "The kernel fits, and elements that are not needed are zero. Among the kernels that "
            "fit, another one has a smaller norm.",
            "learning#kernel-not-unique",
            frozenset({"values"}),
        ),
        Misconception(
            "descent stopped early",
            twins.solve_kernel_stopped_early,
            "The kernel is on its way to the answer, but some directions are slow, and the "
            "descent ends before the error along them is gone.",
            "learning#ill-conditioned-images",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "column-major order of the elements",
            twins.solve_kernel_column_major,
            "The numbers are right but in the wrong places: the windows' pixels are laid out row "
            "by row, the kernel's elements column by column.",
            "correlation#im2col-matrix",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "learning by strict convolution",
            twins.solve_kernel_flipped,
            "The kernel comes back rotated by half a turn: it is the one for strict convolution, "
            "not for cross-correlation.",
            "flipping#definition",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "height and width swapped",
            twins.solve_kernel_swapped,
            "The kernel has the right elements in the shape (width, height).",
            "learning#kernel-as-vector",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "a bias learned beside the kernel",
            twins.solve_kernel_with_bias,
            "Part of the output is explained by a constant, and the kernel is that of the rest.",
            "learning#with-a-bias",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "always float32",
            twins.solve_kernel_float32,
            "float64 inputs come back as float32: half of their digits are gone.",
            "learning#least-squares-kernel",
            frozenset({"types"}),
        ),
        Misconception(
            "shapes not compared",
            twins.solve_kernel_flattened_only,
            "Flattening an output hides its shape: one with height and width swapped has the "
            "right number of elements, but in a meaningless order.",
            "learning#learning-pairs",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            twins.solve_kernel_in_place,
            "The call changed the values of the output to match.",
            "learning#least-squares-kernel",
            frozenset({"untouched"}),
        ),
    ),
    right=(
        right.solve_kernel_svd,
        right.solve_kernel_lstsq,
        right.solve_kernel_pinv,
        right.solve_kernel_pinv_of_normal_matrix,
        right.solve_kernel_eigenvectors,
        right.solve_kernel_gram_schmidt,
    ),
)


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
        ("non-contiguous input that requires gradients",
         strided(numbers(g, 5, 8)).requires_grad_()),
    ):  # fmt: skip
        yield Case("types", examines, Call((X, (2, 3))))
    for examines, shape, size in (
        ("a kernel taller than the image", (3, 6), (4, 2)),
        ("a kernel wider than the image", (6, 3), (2, 4)),
    ):
        yield Case("errors", examines, Call((numbers(g, *shape), size)))


LARGEST_STABLE_LR = Problem(
    name="largest_stable_lr",
    reference=reference.largest_stable_lr,
    weights={"shape": 0.25, "values": 1.75, "types": 0.5, "errors": 0.25, "untouched": 0.25},
    draw=largest_stable_lr_cases,
    misconceptions=(
        Misconception(
            "loss averaged where it is summed",
            twins.largest_stable_lr_averaged,
            "The bound is that of the averaged squared error, larger by the number of outputs. "
            "Descent on the sum diverges at it.",
            "learning#sum-or-mean",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the 2 of the square forgotten",
            twins.largest_stable_lr_no_factor_two,
            "The bound is twice too large: the second derivative of the squared error is twice "
            "the matrix whose eigenvalue was taken.",
            "learning#stable-learning-rate",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the rate up to which errors keep their sign",
            twins.largest_stable_lr_halved,
            "At this rate one step removes the error along the steepest direction. Slightly "
            "beyond it the error changes sign at each step, but still shrinks.",
            "learning#stable-learning-rate",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "singular value taken for eigenvalue",
            twins.largest_stable_lr_singular_value,
            "The eigenvalues of AᵀA are the squares of the singular values of A.",
            "learning#stable-learning-rate",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "the smallest eigenvalue",
            twins.largest_stable_lr_smallest,
            "The flattest direction allows the longest steps. Descent diverges as soon as the "
            "steepest one does.",
            "learning#stable-learning-rate",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the sum of the eigenvalues for the largest",
            twins.largest_stable_lr_trace,
            "The trace is safe, because it is never less than the largest eigenvalue. It is not "
            "the bound: larger rates are stable too.",
            "learning#stable-learning-rate",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "row sums for the largest eigenvalue",
            twins.largest_stable_lr_row_sums,
            "The largest row sum of magnitudes is never less than the largest eigenvalue, so "
            "the rate is safe. It is not the bound: larger rates are stable too.",
            "learning#stable-learning-rate",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the fastest rate for the largest",
            twins.largest_stable_lr_fastest,
            "This rate makes the slowest direction as fast as possible. It lies below the bound, "
            "unless the image does not see some direction at all.",
            "learning#fastest-learning-rate",
            frozenset({"values", "types"}),
        ),
        Misconception(
            "the image in place of its windows",
            twins.largest_stable_lr_image_itself,
            "The matrix is made of the image's rows. The one that multiplies the kernel has the "
            "image's windows as rows.",
            "learning#kernel-as-vector",
            frozenset({"values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "a tensor in place of a number",
            twins.largest_stable_lr_tensor,
            "A rate is a Python float; a tensor with one element is still a tensor.",
            "learning#stable-learning-rate",
            frozenset({"shape", "values", "types", "errors", "untouched"}),
        ),
        Misconception(
            "integer overflow (`uint8`)",
            twins.largest_stable_lr_overflow,
            "Products of 8-bit pixels do not fit into 8 bits and wrap around.",
            "learning#kernel-as-vector",
            frozenset({"types"}),
        ),
        Misconception(
            "a kernel that does not fit is cut",
            twins.largest_stable_lr_any_size,
            "A kernel larger than the image has no window at all; do not substitute a smaller "
            "kernel.",
            "learning#learning-pairs",
            frozenset({"errors"}),
        ),
        Misconception(
            "input changed in place",
            twins.largest_stable_lr_in_place,
            "The call changed the values of the image.",
            "learning#stable-learning-rate",
            frozenset({"untouched"}),
        ),
    ),
    right=(
        right.largest_stable_lr_svd,
        right.largest_stable_lr_power_iteration,
        right.largest_stable_lr_hessian,
        right.largest_stable_lr_loops,
        right.largest_stable_lr_shifted_images,
        right.largest_stable_lr_norm,
    ),
)

PROBLEMS = (LEARN_KERNEL, SOLVE_KERNEL, LARGEST_STABLE_LR)

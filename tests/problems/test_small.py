"""Small inputs on which the bank's wrong answers show: enough, small, right, and never hidden."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.signal
import torch
from bank import examples
from torch import Tensor, nn
from torch.nn import functional as F

from nbexaminer.problems import showing
from nbexaminer.problems.calls import Call, Made, ModuleCall, perform
from nbexaminer.problems.compare import identical
from nbexaminer.problems.counterexample import Counterexample, _bare
from nbexaminer.problems.problem import Problem, difference
from problems import bank

pytestmark = pytest.mark.slow

PROBLEMS = {problem.name: problem for problems in bank().values() for problem in problems}
GIVEN_AWAY = {  # a constant, or what follows from one or two examples; and what begins at random
    *("edge_kernels", "second_derivative_kernel", "directional_kernel", "parameter_counts"),
    *("layer_costs", "kernel_learned_by_convolution", "learn_kernel"),
}
NAMES = {"torch": torch, "nn": nn, "F": F}
SEEDS = range(11, 31)
EVERY = 5  # of the wrong answers; `make bank` and the campaign take all


@pytest.fixture(scope="module")
def found() -> dict[str, list[Counterexample]]:
    """Return what is shown to every fifth wrong answer of the bank, where it is recognized."""
    return {
        p.name: [e for m in p.misconceptions[::EVERY] if (e := p.counterexample(m.wrong_answer, m))]
        for p in examples.with_small()
    }


def test_all_but_what_would_be_given_away_declare_small_inputs() -> None:
    """A constant or a formula that an example tells is shown nothing."""
    assert {name for name, p in PROBLEMS.items() if not p.small} == GIVEN_AWAY


@pytest.mark.campaign
def test_nearly_all_wrong_answers_are_shown_a_small_input() -> None:
    """95 in 100 at least; six numbers in the median, 30 at most."""
    assert examples.faults(map(examples.measure, examples.with_small())) == []


def test_what_is_shown_is_small(found: dict[str, list[Counterexample]]) -> None:
    """Six numbers in the median, 30 at most; hardly any wrong answer is shown none."""
    sizes = [example.size for some in found.values() for example in some]
    wrong_answers = sum(len(PROBLEMS[name].misconceptions[::EVERY]) for name in found)

    assert len(sizes) >= 0.9 * wrong_answers
    assert statistics.median(sizes) <= 6
    assert max(sizes) <= 30


def test_what_is_asked_is_small() -> None:
    """No small case has more than twenty numbers, whatever is shown of it."""
    cases = [p.small_cases for p in examples.with_small()]

    assert max(probe.price[0] for some in cases if some for probe in some.probes) <= 20


def test_right_answers_are_shown_nothing() -> None:
    """Neither the reference nor any other method of the bank."""
    right = [(p, a) for p in examples.with_small() for a in (p.reference, *p.right)]

    assert [answer for problem, answer in right if problem.counterexample(answer)] == []


def test_nothing_that_is_shown_is_a_hidden_input(found: dict[str, list[Counterexample]]) -> None:
    """No case of twenty hidden seeds equals a call that is shown, or that an answer is asked."""
    for name, some in found.items():
        problem = PROBLEMS[name]
        assert problem.small_cases is not None
        probes = [probe.case.call for probe in problem.small_cases.probes]
        calls = [_bare(call) for call in (*probes, *(e.found.case.call for e in some))]
        for seed in SEEDS:
            hidden = [_bare(case.call) for case in problem.cases(seed)]
            assert [c for c in calls if any(identical(c, h) for h in hidden)] == [], name


def test_what_is_shown_does_not_depend_on_the_inputs_that_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Small cases are drawn from the problem's name, with whatever else is drawn."""
    problem = PROBLEMS["corr2d"]
    outcomes = [
        problem.examine(problem.misconceptions[3].wrong_answer, seed=seed) for seed in SEEDS[:2]
    ]
    shown = [
        showing.facts(e)
        for o in outcomes
        if (e := problem.counterexample(problem.misconceptions[3].wrong_answer, o.misconception))
    ]

    assert len(shown) == 2 and shown[0] == shown[1]


def test_lines_can_be_pasted_into_the_notebook(found: dict[str, list[Counterexample]]) -> None:
    """What is pasted gives what is said to be expected, where the answer is the right one."""
    for name, some in found.items():
        for example in some:
            call = example.found.case.call
            line = showing.source(name, call)
            if isinstance(call, ModuleCall) or example.expected.failed:
                continue
            value = eval(line, {**NAMES, name: PROBLEMS[name].reference})
            wrong = difference(value, example.expected.value, terms=9, magnitude=9.0)

            assert wrong is None, line


def test_an_explorer_gets_what_it_can_show(found: dict[str, list[Counterexample]]) -> None:
    """Image and kernel, or layers, as its links hold them."""
    small = PROBLEMS["conv2d_general"].small
    assert small is not None
    call = Call((torch.tensor([[1.0, -2.0]]), torch.tensor([[3.0]])), {"stride": 2})

    assert small.explorer(call) == (
        "correlation#window-stepper?height=1&width=2&kernel_height=1&kernel_width=1"
        "&X=1,-2&K=3&stride=2"
    )
    assert small.explorer(Call(call.args, {"stride": (1, 2)})) == ""
    shown = {p: {showing.facts(e)["explorer"].split("?")[0] for e in some}
             for p, some in found.items()}  # fmt: skip
    assert shown["flip"] == {"flipping#flip-explorer"}
    assert shown["input_region"] == {"receptive_fields#receptive-field-builder"}


# --- expected values against other oracles


def correlated(X: Tensor, K: Tensor) -> Any:
    return scipy.signal.correlate2d(X.double().numpy(), K.double().numpy(), mode="valid")


def convolved(mode: str) -> Callable[[Tensor, Tensor], Any]:
    return lambda X, K: scipy.signal.convolve2d(X.double().numpy(), K.double().numpy(), mode=mode)


def strided(X: Tensor, K: Tensor, **options: Any) -> Any:
    return F.conv2d(X.double()[None, None], K.double()[None, None], **options)[0, 0].numpy()


def windows(X: Tensor, shape: tuple[int, int]) -> Any:
    seen = np.lib.stride_tricks.sliding_window_view(X.double().numpy(), shape)
    return seen.reshape(-1, shape[0] * shape[1])


def volumes(X: Tensor, K: Tensor) -> Any:
    stack = K if K.ndim == 4 else K[None]
    Y = F.conv2d(X.double()[None], stack.double())[0]
    return (Y if K.ndim == 4 else Y[0]).numpy()


def pooled(X: Tensor, size: Any, stride: Any = None, mode: str = "max") -> Any:
    pool = F.max_pool2d if mode == "max" else F.avg_pool2d
    return pool(X.double()[None, None], size, stride)[0, 0].numpy()


def counted(input_shape: Any, kernel_shape: Any, **options: Any) -> Any:
    sizes = torch.zeros(1, 1, *input_shape), torch.zeros(1, 1, *kernel_shape)
    return tuple(F.conv2d(*sizes, **options).shape[2:])


def seen_positions(layers: list[tuple[int, ...]], index: int = 0) -> list[int]:
    """Return the input positions that a unit reads, one by one."""
    seen = {index}
    for kernel, stride, dilation, *padding in reversed(layers):
        before = sum(padding)
        seen = {i * stride - before + a * dilation for i in seen for a in range(kernel)}
    return sorted(seen)


def span(layers: list[tuple[int, ...]]) -> int:
    seen = seen_positions(layers)
    return seen[-1] - seen[0] + 1


def ends(layers: list[tuple[int, ...]], index: int) -> tuple[int, int]:
    seen = seen_positions(layers, index)
    return seen[0], seen[-1]


ORACLES: dict[str, Callable[..., Any]] = {
    "corr2d": correlated,
    "conv2d": convolved("valid"),
    "conv2d_full": convolved("full"),
    "conv2d_fft": convolved("full"),
    "conv2d_general": strided,
    "im2col": windows,
    "corr2d_multi": volumes,
    "conv1x1": lambda X, W: np.einsum("oi,ihw->ohw", W.double().numpy(), X.double().numpy()),
    "pool2d": pooled,
    "flip": lambda K: K.double().numpy()[::-1, ::-1],
    "gradient_magnitude": lambda X: np.hypot(
        *(correlated(X, s) for s in (SOBEL, SOBEL.mT.contiguous()))
    ),
    "output_shape": counted,
    "receptive_field": span,
    "input_region": ends,
}
SOBEL = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])


def against_oracle(problem: Problem, seeds: range) -> int:
    """Hold the expected results of small cases of many seeds to an oracle's; return how many."""
    assert problem.small is not None
    oracle, count = ORACLES[problem.name], 0
    for seed in seeds:
        for case in problem.small.draw(problem.generator(seed)):
            assert isinstance(case.call, Call)
            expected = perform(problem.reference, case.call)
            count += 1
            if expected.failed:
                assert case.criterion == "errors"
                continue
            args = [a.detach() if isinstance(a, Tensor) else a for a in case.call.args]
            wanted = oracle(*args, **case.call.kwargs)
            if isinstance(expected.value, Tensor):
                assert expected.value.shape == wanted.shape
                np.testing.assert_allclose(expected.value.double().numpy(), wanted, 1e-4, 1e-4)
            else:
                assert expected.value == wanted
    return count


@pytest.mark.parametrize("name", ORACLES)
def test_expected_values_are_those_of_another_oracle(name: str) -> None:
    """SciPy's, torch.nn.functional's, or positions counted one by one."""
    assert against_oracle(PROBLEMS[name], range(3))


@pytest.mark.campaign
def test_a_hundred_thousand_expected_values_are_those_of_another_oracle() -> None:
    """The same, for as many seeds as that takes."""
    assert sum(against_oracle(PROBLEMS[name], range(340)) for name in ORACLES) >= 100_000


def test_networks_can_be_made_where_they_are_pasted() -> None:
    """A module is written as torch makes it."""
    made = Made("Conv2d", (1, 1, (1, 2)), {"padding": (0, 1)})

    assert showing.text([made]) == "[nn.Conv2d(1, 1, (1, 2), padding=(0, 1))]"

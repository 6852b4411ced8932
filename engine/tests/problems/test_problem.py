"""What a problem gives for an answer: criteria, gates, reasons, recognition."""

from __future__ import annotations

import pytest
import torch
from torch import Generator, Tensor

from nbexaminer.problems.case import Case, Misconception
from nbexaminer.problems.problem import Call, Problem


def double(x: Tensor) -> Tensor:
    if x.ndim != 1:
        raise ValueError(f"one axis, got {x.ndim}")
    return 2 * x


def triple(x: Tensor) -> Tensor:
    return 3 * x


def cases(generator: Generator) -> list[Case]:
    x = torch.randn(4, generator=generator)
    return [
        Case("values", "a short vector", Call((x,))),
        Case("types", "a float64 vector", Call((x.double(),))),
        Case("errors", "a matrix", Call((x.reshape(2, 2),))),
    ]


WEIGHTS = {"shape": 1.0, "values": 2.0, "types": 1.0, "errors": 0.5, "untouched": 0.5}
TRIPLES = Misconception("tripled", triple, "Three of each.", "page#label", frozenset({"values"}))
DOUBLE = Problem("double", double, WEIGHTS, cases, (TRIPLES,))


def met(answer: object) -> set[str]:
    return {name for name, ok in DOUBLE.examine(answer).met.items() if ok}  # type: ignore[arg-type]


def test_points_are_the_sum_of_the_weights() -> None:
    """A problem is worth what its criteria are worth together."""
    assert DOUBLE.points == 5


def test_a_right_answer_meets_every_criterion() -> None:
    """Written another way, it is right all the same."""
    assert met(lambda x: double(x) + 0) == set(WEIGHTS)


def test_a_missing_error_costs_that_criterion_alone() -> None:
    """A function that never raises keeps the rest."""
    assert met(lambda x: x + x) == set(WEIGHTS) - {"errors"}


def test_a_wrong_dtype_costs_types_alone() -> None:
    """float32 out of float64 is seen only where float64 went in."""
    assert met(lambda x: double(x).float()) == set(WEIGHTS) - {"types"}


def test_changing_an_input_costs_untouched_alone() -> None:
    """The values may be right; the caller's tensor is not what it was."""
    assert met(lambda x: double(x) if x.ndim != 1 else x.mul_(2)) == set(WEIGHTS) - {"untouched"}


def test_a_change_counts_as_wrong_where_untouched_is_no_criterion() -> None:
    """Without a criterion of its own, a changed input fails the case."""
    problem = Problem("double", double, {"values": 1.0}, cases)

    assert problem.examine(lambda x: x.mul_(2)).earned == 0


def test_a_right_shape_with_wrong_values_keeps_the_shape() -> None:
    """Partial credit: the form is right, nothing else is, so the gated criteria are lost."""
    assert met(lambda x: 3 * x) == {"shape"}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: (2 * x).reshape(1, -1),
        lambda x: (2 * x)[:1],
        lambda x: (2 * x).tolist(),
        lambda x: (2 * x).sum(),
        lambda x: torch.full_like(x, float("nan")),
        lambda x: torch.full_like(x, float("inf")),
        lambda x: 2 * x * (1 + 1e-3),
    ],
    ids=["extra axis", "one element", "a list", "a scalar", "nan", "inf", "slightly off"],
)
def test_nothing_is_broadcast_converted_or_waved_through(wrong: object) -> None:
    """A result that would compare equal after broadcasting is wrong."""
    assert "values" not in met(wrong)


def test_a_subclass_of_value_error_is_a_value_error() -> None:
    """Students may raise their own kind."""

    class MyError(ValueError):
        pass

    def answer(x: Tensor) -> Tensor:
        if x.ndim != 1:
            raise MyError
        return 2 * x

    assert met(answer) == set(WEIGHTS)


def test_another_error_is_not_a_value_error() -> None:
    """An IndexError by accident is no check of the input."""

    def answer(x: Tensor) -> Tensor:
        if x.ndim != 1:
            raise IndexError
        return 2 * x

    assert met(answer) == set(WEIGHTS) - {"errors"}


def test_a_known_mistake_is_named_and_an_unknown_one_is_not() -> None:
    """The wrong answer that does the same on every case names the mistake."""
    assert DOUBLE.examine(lambda x: x + x + x).misconception is TRIPLES
    assert DOUBLE.examine(lambda x: double(x).sin() + 4).misconception is None


def test_printing_warning_and_stderr_cost_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Under stock nbgrader a word on stderr would void the cell: none gets through."""
    import sys
    import warnings

    def answer(x: Tensor) -> Tensor:
        print("thinking")
        print("thinking hard", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return double(x)

    earned = DOUBLE.grade(answer)

    assert earned == 5
    assert capfd.readouterr().err == ""


def test_an_answer_cannot_end_the_examination() -> None:
    """SystemExit and KeyboardInterrupt are wrong answers like any other."""

    def answer(x: Tensor) -> Tensor:
        raise (SystemExit if x.dtype == torch.float32 else KeyboardInterrupt)

    assert DOUBLE.examine(answer).earned == 0


def test_a_report_shows_no_input_and_no_expected_value() -> None:
    """Words and points only."""
    outcome = DOUBLE.examine(lambda x: 4 * x, seed=5)
    report = outcome.report()
    hidden = [v for f in outcome.findings for v in f.case.call.args[0].flatten().tolist()]

    assert "a short vector: some values are wrong" in report
    assert not any(f"{abs(v):.3f}"[:5] in report for v in hidden)


def test_the_same_seed_draws_the_same_inputs() -> None:
    """An examination can be repeated exactly, and another seed gives another one."""
    first, again, other = (DOUBLE.cases(seed)[0].call.args[0] for seed in (3, 3, 4))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_an_unknown_criterion_is_refused() -> None:
    """The message lists the criteria that there are."""
    with pytest.raises(ValueError, match=r"unknown criteria \['beauty'\], allowed: .*shape"):
        Problem("double", double, {"beauty": 1.0}, cases)


def test_an_answer_left_as_released_is_none() -> None:
    """No mistake is sought in it, and one line says why it has no points."""

    def released(x: Tensor) -> Tensor:
        raise NotImplementedError

    blind = Misconception("gives up", released, "…", "page#label", frozenset({"values"}))
    problem = Problem("double", double, WEIGHTS, cases, (blind,))
    outcome = problem.examine(released)
    facts = outcome.facts()

    assert (outcome.earned, outcome.misconception, facts["answered"]) == (0, None, False)
    assert facts["reasons"] == ["not answered yet: every call raised NotImplementedError"]
    assert outcome.report().count("NotImplementedError") == 1


def test_an_answer_that_does_something_somewhere_is_one() -> None:
    """Only what raises `NotImplementedError` at every call was left as released."""

    def begun(x: Tensor) -> Tensor:
        if x.ndim != 1:
            raise ValueError
        raise NotImplementedError

    assert DOUBLE.examine(begun).facts()["answered"]
    assert DOUBLE.examine(triple).facts()["answered"]

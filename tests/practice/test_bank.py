"""Answers of the bank in the stand-in: the same replies as with PyTorch, the same verdict."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from bank_of_course import PROBLEMS
from standin import AnswerThere, StandIn

from nbexaminer.problems.calls import Reply, perform
from nbexaminer.problems.case import Case
from nbexaminer.problems.compare import difference
from nbexaminer.problems.problem import Problem

SEED = 2026
LACKING = (  # answers that use what the stand-in lacks, and say so
    "layer_costs_module",  # tensors without data, on the device "meta"
    "output_shape_module",
    "solve_kernel_lstsq_a_driver_for_full_rank",  # and noise where there is none
)
ROUNDED = (  # answers whose numbers are rounding noise, or depend on the sign of a singular vector
    "conv2d_fft_complex_transform_float64_loses_half_of_its_digits",
    "directional_kernel_solved",
    "largest_stable_lr_eigenvalue_a_tensor_in_place_of_a_number",
    "learn_kernel_by_formula_rate_and_steps_hard_coded",
    "learn_kernel_solved",
    "separate_svd",
    "solve_kernel_lstsq_a_matrix_that_has_no_inverse",
    "solve_kernel_lstsq_a_strong_ridge",
    "solve_kernel_pinv_input_changed_in_place",
    "solve_kernel_pinv_inverting_a_matrix_that_has_no_inverse",
)
NOT_NAMED = {  # of these, mistakes that are known by their noise
    "conv2d_fft_complex_transform_float64_loses_half_of_its_digits",
    "largest_stable_lr_eigenvalue_a_tensor_in_place_of_a_number",
    "solve_kernel_lstsq_a_matrix_that_has_no_inverse",
    "solve_kernel_lstsq_a_strong_ridge",
    "solve_kernel_pinv_input_changed_in_place",
    "solve_kernel_pinv_inverting_a_matrix_that_has_no_inverse",
}
Answer = Callable[..., Any]


def answers(problem: Problem) -> list[Answer]:
    """Return the right answers and the mistakes that use what the stand-in has."""
    found = [*problem.right, *(m.wrong_answer for m in problem.misconceptions)]
    return [answer for answer in found if not answer.__name__.startswith(LACKING)]


def some(problem: Problem) -> list[Answer]:
    """Return a right answer and a mistake."""
    found = answers(problem)
    return [found[0], found[-1]]


def compared(case: Case, wanted: Reply, reply: Reply) -> str | None:
    """Return how a reply differs from PyTorch's, up to rounding."""
    if wanted.errors != reply.errors:
        return f"{wanted.errors[:1]} {wanted.message} / {reply.errors[:1]} {reply.message}"
    if wanted.shares != reply.shares:
        return f"shares memory: {wanted.shares} / {reply.shares}"
    close = {"terms": max(case.terms, 8), "magnitude": case.magnitude}
    unlike = difference(reply.inputs, wanted.inputs, **close)
    return unlike or (None if wanted.failed else difference(reply.value, wanted.value, **close))


def unlike_replies(there: StandIn, problem: Problem, answer: Answer) -> Iterator[str]:
    """Yield what differs between the replies here and there, on the public cases."""
    cases = problem.cases(zlib.crc32(problem.name.encode()))
    torch.manual_seed(0)
    wanted = [perform(answer, case.call) for case in cases]
    replies = AnswerThere(there, answer).perform_all([case.call for case in cases])
    for case, one, other in zip(cases, wanted, replies, strict=True):
        unlike = compared(case, one, other)
        if unlike:
            yield f"{answer.__name__}, {case.examines}: {unlike}"


def assert_the_same(there: StandIn, problem: Problem, chosen: list[Answer]) -> None:
    for answer in chosen:
        if not answer.__name__.startswith(ROUNDED):
            assert list(unlike_replies(there, problem, answer)) == []


@pytest.mark.parametrize("name", PROBLEMS)
def test_answers_reply_in_the_stand_in_as_with_torch(there: StandIn, name: str) -> None:
    """A right answer and a mistake give the values, types, shapes and errors of PyTorch."""
    assert_the_same(there, PROBLEMS[name], some(PROBLEMS[name]))


@pytest.mark.campaign
@pytest.mark.parametrize("name", PROBLEMS)
def test_all_answers_reply_in_the_stand_in_as_with_torch(there: StandIn, name: str) -> None:
    """Every right answer and every mistake gives what PyTorch gives."""
    assert_the_same(there, PROBLEMS[name], answers(PROBLEMS[name]))


@pytest.mark.campaign
@pytest.mark.parametrize("name", PROBLEMS)
def test_all_answers_are_judged_in_the_stand_in_as_with_torch(there: StandIn, name: str) -> None:
    """Every answer meets the same criteria, and the same mistake is named."""
    problem = PROBLEMS[name]
    for answer in answers(problem):
        facts = problem.examine(answer).facts()
        found = problem.examine(AnswerThere(there, answer)).facts()
        if answer.__name__ in NOT_NAMED:
            facts["mistake"] = found["mistake"] = None

        assert found == facts


@pytest.mark.parametrize("answer", LACKING[:2])
def test_an_answer_that_uses_what_the_stand_in_lacks_is_sent_to_its_notebook(
    there: StandIn, answer: str
) -> None:
    """Two right answers need tensors without data; the page says so, and gives no reply."""
    problem = PROBLEMS[answer.removesuffix("_module")]
    (found,) = (a for a in problem.right if a.__name__ == answer)
    cases = problem.cases(SEED)

    with pytest.raises(AssertionError, match="run this task in its notebook"):
        AnswerThere(there, found).perform(cases[0].call)

"""What the page examines answers by: the bank's public cases, to the same verdicts, and no more."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from practice import tensors as in_the_page
from practice.export import exported
from practice.judge import public
from practice.portable import Bundle
from practice.wire import decode, encode

import convolutions
from nbexaminer.problems.problem import Problem, Reply
from nbexaminer.problems.showing import facts
from nbexaminer.problems.small import cost
from nbexaminer.values import tensors
from problems import bank

PROBLEMS = {problem.name: problem for problems in bank().values() for problem in problems}
SHOWN = ("output_shape", "separate", "Conv2D")  # judged by equality, by a function, part by part
DTYPES = [torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool, torch.complex64]


def in_campaign(name: str) -> Any:
    return pytest.param(name, marks=[pytest.mark.campaign] * (name not in SHOWN))


def crossed(problem: Problem) -> Any:
    """Return a problem as the page has it, by way of JSON."""
    return public(json.loads(json.dumps(exported(problem))))


@pytest.mark.parametrize("name", [in_campaign(name) for name in PROBLEMS])
def test_the_page_s_verdict_is_that_of_the_bank(name: str) -> None:
    """Criteria, reasons and mistakes of every answer, right or wrong, on the public seed."""
    problem = PROBLEMS[name]
    there = crossed(problem)
    answers = [*problem.right, *(m.wrong_answer for m in problem.misconceptions)]
    answers = answers if name not in SHOWN else answers[:1] + answers[-4:]

    for answer in answers:
        assert there.examine(answer).facts() == problem.examine(answer).facts()


@pytest.mark.parametrize("name", [in_campaign(name) for name in PROBLEMS])
def test_the_page_draws_the_small_input_that_feedback_draws(name: str) -> None:
    """For each misconception; one for all who make no known mistake."""
    problem = PROBLEMS[name]
    there = crossed(problem)
    for m in problem.misconceptions:
        examples = [p.counterexample(m.wrong_answer, m) for p in (problem, there)]
        told = [facts(one) if one else {} for one in examples]
        if name == "Conv2D":  # which begins at random
            told = [{key: one.get(key) for key in ("call", "inputs", "expected")} for one in told]

        assert told[0] == told[1]


def test_a_public_case_leads_to_no_explorer() -> None:
    """It is shown where no small input shows a mistake; links belong to small inputs alone."""
    there = crossed(PROBLEMS["corr2d"])
    assert there.small

    assert there.small.explorer(there.cases(0)[0].call) == ""
    assert any(there.small.explorer(case.call) for case, _ in there.pool)


def test_an_answer_of_no_known_mistake_is_shown_the_smallest_of_all_inputs() -> None:
    """One number and one number, where the wrong one is any."""
    found = crossed(PROBLEMS["corr2d"]).counterexample(lambda X, K: X[:1, :1].float() * 7)

    assert found is not None
    assert found.size == min(cost(p.case.call)[0] for p in PROBLEMS["corr2d"].small_cases.probes)  # type: ignore[union-attr]


def test_of_judges_their_own_source_goes_to_readers_and_no_more() -> None:
    """No line of the reference or of a right answer, and nothing that would import them."""
    for problem in PROBLEMS.values():
        bundle = Bundle()
        for case in problem.cases():
            for function in filter(None, (case.judge, case.varies)):
                bundle.add(function)
        answers = [problem.reference, *problem.right]
        lines = [line.strip() for a in answers for line in inspect.getsource(a).splitlines()]
        telling = [line for line in lines if len(line) > 30]

        assert [line for line in telling if line in bundle.text] == []
        assert "convolutions" not in bundle.text


def test_the_cases_are_those_of_the_public_seed() -> None:
    """None of another seed, so none that counts."""
    problem = PROBLEMS["separate"]
    told = [case["call"] for case in exported(problem)["cases"]]

    assert told == [encode(case.call) for case in problem.cases()]
    assert told != [encode(case.call) for case in problem.cases(seed=7)]


def uses_the_reference(reply: Reply, expected: Reply) -> str | None:
    return None if convolutions.corr2d(reply.value, expected.value).any() else "wrong"


def test_a_judge_that_uses_the_reference_does_not_go_to_readers() -> None:
    """The build fails where one is written."""
    with pytest.raises(ValueError, match="convolutions, which does not go to readers"):
        Bundle().add(uses_the_reference)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("lay_out", [torch.clone, torch.t, lambda x: x[::2, 1:]])
def test_a_tensor_crosses_with_its_strides_and_bytes(
    dtype: torch.dtype, lay_out: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    """Views that skip elements or turn the axes are the same views again."""
    tensor = lay_out(torch.randn(4, 5, dtype=torch.float64).mul(50).to(dtype))
    if dtype.is_floating_point:
        tensor.requires_grad_()
    there = decode(json.loads(json.dumps(encode((tensor, {"x": float("inf")})))))

    assert torch.equal(there[0], tensor)
    assert there[0].dtype == dtype
    assert (there[0].stride(), there[0].requires_grad) == (tensor.stride(), tensor.requires_grad)
    assert there[1] == {"x": float("inf")}


ELEMENTS = st.sampled_from([0.0, -0.0, 1.0, 1.0000001, 1e-30, 3e5, float("inf"), float("nan")])
PAIRS = st.lists(st.tuples(ELEMENTS, ELEMENTS), min_size=1, max_size=4)


@settings(max_examples=100, deadline=None)
@given(PAIRS, st.sampled_from(DTYPES[:2]), st.sampled_from(DTYPES), st.integers(1, 9))
def test_tensors_are_equal_in_the_page_where_they_are_in_the_engine(
    pairs: list[tuple[float, float]], one: torch.dtype, other: torch.dtype, terms: int
) -> None:
    """Rounding, infinities, not-a-numbers, types: the same words, or none."""
    a, b = zip(*pairs, strict=True)
    A, B = torch.tensor(a, dtype=one), torch.tensor(b).to(other)

    for actual, expected in ((A, B), (B, B.clone()), (A, torch.tensor(b, dtype=one))):
        told = tensors.differs(actual, expected, terms, 0.0)
        assert in_the_page.differs(actual, expected, terms, 0.0) == told
        same = tensors.identical(actual, expected)
        assert in_the_page.identical(actual, expected) == same

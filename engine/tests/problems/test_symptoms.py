"""Symptoms: what wrong results have in common is told, of any answer, if it is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from nbexaminer.problems.case import Case, Misconception, Vague
from nbexaminer.problems.problem import Call, Problem

WEIGHTS = {"values": 1.0, "options": 1.0, "types": 1.0, "errors": 1.0}


def scaled(x: Tensor, by: int | tuple[int, int] = 1) -> Tensor:
    """Return a matrix with its rows and columns multiplied; integers become float32."""
    down, across = (by, by) if isinstance(by, int) else by
    if x.shape[0] < 2:
        raise ValueError("two rows at least")
    x = x if x.is_floating_point() else x.float()
    return x.clone() * down * torch.tensor([across] * x.shape[1], dtype=x.dtype) - 1


def cases(generator: Generator) -> Iterator[Case]:
    def drawn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    for shape in ((2, 3), (4, 2), (3, 3)):
        yield Case("values", f"a matrix of {shape[0]} rows", Call((drawn(*shape),)))
    for by in (2, (3, 4), (5, 2)):
        yield Case("options", "a factor", Call((drawn(3, 2),), {"by": by}))
    yield Case("types", "a float64 matrix", Call((drawn(2, 4).double() / 3,)))
    yield Case("types", "an integer matrix", Call((torch.arange(6).reshape(2, 3),)))
    yield Case("types", "a transposed matrix", Call((drawn(4, 2).T,)))
    yield Case("types", "one that requires gradients", Call((drawn(4, 2).requires_grad_(),)))
    for columns in (1, 4):
        yield Case("errors", "a single row", Call((drawn(1, columns),)))


def rowless(x: Tensor, by: int | tuple[int, int] = 1) -> Tensor:
    return scaled(torch.cat([x, x]), by)[: len(x)]


NO_CHECK = Misconception("rows not counted", rowless, "", "page#rows", frozenset({"errors"}))
SCALED = Problem("scaled", scaled, WEIGHTS, cases, (NO_CHECK,))


def named(answer: Callable[..., Any]) -> list[str]:
    outcome = SCALED.examine(answer)
    return [found.name for found in (outcome.misconception, outcome.second) if found]


def half_precision(x: Tensor, **options: Any) -> Tensor:
    y = scaled(x, **options)
    return y.float().to(y.dtype)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda x, by=1: -scaled(x, by), "the sign reversed"),
        (lambda x, by=1: scaled(x, by).abs(), "absolute value loses the sign"),
        (lambda x, by=1: scaled(x, by).T, "the result transposed"),
        (lambda x, by=1: scaled(x, by).flip(0), "rows of the result in reverse order"),
        (lambda x, by=1: 3 * scaled(x, by), "the right values times a constant"),
        (lambda x, by=1: scaled(x, by) + 3, "the right values plus a constant"),
        (lambda x, by=1: scaled(x, by)[None], "axes of length one left in the result"),
        (lambda x, by=1: scaled(x, by).flatten(), "the right values in another shape"),
        (lambda x, by=1: scaled(x, by).tolist(), "a list instead of a tensor"),
        (lambda x, by=1: scaled(x, by) and None, "nothing is returned"),
        (lambda x, by=1: scaled(x, by).float(), "float64 comes back as float32"),
        (lambda x, by=1: scaled(torch.from_numpy(x.numpy()), by),
         "an error for inputs that require gradients"),
        (lambda x, by=1: scaled(x.view(-1).view(x.shape), by),
         "an error for non-contiguous inputs"),
        (lambda x, by=1: scaled(x), "by ignored"),
        (lambda x, by=1: scaled(x, by if isinstance(by, int) else by[0]),
         "the first number of a pair for both axes"),
        (lambda x, by=1: scaled(x, by + 0), "an error where an option is a pair"),
        (rowless, "rows not counted"),
    ],
)  # fmt: skip
def test_what_wrong_results_share_is_told(change: Callable[..., Any], name: str) -> None:
    """One symptom or one misconception explains all that is wrong, and nothing else is named."""
    if "None" in name or name == "nothing is returned":
        change = returns_nothing
    assert named(change) == [name]


def returns_nothing(x: Tensor, by: int = 1) -> None:
    scaled(x, by)


def test_a_sign_that_a_right_case_contradicts_is_not_told() -> None:
    """Where only some values have the other sign, nothing says that every value has."""

    def answer(x: Tensor, by: int | tuple[int, int] = 1) -> Tensor:
        y = scaled(x, by)
        return -y if by != 1 else y

    assert "the sign reversed" not in named(answer)


def test_two_signs_are_told_together() -> None:
    """The one explains the errors, the other the values."""
    assert named(lambda x, by=1: -rowless(x, by)) == ["the sign reversed", "no error is raised"]


def test_a_sign_has_the_section_of_the_criterion_that_it_costs() -> None:
    """A misconception that loses the same criterion alone says where to read."""

    def answer(x: Tensor, by: int | tuple[int, int] = 1) -> Tensor:
        if x.shape[0] < 2:
            raise KeyError("rows")
        return scaled(x, by)

    found = SCALED.examine(answer).misconception

    assert found is not None
    assert (found.name, found.section) == ("an error other than ValueError", "page#rows")


def test_precision_lost_is_not_called_a_wrong_dtype() -> None:
    """A detour through float32 is told as what it is."""
    report = SCALED.examine(half_precision).report()

    assert "right to float32's precision only; float64's was expected" in report
    assert "was expected" not in report.replace("float64's was expected", "")


def test_an_answer_that_refuses_every_input_is_told_so() -> None:
    """A ValueError at every call is the answer's own word, unlike a name that is misspelled."""

    def refuses(x: Tensor, by: int = 1) -> Tensor:
        raise ValueError("no")

    def misspelled(x: Tensor, by: int = 1) -> Tensor:
        raise NameError("torhc")

    assert named(refuses) == ["a ValueError where there is a result"]
    assert named(misspelled) == []


def test_values_that_are_inexact_everywhere_are_not_called_precision_lost() -> None:
    """What is a little off in float32, too, lost its digits otherwise."""
    precision = Misconception("precision lost", half_precision, "", "", frozenset({"types"}))
    problem = replace(SCALED, misconceptions=(precision,))

    def shaken(x: Tensor, by: int | tuple[int, int] = 1) -> Tensor:
        y = scaled(x, by)
        return y + (1e-3 if y.dtype == torch.float32 else 1e-7) * torch.arange(y.shape[1])

    found, other = (problem.examine(answer) for answer in (half_precision, shaken))

    assert found.misconception is precision
    assert precision not in (other.misconception, other.second)


def test_what_a_judge_says_of_any_wrong_result_makes_no_two_alike() -> None:
    """A sentence that fits every mistake names none."""

    def problem(say: Callable[[str], str]) -> Problem:
        def judge(reply: Any, expected: Any) -> str | None:
            return None if torch.equal(reply.value, expected.value) else say("it is wrong")

        def drawn(generator: Generator) -> Iterator[Case]:
            for _ in range(3):
                yield Case("values", "x", Call((torch.randn(3, generator=generator),)), judge=judge)

        doubled = Misconception("doubled", lambda x: 2 * x, "", "", frozenset({"values"}))
        return Problem("same", lambda x: x, {"values": 1.0}, drawn, (doubled,))

    def wanders(x: Tensor) -> Tensor:
        return x + x.square()

    assert problem(str).examine(wanders).misconception is not None
    assert problem(Vague).examine(wanders).misconception is None


def mask_of(x: Tensor) -> Tensor:
    return x > 0


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (lambda x: x > 0.5, ["something marked is missing"]),
        (lambda x: x > -0.5, ["too much is marked"]),
        (lambda x: (x > 0).float(), []),
    ],
)
def test_a_mask_is_told_to_mark_too_little_or_too_much(
    answer: Callable[[Tensor], Tensor], names: list[str]
) -> None:
    """Numbers in place of true and false are neither, nor in the wrong places."""

    def drawn(generator: Generator) -> Iterator[Case]:
        for _ in range(3):
            yield Case("values", "x", Call((torch.randn(8, 9, generator=generator),)))

    outcome = Problem("mask", mask_of, {"values": 1.0}, drawn).examine(answer)

    assert [m.name for m in (outcome.misconception, outcome.second) if m] == names

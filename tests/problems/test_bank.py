"""Every problem of the bank, held to the same promises."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from nbexaminer.problems.calls import Call, perform
from nbexaminer.problems.problem import Misconception, Outcome, Problem
from problems import bank

PROBLEMS = [problem for problems in bank().values() for problem in problems]
WRONG = [(p, m) for p in PROBLEMS for m in p.misconceptions]
RIGHT = [(p, r) for p in PROBLEMS for r in p.right]
EACH_SEED = [None, pytest.param(20, marks=pytest.mark.slow)]
DTYPES = re.compile(r"(bool|u?int|b?float|complex)\d+")


def stands_alone(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run the source of `function` as a notebook would: only math, torch, nn and F at hand."""
    namespace: dict[str, Any] = {
        "math": math,
        "torch": torch,
        "nn": nn,
        "F": F,
        "Tensor": torch.Tensor,
    }
    exec(
        "from __future__ import annotations\n" + textwrap.dedent(inspect.getsource(function)),
        namespace,
    )
    return namespace[function.__name__]


@cache
def outcome_of(problem: str, misconception: str, seed: int | None) -> Outcome:
    """Return what a seed's examination of a wrong answer, run as a notebook would, came to."""
    examined, mistake = next(
        (p, m) for p, m in WRONG if (p.name, m.name) == (problem, misconception)
    )
    return examined.examine(stands_alone(mistake.wrong_answer), seed=seed)


def names(value: Any) -> str:
    return getattr(value, "name", None) or getattr(value, "__name__", str(value))


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
@pytest.mark.parametrize("seed", EACH_SEED)
def test_the_reference_earns_every_point(problem: Problem, seed: int | None) -> None:
    """The reference is right by its own examination, whatever the seed."""
    outcome = problem.examine(problem.reference, seed=seed)

    assert outcome.earned == outcome.points, outcome.report()


@pytest.mark.parametrize(("problem", "answer"), RIGHT, ids=names)
@pytest.mark.parametrize("seed", EACH_SEED)
def test_right_answers_by_other_methods_earn_every_point(
    problem: Problem, answer: Callable[..., Any], seed: int | None
) -> None:
    """No right answer is refused for how it is written."""
    outcome = problem.examine(stands_alone(answer), seed=seed)

    assert outcome.earned == outcome.points, outcome.report()


@pytest.mark.parametrize(("problem", "misconception"), WRONG, ids=names)
@pytest.mark.parametrize("seed", EACH_SEED)
def test_wrong_answers_lose_what_they_should_and_are_named(
    problem: Problem, misconception: Misconception, seed: int | None
) -> None:
    """A wrong answer loses exactly the criteria it declares, and feedback names it."""
    outcome = outcome_of(problem.name, misconception.name, seed)
    lost = {name for name, met in outcome.met.items() if not met}

    assert lost == misconception.fails, outcome.report()
    assert outcome.misconception is misconception, outcome.report()


def open_words(problem: Problem) -> set[str]:
    """Return all that a report may say of a problem, written down before any input is drawn."""
    told = {text for m in problem.misconceptions for text in (m.name, m.hint, m.section)}
    return told | {c.examines for c in problem.cases(0)} | {problem.announcement()}


def drawn_words(problem: Problem, outcome: Outcome) -> str:
    """Return what a report says beyond open words, points and names of dtypes."""
    said = outcome.report()
    for text in sorted(open_words(problem), key=len, reverse=True):
        said = said.replace(text, "")
    said = re.sub(rf"^{problem.name}: [\d.]+ of [\d.]+ points", "", said)
    said = re.sub(r"^  (yes|no ) .* \([\d.]+\)$", "", said, flags=re.MULTILINE)
    return DTYPES.sub("", said)


@pytest.mark.parametrize(("problem", "misconception"), WRONG, ids=names)
@pytest.mark.parametrize("seed", EACH_SEED)
def test_no_message_holds_a_digit_of_what_is_hidden(
    problem: Problem, misconception: Misconception, seed: int | None
) -> None:
    """Whatever the seed, a report has no digit that was not written before the inputs were drawn.

    So it has none of an input, of an expected value, or of what the answer made of them.
    """
    outcome = outcome_of(problem.name, misconception.name, seed)
    said = drawn_words(problem, outcome)

    assert not re.search(r"\d", said), said
    assert all(reason in outcome.report() for reason in outcome.facts()["reasons"])


def numbers_in(value: Any) -> Iterator[float]:
    """Yield the numbers of a value, in order."""
    if isinstance(value, torch.Tensor) and not value.is_complex():
        yield from value.detach().double().flatten().tolist()
    elif isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from numbers_in(part)


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_open_words_spell_no_input_and_no_expected_value(problem: Problem) -> None:
    """No hint holds three numbers in a row as they stand in an input or in the right result."""
    hidden = set()
    for case in problem.cases(1):
        given = case.call.args if isinstance(case.call, Call) else case.call.inputs
        for value in (given, perform(problem.reference, case.call).value):
            row = list(numbers_in(value))
            hidden |= set(zip(row, row[1:], row[2:], strict=False))
    for text in open_words(problem):
        for listed in re.findall(r"-?\d[\d.]*(?:,? -?\d[\d.]*){2,}", text.replace("−", "-")):
            row = [float(number.rstrip(".")) for number in re.findall(r"-?\d[\d.]*", listed)]

            assert hidden.isdisjoint(zip(row, row[1:], row[2:], strict=False)), text


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_what_a_case_examines_is_the_same_whatever_is_drawn(problem: Problem) -> None:
    """The words for an input are written before it is drawn."""
    words = {tuple(case.examines for case in problem.cases(seed)) for seed in (1, 2, 3)}

    assert len(words) == 1


def tells_by_error(*args: Any, **_: Any) -> None:
    raise type(f"Saw{abs(hash(str(args)))}Error", (ValueError,), {})


def tells_by_type(*args: Any, **_: Any) -> Any:
    return type(f"Saw{abs(hash(str(args)))}", (), {})()


def tells_by_factor(reference: Callable[..., Any]) -> Callable[..., Any]:
    """Return an answer whose results are off by a factor that depends on the inputs."""

    def scaled(value: Any, factor: float) -> Any:
        if isinstance(value, tuple):
            return tuple(scaled(v, factor) for v in value)
        return value * factor

    def answer(*args: Any, **kwargs: Any) -> Any:
        return scaled(reference(*args, **kwargs), 1.25 + abs(hash(str(args))) % 7)

    return answer


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_an_answer_cannot_have_its_report_tell_its_inputs(problem: Problem) -> None:
    """Errors, types and factors that an answer makes of its inputs are not repeated to it."""
    factor = tells_by_factor(problem.reference)
    for answer in (tells_by_error, tells_by_type, factor):
        said = drawn_words(problem, problem.examine(answer, diagnose=False))

        assert not re.search(r"\d|Saw", said), said


def returns_nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


def returns_its_input(*args: Any, **__: Any) -> Any:
    return args[0] if args else None


def raises_value_error(*_: Any, **__: Any) -> None:
    raise ValueError("always")


def not_written(*_: Any, **__: Any) -> None:
    raise NotImplementedError


def exits(*_: Any, **__: Any) -> None:
    raise SystemExit


def returns_zero(*_: Any, **__: Any) -> int:
    return 0


def returns_equal_to_all(*_: Any, **__: Any) -> Any:
    class EqualToAll:
        def __eq__(self, _other: object) -> bool:
            return True

    return EqualToAll()


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
@pytest.mark.parametrize(
    "answer",
    [returns_nothing, raises_value_error, not_written, exits, returns_equal_to_all, returns_zero],
    ids=names,
)
def test_answers_that_do_no_work_earn_nothing(problem: Problem, answer: Callable[..., Any]) -> None:
    """A constant, an exception or an object that claims to equal all earns no point."""
    outcome = problem.examine(answer, diagnose=False)

    assert outcome.earned == 0, outcome.report()


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_each_problem_has_enough_misconceptions_and_right_answers(problem: Problem) -> None:
    """Six misconceptions from 2 points on, three below; six right answers by other methods."""
    assert len(problem.misconceptions) >= (6 if problem.points >= 2 else 3)
    assert len(problem.right) >= 6
    assert len({m.name for m in problem.misconceptions}) == len(problem.misconceptions)


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_each_criterion_is_examined_and_missed_by_some_wrong_answer(problem: Problem) -> None:
    """A criterion that no wrong answer loses would be a check never seen failing."""
    lost = set().union(*(m.fails for m in problem.misconceptions))

    assert lost == set(problem.weights), f"never lost: {set(problem.weights) - lost}"


@pytest.mark.parametrize("problem", PROBLEMS, ids=names)
def test_two_seeds_draw_different_inputs(problem: Problem) -> None:
    """Nothing can be hard-coded, save for problems that take no input."""
    if not inspect.signature(problem.reference).parameters:
        return
    one, other = (repr([c.call for c in problem.cases(seed)]) for seed in (1, 2))

    assert one != other


@pytest.mark.parametrize(
    "function", [m.wrong_answer for _, m in WRONG] + [answer for _, answer in RIGHT], ids=names
)
def test_wrong_answers_and_right_answers_stand_alone(function: Callable[..., Any]) -> None:
    """Their source uses nothing that a student's notebook does not have."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    bound = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.name}
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    allowed = bound | set(dir(builtins)) | {"math", "torch", "nn", "F", "Tensor"}

    assert used <= allowed, used - allowed

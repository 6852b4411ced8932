"""The smallest input on which an answer is wrong: found, shrunk, shown, and never a hidden one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from nbexaminer.problems import showing
from nbexaminer.problems.calls import Call, ModuleCall, Opaque, RemoteAnswer, Reply, perform
from nbexaminer.problems.case import Case, Facts, Misconception
from nbexaminer.problems.counterexample import PROBES
from nbexaminer.problems.problem import Problem, Small
from nbexaminer.problems.small import cost, simpler
from nbexaminer.values.codec import SINGLE

# --- a problem of texts


def initials(name: str, separator: str = "") -> str:
    """Return the first letters of the words of a name, as capitals."""
    if not name.strip():
        raise ValueError("no name")
    return separator.join(word[0].upper() for word in name.split())


def words(rng: random.Random, count: int) -> str:
    return " ".join("".join(rng.choices("abcxyz", k=rng.randint(3, 6))) for _ in range(count))


def hidden_names(rng: random.Random) -> Iterator[Case]:
    yield Case("values", "one letter", Call(("q",)))
    for count in (3, 4):
        yield Case("values", "a long name", Call((words(rng, count),)))
    yield Case("options", "a separator", Call((words(rng, 3), ".")))
    yield Case("errors", "no name", Call(("   ",)))


def short_names(rng: random.Random) -> Iterator[Case]:
    yield Case("values", "one letter", Call(("q",)))
    yield Case("values", "one name", Call((words(rng, 1),)))
    yield Case("values", "two names", Call((words(rng, 2),)))
    yield Case("options", "a separator", Call((words(rng, 2),), {"separator": "-"}))
    yield Case("errors", "no name", Call(("",)))


def first_only(name: str, separator: str = "") -> str:
    if not name.strip():
        raise ValueError
    return name.strip()[0].upper()


def unseparated(name: str, separator: str = "") -> str:
    return initials(name)


def mistake(name: str, answer: Callable[..., Any], *fails: str) -> Misconception:
    return Misconception(name, answer, "Look again.", "page#label", frozenset(fails))


FIRST = mistake("the first word alone", first_only, "values", "options")
UNSEPARATED = mistake("no separator", unseparated, "options")
INITIALS = Problem(
    "initials",
    initials,
    {"values": 1.0, "options": 0.5, "errors": 0.5},
    hidden_names,
    (FIRST, UNSEPARATED),
    generator=random.Random,
    small=Small(short_names),
)


def example(problem: Problem, answer: Callable[..., Any], *known: Misconception) -> Facts:
    found = problem.counterexample(answer, *known)
    assert found is not None
    return showing.facts(found)


def test_a_text_gets_as_short_as_shows_the_mistake() -> None:
    """Two words of one letter each: nothing less tells the first initial from all."""
    found = example(INITIALS, first_only, FIRST)
    text = found["inputs"][0]["text"].strip("'")

    assert len(text) == 3 and text[1] == " "
    assert found["call"] == f"initials('{text}')"
    assert found["yours"] == [{"label": "", "text": repr(text[0].upper())}]
    assert found["expected"] == [{"label": "", "text": repr((text[0] + text[2]).upper())}]
    assert found["sentence"].startswith("Yours is '")


def test_what_is_shown_shows_the_recognized_mistake() -> None:
    """An answer with two mistakes is shown the one that was named first, and that one alone."""

    def both(name: str, separator: str = "") -> str:
        return initials(name)[0] if not separator else unseparated(name, separator)

    assert "separator" not in example(INITIALS, both, FIRST, UNSEPARATED)["call"]
    assert "separator" in example(INITIALS, both, UNSEPARATED, FIRST)["call"]


def test_right_answers_are_shown_nothing() -> None:
    """Neither the reference nor another method."""

    def by_loop(name: str, separator: str = "") -> str:
        found = [word[:1].upper() for word in name.split()]
        if not found:
            raise ValueError
        return separator.join(found)

    assert [INITIALS.counterexample(answer) for answer in (initials, by_loop)] == [None, None]


def test_an_input_that_every_draw_repeats_is_never_shown() -> None:
    """It may count: of the small cases it is left out, and nothing is shrunk to it."""

    def lower(name: str, separator: str = "") -> str:
        return initials(name, separator).lower()

    texts = [probe.case.call.args[0] for probe in INITIALS.small_cases.probes]  # type: ignore[union-attr]
    found = example(INITIALS, lower)

    assert "q" not in texts and len(texts) == 4
    assert found["inputs"][0]["text"] not in ("'q'", "'   '")
    assert found["size"] <= 3


def test_small_inputs_do_not_depend_on_the_hidden_seed() -> None:
    """What is shown is the same whatever inputs count."""
    seen = []
    for seed in range(3):
        outcome = INITIALS.examine(first_only, seed=seed)
        assert outcome.example is None  # nothing is sought where nobody can stop an answer
        seen.append(example(INITIALS, first_only, FIRST))

    assert seen[0] == seen[1] == seen[2]


def test_more_small_cases_than_are_asked_at_once_are_refused() -> None:
    """Else the last of them would never be tried."""

    def many(rng: random.Random) -> Iterator[Case]:
        yield from (Case("values", "a name", Call((words(rng, 2),))) for _ in range(PROBES + 1))

    problem = Problem("initials", initials, {"values": 1.0}, hidden_names, small=Small(many),
                      generator=random.Random)  # fmt: skip

    with pytest.raises(ValueError, match="29 small cases, allowed: 28"):
        problem.counterexample(initials)


def test_an_unknown_sketch_is_refused() -> None:
    """The page knows two."""
    with pytest.raises(ValueError, match="unknown sketch 'pie'"):
        Small(short_names, sketch="pie")


class Counting(RemoteAnswer):
    """An answer elsewhere, of which every question is counted; it may stop answering."""

    def __init__(self, answer: Callable[..., Any], most: int = 99) -> None:
        self.answer, self.most, self.asked = answer, most, list[int]()

    def perform_all(self, calls: Sequence[Call | ModuleCall]) -> list[Reply]:
        return [perform(self.answer, call) for call in calls]

    def perform_within(
        self, calls: Sequence[Call | ModuleCall], seconds: float
    ) -> tuple[list[Reply], float]:
        self.asked.append(len(calls))
        return self.perform_all(calls[: self.most]), seconds if len(calls) <= self.most else 0.0


def test_an_answer_elsewhere_is_asked_twice_and_forty_calls_at_most() -> None:
    """Right ones are not asked at all; one that stops is judged by what came in time."""
    right, wrong, slow = Counting(initials), Counting(first_only), Counting(first_only, 3)
    outcomes = [INITIALS.examine(answer, seed=1) for answer in (right, wrong, slow)]
    shown = [outcome.facts()["counterexample"] for outcome in outcomes]

    assert right.asked == [] and shown[0] is None
    assert len(wrong.asked) == 2 and sum(wrong.asked) <= 40 and shown[1]["size"] == 3
    assert len(slow.asked) == 1 and outcomes[2].earned == outcomes[1].earned


# --- problems of arrays


def double(x: Tensor) -> Tensor:
    return 2 * x


def tensors(g: torch.Generator) -> Iterator[Case]:
    yield Case("values", "a vector", Call((torch.randn(9, generator=g),)))


def short_vectors(g: torch.Generator) -> Iterator[Case]:
    for n in (1, 2, 3):
        x = torch.randint(1, 6, (n,), generator=g).float()
        yield Case("values", "a short vector", Call((x,)))
    yield Case("values", "a matrix", Call((torch.ones(2, 2).mT,)))


DOUBLE = Problem("double", double, {"values": 1.0}, tensors, small=Small(short_vectors))


def in_place(x: Tensor) -> Tensor:
    return x.mul_(2)


def test_a_changed_argument_is_shown_as_it_was_and_as_it_is() -> None:
    """The result is right; what is wrong stands in the argument."""
    found = example(DOUBLE, in_place)

    assert found["sentence"] == "The call changes x."
    assert found["yours"] == [{"label": "x after the call", "rows": [["2"]]}]
    assert found["expected"] == [{"label": "x after the call", "rows": [["1"]]}]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x: x * 3, "Yours is 3, and 2 is expected."),
        (lambda x: 2 * x[:-1], "The shape is (0,), and (1,) is expected."),
        (lambda x: (2 * x).double(), "The dtype is float64, and float32 is expected."),
        (lambda x: x.nothing, "The call raises AttributeError, and a result is expected."),
        (lambda x: [2 * x], "A list came back where a tensor was asked for."),
        (lambda x: 2 * x.flip(0), "In row 0, column 0, yours is 0, and 2 is expected."),
        (lambda x: x * float("nan"), "Yours is nan, and 2 is expected."),
    ],
)
def test_a_sentence_says_where_they_differ_first(
    answer: Callable[[Tensor], Any], sentence: str
) -> None:
    """Numbers, shapes, dtypes, errors, kinds."""
    assert example(DOUBLE, answer)["sentence"] == sentence


def test_a_dtype_that_the_judge_allows_is_not_blamed() -> None:
    """What is told is what the judge found wrong."""

    def cases(_: torch.Generator) -> Iterator[Case]:
        yield Case("values", "a vector", Call((torch.ones(2),)), judge=lambda *_: SINGLE)

    def judged(_: torch.Generator) -> Iterator[Case]:
        for x in (torch.ones(1), torch.ones(2)):
            right = double(x)
            yield Case(
                "values",
                "a vector",
                Call((x,)),
                judge=lambda r, _, right=right: SINGLE if r.value.dtype != right.dtype else None,
            )

    problem = Problem("double", double, {"values": 1.0}, cases, small=Small(judged))

    assert example(problem, lambda x: 2 * x.double())["sentence"].startswith("The values are right")


HOSTILE = {
    "a page of text": lambda: "x" * 10**6,
    "a tag": lambda: "<script>alert(1)</script>",
    "marks that turn lines around": lambda: "\u202e\x1b[31m",
    "a number of many digits": lambda: 10**5000,
    "a list of many": lambda: [[0] * 200] * 200,
    "a large tensor": lambda: torch.ones(300, 300),
    "many axes": lambda: torch.ones([1] * 8),
    "nothing in it": lambda: torch.ones(0, 3),
    "no number": lambda: torch.tensor([float("inf"), float("nan")]),
    "complex": lambda: torch.tensor([1e30 + 2j]),
    "an object": lambda: Opaque("<b>"),
    "keys": lambda: {"<b>" * 99: "<i>" * 99},
    "deep": lambda: [[[[[[[[["x"]]]]]]]]],
    "many tensors": lambda: tuple(torch.ones(1) for _ in range(99)),
    "an array": lambda: np.ones((3, 2, 2, 2)),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_whatever_came_back_is_shown_in_a_few_printable_words(kind: str) -> None:
    """It is cut, told apart by a closed list of words, and quick to write."""
    parts = showing.parts(HOSTILE[kind](), "yours")
    texts = [one["text"] for one in parts if "text" in one]
    texts += [x for one in parts for row in one.get("rows", []) for x in row]

    assert 1 <= len(parts) <= showing.PARTS
    assert all(len(text) <= showing.TEXT + 1 and text.isprintable() for text in texts)
    assert sum(map(len, texts)) < 4000


@pytest.mark.parametrize("kind", HOSTILE)
def test_an_answer_that_gives_anything_is_told_of_in_json(kind: str) -> None:
    """And in a few kilobytes of it."""
    told = example(DOUBLE, lambda _: HOSTILE[kind]())

    assert len(json.dumps(told)) < 6000


def test_a_search_that_fails_costs_nothing() -> None:
    """Points are settled before; a strategy that raises leaves the page without an input."""

    def broken(_: object) -> Iterator[Case]:
        raise RuntimeError

    problem = replace(INITIALS, small=Small(broken))
    outcome = problem.examine(Counting(first_only), seed=1)

    assert outcome.facts()["counterexample"] is None
    assert outcome.earned == INITIALS.examine(first_only, seed=1).earned > 0


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
        torch.tensor([[0.1, 0.2]], dtype=torch.float64),
        torch.tensor([[1, 2]], dtype=torch.uint8),
        torch.tensor([[1.0, 2.0], [3.0, 4.0]]).mT.contiguous().mT.requires_grad_(),
        torch.tensor(True),
        np.array([[1, 2]], dtype=np.int16),
        np.array([0.5]),
        np.float32(0.5),
        [(1, 2.5), {"a": "b"}],
    ],
)
def test_a_call_can_be_pasted(value: Any) -> None:
    """What the line evaluates to has the elements, the dtype and the layout of the argument."""
    names = {"torch": torch, "np": np, "f": lambda x, **named: (x, named)}
    again, named = eval(showing.source("f", Call((value,), {"n": (1,)})), names)

    assert named == {"n": (1,)} and type(again) is type(value)
    if isinstance(value, Tensor):
        assert torch.equal(again, value) and again.stride() == value.stride()
        assert (again.dtype, again.requires_grad) == (value.dtype, value.requires_grad)
    elif not isinstance(value, list):
        assert again.dtype == value.dtype and np.array_equal(again, value)


@pytest.mark.parametrize(
    "call",
    [
        Call((torch.tensor([[3.0, -2.0], [1.0, 0.0]]).mT,), {"n": 3}),
        Call(([(2, 1), (3, 4)], "abc", 2.5, None, True)),
        Call((np.array([4, 0, 5], dtype=np.uint8),)),
    ],
)
def test_simpler_calls_are_simpler_and_keep_their_form(call: Call) -> None:
    """In order, each costs less than the call; arrays keep dtype, axes and order of memory."""
    found = list(simpler(call))
    costs = [cost(one) for one in found]
    first, one = call.args[0], found[-1].args[0]  # type: ignore[union-attr]

    assert found and costs == sorted(costs) and costs[-1] < cost(call)
    assert type(one) is type(first)
    if not isinstance(first, list):
        assert (one.dtype, one.ndim) == (first.dtype, first.ndim)

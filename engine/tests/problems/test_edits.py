"""A wrong answer written as an edit of a right one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from nbexaminer.problems.problem import Misconception, edit


def mean(values: list[float]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


class Counter:
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def up(self) -> Counter:
        self.count += 1
        return self


def mistake(name: str, answer: Callable[..., Any]) -> Misconception:
    return Misconception(name, answer, "A hint.", "page#label", frozenset({"values"}))


def test_an_edit_does_what_its_changes_say_and_is_named_by_its_misconception() -> None:
    """All changes are made; the answer itself stays as it is."""
    wrong = mistake(
        "+1 in the count", edit(mean, {"0.0": "1.0", "len(values)": "(len(values) + 1)"})
    )

    assert (mean([2, 4]), wrong.wrong_answer([2, 3])) == (3, 2)
    assert wrong.wrong_answer.__name__ == "mean_plus_1_in_the_count"


@pytest.mark.parametrize(
    ("answer", "changes", "first"),
    [
        (mean, {"total / len(values)": "total"}, "def mean_sum(values: list[float]) -> float:"),
        (Counter, {"+= 1": "-= 1"}, "class Counter_sum:"),
    ],
)
def test_the_source_of_an_edit_is_found_and_stands_alone(
    answer: Callable[..., Any], changes: dict[str, str], first: str
) -> None:
    """`inspect.getsource` gives the answer's source with the changes, under the new name."""
    source = inspect.getsource(edit(answer, changes, name="sum"))
    expected = inspect.getsource(answer)
    for old, new in changes.items():
        expected = expected.replace(old, new)

    assert source.splitlines()[0] == first
    assert source == expected.replace(answer.__name__, f"{answer.__name__}_sum")


def test_an_edit_is_edited() -> None:
    """What an edit makes is an answer like any other."""
    halved = edit(mean, {"len(values)": "2"}, name="halved")

    assert edit(halved, {"+= value": "-= value"}, name="negative")([3, 3]) == -3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"totl / len(values)": ""}, r"occurs 0 times, not once\n  line 5: return total / len"),
        ({"total": "sum"}, r"occurs 3 times, not once\n  line 2: .*\n  line 4: .*\n  line 5: "),
        ({"0.0": "0.0"}, "replaced by itself"),
        ({"total / len": "", "len(values)": ""}, "overlaps"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused_with_the_lines_that_come_near(
    changes: dict[str, str], message: str
) -> None:
    """Each old text occurs once, apart from the others, and changes."""
    with pytest.raises(ValueError, match=message):
        edit(mean, changes)

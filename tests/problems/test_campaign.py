"""The campaign of `make bank`: a part of it run here, its lists and its table held to the bank."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from bank import campaign, mutants, noise, table

from nbexaminer.problems.problem import Problem
from problems import bank

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PROBLEMS = [problem for problems in bank().values() for problem in problems]
EVERY_MUTANT, EVERY_NOISE = 12, 13  # the subset that `make test` examines
SEED = 7


def name(problem: Problem) -> str:
    return problem.name


@pytest.mark.parametrize("problem", PROBLEMS, ids=name)
def test_mutants_lose_points(problem: Problem) -> None:
    """Every twelfth mutant of a reference is refused, unless it is listed with a reason."""
    found = list(mutants.mutants_of(problem.reference, every=EVERY_MUTANT))
    listed = campaign.equivalents(problem.name)
    survivors, stale = campaign.examine_mutants(problem, found, listed, [SEED])

    assert found
    assert survivors == []
    assert stale == []


@pytest.mark.campaign
@pytest.mark.parametrize("problem", PROBLEMS, ids=name)
def test_no_wrong_answer_is_lucky(problem: Problem) -> None:
    """Whatever is drawn: wrong answers, also under noise, and mutants lose points on 50 seeds."""
    assert campaign.lucky(problem, range(50)) == []


@pytest.mark.parametrize("problem", PROBLEMS, ids=name)
def test_wrong_answers_are_named_under_noise(problem: Problem) -> None:
    """Of wrong answers as others would write them, one in five may go without its name, or one."""
    examined, unnamed = campaign.under_noise(problem, [SEED], EVERY_NOISE)

    assert len(unnamed) <= max(1, examined // 5), unnamed


def test_a_survivor_and_a_stale_entry_are_found() -> None:
    """A mutant that lives is reported; so is a listed one that does not live."""
    problem = next(p for p in PROBLEMS if p.name == "layers_needed")
    same, wrong = (
        mutants.Mutant("layers_needed", change, program, problem.reference)
        for change, program in (
            ("the same", mutants.program_of(problem.reference)),
            ("wrong", "def layers_needed(target, kernel_size):\n    return 1"),
        )
    )
    survivors, stale = campaign.examine_mutants(
        problem, [same, wrong], {("layers_needed", "wrong")}, [SEED]
    )

    assert survivors == ["layers_needed: the same"]
    assert stale == ["layers_needed: wrong (loses points)"]


def test_a_wrong_answer_that_chance_favors_is_found() -> None:
    """A wrong answer that is right whenever the drawn kernel allows it is told with how often."""
    problem = next(p for p in PROBLEMS if p.name == "layers_needed")
    fair = [case for case in problem.cases(1) if case.criterion == "values"][:1]
    lax = replace(problem, draw=lambda _: fair, misconceptions=problem.misconceptions[:2])

    assert any(line.endswith("on 2 of 2") for line in campaign.lucky(lax, range(2)))


def test_an_answer_without_end_is_refused() -> None:
    """A mutant that loops for ever costs a second a call, and counts as killed."""
    problem = next(p for p in PROBLEMS if p.name == "layers_needed")

    def endless(target: int, kernel_size: int) -> int:
        while True:
            pass

    assert campaign.loses(problem, endless, SEED)


@pytest.mark.parametrize("kind", noise.KINDS)
def test_noise_changes_the_source_and_not_the_answer(kind: str) -> None:
    """A right answer under noise is another program, and still right."""
    problem = next(p for p in PROBLEMS if p.name == "conv2d_full")
    for answer in problem.right:
        text = noise.KINDS[kind](answer)
        outcome = problem.examine(noise.run(text, answer.__name__), seed=SEED)

        assert text != mutants.source(answer)
        assert outcome.earned == outcome.points, outcome.report()


def test_every_equivalent_mutant_has_a_reason_and_a_problem() -> None:
    """The list names problems of the bank only, and gives a sentence for each group."""
    groups = tomllib.loads(campaign.LISTED.read_text())["equivalent"]
    named = {problem for group in groups for of in group["mutants"].values() for problem in of}

    assert named <= {p.name for p in PROBLEMS}
    assert all(group["reason"].endswith(".") and group["mutants"] for group in groups)


def test_the_committed_table_is_that_of_the_bank() -> None:
    """It has a row for every problem, in order, with today's counts, and no fault in it."""
    rows = table.rows()

    assert list(rows) == [p.name for p in PROBLEMS]
    for problem in PROBLEMS:
        cells = dict(zip(table.COLUMNS[1:], rows[problem.name], strict=True))
        counted = (len(problem.right), len(problem.misconceptions))
        listed = len(campaign.equivalents(problem.name))

        assert (int(cells["Right"]), int(cells["Wrong"])) == counted, problem.name
        assert int(cells["equivalent"]) == listed, f"{problem.name}: run make bank"
        assert (cells["refused"], cells["accepted"]) == ("0", "0")
        assert int(cells["Mutants"]) >= 20


def test_percentages_are_rounded_down() -> None:
    """100 % means all of them."""
    assert [table.percent(share) for share in (1.0, 0.9999, 0.955)] == ["100 %", "99 %", "95 %"]

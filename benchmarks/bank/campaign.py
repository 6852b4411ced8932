"""Measures one problem: right and wrong answers, these under noise too, mutants. Prints nothing."""

from __future__ import annotations

import contextlib
import signal
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bank import noise
from bank.mutants import Mutant, mutants_of, source
from nbexaminer.problems.problem import Problem

LISTED = Path(__file__).with_name("equivalent.toml")
ENOUGH = 20
SECONDS = 1.0  # of processor time that an examination may take before it counts as without end

Function = Callable[..., Any]
Key = tuple[str, str]


@dataclass(frozen=True)
class Score:
    """What the campaign found of one problem; the lists name what went wrong."""

    problem: str
    points: float
    right: int
    refused: tuple[str, ...]
    wrong_answers: int
    accepted: tuple[str, ...]
    asked: int
    unnamed: tuple[str, ...]
    noisy: int
    noisy_unnamed: tuple[str, ...]
    mutants: int
    equivalent: int
    survivors: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def killed(self) -> float:
        """Share of the mutants that are not equivalent which lose points."""
        return 1 - len(self.survivors) / (self.mutants - self.equivalent)

    @property
    def named(self) -> float:
        """Share of the examinations of plain wrong answers in which the mistake is named."""
        return 1 - len(self.unnamed) / self.asked

    @property
    def noisy_named(self) -> float:
        """Share of the examinations of wrong answers under noise in which the mistake is named."""
        return 1 - len(self.noisy_unnamed) / self.noisy


def measure(problem: Problem, *, seeds: Sequence[int], sample: int = 1) -> Score:
    """Return the score of a problem; of mutants and of noise, every `sample`-th is examined."""
    refused = [
        f"{right.__name__} (seed {seed})"
        for right in (problem.reference, *problem.right)
        for seed in seeds
        if problem.examine(right, seed=seed, diagnose=False).earned < problem.points
    ]
    accepted, unnamed = [], []
    for misconception in problem.misconceptions:
        for seed in seeds:
            answer = noise.run(source(misconception.wrong_answer), name(misconception))
            outcome = problem.examine(answer, seed=seed)
            label = f"{misconception.name} (seed {seed})"
            accepted += [label] * (outcome.earned == outcome.points)
            unnamed += [label] * (outcome.misconception is not misconception)
    noisy, noisy_unnamed = under_noise(problem, seeds[:2], sample)
    mutants = mutants_for(problem)
    listed = equivalents(problem.name)
    survivors, stale = examine_mutants(problem, mutants[::sample], listed, seeds[:2])
    known = {(m.function, m.change) for m in mutants}
    stale += [f"{function}: {change} (no such mutant)" for function, change in listed - known]
    return Score(
        problem.name,
        problem.points,
        len(problem.right),
        tuple(refused),
        len(problem.misconceptions),
        tuple(accepted),
        len(problem.misconceptions) * len(seeds),
        tuple(unnamed),
        noisy,
        tuple(noisy_unnamed),
        len(mutants),
        len([m for m in mutants if (m.function, m.change) in listed]),
        tuple(survivors),
        tuple(stale),
    )


def name(misconception: Any) -> str:
    """Return the name of a misconception's wrong answer."""
    return str(misconception.wrong_answer.__name__)


def under_noise(problem: Problem, seeds: Sequence[int], sample: int) -> tuple[int, list[str]]:
    """Examine wrong answers as others would write them; return how many, and those not named."""
    cases = [
        (misconception, kind, seed)
        for misconception in problem.misconceptions
        for kind in noise.KINDS
        for seed in seeds
    ][::sample]
    unnamed = []
    for misconception, kind, seed in cases:
        answer = noise.run(noise.KINDS[kind](misconception.wrong_answer), name(misconception))
        if problem.examine(answer, seed=seed).misconception is not misconception:
            unnamed.append(f"{misconception.name}, {kind} (seed {seed})")
    return len(cases), unnamed


def mutants_for(problem: Problem) -> list[Mutant]:
    """Return the mutants of the reference; if they are few, of other right answers too."""
    found: list[Mutant] = []
    for answer in (problem.reference, *problem.right):
        if len(found) >= ENOUGH:
            break
        found += mutants_of(answer)
    return found


def examine_mutants(
    problem: Problem, mutants: Sequence[Mutant], listed: set[Key], seeds: Sequence[int]
) -> tuple[list[str], list[str]]:
    """Return the mutants that live though not listed, and those listed though they do not."""
    survivors, stale = [], []
    for mutant in mutants:
        try:
            answer = mutant.build()
        except Exception:
            continue  # a program that does not even start is refused by everyone
        lives = not all(loses(problem, answer, seed) for seed in seeds)
        label = f"{mutant.function}: {mutant.change}"
        is_listed = (mutant.function, mutant.change) in listed
        survivors += [label] * (lives and not is_listed)
        stale += [f"{label} (loses points)"] * (is_listed and not lives)
    return survivors, stale


def loses(problem: Problem, answer: Function, seed: int) -> bool:
    """Whether an answer gets less than all points, or does not come to an end."""
    try:
        with limited(SECONDS):
            outcome = problem.examine(answer, seed=seed, diagnose=False)
    except TimeoutError:
        return True
    return outcome.earned < outcome.points


def lucky(problem: Problem, seeds: Sequence[int]) -> list[str]:
    """Return the wrong answers that get all points on some seed, with how often they do.

    Candidates are the misconceptions, as they are and under one kind of noise per seed, and the
    mutants that are not listed as equivalent. Noise that copies results mends what only shares
    memory, and is left out.
    """
    answers: list[tuple[str, list[Function]]] = []
    for m in problem.misconceptions:
        kinds = noise.KINDS if m.fails != {"untouched"} else ["renamed"]
        noisy = [noise.run(noise.KINDS[kind](m.wrong_answer), name(m)) for kind in kinds]
        answers += [(m.name, [m.wrong_answer]), (f"{m.name}, under noise", noisy)]
    listed = equivalents(problem.name)
    for mutant in mutants_for(problem):
        with contextlib.suppress(Exception):  # a program that does not even start
            if (mutant.function, mutant.change) not in listed:
                answers.append((f"{mutant.function}: {mutant.change}", [mutant.build()]))
    counts = {
        label: sum(not loses(problem, of[seed % len(of)], seed) for seed in seeds)
        for label, of in answers
    }
    return [f"{label}: on {count} of {len(seeds)}" for label, count in counts.items() if count]


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` in the block once it has used `seconds` of processor.

    It is raised again and again, since an examination takes it for an error of the answer.
    """

    def ring(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, seconds / 20)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def equivalents(problem: str | None = None) -> set[Key]:
    """Return the mutants that are listed as equivalent, for one problem or for any."""
    groups = tomllib.loads(LISTED.read_text())["equivalent"]
    return {
        (mutant.split(": ", 1)[0], mutant.split(": ", 1)[1])
        for group in groups
        for mutant, problems in group["mutants"].items()
        if problem is None or problem in problems
    }

"""The smallest input on which an answer is wrong: sought among fresh small ones, then shrunk.

Nothing here knows a hidden seed. Small cases are drawn from a seed that follows from the problem's
name alone, so what can be shown is the same for every student, year and course; those that every
draw of `Problem.draw` repeats are left out. An answer is asked twice: on all small cases, and on
simpler versions of the best of those that it gets wrong. The best is one on which the answer does
what a recognized mistake does, and that mistake alone; then one of plain values; then the one of
the fewest numbers, of the fewest that are not zero, of the smallest.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from nbexaminer.problems.calls import (
    Answer,
    Call,
    Made,
    ModuleCall,
    Reply,
    perform,
    perform_within,
)
from nbexaminer.problems.case import Case, CaseResult, Misconception
from nbexaminer.problems.compare import identical
from nbexaminer.problems.diagnosis import ASPECTS, likeness
from nbexaminer.problems.small import MANY, Cost, Small, cost, simpler

if TYPE_CHECKING:
    from nbexaminer.problems.problem import Problem

PROBES, SHRUNK = 28, 12  # calls of the first and of the second question
SECONDS = 0.2  # of an answer's processor time, and of ours
TRIED = 60  # simpler calls that are looked at until there are enough
ROUNDS, ENOUGH = 8, 4  # times that a call gets simpler, until it has so few numbers
SALT = 0x5A11  # turns the seed of a problem's name into that of its small cases
ORDER = ("values", "options", "gradients", "types", "untouched", "shape", "errors")


@dataclass(frozen=True)
class Counterexample:
    """A call on which an answer is wrong: what is expected, and what was found."""

    problem: Problem
    expected: Reply
    found: CaseResult

    @property
    def size(self) -> int:
        """How many numbers there are in all inputs together."""
        return cost(self.found.case.call)[0]


@dataclass(frozen=True)
class Probe:
    """A small case, what is expected, and how dear it is."""

    case: Case
    expected: Reply
    price: Cost


@dataclass
class SmallCases:
    """The small cases of a problem, and what its mistakes do on them: the same for all answers.

    Parameters
    ----------
    problem : Problem
    small : Small
    seed : int
    """

    problem: Problem
    small: Small
    seed: int
    _results: dict[tuple[int, str], CaseResult] = field(default_factory=dict)
    _simpler: dict[tuple[int, str], list[Probe]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cases = list(self.small.draw(self.problem.generator(self.seed)))
        if len(cases) > PROBES:
            raise ValueError(f"{self.problem.name}: {len(cases)} small cases, allowed: {PROBES}")
        drawn = [case.call for case in self.problem.cases(self.seed)]
        self._fixed = [
            one for one, other in zip(drawn, self._redrawn(), strict=False) if _same(one, other)
        ]
        found = sorted(map(self._probe, cases), key=lambda probe: probe.price)
        self.probes = [probe for probe in found if self._is_sound(probe)]

    def _probe(self, case: Case) -> Probe:
        return Probe(case, perform(self.problem.reference, case.call), cost(case.call))

    def _redrawn(self) -> list[Call | ModuleCall]:
        return [case.call for case in self.problem.cases(self.seed ^ SALT)]

    def _is_sound(self, probe: Probe) -> bool:
        """Return whether the reference is right on a probe, and no case is the same in any draw."""
        right = self.problem.found(probe.case, probe.expected, probe.expected).right
        return right and not any(_same(probe.case.call, call) for call in self._fixed)

    def search(self, answer: Answer, mistakes: Sequence[Misconception]) -> Counterexample | None:
        """Return the best call on which an answer is wrong, if one is found in time."""
        begun = time.process_time()
        calls = [probe.case.call for probe in self.probes]
        replies, left = perform_within(answer, calls, SECONDS)
        wrong = [found for found in self._wrong(self.probes, replies) if _is_small(found[1])]
        if not wrong:
            return None
        place, probe, result = min(wrong, key=lambda one: self._rank(one, mistakes))
        best = [(probe, result)]
        alike = [m for m in mistakes[:1] if self._fits(place, result, m)]
        if left > 0 and time.process_time() - begun < SECONDS:
            others = self._simpler_probes(place, alike)
            replies, _ = perform_within(answer, [other.case.call for other in others], left)
            shrunk = [(other, found) for _, other, found in self._wrong(others, replies)]
            best += [(other, found) for other, found in shrunk if _same_kind(found, result)]
        probe, result = min(best, key=lambda one: one[0].price)
        return Counterexample(self.problem, probe.expected, result)

    def _wrong(
        self, probes: Sequence[Probe], replies: Iterable[Reply]
    ) -> Iterator[tuple[int, Probe, CaseResult]]:
        """Yield what is wrong, as far as there are replies, with its place and probe."""
        for place, (probe, reply) in enumerate(zip(probes, replies, strict=False)):
            found = self.problem.found(probe.case, probe.expected, reply)
            if not found.right:
                yield place, probe, found

    def _rank(
        self, wrong: tuple[int, Probe, CaseResult], mistakes: Sequence[Misconception]
    ) -> tuple[Any, ...]:
        """Return what makes a probe good: the least is the best."""
        place, probe, found = wrong
        fits = [self._fits(place, found, m) for m in mistakes]
        alone = fits[:1] == [True] and all(self._wrong_result(place, m).right for m in mistakes[1:])
        return not any(fits[:1]), not alone, ORDER.index(probe.case.criterion), probe.price

    def _fits(self, place: int, found: CaseResult, mistake: Misconception) -> bool:
        return likeness(found, self._wrong_result(place, mistake)) >= ASPECTS

    def _wrong_result(self, place: int, mistake: Misconception) -> CaseResult:
        key = place, mistake.name
        if key not in self._results:
            self._results[key] = self._wrong_result_on(self.probes[place], mistake)
        return self._results[key]

    def _wrong_result_on(self, probe: Probe, mistake: Misconception) -> CaseResult:
        reply = perform(mistake.wrong_answer, probe.case.call)
        return self.problem.found(probe.case, probe.expected, reply)

    def _simpler_probes(self, place: int, mistakes: Sequence[Misconception]) -> list[Probe]:
        """Return simpler versions of a probe, the simplest first.

        Where a mistake is known, it shows on all of them, and they are made simpler again as long
        as they are large. Where none is, half of them are taken from all that there are.
        """
        key = place, "".join(m.name for m in mistakes)
        if key not in self._simpler:
            probe, found = self.probes[place], list[Probe]()
            if not mistakes:
                found = list(islice(self._valid(probe), TRIED))
                step = max(1, 2 * len(found) // SHRUNK)
                found = [*found[: SHRUNK // 2], *found[SHRUNK // 2 :: step]][:SHRUNK]
            for _ in range(ROUNDS if mistakes else 0):
                some = islice(self._valid(probe), TRIED)
                showing = (
                    p for p in some if all(not self._wrong_result_on(p, m).right for m in mistakes)
                )
                better = list(islice(showing, SHRUNK // 2))
                found = [*better, *found][:SHRUNK]
                probe = better[0] if better else probe
                if not better or probe.price[0] <= ENOUGH:
                    break
            self._simpler[key] = found
        return self._simpler[key]

    def _valid(self, probe: Probe) -> Iterator[Probe]:
        """Yield simpler versions that the task allows, and that end as the probe does."""
        for call in islice(simpler(probe.case.call), 4 * TRIED):
            if self.small.allows(call):
                other = self._probe(replace(probe.case, call=call))
                if other.expected.errors == probe.expected.errors and self._is_sound(other):
                    yield other


def _same(one: Call | ModuleCall, other: Call | ModuleCall) -> bool:
    return identical(_bare(one), _bare(other))


def _bare(value: Any) -> Any:
    """Return a call, or a part of one, as lists and dicts of plain values."""
    if isinstance(value, Call | ModuleCall | Made):
        return {"kind": type(value).__name__, **{k: _bare(v) for k, v in vars(value).items()}}
    if isinstance(value, Mapping):
        return {key: _bare(one) for key, one in value.items()}
    return [_bare(one) for one in value] if isinstance(value, list | tuple) else value


def _same_kind(one: CaseResult, other: CaseResult) -> bool:
    """Return whether two calls went wrong in the same way: raised, changed or gave a value."""
    same_end = one.reply.errors[:1] == other.reply.errors[:1]
    return same_end and bool(one.wrong) == bool(other.wrong) and one.touched == other.touched


def _is_small(probe: Probe) -> bool:
    return probe.price[0] <= MANY

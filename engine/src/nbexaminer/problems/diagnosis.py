"""Which mistakes an answer shows: the misconceptions whose twins do what it did, case by case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from nbexaminer.problems.case import CaseResult, Misconception
from nbexaminer.problems.compare import difference
from nbexaminer.values import codecs

ASPECTS = frozenset({"value", "dtype", "inputs"})
UNWRITTEN = NotImplementedError.__name__
PLAIN = frozenset({"values", "options", "gradients"})


@dataclass(frozen=True)
class Search:
    """Looks for the misconceptions whose twins do what an answer did.

    That is the first that does the same on every case; else the first two of which, on every case,
    one or the other does. Else mistakes are sought one at a time, in the values, then in each other
    criterion, and named if one alone fits: who is careless in two ways makes neither mistake as its
    twin does. Wrong cases come first, since they leave the fewest that may be it.
    """

    findings: tuple[CaseResult, ...]
    misconceptions: tuple[Misconception, ...]
    lost: frozenset[str]
    twin_finding: Callable[[int, Misconception], CaseResult]
    likeness: dict[tuple[int, str], frozenset[str]] = field(default_factory=dict)

    @property
    def wrong(self) -> list[int]:
        """The places of the wrong cases."""
        return [place for place, finding in enumerate(self.findings) if not finding.right]

    def mistakes(self) -> list[Misconception]:
        """Return what an answer's mistakes look like, at most two; none where nothing fits."""
        alone = self._fitting(((m,) for m in self.misconceptions), self._all_places())
        return list(alone[0]) if alone else self._together() or self._apart()

    def _together(self) -> list[Misconception]:
        """Return those of the first two that fit together which are needed for it."""
        for two in self._fitting(combinations(self.misconceptions, 2), self._all_places())[:1]:
            needed = [m for m in two if not self._fit([o for o in two if o is not m], self.wrong)]
            return needed if all(m.fails <= self.lost for m in needed) else []
        return []

    def _apart(self) -> list[Misconception]:
        """Return mistakes each of which alone fits a part of what may be wrong.

        An answer whose every call fails, as by a name that is not there, says nothing of its parts.
        """
        if all(finding.reply.failed for finding in self.findings):
            return []
        parts = [self._fitting(((m,) for m in some), places) for some, places in self._parts()]
        return [m for left in parts if len(left) == 1 for m in left[0]][:2]

    def _parts(self) -> Iterator[tuple[list[Misconception], list[int]]]:
        """Yield what may be wrong in the values, then in each other criterion, with its cases."""
        wrong = set(self.wrong)
        criteria = dict.fromkeys(self.findings[place].case.criterion for place in sorted(wrong))
        for part in (PLAIN, *(frozenset({name}) for name in criteria if name not in PLAIN)):
            places = [p for p, f in enumerate(self.findings) if f.case.criterion in part]
            if wrong.intersection(places):
                some = [m for m in self.misconceptions if part == PLAIN or m.fails == part]
                may_be = [m for m in some if m.fails <= self.lost]
                yield may_be, sorted(places, key=lambda place: place not in wrong)

    def _all_places(self) -> list[int]:
        """Return all cases, wrong ones first."""
        return sorted(range(len(self.findings)), key=lambda place: self.findings[place].right)

    def _fitting(
        self, some: Iterable[tuple[Misconception, ...]], places: Iterable[int]
    ) -> list[tuple[Misconception, ...]]:
        left = list(some)
        for place in places:
            left = [ms for ms in left if self._fit(ms, [place])]
        return left

    def _fit(self, ms: Iterable[Misconception], places: Iterable[int]) -> bool:
        return all(_union(self._like(place, m) for m in ms) >= ASPECTS for place in places)

    def _like(self, place: int, misconception: Misconception) -> frozenset[str]:
        key = place, misconception.name
        if key not in self.likeness:
            finding = self.twin_finding(place, misconception)
            self.likeness[key] = likeness(self.findings[place], finding)
        return self.likeness[key]


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def likeness(one: CaseResult, other: CaseResult) -> frozenset[str]:
    """Return in which aspects two answers did the same on a case: value, dtype, inputs.

    An error is the same as an error that is just as wrong, and then in value and in dtype; but
    what is not written yet does the same as nothing.
    """
    inputs = {"inputs"} if one.touched == other.touched else set()
    if one.reply.failed or other.reply.failed:
        both = one.reply.failed and other.reply.failed
        both = both and UNWRITTEN not in one.reply.errors
        same = both and (one.wrong is None) == (other.wrong is None)
        return frozenset(inputs | ({"value", "dtype"} if same else set()))
    if one.case.judge is not None:
        return frozenset(inputs | ({"value", "dtype"} if one.wrong == other.wrong else set()))
    mine, theirs = one.reply.value, other.reply.value
    equal = difference(mine, theirs, terms=one.case.terms, magnitude=one.case.magnitude)
    if equal is None:
        return frozenset(inputs | {"value", "dtype"})
    rough = _rough(mine), _rough(theirs)
    if rough[0] is None or rough[1] is None:
        return frozenset(inputs)
    if mine.dtype == theirs.dtype:
        return frozenset(inputs | {"dtype"})
    unlike = difference(*rough, terms=one.case.terms, magnitude=one.case.magnitude)
    return frozenset(inputs | ({"value"} if unlike is None else set()))


def _rough(value: Any) -> Any:
    codec = codecs.of(value)
    return codec.rough(value) if codec else None

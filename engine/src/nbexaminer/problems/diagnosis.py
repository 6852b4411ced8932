"""Which mistakes an answer shows: known ones that do the same, else what wrong results share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

from nbexaminer.problems.calls import Reply
from nbexaminer.problems.case import CaseResult, Misconception, Vague
from nbexaminer.problems.compare import difference
from nbexaminer.problems.symptoms import VALUES, ComparedCase, Symptom, of_all
from nbexaminer.values import codecs
from nbexaminer.values.codec import SINGLE
from nbexaminer.values.libraries import np

ASPECTS = frozenset({"value", "dtype", "inputs"})
UNWRITTEN = NotImplementedError.__name__
PLAIN = frozenset({"values", "options", "gradients"})

Mistake = Misconception | Symptom


@dataclass(frozen=True)
class Search:
    """Looks for the misconceptions that do what an answer did, and for symptoms of others.

    That is the first misconception that does the same on every case; else the first symptom that
    all wrong cases show; else the first two misconceptions of which one or the other does the same
    on every case, each alone on some of them. Else mistakes are sought one at a time, in the
    values, then in each other criterion, and named if one misconception alone fits, or else if all
    wrong cases show a symptom: an answer that is careless in two ways makes neither mistake as its
    misconception does. Wrong cases come first, since they leave the fewest candidates.
    """

    findings: tuple[CaseResult, ...]
    expected: tuple[Reply, ...]
    misconceptions: tuple[Misconception, ...]
    lost: frozenset[str]
    wrong_answer_result: Callable[[int, Misconception], CaseResult]
    results: dict[tuple[int, str], CaseResult] = field(default_factory=dict)

    @cached_property
    def wrong(self) -> list[int]:
        """The places of the wrong cases."""
        return [place for place, finding in enumerate(self.findings) if not finding.right]

    @cached_property
    def symptoms(self) -> list[Symptom]:
        """What may be told of wrong cases, with sections of this problem."""
        return of_all(self.misconceptions)

    def mistakes(self) -> list[Mistake]:
        """Return what an answer's mistakes look like, at most two; none where nothing fits."""
        symptoms: list[Mistake] = [*self._shown(self.wrong)[:1]]
        if all(finding.reply.failed for finding in self.findings):
            refused = all("ValueError" in finding.reply.errors for finding in self.findings)
            return symptoms if refused else []  # as by a missing name: it says nothing of any part
        alone = self.fitting(((m,) for m in self.misconceptions), self.all_places())
        if alone and not all(isinstance(self.findings[p].wrong, Vague) for p in self.wrong):
            return list(alone[0])
        if symptoms and not any(
            self.findings[place].case.criterion == "errors" for place in self.wrong
        ):
            return symptoms
        return self._together() or self._mixed() or self._apart() or symptoms

    def _together(self) -> list[Mistake]:
        """Return the first two misconceptions that fit together, each seen where the other is not.

        An error is no such sight: it is the same whatever it comes from.
        """
        for two in self.fitting(combinations(self.misconceptions, 2), self.all_places()):
            seen = (self._is_seen(m, other) for m, other in (two, two[::-1]))
            if all(seen) and all(m.fails <= self.lost for m in two):
                return list(two)
        return []

    def _is_seen(self, m: Misconception, other: Misconception) -> bool:
        """Return whether some wrong case is as `m` makes it, and not as the other does."""
        return any(
            self._tells(place) and self._fit([m], [place]) and not self._fit([other], [place])
            for place in self.wrong
        )

    def _tells(self, place: int) -> bool:
        """Return whether a case shows more than that it is wrong, or that some error was raised.

        Values wrong elsewhere, too, may be inexact for another reason than float32.
        """
        finding = self.findings[place]
        if isinstance(finding.wrong, Vague) or (finding.wrong == SINGLE and self.lost & PLAIN):
            return False
        return not finding.reply.failed or finding.case.criterion == "errors"

    def _mixed(self) -> list[Mistake]:
        """Return the first misconception that leaves nothing wrong but what a symptom tells."""
        for m in self.misconceptions:
            if not m.fails <= self.lost:
                continue
            like = [place for place in self.all_places() if self._fit([m], [place])]
            rest = [place for place in self.wrong if place not in like]
            done = set(like) | set(rest) == set(range(len(self.findings)))
            other = all(self.findings[place].case.criterion not in m.fails for place in rest)
            if done and other and any(map(self._tells, set(self.wrong) - set(rest))):
                symptoms = self._shown(rest)
                if symptoms:
                    return [m, symptoms[0]]
        return []

    def _apart(self) -> list[Mistake]:
        """Return mistakes each of which alone fits a part of what may be wrong."""
        found: list[Mistake] = []
        for some, places in self._parts():
            fitting = self.fitting(((m,) for m in some), places)
            wrong = [place for place in places if place in self.wrong]
            if len(fitting) == 1 and any(map(self._tells, wrong)):
                found += fitting[0]
            elif not fitting:
                shown = self._shown(wrong, self._right_of(places))
                of_values = {symptom.name for symptom in VALUES} if found else set()
                found += [symptom for symptom in shown if symptom.name not in of_values][:1]
        named = {m.name: m for m in found}
        return list(named.values())[:2]

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

    def all_places(self) -> list[int]:
        """Return all cases, wrong ones first."""
        return sorted(range(len(self.findings)), key=lambda place: self.findings[place].right)

    def _right_of(self, places: Iterable[int]) -> list[int]:
        return [place for place in places if self.findings[place].right]

    def _shown(self, wrong: Sequence[int], right: Sequence[int] | None = None) -> list[Symptom]:
        """Return the symptoms that all these wrong cases show."""
        if not wrong:
            return []
        others = self._right_of(range(len(self.findings))) if right is None else right
        of = [
            [ComparedCase(self.findings[place], self.expected[place]) for place in places]
            for places in (wrong, others)
        ]
        with np.errstate(all="ignore"):  # a warning on stderr costs all points in stock nbgrader
            return [symptom for symptom in self.symptoms if symptom.shows(of[0], of[1])]

    def fitting(
        self, some: Iterable[tuple[Misconception, ...]], places: Iterable[int]
    ) -> list[tuple[Misconception, ...]]:
        """Return those of some sets of misconceptions that explain what every place shows."""
        left = list(some)
        for place in places:
            left = [ms for ms in left if self._fit(ms, [place])]
        return left

    def _fit(self, ms: Iterable[Misconception], places: Iterable[int]) -> bool:
        return all(_union(self._like(place, m) for m in ms) >= ASPECTS for place in places)

    def _like(self, place: int, misconception: Misconception) -> frozenset[str]:
        key = place, misconception.name
        if key not in self.results:
            self.results[key] = self.wrong_answer_result(place, misconception)
        return likeness(self.findings[place], self.results[key])


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def likeness(one: CaseResult, other: CaseResult) -> frozenset[str]:
    """Return in which aspects two answers did the same on a case: value, dtype, inputs.

    An error is the same as an error that is just as wrong, and then in value and in dtype; but
    what is not written yet does the same as nothing. Two results that are right to single precision
    only are the same, since each way to round gives other digits.
    """
    inputs = {"inputs"} if one.touched == other.touched else set()
    if one.reply.failed or other.reply.failed:
        both = one.reply.failed and other.reply.failed
        both = both and UNWRITTEN not in one.reply.errors
        same = both and (one.wrong is None) == (other.wrong is None)
        return frozenset(inputs | ({"value", "dtype"} if same else set()))
    mine, theirs = one.reply.value, other.reply.value
    if one.case.judge is not None:
        same = one.wrong == other.wrong and _same_shapes(mine, theirs)
        return frozenset(inputs | ({"value", "dtype"} if same else set()))
    if one.wrong == other.wrong == SINGLE:
        return frozenset(inputs | {"value", "dtype"})
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


def _same_shapes(mine: Any, theirs: Any) -> bool:
    """Return whether the tensors in two results, part by part, have the same shapes."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return all(_same_shapes(mine[key], theirs[key]) for key in mine.keys() & theirs.keys())
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        return all(_same_shapes(*pair) for pair in zip(mine, theirs, strict=False))
    both = codecs.of(mine) is not None and codecs.of(theirs) is not None
    return not both or mine.shape == theirs.shape


def _rough(value: Any) -> Any:
    codec = codecs.of(value)
    return codec.rough(value) if codec else None

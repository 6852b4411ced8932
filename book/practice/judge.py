"""Examines an answer on a problem's public cases, in the page, by the engine's own rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from inspect import Parameter, Signature
from types import ModuleType
from typing import Any

from nbexaminer.problems.calls import RemoteAnswer, Reply, perform
from nbexaminer.problems.case import Case, CaseResult, Misconception
from nbexaminer.problems.counterexample import Counterexample
from nbexaminer.problems.diagnosis import PLAIN, Mistake, Search
from nbexaminer.problems.problem import Problem
from nbexaminer.problems.small import Small
from nbexaminer.problems.symptoms import ComparedCase, Symptom
from practice.wire import RECORDS, decode

Content = Mapping[str, Any]


class Recorded(RemoteAnswer):
    """A reference of which the arguments' names and the replies are known, by calls' identities."""

    def __init__(self, arguments: Sequence[str], replies: Mapping[int, Reply]) -> None:
        named = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in arguments]
        self.__signature__ = Signature(named)
        self.replies = replies

    def __call__(self, *_: Any, **__: Any) -> None:
        """Stand for a function, which has a signature; there is none here to be called."""
        raise LookupError("the page has the reference's replies, not the reference")

    def perform(self, call: Any) -> Reply:
        """Return the reply that was recorded for this call."""
        return self.replies[id(call)]


class PublicProblem(Problem):
    """A problem with its public cases, whose reference and misconceptions are records."""

    @cached_property
    def pool(self) -> list[tuple[Case, Reply]]:
        """Small inputs with what is expected, the smallest first; `public` fills it."""
        return []

    @cached_property
    def shows(self) -> dict[str, list[int]]:
        """Places in the pool where each misconception is wrong; `public` fills it."""
        return {}

    def counterexample(self, answer: Any, *mistakes: Mistake | None) -> Counterexample | None:
        """Return the first of the pool on which an answer is wrong; there is no other to search.

        Those on which the first of the mistakes shows come before the others.
        """
        shown = self.shows.get(mistakes[0].name, []) if mistakes and mistakes[0] else []
        for place in dict.fromkeys([*shown, *range(len(self.pool))]):
            case, expected = self.pool[place]
            found = self.found(case, expected, perform(answer, case.call))
            if not found.right:
                return Counterexample(self, expected, found)
        return None

    @cached_property
    def idle(self) -> list[Misconception]:
        """The misconceptions that ignore their inputs; `public` fills it."""
        return []

    @cached_property
    def done(self) -> dict[str, list[CaseResult]]:
        """What each misconception does in each case; `public` fills it."""
        return {}

    def is_idle(self, _answer: Any, findings: Any, pairs: Any, met: Any, _seed: int) -> bool:
        """Return whether an answer does what a misconception does that ignores its inputs.

        The search for other trivial baselines needs the reference, and is left to the hidden cases.
        """
        if any(ok for name, ok in met.items() if name in PLAIN) or not any(met.values()):
            return False
        search = self._search(findings, pairs, met)
        return bool(search.fitting(((m,) for m in self.idle), search.all_places()))

    @property
    def misread(self) -> tuple[Misconception, ...]:
        """Nothing more: misread options are among the misconceptions that were exported."""
        return ()

    def _recognize(self, tried: Any) -> tuple[Mistake | None, Mistake | None]:
        found = self._search(tried.findings, tried.pairs, tried.met).mistakes()
        first, second, *_ = *found, None, None
        return first, second

    def _search(self, findings: Any, pairs: Any, met: Mapping[str, bool]) -> Search:
        def wrong_answer_result(place: int, misconception: Misconception) -> CaseResult:
            return self.done[misconception.name][place]

        lost = frozenset(name for name, is_met in met.items() if not is_met)
        expected = tuple(reply for _, reply in pairs)
        return PublicSearch(findings, expected, self.misconceptions, lost, wrong_answer_result)


class PublicSearch(Search):
    """A search for mistakes that does without NumPy: symptoms that need it are not looked for."""

    def _shown(self, wrong: Sequence[int], right: Sequence[int] | None = None) -> list[Symptom]:
        if not wrong:
            return []
        others = self._right_of(range(len(self.findings))) if right is None else right
        of = [
            [ComparedCase(self.findings[place], self.expected[place]) for place in places]
            for places in (wrong, others)
        ]
        shown = []
        for symptom in self.symptoms:
            with suppress(ImportError):
                shown += [symptom] * symptom.shows(of[0], of[1])
        return shown


def public(content: Content) -> PublicProblem:
    """Return the problem that `export.exported` wrote."""
    module = ModuleType(f"judges_of_{content['name']}")
    sys.modules[module.__name__] = module  # where dataclasses look for their own
    exec(content["judges"], module.__dict__)
    space = module.__dict__
    records = {**RECORDS, **space}
    cases = [_case(case, space, records) for case in content["cases"]]
    replies = {
        id(case.call): decode(told["reply"])
        for case, told in zip(cases, content["cases"], strict=True)
    }
    reference = Recorded(content["arguments"], replies)
    mistakes, small = content["misconceptions"], content["small"]
    pool = [(_case(case, space, records), case) for case in small["cases"]] if small else []
    explorers = {id(case.call): told["explorer"] for case, told in pool}
    problem = PublicProblem(
        name=content["name"],
        reference=reference,  # type: ignore[arg-type]  # `perform` takes either
        weights=content["weights"],
        draw=lambda _: cases,
        misconceptions=tuple(
            Misconception(m["name"], _nothing, m["hint"], m["section"], frozenset(m["fails"]))
            for m in mistakes
        ),
        words=content["words"],
        new_result=content["new_result"],
        generator=lambda seed: seed,
        small=Small(
            draw=_nothing,
            unique=small["unique"],
            names=tuple(small["names"]),
            sketch=small["sketch"],
            explorer=lambda call: explorers.get(id(call), ""),  # a public case has none
        )
        if small
        else None,
    )
    problem.pool.extend((case, decode(told["reply"])) for case, told in pool)
    problem.shows.update(small["shows"] if small else {})
    for m in mistakes:
        told = zip(cases, content["cases"], m["done"], strict=True)
        problem.done[m["name"]] = [_result(case, told["done"][at]) for case, told, at in told]
    idle = {m["name"] for m in mistakes if m["idle"]}
    problem.idle.extend(m for m in problem.misconceptions if m.name in idle)
    return problem


def _nothing(*_: Any) -> Any:
    """Stand for what the page has the results of, and does not do itself."""


def _case(told: Content, space: Mapping[str, Any], records: Mapping[str, Any]) -> Case:
    def made(function: Any) -> Callable[..., Any] | None:
        if function is None:
            return None
        name, free = function
        maker: Callable[..., Callable[..., Any]] = space[name]
        return maker(**{key: decode(value, records) for key, value in free.items()})

    return Case(
        told["criterion"],
        told["examines"],
        decode(told["call"]),
        terms=told["terms"],
        magnitude=told["magnitude"],
        judge=made(told["judge"]),
        trivial=told["trivial"],
        varies=made(told["varies"]),
    )


def _result(case: Case, told: Content) -> CaseResult:
    reply = Reply(value=decode(told["value"]), errors=tuple(told["errors"]))
    return CaseResult(
        case, reply, told["wrong"], told["wrong_form"], told["changed"], told["shares"]
    )

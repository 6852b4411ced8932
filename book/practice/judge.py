"""Examines an answer on a problem's public cases, in the page, by the engine's own rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from types import ModuleType
from typing import Any

from nbexaminer.problems.calls import RemoteAnswer, Reply
from nbexaminer.problems.case import Case, CaseResult, Misconception
from nbexaminer.problems.diagnosis import Search
from nbexaminer.problems.problem import Problem
from practice.wire import RECORDS, decode

Content = Mapping[str, Any]


class Recorded(RemoteAnswer):
    """An answer of which only the replies are known, by the identity of their calls."""

    def __init__(self, replies: Mapping[int, Reply]) -> None:
        self.replies = replies

    def perform(self, call: Any) -> Reply:
        """Return the reply that was recorded for this call."""
        return self.replies[id(call)]


class PublicProblem(Problem):
    """A problem with its public cases, whose reference and misconceptions are records."""

    @cached_property
    def done(self) -> dict[str, list[CaseResult]]:
        """What each misconception does in each case; `public` fills it."""
        return {}

    def _is_idle(self, *_: Any) -> bool:
        """Leave the search for trivial baselines to the hidden cases, which need the reference."""
        return False

    def _recognize(self, tried: Any) -> tuple[Misconception | None, Misconception | None]:
        def twin_finding(place: int, misconception: Misconception) -> CaseResult:
            return self.done[misconception.name][place]

        lost = frozenset(name for name, is_met in tried.met.items() if not is_met)
        search = Search(tried.findings, self.misconceptions, lost, twin_finding)
        first, second, *_ = *search.mistakes(), None, None
        return first, second


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
    reference = Recorded(replies)
    mistakes = content["misconceptions"]
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
    )
    for m in mistakes:
        told = zip(cases, content["cases"], m["done"], strict=True)
        problem.done[m["name"]] = [_result(case, told["done"][at]) for case, told, at in told]
    return problem


def _nothing(*_: Any) -> None:
    """Stand for a misconception, of which the page has what it did, not how."""


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

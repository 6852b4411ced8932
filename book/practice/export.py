"""Writes what the page needs to examine answers: `python -m practice.export FOLDER`.

Of each problem: its cases drawn from its public seed, what the reference replies, and what each
misconception does; small inputs, with replies, on which misconceptions show. None of the
reference's code, and no case of another seed, is in it.
"""

from __future__ import annotations

import gzip
import inspect
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbexaminer.problems.bank import load
from nbexaminer.problems.calls import Reply, perform
from nbexaminer.problems.case import Case, CaseResult
from nbexaminer.problems.counterexample import ORDER
from nbexaminer.problems.problem import Misconception, Pairs, Problem, _criteria_met
from nbexaminer.problems.small import cost
from practice.portable import Bundle
from practice.wire import encode

ROOT = Path(__file__).resolve().parents[2]


def main(folder: Path) -> None:
    """Write one file a topic: the released notebook, and its problems."""
    folder.mkdir(parents=True, exist_ok=True)
    for topic, problems in load("problems").items():
        notebook = ROOT / "exercises" / topic / f"{topic}.ipynb"
        content = {
            "notebook": notebook.read_text(encoding="utf-8"),
            "problems": {problem.name: exported(problem) for problem in problems},
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{topic}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def exported(problem: Problem) -> dict[str, Any]:
    """Return a problem as the page has it: cases and replies, from the public seed alone."""
    bundle = Bundle()
    pairs = [(case, perform(problem.reference, case.call)) for case in problem.cases()]
    known = (*problem.misconceptions, *problem.misread)
    results = {m.name: problem.findings_of(m.wrong_answer, pairs) for m in known}
    cases = []
    for place, (case, reply) in enumerate(pairs):
        done: list[Any] = []
        for found in results.values():
            fact = _fact(found[place])
            if fact not in done:
                done.append(fact)
        cases.append({**_case(case, reply, bundle), "done": done})
    return {
        "name": problem.name,
        "arguments": list(inspect.signature(problem.reference).parameters),
        "weights": dict(problem.weights),
        "words": dict(problem.words),
        "new_result": problem.new_result,
        "cases": cases,
        "misconceptions": [
            {
                **_told(m),
                "idle": is_idle(problem, m, results[m.name], pairs),
                "done": [
                    case["done"].index(_fact(found))
                    for case, found in zip(cases, results[m.name], strict=True)
                ],
            }
            for m in known
        ],
        "small": _small(problem, known, bundle),
        "judges": bundle.text,
    }


def _case(case: Case, reply: Reply, bundle: Bundle) -> dict[str, Any]:
    keys = ("criterion", "examines", "terms", "magnitude", "trivial")
    return {
        **{key: getattr(case, key) for key in keys},
        "call": encode(case.call),
        "reply": encode(reply),
        "judge": _function(case.judge, bundle),
        "varies": _function(case.varies, bundle),
    }


def _small(
    problem: Problem, known: Iterable[Misconception], bundle: Bundle
) -> dict[str, Any] | None:
    """Return small inputs, the smallest first, and those on which each misconception shows.

    They are the problem's small cases, and for each misconception the smallest input of all on
    which it shows; that one comes first among its own.
    """
    drawn = problem.small_cases
    if drawn is None:
        return None
    found = {m.name: problem.counterexample(m.wrong_answer, m) for m in known}
    best = {name: one for name, one in found.items() if one}
    probes = [(probe.case, probe.expected) for probe in drawn.probes]
    pool = [*probes, *((one.found.case, one.expected) for one in best.values())]
    pool.sort(key=lambda one: (ORDER.index(one[0].criterion), cost(one[0].call)))
    shows = {}
    for m in known:
        results = problem.findings_of(m.wrong_answer, pool)
        places = [place for place, result in enumerate(results) if not result.right]
        if m.name in best:
            first = next(i for i, (case, _) in enumerate(pool) if case is best[m.name].found.case)
            places = [first, *(place for place in places if place != first)]
        shows[m.name] = places
    return {
        **{key: getattr(drawn.small, key) for key in ("unique", "names", "sketch")},
        "cases": [
            {**_case(case, reply, bundle), "explorer": drawn.small.explorer(case.call)}
            for case, reply in pool
        ],
        "shows": shows,
    }


def _told(misconception: Misconception) -> dict[str, Any]:
    """Return of a misconception what a reader may be told, and what it must lose."""
    return {
        "name": misconception.name,
        "hint": misconception.hint,
        "section": misconception.section,
        "fails": sorted(misconception.fails),
    }


def is_idle(
    problem: Problem, misconception: Misconception, found: tuple[CaseResult, ...], pairs: Pairs
) -> bool:
    """Return whether a misconception ignores an input, and so earns nothing."""
    met = _criteria_met(problem.weights, found)
    return problem.is_idle(misconception.wrong_answer, found, pairs, met, problem.seed_of(None))


def _fact(found: CaseResult) -> dict[str, Any]:
    """Return what a misconception did in a case; a judged value is not needed, only the verdict."""
    reply = found.reply
    return {
        "value": None if found.case.judge or reply.failed else encode(reply.value),
        "errors": list(reply.errors),
        "wrong": found.wrong,
        "wrong_form": found.wrong_form,
        "changed": found.changed_inputs,
        "shares": found.shares_memory,
    }


def _function(function: Any, bundle: Bundle) -> Any:
    """Return the maker of a judge with its arguments, and put its source into the bundle."""
    if function is None:
        return None
    name, free = bundle.add(function)
    return [name, {key: encode(value) for key, value in free.items()}]


if __name__ == "__main__":
    main(Path(sys.argv[1]))

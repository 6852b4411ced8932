"""Writes what the page needs to examine answers: `python -m practice.export FOLDER`.

Of each problem: its cases drawn from its public seed, what the reference replies, and what each
misconception does. None of the reference's code, and no case of another seed, is in it.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbexaminer.problems.bank import load
from nbexaminer.problems.calls import perform
from nbexaminer.problems.case import CaseResult
from nbexaminer.problems.problem import Misconception, Problem
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
    results = {m.name: problem._findings(m.twin, pairs) for m in problem.misconceptions}
    cases = []
    for place, (case, reply) in enumerate(pairs):
        done: list[Any] = []
        for found in results.values():
            fact = _fact(found[place])
            if fact not in done:
                done.append(fact)
        cases.append(
            {
                **{
                    key: getattr(case, key)
                    for key in ("criterion", "examines", "terms", "magnitude")
                },
                "trivial": case.trivial,
                "call": encode(case.call),
                "reply": encode(reply),
                "judge": _function(case.judge, bundle),
                "varies": _function(case.varies, bundle),
                "done": done,
            }
        )
    return {
        "name": problem.name,
        "weights": dict(problem.weights),
        "words": dict(problem.words),
        "new_result": problem.new_result,
        "cases": cases,
        "misconceptions": [
            _told(
                m, [c["done"].index(_fact(f)) for c, f in zip(cases, results[m.name], strict=True)]
            )
            for m in problem.misconceptions
        ],
        "judges": bundle.text,
    }


def _told(misconception: Misconception, done: Sequence[int]) -> dict[str, Any]:
    """Return a misconception with what it does in each case: a place in the case's list."""
    return {
        "name": misconception.name,
        "hint": misconception.hint,
        "section": misconception.section,
        "fails": sorted(misconception.fails),
        "done": list(done),
    }


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

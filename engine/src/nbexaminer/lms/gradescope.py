"""Gradescope's autograder: its results file, from what `nbexaminer run` says of a submission.

Its fields: https://gradescope-autograders.readthedocs.io/en/latest/specs/. Every text is marked as
plain: Gradescope would read the one at the top as HTML, and students' words may be in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def results(summary: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return the content of ``results.json``.

    Cells that a person marks are no tests: the autograder's score leaves them out, and Gradescope
    adds what graders give by hand.

    Parameters
    ----------
    summary : mapping
        `feedback.summary.summary` of the submission.
    seconds : float
        How long grading it took, in seconds.
    """
    automatic = [cell for cell in summary["cells"] if not cell["by_hand"]]
    return {
        "score": sum(cell["points"] for cell in automatic),
        "execution_time": round(seconds, 3),
        "output": "\n".join(_above(summary)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(number, cell) for number, cell in enumerate(automatic, start=1)],
    }


def _above(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that stand above the tests."""
    if summary["reason"]:
        yield f"Nothing could be graded: {summary['reason']}"
    if summary["notes"]:
        yield f"Mended before grading. {summary['notes']}"
    for cell in summary["cells"]:
        if cell["by_hand"]:
            points = f"{cell['max_points']:g} points, marked by a person"
            yield f"{cell['title']} ({points}): {cell['words']}"


def _test(number: int, cell: Mapping[str, Any]) -> dict[str, Any]:
    passed = cell["points"] == cell["max_points"]
    return {
        "name": cell["title"],
        "number": str(number),
        "score": cell["points"],
        "max_score": cell["max_points"],
        "status": "passed" if passed else "failed",
        "output": "\n".join([f"{cell['words'].capitalize()}.", *_details(cell)]),
        "visibility": "visible",
    }


def _details(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield which criteria are met, what was seen, and what it looks like."""
    for problem in cell["problems"]:
        for one in problem["criteria"]:
            met = "met" if one["met"] else "not met"
            yield f"- {one['text']} ({one['points']:g}, {met})"
        if problem["reasons"]:
            yield f"Seen: {'; '.join(problem['reasons'])}."
        if example := problem["counterexample"]:
            yield f"A small input on which it is wrong: {example['call']}. {example['sentence']}"
        for start, mistake in zip(("looks", "also looks"), problem["misconceptions"], strict=False):
            yield f"It {start} like: {mistake['name']}. {mistake['hint']}"
            yield f"Read again: {' '.join(filter(None, (mistake['heading'], mistake['href'])))}"
